"""A pod that nobody will make again when it ends.

Static pods come from a file on their node, and a young pod may be somebody's look at something.
"""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector, Layer
from knowledge.facts.backends import PLATFORM
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="hygiene-naked-pod", severity=Severity.WARNING, needs=(Pod,), layer=Layer.HYGIENE)

_LEAST = timedelta(hours=1)
_STATIC = "kubernetes.io/config.source"


def detect(seen: Snapshot) -> Iterator[Finding]:
    for pod in seen.all(Pod):
        meta = pod.metadata
        made = meta.creation_timestamp
        young = made is None or seen.now - made < _LEAST
        owned = meta.owner_references or _STATIC in meta.annotations or meta.namespace in PLATFORM
        if not owned and not young and pod.status.phase == "Running" and pod.spec.restart_policy == "Always":
            yield Finding(
                DETECTOR,
                Ref.to(pod),
                Said(
                    "Pod {pod} belongs to no workload: when it or node {node} goes, nobody makes it again.",
                    pod=meta.name,
                    node=pod.spec.node_name,
                ),
                Confidence.PROVEN,
                evidence=(field_of(pod, "metadata.ownerReferences", "[]", made),),
                remedies=(Remedy(Said("Let a Deployment make it."), "", Consent.ASK),),
            )
