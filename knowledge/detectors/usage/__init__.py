"""Containers that use nearly all that they may."""
