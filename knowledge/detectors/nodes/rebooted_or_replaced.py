"""A node that rebooted a short while ago, which restarted everything on it."""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.facts.messages import rebooted
from knowledge.facts.nodes import events_of_node
from knowledge.finding import Confidence, Finding, Ref, Remedy, Severity, event_of, field_of
from knowledge.objects import Event, Node, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="node-rebooted-or-replaced", severity=Severity.INFO, needs=(Node, Event), uses=(Pod,))


def detect(seen: Snapshot) -> Iterator[Finding]:
    for node in seen.all(Node):
        name = node.metadata.name
        events = [e for e in events_of_node(seen, name, "Rebooted") if rebooted(e.message)]
        if not events:
            continue
        at = events[-1].last_seen
        hit = [p for p in seen.on_node(name) if at and _restarted(p, at.timestamp())]
        yield Finding(
            DETECTOR,
            Ref.to(node),
            Said(
                "Node {node} rebooted at {at:clock}; {pods:|pod|pods} on it restarted because of that.",
                node=name,
                at=at,
                pods=len(hit),
            ),
            Confidence.PROVEN,
            evidence=(event_of(events[-1]), field_of(node, "status.nodeInfo.bootID", node.status.node_info.boot_id)),
            why=Said("When a machine reboots all containers on it end at once and are started again afterwards."),
            remedies=(Remedy(Said("Nothing to repair; the platform team knows whether the reboot was planned.")),),
            pods=tuple(Ref.to(p) for p in hit),
            at=at,
        )


def _restarted(pod: Pod, at: float) -> bool:
    ends = (s.last_end.finished_at for s in pod.lasting_statuses() if s.last_end and s.restart_count)
    return any(end and abs(end.timestamp() - at) < timedelta(minutes=15).total_seconds() for end in ends)
