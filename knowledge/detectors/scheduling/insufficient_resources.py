"""A pod that waits because no node has enough unreserved CPU, memory, disk or devices.

Reservations decide, not use: nodes may look idle and still be full. A node that a cluster autoscaler is just adding
is waited for.
"""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.placement import Obstacle, Waiting, scaling_up, waiting
from knowledge.facts.room import requests_of, room, worded
from knowledge.facts.scheduling import automatic, spelt, untolerated
from knowledge.finding import Consent, Evidence, Finding, Ref, Remedy, Severity, Who, field_of
from knowledge.objects import Event, Node, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="sched-insufficient-resources",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Node, Event),
)
_PREFIX = "Insufficient "


def detect(seen: Snapshot) -> Iterator[Finding]:
    for found in waiting(seen, Obstacle.RESOURCES):
        if not scaling_up(seen, found.pod):
            yield _finding(seen, found)


def _finding(seen: Snapshot, found: Waiting) -> Finding:
    resource = _resource(seen, found)
    asked = requests_of(found.pod.spec).get(resource, 0.0)
    says, evidence = _says(seen, found, resource, asked)
    workload = found.workload
    return Finding(
        DETECTOR,
        workload,
        says,
        found.confidence,
        evidence=(
            field_of(found.pod, "status.conditions[PodScheduled].message", found.message, found.since),
            field_of(found.pod, f"spec.containers[*].resources.requests[{resource}]", worded(resource, asked)),
            *evidence,
        ),
        why=Said(
            "A pod is placed by what it reserves (requests), not by what it uses: a node counts as full when the "
            "requests of its pods fill it, even if its processors are idle."
        ),
        remedies=(
            Remedy(
                Said("Lower the request of {resource} to what the program really needs.", resource=resource),
                f"kubectl -n {workload.namespace} set resources {workload.kind.lower()}/{workload.name} "
                f"--requests={resource}=…",
                Consent.ASK,
            ),
            Remedy(
                Said("If the request is right, the platform team has to add a node that is large enough."),
                who=Who.PLATFORM,
            ),
            Remedy(
                Said("See what is reserved on each node."),
                'kubectl describe nodes | grep -A 8 "Allocated resources"',
                Consent.LOOK,
            ),
        ),
        because=_out_of_use(seen, found),
        pods=found.refs,
        discriminator=resource,
        at=found.since,
    )


def _says(seen: Snapshot, found: Waiting, resource: str, asked: float) -> tuple[Said, tuple[Evidence, ...]]:
    name, amount = found.workload.name, worded(resource, asked)
    refused = found.counted(_PREFIX + resource) or len(found.nodes)
    if not found.judged:
        return Said(
            "{workload} cannot be scheduled since {since:clock}: a pod asks for {asked} {resource}, and the scheduler "
            "says Insufficient {resource} on {refused} of {total} nodes.",
            workload=name,
            since=found.since,
            asked=amount,
            resource=resource,
            refused=refused,
            total=found.total,
        ), ()
    rooms = [room(seen, node) for node in found.nodes]
    largest = max(rooms, key=lambda r: r.allocatable.get(resource, 0.0))
    best = max(rooms, key=lambda r: r.free.get(resource, 0.0))
    most, free = largest.allocatable.get(resource, 0.0), best.free.get(resource, 0.0)
    path = f"status.allocatable[{resource}]"
    fenced = _fenced(seen, found)
    evidence = (field_of(largest.node, path, worded(resource, most)),)
    if most == 0:
        return Said(
            "{workload} cannot be scheduled since {since:clock}: it asks for {asked} {resource} and no node that it "
            "may use offers any (Insufficient {resource} on {refused} of {total} nodes).",
            workload=name,
            since=found.since,
            asked=amount,
            resource=resource,
            refused=refused,
            total=found.total,
        ), evidence
    if asked > most:
        return Said(
            "{workload} cannot be scheduled since {since:clock}: every pod asks for {asked} {resource} and the largest "
            "node that it may use has {largest} (Insufficient {resource} on {refused} of {total} nodes){fenced}.",
            workload=name,
            since=found.since,
            asked=amount,
            resource=resource,
            largest=worded(resource, most),
            refused=refused,
            total=found.total,
            fenced=fenced[0] if fenced else "",
        ), (*evidence, *(fenced[1] if fenced else ()))
    if free >= asked:
        return Said(
            "{workload} cannot be scheduled since {since:clock}: a pod asks for {asked} {resource}, the nodes have up "
            "to {largest} each, and it is reserved by other pods (Insufficient {resource} on {refused} of {total} "
            "nodes).",
            workload=name,
            since=found.since,
            asked=amount,
            resource=resource,
            largest=worded(resource, most),
            refused=refused,
            total=found.total,
        ), evidence
    return Said(
        "{workload} cannot be scheduled since {since:clock}: a pod asks for {asked} {resource}, but at most {free} is "
        "unreserved on any node it may use ({node}, of {largest}): Insufficient {resource} on {refused} of {total} "
        "nodes.",
        workload=name,
        since=found.since,
        asked=amount,
        resource=resource,
        free=worded(resource, max(free, 0.0)),
        node=best.node.metadata.name,
        largest=worded(resource, best.allocatable.get(resource, 0.0)),
        refused=refused,
        total=found.total,
    ), evidence


def _fenced(seen: Snapshot, found: Waiting) -> tuple[Said, tuple[Evidence, ...]] | None:
    """A node that has room for the pod, and nothing but a taint keeps the pod away from it."""
    asked = requests_of(found.pod.spec)
    for node in seen.all(Node):
        taints = untolerated(found.pod.spec, node)
        kept_out = found.obstacles.get(node.metadata.name) == frozenset({Obstacle.TAINT}) and taints
        if kept_out and not automatic(taints[0]) and not room(seen, node).lacks(asked):
            says = Said(
                "; {node} has room, but its taint {taint} keeps the pod away",
                node=node.metadata.name,
                taint=spelt(taints[0]),
            )
            return says, (field_of(node, "spec.taints", spelt(taints[0])),)
    return None


def _resource(seen: Snapshot, found: Waiting) -> str:
    """The resource that is short: by our own count of the nodes in question, else the one refused most often."""
    asked = requests_of(found.pod.spec)
    lacking = [r for node in found.nodes for r in room(seen, node).lacks(asked)]
    named = [why.removeprefix(_PREFIX) for why in found.refusals(Obstacle.RESOURCES)]
    return max(named or lacking, key=lambda r: (lacking.count(r), found.counted(_PREFIX + r), r))


def _out_of_use(seen: Snapshot, found: Waiting) -> tuple[Ref, ...]:
    """Nodes that would take the pod if they were in order: cordoned, or tainted because they are not ready."""
    aside = {Obstacle.CORDON, Obstacle.TAINT}
    return tuple(
        Ref.to(node) for node in seen.all(Node) if (stops := found.obstacles.get(node.metadata.name)) and stops <= aside
    )
