"""A Service some of whose pods have not been ready for a while; the others carry the load.

A rollout in progress and pods that are being deleted are not it.
"""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector, Layer
from knowledge.facts.backends import complaints, is_ready, owners, selected, unready_for
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Deployment, EndpointSlice, Pod, Service
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="svc-partially-ready",
    severity=Severity.WARNING,
    needs=(Service, Pod),
    uses=(EndpointSlice, Deployment),
    layer=Layer.SYMPTOM,
)

_LEAST = timedelta(minutes=10)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for service in seen.all(Service):
        pods = tuple(p for p in selected(seen, service) if p.metadata.deletion_timestamp is None)
        down = tuple(p for p in pods if not is_ready(p))
        if not down or len(down) == len(pods) or service.spec.publish_not_ready_addresses:
            continue
        behind = owners(seen, down)
        if unready_for(seen, down, _LEAST) and not any(_rolling_out(seen, ref) for ref in behind):
            yield _finding(service, pods, down, behind)


def _rolling_out(seen: Snapshot, workload: Ref) -> bool:
    """Whether a Deployment still makes progress. One that is past its deadline does not."""
    deployment = seen.get(Deployment, workload.namespace, workload.name) if workload.kind == "Deployment" else None
    if deployment is None:
        return False
    progressing = deployment.condition("Progressing")
    return progressing is not None and progressing.reason == "ReplicaSetUpdated"


def _finding(service: Service, pods: tuple[Pod, ...], down: tuple[Pod, ...], behind: tuple[Ref, ...]) -> Finding:
    says = Said(
        "Service {service} runs on {ready} of its {n:|pod|pods}; not ready: {down} ({reasons}).",
        service=service.metadata.name,
        ready=len(pods) - len(down),
        n=len(pods),
        down=tuple(pod.metadata.name for pod in down[:3]),
        reasons=complaints(down),
    )
    return Finding(
        DETECTOR,
        Ref.to(service),
        says,
        Confidence.PROVEN,
        evidence=tuple(field_of(pod, "status.conditions[Ready].status", "False") for pod in down[:3]),
        why=Said("A pod that is not ready gets no traffic, so the remaining pods must serve all of it."),
        remedies=(
            Remedy(
                Said("Look at the pod that is not ready; deleting it lets its owner replace it."),
                f"kubectl -n {service.metadata.namespace} describe pod {down[0].metadata.name}",
                Consent.LOOK,
            ),
        ),
        because=behind,
        pods=(*behind, *map(Ref.to, down)),
    )
