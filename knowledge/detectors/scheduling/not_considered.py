"""A pod that no scheduler has looked at: a gate holds it, or nobody answers to its schedulerName.

Queues that gate pods on purpose (Kueue and the like) are told as such.
"""

from collections import defaultdict
from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.placement import unplaced, waiting_since
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, Who, field_of
from knowledge.objects import Event, Pod
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="sched-not-considered", severity=Severity.ERROR, needs=(Pod,), uses=(Event,))
_QUEUES = ("kueue.x-k8s.io/", "scheduling.volcano.sh/", "scheduler-plugins.")


def detect(seen: Snapshot) -> Iterator[Finding]:
    groups: dict[Ref, list[Pod]] = defaultdict(list)
    for pod in unplaced(seen):
        condition = pod.condition("PodScheduled")
        gated = bool(pod.spec.scheduling_gates) or (condition is not None and condition.reason == "SchedulingGated")
        failed = condition is not None and condition.reason == "SchedulerError"
        if gated or failed or (condition is None and not seen.events(pod, "FailedScheduling")):
            groups[seen.workload(pod)].append(pod)
    for workload, pods in groups.items():
        yield _finding(seen, workload, pods)


def _finding(seen: Snapshot, workload: Ref, pods: list[Pod]) -> Finding:
    pod = pods[0]
    since = min(filter(None, map(waiting_since, pods)), default=None)
    says, confidence, severity, remedy = _told(seen, workload, pod, len(pods))
    return Finding(
        DETECTOR,
        workload,
        says,
        confidence,
        evidence=(
            field_of(pod, "spec.schedulerName", pod.spec.scheduler_name),
            field_of(pod, "spec.schedulingGates", ", ".join(g.name for g in pod.spec.scheduling_gates) or "-"),
            field_of(pod, "status.conditions[PodScheduled]", _condition(pod)),
        ),
        why=Said("A pod gets a node only when a scheduler takes it up. This one has not been taken up by any."),
        remedies=(remedy,),
        pods=tuple(Ref.to(p) for p in pods),
        at=since,
        severity=severity,
    )


def _told(seen: Snapshot, workload: Ref, pod: Pod, pods: int) -> tuple[Said, Confidence, Severity | None, Remedy]:
    since = waiting_since(pod)
    gates = tuple(gate.name for gate in pod.spec.scheduling_gates)
    condition = pod.condition("PodScheduled")
    if gates or (condition and condition.reason == "SchedulingGated"):
        queued = any(gate.startswith(_QUEUES) for gate in gates)
        return (
            Said(
                "{workload} is not scheduled since {since:clock}: the scheduling gate {gates} holds "
                "{pods:|pod|pods} back (SchedulingGated) until its owner removes the gate.",
                workload=workload.name,
                since=since,
                gates=gates or None,
                pods=pods,
            ),
            Confidence.PROVEN,
            Severity.INFO if queued else None,
            Remedy(Said("Ask the controller that set the gate why it does not open it; nobody else should.")),
        )
    name = pod.spec.scheduler_name
    if condition and condition.reason == "SchedulerError":
        return (
            Said(
                "{workload} is not scheduled since {since:clock}: the scheduler itself failed (SchedulerError): {text}",
                workload=workload.name,
                since=since,
                text=quoted(condition.message),
            ),
            Confidence.PROVEN,
            None,
            Remedy(Said("The platform team has to look at the scheduler's log."), who=Who.PLATFORM),
        )
    if name != "default-scheduler":
        others = any(p.spec.scheduler_name == name and p.spec.node_name for p in seen.all(Pod))
        return (
            Said(
                "{workload} is not scheduled since {since:clock}: its pods ask for the scheduler {name} "
                "(schedulerName), and no scheduler of that name has taken them up.",
                workload=workload.name,
                since=since,
                name=name,
            ),
            Confidence.LIKELY if not others else Confidence.POSSIBLE,
            None,
            Remedy(
                Said("Correct schedulerName in the template (the usual one is default-scheduler)."),
                f"kubectl -n {workload.namespace} edit {workload.kind.lower()}/{workload.name}",
                Consent.ASK,
            ),
        )
    return (
        Said(
            "{workload} is not scheduled since {since:clock}: no scheduler has looked at its pods; the cluster's own "
            "scheduler seems to be down. It is not your fault.",
            workload=workload.name,
            since=since,
        ),
        Confidence.POSSIBLE,
        None,
        Remedy(
            Said("The platform team has to look at kube-scheduler."),
            "kubectl -n kube-system get lease kube-scheduler -o yaml",
            Consent.LOOK,
            Who.PLATFORM,
        ),
    )


def _condition(pod: Pod) -> str:
    condition = pod.condition("PodScheduled")
    return f"{condition.status} {condition.reason}" if condition else "absent"
