"""A node that is not ready: it fell silent, or its kubelet says that it cannot run pods."""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.facts.nodes import events_of_node, not_ready
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, Who, event_of, field_of
from knowledge.objects import Condition, Event, Lease, Node, Pod
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="node-notready", severity=Severity.CRITICAL, needs=(Node,), uses=(Pod, Event, Lease))
_PATIENCE = timedelta(seconds=30)
_FLAPS, _WINDOW = 3, timedelta(minutes=15)


def detect(seen: Snapshot) -> Iterator[Finding]:
    down = [(n, c) for n in seen.all(Node) if (c := not_ready(n))]
    for node, ready in down:
        since = ready.last_transition_time
        if since is None or seen.now - since >= seen.least(_PATIENCE):
            yield _finding(seen, node, ready, len(down))
    for node in seen.all(Node):
        if not not_ready(node):
            yield from _flapping(seen, node)


def _flapping(seen: Snapshot, node: Node) -> Iterator[Finding]:
    """A node that is ready just now and was not, again and again."""
    name = node.metadata.name
    lapses = [e for e in events_of_node(seen, name, "NodeNotReady") if e.last_seen and _recent(seen, e)]
    times = sum(max(e.count, 1) for e in lapses)
    if times < _FLAPS:
        return
    yield Finding(
        DETECTOR,
        Ref.to(node),
        Said(
            "Node {node} flaps: it became NotReady {times:|time|times} within {window} and is Ready just now.",
            node=name,
            times=times,
            window=_WINDOW,
        ),
        Confidence.PROVEN,
        evidence=tuple(event_of(e) for e in lapses[-3:]),
        why=Said(
            "A node that comes and goes has an overloaded kubelet or a bad network. Pods on it lose their place in "
            "Services each time."
        ),
        remedies=(_look(name),),
        pods=tuple(Ref.to(pod) for pod in seen.on_node(name)),
        discriminator="flapping",
        at=lapses[-1].last_seen,
        severity=Severity.ERROR,
    )


def _recent(seen: Snapshot, event: Event) -> bool:
    began = event.first_timestamp or event.last_seen
    return event.last_seen is not None and began is not None and seen.now - began <= _WINDOW


def _look(name: str) -> Remedy:
    return Remedy(
        Said("The platform team has to look at the machine: is it on, does it answer, does its kubelet run."),
        f"kubectl describe node {name}",
        Consent.LOOK,
        Who.PLATFORM,
    )


def _lease(seen: Snapshot, name: str) -> tuple[Evidence, ...]:
    """When the kubelet last said that it lives."""
    lease = seen.get(Lease, "kube-node-lease", name)
    renewed = lease.spec.renew_time if lease else None
    return (field_of(lease, "spec.renewTime", renewed, renewed),) if lease and renewed else ()


def _finding(seen: Snapshot, node: Node, ready: Condition, down: int) -> Finding:
    name, since, pods = node.metadata.name, ready.last_transition_time, seen.on_node(node.metadata.name)
    if ready.status == "Unknown":
        says = Said(
            "Node {node} is NotReady since {since:clock}: its kubelet stopped posting node status (the machine, its "
            "network or the kubelet is down); {pods:|pod|pods} on it{many}.",
            node=name,
            since=since,
            pods=len(pods),
            many=_many(seen, down),
        )
    else:
        says = Said(
            "Node {node} is NotReady since {since:clock} ({reason}: {text}); {pods:|pod|pods} on it{many}.",
            node=name,
            since=since,
            reason=ready.reason,
            text=quoted(ready.message, 140),
            pods=len(pods),
            many=_many(seen, down),
        )
    events = events_of_node(seen, name, "NodeNotReady")
    return Finding(
        DETECTOR,
        Ref.to(node),
        says,
        Confidence.PROVEN,
        evidence=(
            field_of(node, "status.conditions[Ready].status", ready.status, since),
            field_of(node, "status.conditions[Ready].reason", ready.reason, since),
            *_lease(seen, name),
            *(event_of(e) for e in events[-1:]),
        ),
        why=Said(
            "A node that is not ready takes no new pods, and after five minutes its pods are replaced elsewhere. It is "
            "a matter of the machine, not of the programs on it."
        ),
        remedies=(
            _look(name),
            Remedy(Said("Keep new pods away until it is well."), f"kubectl cordon {name}", Consent.ASK, Who.PLATFORM),
        ),
        pods=tuple(Ref.to(pod) for pod in pods),
        at=since,
    )


def _many(seen: Snapshot, down: int) -> Said | str:
    total = len(seen.all(Node))
    if total > 2 and down * 2 > total:
        return Said(
            "; {down} of {total} nodes at once, so suspect the API server or the network", down=down, total=total
        )
    return ""
