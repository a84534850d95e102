"""A pod that was asked to go and does not go, well beyond its grace period."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, Who, event_of, field_of
from knowledge.objects import Event, Node, Pod
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="pod-stuck-terminating", severity=Severity.ERROR, needs=(Pod,), uses=(Node, Event))
_OVERDUE = timedelta(minutes=1)


def detect(seen: Snapshot) -> Iterator[Finding]:
    groups: dict[Ref, list[Pod]] = defaultdict(list)
    for pod in seen.all(Pod):
        # deletionTimestamp is when the grace period ends, not when the deletion was asked for.
        due = pod.metadata.deletion_timestamp
        if due and seen.now - due > _OVERDUE:
            groups[seen.workload(pod)].append(pod)
    for workload, pods in groups.items():
        yield _finding(seen, workload, pods)


def _finding(seen: Snapshot, workload: Ref, pods: list[Pod]) -> Finding:
    pod = min(pods, key=lambda p: p.metadata.deletion_timestamp or seen.now)
    blocker, proof, remedy, confidence = _blocker(seen, pod)
    return Finding(
        DETECTOR,
        workload,
        Said(
            "{pods:|pod|pods} of {workload} Terminating and not gone, overdue since {since:clock}: {blocker}.",
            pods=len(pods),
            workload=workload.name,
            since=pod.metadata.deletion_timestamp,
            blocker=blocker,
        ),
        confidence,
        evidence=(
            field_of(
                pod, "metadata.deletionTimestamp", pod.metadata.deletion_timestamp, pod.metadata.deletion_timestamp
            ),
            *proof,
        ),
        why=Said(
            "A pod disappears only when its node confirms that everything of it has stopped and every finalizer on it "
            "has been removed."
        ),
        remedies=(remedy,),
        because=(Ref("Node", "", pod.spec.node_name),) if pod.spec.node_name else (),
        pods=tuple(Ref.to(p) for p in pods),
        at=pod.metadata.deletion_timestamp,
    )


def _blocker(seen: Snapshot, pod: Pod) -> tuple[Said, tuple[Evidence, ...], Remedy, Confidence]:
    node = seen.get(Node, "", pod.spec.node_name)
    ready = node.condition("Ready") if node else None
    if node and ready and ready.status != "True":
        return (
            Said(
                "its node {node} is NotReady ({reason}) and cannot confirm it",
                node=node.metadata.name,
                reason=ready.reason,
            ),
            (field_of(node, "status.conditions[Ready].status", ready.status, ready.last_transition_time),),
            Remedy(
                Said(
                    "The platform team has to bring the node back, or, once the machine is certainly off, mark it "
                    "out of service."
                ),
                f"kubectl taint node {node.metadata.name} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute",
                Consent.ASK,
                Who.PLATFORM,
            ),
            Confidence.PROVEN,
        )
    if pod.metadata.finalizers:
        return (
            Said("the finalizer {finalizers} is still on it", finalizers=pod.metadata.finalizers),
            (field_of(pod, "metadata.finalizers", ", ".join(pod.metadata.finalizers)),),
            Remedy(Said("Look why the controller that owns the finalizer does not remove it.")),
            Confidence.PROVEN,
        )
    events = seen.events(pod, "FailedKillPod", "FailedUnMount", "FailedUnmount", "FailedPreStopHook")
    if events:
        return (
            Said(
                "the node cannot stop it ({reason}: {text})",
                reason=events[-1].reason,
                text=quoted(events[-1].message, 140),
            ),
            (event_of(events[-1]),),
            Remedy(
                Said("The platform team has to look at the kubelet and the runtime of that node."), who=Who.PLATFORM
            ),
            Confidence.PROVEN,
        )
    return (
        Said("what holds it cannot be seen in the API; its node {node} has to tell", node=pod.spec.node_name or "?"),
        (),
        Remedy(
            Said("See the pod's events and the state of its node."),
            f"kubectl -n {pod.metadata.namespace} describe pod {pod.metadata.name}",
            Consent.LOOK,
        ),
        Confidence.POSSIBLE,
    )
