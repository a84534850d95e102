"""Storage: claims that are not bound, disks that cannot be attached or mounted."""
