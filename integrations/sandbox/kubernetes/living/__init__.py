"""What makes a cluster live: small controllers, a scheduler and kubelets, each in a file, that move a world on."""

from integrations.sandbox.kubernetes.living.life import Life

__all__ = ["Life"]
