"""What follows from the objects, events and logs of a cluster: worked out once here, used by many detectors."""
