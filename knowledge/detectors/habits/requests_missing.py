"""A container that reserves neither CPU nor memory, or only one of them."""

from collections.abc import Iterator

from knowledge.detector import Detector, Layer
from knowledge.facts.backends import PLATFORM
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="res-requests-missing", severity=Severity.WARNING, needs=(Pod,), layer=Layer.HYGIENE)


def detect(seen: Snapshot) -> Iterator[Finding]:
    """Defaults of a LimitRange are already written into a pod that was admitted."""
    told: set[tuple[Ref, str]] = set()
    for pod in seen.all(Pod):
        own = pod.metadata.namespace not in PLATFORM and seen.workload(pod).kind not in ("Job", "CronJob")
        whole = pod.spec.resources.requests if pod.spec.resources else {}
        for container in pod.spec.containers if own else ():
            key = (seen.workload(pod), container.name)
            given = {**whole, **container.resources.limits, **container.resources.requests}
            missing = tuple(name for name in ("cpu", "memory") if name not in given)
            if not missing or key in told:
                continue
            told.add(key)
            yield Finding(
                DETECTOR,
                key[0],
                Said(
                    "Container {container} of {workload} requests no {missing}: it is the first to be stopped when a "
                    "machine is short.",
                    container=container.name,
                    workload=key[0].name,
                    missing=missing,
                ),
                Confidence.PROVEN,
                evidence=(field_of(pod, f"spec.containers[{container.name}].resources.requests", "-"),),
                remedies=(Remedy(Said("Request what the container really uses."), "", Consent.ASK),),
                pods=(Ref.to(pod),),
                discriminator=container.name,
            )
