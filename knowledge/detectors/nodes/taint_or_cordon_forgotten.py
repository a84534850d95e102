"""A node that somebody took out of use, by a cordon or a taint, and that was not put back.

Taints of the control plane, of dedicated pools and those that Kubernetes sets itself are no leftovers.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from knowledge.detector import Detector
from knowledge.facts.placement import Obstacle, waiting
from knowledge.facts.scheduling import CORDON, automatic, meant, spelt
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, Who, field_of
from knowledge.objects import Node, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="node-taint-or-cordon-forgotten", severity=Severity.WARNING, needs=(Node,), uses=(Pod,))
_FORGOTTEN = timedelta(days=1)


def detect(seen: Snapshot) -> Iterator[Finding]:
    kept_out: dict[str, set[Ref]] = {}
    for found in waiting(seen, *(kind for kind in Obstacle if kind is not Obstacle.CLAIM)):
        for name, stops in found.obstacles.items():
            if stops and stops <= {Obstacle.CORDON, Obstacle.TAINT}:
                kept_out.setdefault(name, set()).add(found.workload)
    for node in seen.all(Node):
        marks = list(_marks(seen, node))
        waits = kept_out.get(node.metadata.name, set())
        since = min((at for _, at, _ in marks if at), default=None)
        if marks and (waits or (since and seen.now - since > _FORGOTTEN)):
            yield _finding(node, [m for m, _, _ in marks], [e for _, _, e in marks], since, sorted(waits))


def _marks(seen: Snapshot, node: Node) -> Iterator[tuple[str, datetime | None, Evidence]]:
    if node.spec.unschedulable:
        at = next((t.time_added for t in node.spec.taints if t.key == CORDON), None) or _written(node)
        yield "cordoned", at, field_of(node, "spec.unschedulable", True, at)
    for taint in node.spec.taints:
        if taint.effect == "PreferNoSchedule" or automatic(taint) or meant(seen, taint):
            continue
        yield f"taint {spelt(taint)}", taint.time_added, field_of(node, "spec.taints", spelt(taint), taint.time_added)


def _written(node: Node) -> datetime | None:
    entries = [m.time for m in node.metadata.managed_fields if "f:unschedulable" in str(m.fields_v1)]
    return next((t for t in entries if t), None)


def _finding(
    node: Node, marks: list[str], evidence: list[Evidence], since: datetime | None, waits: list[Ref]
) -> Finding:
    name = node.metadata.name
    undo = f"kubectl uncordon {name}" if node.spec.unschedulable else f"kubectl taint node {name} {marks[0][6:]}-"
    return Finding(
        DETECTOR,
        Ref.to(node),
        Said(
            "Node {node} is out of use ({marks}) since {since}{waits}.",
            node=name,
            marks=tuple(marks),
            since=since or Said("an unknown time"),
            waits=Said("; {workloads} waits for a node because of it", workloads=tuple(w.name for w in waits[:5]))
            if waits
            else "",
        ),
        Confidence.PROVEN,
        evidence=tuple(evidence),
        why=Said(
            "Somebody closed this node for new pods, mostly for work on it. As long as nobody opens it again its room "
            "is lost to everybody."
        ),
        remedies=(
            Remedy(
                Said("When the work is over, the platform team opens the node again."), undo, Consent.ASK, Who.PLATFORM
            ),
        ),
        at=since,
        severity=Severity.ERROR if waits else None,
    )
