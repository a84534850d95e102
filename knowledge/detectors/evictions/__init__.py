"""Evictions and losses: pods that Kubernetes or a node took away, refused, or could not prepare."""
