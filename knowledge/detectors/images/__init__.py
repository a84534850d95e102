"""Images: whether a container's image can be had, and whether it is the one that was meant."""
