"""A Service none of whose pods is ready, so that nobody can reach it.

Why the pods are not ready is told by their own findings; scaled to zero is no outage of the pods.
"""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector, Layer
from knowledge.facts.backends import complaints, labels_text, owners, readiness, selected, unready_for
from knowledge.facts.nodes import silent_nodes
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import EndpointSlice, Node, Pod, Service
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="svc-no-ready-endpoints",
    severity=Severity.CRITICAL,
    needs=(Service, Pod),
    uses=(EndpointSlice, Node),
    layer=Layer.SYMPTOM,
)

_LEAST = timedelta(minutes=2)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for service in seen.all(Service):
        pods = selected(seen, service)
        if not pods or service.spec.publish_not_ready_addresses:
            continue
        state = readiness(seen, service, pods)
        if state.ready == 0 and unready_for(seen, pods, _LEAST):
            yield _finding(seen, service, pods, state.sure)


def _finding(seen: Snapshot, service: Service, pods: tuple[Pod, ...], sure: bool) -> Finding:
    behind = owners(seen, pods)
    says = Said(
        "Service {service} has no ready endpoint, so every connection to it fails: of the {n:|pod|pods} of {workloads} "
        "none is ready ({reasons}).",
        service=service.metadata.name,
        n=len(pods),
        workloads=tuple(ref.name for ref in behind),
        reasons=complaints(pods),
    )
    first = pods[0]
    return Finding(
        DETECTOR,
        Ref.to(service),
        says,
        Confidence.PROVEN if sure else Confidence.LIKELY,
        evidence=(
            field_of(service, "spec.selector", labels_text(service.spec.selector.items())),
            *(field_of(pod, "status.conditions[Ready].status", _ready(pod)) for pod in pods[:3]),
        ),
        why=Said(
            "A Service sends traffic only to pods that say they are ready. While none is, callers get a refused or "
            "timed-out connection, and an Ingress in front answers 503."
        ),
        remedies=(
            Remedy(
                Said("Look at why the pods are not ready; the Service itself is fine."),
                f"kubectl -n {service.metadata.namespace} describe pod {first.metadata.name}",
                Consent.LOOK,
            ),
        ),
        because=(*behind, *silent_nodes(seen, pods)),
        pods=(*behind, *map(Ref.to, pods)),
    )


def _ready(pod: Pod) -> str:
    ready = pod.condition("Ready")
    return ready.status if ready else "absent"
