"""A container without a memory limit."""

from collections.abc import Iterator

from knowledge.detector import Detector, Layer
from knowledge.facts.backends import PLATFORM
from knowledge.facts.limits import memory_limit
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import LimitRange, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="res-memory-limit-missing",
    severity=Severity.WARNING,
    needs=(Pod,),
    uses=(LimitRange,),
    layer=Layer.HYGIENE,
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    told: set[tuple[Ref, str]] = set()
    for pod in seen.all(Pod):
        for status in pod.status.container_statuses if pod.metadata.namespace not in PLATFORM else ():
            key = (seen.workload(pod), status.name)
            if key in told or memory_limit(seen, pod, status):
                continue
            told.add(key)
            yield Finding(
                DETECTOR,
                key[0],
                Said(
                    "Container {container} of {workload} has no memory limit: it can use up the whole machine.",
                    container=status.name,
                    workload=key[0].name,
                ),
                Confidence.PROVEN,
                evidence=(field_of(pod, f"spec.containers[{status.name}].resources.limits.memory", "-"),),
                remedies=(Remedy(Said("Set a memory limit about a third above the highest use."), "", Consent.ASK),),
                pods=(Ref.to(pod),),
                discriminator=status.name,
            )
