"""Pod lifecycle: why a container ended, and why a pod is not there any more."""
