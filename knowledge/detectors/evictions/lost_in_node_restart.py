"""A pod whose containers were lost when its machine, or the container runtime on it, restarted."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from knowledge.detector import Detector
from knowledge.facts.messages import rebooted
from knowledge.facts.nodes import events_of_node
from knowledge.finding import Confidence, Finding, Ref, Remedy, Severity, event_of, field_of
from knowledge.objects import ContainerStatus, Event, Node, Pod, Terminated
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="pod-lost-in-node-restart",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Event, Node),
    hides=("pod-crashloop-app-exit", "pod-container-restarted", "pod-killed-from-outside"),
)
_TOGETHER = timedelta(minutes=2)
_AROUND = timedelta(minutes=15)


@dataclass(frozen=True)
class _Lost:
    pod: Pod
    status: ContainerStatus
    end: Terminated

    @property
    def at(self) -> datetime | None:
        """When the runtime came back; a kubelet that knows nothing writes year 1."""
        return self.end.finished_at if self.end.finished_at and self.end.finished_at.year > 1970 else None


def detect(seen: Snapshot) -> Iterator[Finding]:
    by_node: dict[str, list[_Lost]] = defaultdict(list)
    for pod in seen.all(Pod):
        lost = next(
            (_Lost(pod, s, s.last_end) for s in pod.lasting_statuses() if s.last_end and _unknown(s.last_end)), None
        )
        if lost:
            by_node[pod.spec.node_name].append(lost)
    for node, together in by_node.items():
        groups: dict[Ref, list[_Lost]] = defaultdict(list)
        for lost in together:
            groups[seen.workload(lost.pod)].append(lost)
        for workload, hit in groups.items():
            yield _finding(seen, workload, node, hit, together)


def _unknown(end: Terminated) -> bool:
    return (end.reason, end.exit_code) in (("Unknown", 255), ("ContainerStatusUnknown", 137))


def _finding(seen: Snapshot, workload: Ref, node: str, hit: list[_Lost], together: list[_Lost]) -> Finding:
    first = hit[0]
    at = first.at
    others = sum(1 for o in together if at is None or o.at is None or abs(o.at - at) <= _TOGETHER)
    reboot = next(
        (
            e
            for e in events_of_node(seen, node, "Rebooted")
            if rebooted(e.message) and (at is None or e.last_seen is None or abs(e.last_seen - at) <= _AROUND)
        ),
        None,
    )
    path = f"status.containerStatuses[{first.status.name}].lastState.terminated"
    if reboot:
        says = Said(
            "{workload} restarted because node {node} rebooted at {at:clock}: its containers were lost with the "
            "machine ({reason}, exit code {code}; {others:|pod|pods} on the node alike). The program did nothing "
            "wrong.",
            workload=workload.name,
            node=node,
            at=reboot.last_seen,
            reason=first.end.reason,
            code=first.end.exit_code,
            others=others,
        )
    else:
        says = Said(
            "{workload} restarted because node {node}, or the container runtime on it, restarted at about {at:clock}: "
            "the container was lost ({reason}, exit code {code}; {others:|pod|pods} on the node alike).",
            workload=workload.name,
            node=node,
            at=at,
            reason=first.end.reason,
            code=first.end.exit_code,
            others=others,
        )
    likely = Confidence.LIKELY if others > 1 else Confidence.POSSIBLE
    return Finding(
        DETECTOR,
        workload,
        says,
        Confidence.PROVEN if reboot else likely,
        evidence=(
            field_of(first.pod, f"{path}.reason", first.end.reason, at),
            field_of(first.pod, f"{path}.exitCode", first.end.exit_code, at),
            *((event_of(reboot),) if reboot else ()),
        ),
        why=Said(
            "The container did not end by itself: when the machine or its runtime came back, nobody knew what had "
            "become of it, so it is noted as Unknown and started again."
        ),
        remedies=(
            Remedy(Said("Nothing to repair in the program; with two replicas on two nodes users would not notice.")),
        ),
        because=(Ref("Node", "", node),),
        pods=tuple(Ref.to(lost.pod) for lost in hit),
        at=at or (reboot.last_seen if reboot else None),
    )
