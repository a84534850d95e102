"""The Kubernetes room: a cluster's API server as its clients see it, fed by a written world."""

from integrations.sandbox.kubernetes.deeds import Deed
from integrations.sandbox.kubernetes.room import KubernetesRoom

__all__ = ["Deed", "KubernetesRoom"]
