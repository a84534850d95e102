"""A pod that was stopped to make room for one of higher priority."""

from collections import defaultdict
from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.gone import about_pods, disruption, ended, whose
from knowledge.facts.messages import preempted
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, event_of, field_of
from knowledge.objects import Event, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="pod-preempted",
    severity=Severity.WARNING,
    needs=(Pod, Event),
    hides=("pod-killed-from-outside", "pod-container-restarted"),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    groups: dict[Ref, dict[Ref, tuple[str, str, Evidence]]] = defaultdict(dict)
    for about, event in about_pods(seen, "Preempted"):
        text = preempted(event.message)
        if text:
            groups[whose(seen, about)][about] = (text.by, text.node, event_of(event))
    for pod in seen.all(Pod):
        told = disruption(pod, "PreemptionByScheduler")
        if told or pod.status.reason == "Preempting":
            path, value = (
                ("status.conditions[DisruptionTarget].reason", told.reason) if told else ("status.reason", "Preempting")
            )
            proof = field_of(pod, path, value, ended(pod))
            groups[seen.workload(pod)].setdefault(Ref.to(pod), ("", pod.spec.node_name, proof))
    for workload, victims in groups.items():
        yield _finding(seen, workload, victims)


def _finding(seen: Snapshot, workload: Ref, victims: dict[Ref, tuple[str, str, Evidence]]) -> Finding:
    by, node, _ = next(iter(victims.values()))
    winner = next(
        (pod for pod in seen.all(Pod) if by in (pod.metadata.uid, f"{pod.metadata.namespace}/{pod.metadata.name}")),
        None,
    )
    loser = seen.find(next(iter(victims)))
    at = max((proof.at for _, _, proof in victims.values() if proof.at), default=None)
    return Finding(
        DETECTOR,
        workload,
        Said(
            "{pods:|pod|pods} of {workload} Preempted on node {node} at {at:clock}: {winner} with priority {high} "
            "needed the place (own priority {low}).",
            pods=len(victims),
            workload=workload.name,
            node=node or Said("(name not recorded)"),
            at=at,
            winner=f"{winner.metadata.namespace}/{winner.metadata.name}" if winner else Said("a more important pod"),
            high=_priority(winner),
            low=_priority(loser if isinstance(loser, Pod) else None),
        ),
        Confidence.PROVEN,
        evidence=(
            *(proof for _, _, proof in list(victims.values())[:5]),
            *((field_of(winner, "spec.priority", winner.spec.priority),) if winner else ()),
        ),
        why=Said(
            "When a pod of higher priority finds no room, the scheduler stops pods of lower priority to make some. "
            "This is a decision of the cluster, not a crash."
        ),
        remedies=(
            Remedy(Said("Give the workload a higher PriorityClass if it must not be displaced."), consent=Consent.ASK),
            Remedy(Said("See the priorities of this cluster."), "kubectl get priorityclasses", Consent.LOOK),
        ),
        pods=tuple(victims),
        at=at,
    )


def _priority(pod: Pod | None) -> str | Said:
    if pod is None:
        return Said("unknown")
    return f"{pod.spec.priority or 0}" + (f" ({pod.spec.priority_class_name})" if pod.spec.priority_class_name else "")
