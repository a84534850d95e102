"""A node that is short of memory, disk or process ids, or reports a fault of its own, and so removes pods."""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.facts.nodes import events_of_node
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, Who, event_of, field_of
from knowledge.objects import Event, Node, Pod
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="node-pressure", severity=Severity.ERROR, needs=(Node,), uses=(Event, Pod))
_PRESSURE = ("MemoryPressure", "DiskPressure", "PIDPressure")
_FAULTS = ("KernelDeadlock", "ReadonlyFilesystem", "CorruptDockerOverlay2", "FrequentKubeletRestart")
_EVENTS = ("EvictionThresholdMet", "FreeDiskSpaceFailed", "ImageGCFailed")


def detect(seen: Snapshot) -> Iterator[Finding]:
    for node in seen.all(Node):
        name = node.metadata.name
        true = [c for c in node.status.conditions if c.type in (*_PRESSURE, *_FAULTS) and c.status == "True"]
        events = [
            e
            for e in events_of_node(seen, name, *_EVENTS)
            if not e.last_seen or seen.now - e.last_seen < timedelta(minutes=15)
        ]
        if not true and not events:
            continue
        since = min((c.last_transition_time for c in true if c.last_transition_time), default=None)
        gone = [p for p in seen.on_node(name) if p.status.reason == "Evicted"]
        yield Finding(
            DETECTOR,
            Ref.to(node),
            Said(
                "Node {node} has {conditions} since {since:clock}{text}; {evicted:|pod|pods} Evicted from it so far.",
                node=name,
                conditions=tuple(c.type for c in true) or events[-1].reason,
                since=since or events[-1].first_seen if events else since,
                text=Said(" ({text})", text=quoted(events[-1].message if events else true[0].message, 120)),
                evicted=len(gone),
            ),
            Confidence.PROVEN if true else Confidence.LIKELY,
            evidence=(
                *(
                    field_of(node, f"status.conditions[{c.type}].status", c.status, c.last_transition_time)
                    for c in true
                ),
                *(event_of(e) for e in events[-2:]),
            ),
            why=Said(
                "Under pressure a kubelet takes no new pods and removes running ones, until the machine has room again."
            ),
            remedies=(
                Remedy(
                    Said("The platform team has to make room on the node (images, logs, large pods) or cordon it."),
                    f"kubectl describe node {name}",
                    Consent.LOOK,
                    Who.PLATFORM,
                ),
            ),
            pods=tuple(Ref.to(p) for p in gone),
            at=since or (events[-1].last_seen if events else None),
        )
