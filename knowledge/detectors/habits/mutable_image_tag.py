"""An image whose tag says nothing about the version."""

from collections.abc import Iterator

from knowledge.detector import Detector, Layer
from knowledge.facts.backends import PLATFORM
from knowledge.facts.image_ref import image_ref
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="hygiene-mutable-image-tag", severity=Severity.WARNING, needs=(Pod,), layer=Layer.HYGIENE)

_MUTABLE = frozenset({"", "latest", "master", "main", "dev", "stable"})


def detect(seen: Snapshot) -> Iterator[Finding]:
    told: set[tuple[Ref, str]] = set()
    for pod in seen.all(Pod):
        for container in pod.spec.containers if pod.metadata.namespace not in PLATFORM else ():
            key, ref = (seen.workload(pod), container.name), image_ref(container.image)
            if key in told or ref.fixed or ref.tag not in _MUTABLE:
                continue
            told.add(key)
            yield Finding(
                DETECTOR,
                key[0],
                Said(
                    "{workload} uses the image `{image}`: from its tag nobody can tell which version runs.",
                    workload=key[0].name,
                    image=container.image,
                ),
                Confidence.PROVEN,
                evidence=(field_of(pod, f"spec.containers[{container.name}].image", container.image),),
                remedies=(Remedy(Said("Name a tag that is never pushed again, or a digest."), "", Consent.ASK),),
                pods=(Ref.to(pod),),
                discriminator=container.name,
            )
