"""Probes and the end of a container's life: what the kubelet asks, and how politely a program stops."""
