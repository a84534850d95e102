"""Names: the cluster's DNS and those who ask it."""
