"""A pod that was sent to a node and refused there before it started."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.facts.messages import rejection
from knowledge.facts.room import worded
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Node, Pod
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="pod-rejected-by-kubelet", severity=Severity.ERROR, needs=(Pod,), uses=(Node,))
_REASONS = (
    "NodeAffinity",
    "NodeShutdown",
    "UnexpectedAdmissionError",
    "TopologyAffinityError",
    "NodePorts",
    "HostPortConflict",
)
_STREAM = 20


def detect(seen: Snapshot) -> Iterator[Finding]:
    groups: dict[Ref, list[Pod]] = defaultdict(list)
    for pod in seen.all(Pod):
        refused = pod.status.reason.startswith("OutOf") or pod.status.reason in _REASONS
        if pod.status.phase == "Failed" and refused and not pod.status.container_statuses:
            groups[seen.workload(pod)].append(pod)
    for workload, pods in groups.items():
        yield _finding(seen, workload, pods)


def _finding(seen: Snapshot, workload: Ref, pods: list[Pod]) -> Finding:
    pod = max(pods, key=lambda p: p.metadata.creation_timestamp or seen.now)
    at = pod.status.start_time or pod.metadata.creation_timestamp
    told = rejection(pod.status.message)
    recent = [p for p in pods if (t := p.metadata.creation_timestamp) and seen.now - t <= timedelta(minutes=10)]
    if told:
        scale = 0.001 if told.resource == "cpu" else 1.0
        detail: Said | str = Said(
            "requested {requested} {resource}, used {used} of {capacity}",
            requested=worded(told.resource, int(told.requested) * scale),
            resource=told.resource,
            used=worded(told.resource, int(told.used) * scale),
            capacity=worded(told.resource, int(told.capacity) * scale),
        )
    else:
        detail = quoted(pod.status.message)
    return Finding(
        DETECTOR,
        workload,
        Said(
            "{pods:|pod|pods} of {workload} refused by node {node} before starting ({reason}): {detail}.",
            pods=len(pods),
            workload=workload.name,
            node=pod.spec.node_name,
            reason=pod.status.reason,
            detail=detail,
        ),
        Confidence.PROVEN,
        evidence=(
            field_of(pod, "status.reason", pod.status.reason, at),
            field_of(pod, "status.message", pod.status.message, at),
            field_of(pod, "spec.nodeName", pod.spec.node_name),
        ),
        why=Said(
            "The node checks a pod again on arrival. A nodeName written by hand goes around the scheduler, so the pod "
            "can be sent where there is no room; it never ran and has no log."
        ),
        remedies=(
            Remedy(
                Said("Take nodeName out of the template so that the scheduler chooses a node with room."),
                f"kubectl -n {workload.namespace} edit {workload.kind.lower()}/{workload.name}",
                Consent.ASK,
            ),
            Remedy(
                Said("Delete the Failed leftovers."),
                f"kubectl -n {workload.namespace} delete pod --field-selector=status.phase=Failed",
                Consent.SAFE,
            ),
        ),
        pods=tuple(Ref.to(p) for p in pods),
        at=at,
        severity=Severity.CRITICAL if len(recent) > _STREAM else None,
    )
