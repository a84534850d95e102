"""A program that is told to use nearly all of its container's memory limit, or more."""

from collections.abc import Iterator

from knowledge.detector import Detector, Layer
from knowledge.facts.heap import heap_flag
from knowledge.facts.limits import memory_limit
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import LimitRange, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="res-heap-exceeds-limit",
    severity=Severity.WARNING,
    needs=(Pod,),
    uses=(LimitRange,),
    layer=Layer.HYGIENE,
)

_SHARE = 0.8


def detect(seen: Snapshot) -> Iterator[Finding]:
    told: set[tuple[Ref, str]] = set()
    for pod in seen.all(Pod):
        for status in pod.status.container_statuses:
            container, limit = pod.container(status.name), memory_limit(seen, pod, status)
            flag = heap_flag(container, limit.size) if container and limit else None
            key = (seen.workload(pod), status.name)
            if limit is None or flag is None or flag.size < _SHARE * limit.size or key in told:
                continue
            told.add(key)
            yield Finding(
                DETECTOR,
                key[0],
                Said(
                    "{workload} lets its program use {flag} of a memory limit of {limit} in container {container}: the "
                    "rest of the process does not fit beside it.",
                    workload=key[0].name,
                    flag=flag.text,
                    limit=limit.text,
                    container=status.name,
                ),
                Confidence.PROVEN,
                evidence=(field_of(pod, flag.path, flag.text), field_of(pod, limit.path, limit.text)),
                remedies=(Remedy(Said("Leave a quarter of the limit or more to what is not heap."), "", Consent.ASK),),
                pods=(Ref.to(pod),),
                discriminator=status.name,
            )
