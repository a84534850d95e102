"""A dependency without a ready pod: what calls it fails because of it."""

from collections.abc import Iterator
from datetime import datetime

from knowledge.detector import Detector, Layer
from knowledge.facts import messages
from knowledge.facts.backends import Workload, desired, endpoints, is_ready, selected
from knowledge.facts.complaints import Complaint, complaints
from knowledge.facts.dependency import behind, service_of
from knowledge.facts.log_patterns import FactKind
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, event_of, field_of
from knowledge.objects import DaemonSet, Deployment, EndpointSlice, Event, Pod, Service, StatefulSet
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="dep-down",
    severity=Severity.ERROR,
    needs=(Pod, Service),
    uses=(EndpointSlice, Deployment, StatefulSet, DaemonSet, Event),
    logs=True,
    layer=Layer.SYMPTOM,
    hides=("svc-no-ready-endpoints", "pod-scaled-down"),
)

_KINDS = (FactKind.REFUSED, FactKind.TIMED_OUT, FactKind.UPSTREAM, FactKind.NO_SUCH_HOST)


def detect(seen: Snapshot) -> Iterator[Finding]:
    told: set[Ref] = set()
    for complaint in complaints(seen, *_KINDS):
        service = service_of(seen, complaint.pod, complaint.fact)
        if service is None or not service.spec.selector or any(is_ready(pod) for pod in selected(seen, service)):
            continue
        if any(endpoint.ready for endpoint in endpoints(seen, service)):
            continue
        for workload in behind(seen, service):
            ref = Ref.to(workload)
            if ref not in told and ref != complaint.workload:
                told.add(ref)
                yield _finding(seen, complaint, service, workload)


def _finding(seen: Snapshot, complaint: Complaint, service: Service, workload: Workload) -> Finding:
    ref = Ref.to(workload)
    wanted = desired(workload)
    scaled = _scaled_to_zero(seen, workload)
    proof: list[Evidence] = [complaint.evidence(), field_of(service, "spec.selector", service.spec.selector)]
    if wanted == 0:
        proof.insert(1, field_of(workload, "spec.replicas", 0, scaled[1] if scaled else None))
    if scaled:
        proof.append(scaled[0])
    return Finding(
        DETECTOR,
        ref,
        _says(seen, complaint, service, workload, scaled[1] if scaled else None),
        Confidence.PROVEN if wanted == 0 else Confidence.LIKELY,
        evidence=tuple(proof),
        why=Said(
            "A Service without a ready pod refuses every connection or lets it wait. Whatever calls it fails, although "
            "nothing is wrong with the caller."
        ),
        remedies=_remedies(ref, wanted),
        because=() if wanted == 0 else tuple(dict.fromkeys(_nodes(seen, ref))),
        victims=(complaint.workload,),
        pods=tuple(Ref.to(pod) for pod in seen.pods_of(ref)),
        discriminator=service.metadata.name,
        at=(scaled[1] if scaled else None) or complaint.at,
        layer=Layer.CAUSE if wanted == 0 else None,
    )


def _nodes(seen: Snapshot, ref: Ref) -> Iterator[Ref]:
    """The nodes of its pods: one that is gone or broken is why they are not ready."""
    yield from (Ref("Node", "", pod.spec.node_name) for pod in seen.pods_of(ref) if pod.spec.node_name)


def _says(seen: Snapshot, complaint: Complaint, service: Service, workload: Workload, when: datetime | None) -> Said:
    names = {
        "caller": complaint.workload.name,
        "workload": workload.metadata.name,
        "kind": type(workload).RESOURCE.kind,
        "service": service.metadata.name,
        "line": complaint.line,
    }
    if desired(workload) == 0:
        return Said(
            "{kind} {workload} is scaled to 0 replicas{when}, so Service {service} has no endpoints and {caller}, "
            "which calls it, fails: `{line}`.",
            when=Said(" since {at}", at=when) if when else "",
            **names,
        )
    pods = seen.pods_of(Ref.to(workload))
    return Said(
        "{kind} {workload} is down (0 of {n:|pod|pods} ready), so Service {service} has no ready endpoints and "
        "{caller}, which calls it, fails: `{line}`.",
        n=len(pods),
        **names,
    )


def _scaled_to_zero(seen: Snapshot, workload: Workload) -> tuple[Evidence, datetime | None] | None:
    if desired(workload) != 0:
        return None
    for event in reversed(seen.events(workload, "ScalingReplicaSet")):
        said = messages.scaled(event.message)
        if said and said.after == 0:
            return event_of(event), event.last_seen
    for held in workload.metadata.managed_fields:
        if "f:replicas" in str(held.fields_v1) and held.time:
            return field_of(workload, "metadata.managedFields[].manager", held.manager, held.time), held.time
    return None


def _remedies(ref: Ref, wanted: int | None) -> tuple[Remedy, ...]:
    if wanted == 0:
        return (
            Remedy(
                Said("Scale it up again, if it is meant to run."),
                f"kubectl -n {ref.namespace} scale {ref.kind.lower()}/{ref.name} --replicas=1",
                Consent.ASK,
            ),
        )
    return (
        Remedy(
            Said("See why its pods are not ready."),
            f"kubectl -n {ref.namespace} describe {ref.kind.lower()}/{ref.name}",
            Consent.LOOK,
        ),
    )
