"""The cluster's own DNS: its pods, its Service, and where a policy must let name lookups go."""

from knowledge.facts.network_policy import End, end_of, namespace_labels
from knowledge.objects import Pod, Service
from knowledge.snapshot import Snapshot

NAMESPACE = "kube-system"
_LABELS = {"k8s-app": "kube-dns"}


def dns_pods(seen: Snapshot) -> tuple[Pod, ...]:
    """CoreDNS (or kube-dns): both carry the label that the Service ``kube-dns`` selects."""
    return tuple(seen.matching(Pod, _LABELS, NAMESPACE))


def dns_service(seen: Snapshot) -> Service | None:
    return next(iter(seen.matching(Service, _LABELS, NAMESPACE)), None) or seen.get(Service, NAMESPACE, "kube-dns")


def dns_ends(seen: Snapshot) -> tuple[End, ...]:
    """The DNS pods as a policy sees them; what they always look like where they were not read."""
    known = tuple(end_of(seen, pod) for pod in dns_pods(seen))
    return known or (End(NAMESPACE, _LABELS, namespace_labels(seen, NAMESPACE), "", {"dns": 53, "dns-tcp": 53}),)
