"""An image from a registry that is not among those the cluster allows.

Which are allowed is said by a ConfigMap of the cluster; where there is none, every registry is as good as another.
"""

from collections.abc import Iterator

from knowledge.detector import Detector, Layer
from knowledge.facts.backends import PLATFORM
from knowledge.facts.image_ref import image_ref
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import ConfigMap, Pod
from knowledge.relations import REGISTRIES
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="hygiene-unknown-registry",
    severity=Severity.WARNING,
    needs=(Pod,),
    uses=(ConfigMap,),
    layer=Layer.HYGIENE,
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    listed = seen.get(ConfigMap, *REGISTRIES)
    allowed = tuple((listed.data or {}).get("allowed", "").split()) if listed else ()
    if not listed or not allowed:
        return
    told: set[tuple[Ref, str]] = set()
    for pod in seen.all(Pod):
        for container in pod.spec.containers if pod.metadata.namespace not in PLATFORM else ():
            ref = image_ref(container.image)
            key = (seen.workload(pod), container.name)
            if key in told or any(_below(f"{ref.host}/{ref.repository}", place) for place in allowed):
                continue
            told.add(key)
            yield Finding(
                DETECTOR,
                key[0],
                Said(
                    "{workload} takes its image `{image}` from {host}, which is not among the registries that this "
                    "cluster allows.",
                    workload=key[0].name,
                    image=container.image,
                    host=ref.host,
                ),
                Confidence.PROVEN,
                evidence=(
                    field_of(pod, f"spec.containers[{container.name}].image", container.image),
                    field_of(listed, "data[allowed]", " ".join(allowed)),
                ),
                remedies=(
                    Remedy(Said("Copy the image to a registry that is allowed, and name it there."), "", Consent.ASK),
                ),
                pods=(Ref.to(pod),),
                discriminator=container.name,
            )


def _below(image: str, place: str) -> bool:
    """Whether an image lies in a registry, or in a part of one."""
    return image == place or image.startswith(f"{place.rstrip('/')}/")
