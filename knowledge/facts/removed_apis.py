"""API versions that a minor release of Kubernetes stopped to serve, and what to write in their place."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Removal:
    """``minor``: the first 1.x release without it."""

    minor: int
    instead: str


_APPS = ("Deployment", "DaemonSet", "ReplicaSet", "StatefulSet")
_WEBHOOKS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
_ROWS: tuple[tuple[int, str, tuple[str, ...], str], ...] = (
    (16, "extensions/v1beta1", _APPS, "apps/v1"),
    (16, "apps/v1beta1", _APPS, "apps/v1"),
    (16, "apps/v1beta2", _APPS, "apps/v1"),
    (16, "extensions/v1beta1", ("NetworkPolicy",), "networking.k8s.io/v1"),
    (22, "extensions/v1beta1", ("Ingress",), "networking.k8s.io/v1"),
    (22, "networking.k8s.io/v1beta1", ("Ingress", "IngressClass"), "networking.k8s.io/v1"),
    (22, "admissionregistration.k8s.io/v1beta1", _WEBHOOKS, "admissionregistration.k8s.io/v1"),
    (22, "apiregistration.k8s.io/v1beta1", ("APIService",), "apiregistration.k8s.io/v1"),
    (22, "rbac.authorization.k8s.io/v1beta1", ("Role", "RoleBinding", "ClusterRole"), "rbac.authorization.k8s.io/v1"),
    (22, "scheduling.k8s.io/v1beta1", ("PriorityClass",), "scheduling.k8s.io/v1"),
    (22, "storage.k8s.io/v1beta1", ("StorageClass", "VolumeAttachment"), "storage.k8s.io/v1"),
    (25, "batch/v1beta1", ("CronJob",), "batch/v1"),
    (25, "discovery.k8s.io/v1beta1", ("EndpointSlice",), "discovery.k8s.io/v1"),
    (25, "policy/v1beta1", ("PodDisruptionBudget",), "policy/v1"),
    (25, "autoscaling/v2beta1", ("HorizontalPodAutoscaler",), "autoscaling/v2"),
    (26, "autoscaling/v2beta2", ("HorizontalPodAutoscaler",), "autoscaling/v2"),
)

REMOVED: Mapping[tuple[str, str], Removal] = {
    (version, kind): Removal(minor, instead) for minor, version, kinds, instead in _ROWS for kind in kinds
}
"""By version and kind, for kinds that are read."""
