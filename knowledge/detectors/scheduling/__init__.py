"""Scheduling: why a pod waits for a node."""
