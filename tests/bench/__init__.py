"""Measurements that README quotes: each module prints its figures, and a test holds those that must not fall."""
