"""A pod that waits because the nodes are cordoned, have no pod slot left, or have its host port taken."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.placement import Obstacle, Waiting, waiting
from knowledge.facts.room import SLOTS, room
from knowledge.facts.scheduling import host_ports, port_holder
from knowledge.finding import Consent, Evidence, Finding, Remedy, Severity, Who, field_of
from knowledge.objects import Event, Node, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="sched-node-slots", severity=Severity.WARNING, needs=(Pod,), uses=(Node, Event))


def detect(seen: Snapshot) -> Iterator[Finding]:
    for found in waiting(seen, Obstacle.SLOTS, Obstacle.PORTS, Obstacle.CORDON):
        says, evidence, remedy = _TELL[found.blocker](seen, found)
        yield Finding(
            DETECTOR,
            found.workload,
            says,
            found.confidence,
            evidence=(
                field_of(found.pod, "status.conditions[PodScheduled].message", found.message, found.since),
                *evidence,
            ),
            why=Said(
                "A node takes pods only while it is open for scheduling, below its number of pods, and free on every "
                "port that a pod wants of the machine itself."
            ),
            remedies=(remedy,),
            because=found.out_of_order,
            pods=found.refs,
            discriminator=found.blocker.name.lower(),
            at=found.since,
        )


_Told = tuple[Said, tuple[Evidence, ...], Remedy]


def _cordon(_seen: Snapshot, found: Waiting) -> _Told:
    names = tuple(node.metadata.name for node in found.nodes)
    if not names:
        says = Said(
            "{workload} cannot be scheduled since {since:clock}: {refused} of {total} nodes are unschedulable.",
            workload=found.workload.name,
            since=found.since,
            refused=found.counted("unschedulable"),
            total=found.total,
        )
    else:
        says = Said(
            "{workload} cannot be scheduled since {since:clock}: {nodes} would take it but is cordoned "
            "(unschedulable), and no other node can.",
            workload=found.workload.name,
            since=found.since,
            nodes=names[:5],
        )
    remedy = Remedy(
        Said("When the work on the node is over, the platform team opens it again."),
        f"kubectl uncordon {names[0] if names else '…'}",
        Consent.ASK,
        Who.PLATFORM,
    )
    return says, tuple(field_of(node, "spec.unschedulable", True) for node in found.nodes[:5]), remedy


def _slots(seen: Snapshot, found: Waiting) -> _Told:
    full = [room(seen, node) for node in found.nodes]
    says = Said(
        "{workload} cannot be scheduled since {since:clock}: the nodes have reached their number of pods (Too many "
        "pods on {refused} of {total} nodes{each}).",
        workload=found.workload.name,
        since=found.since,
        refused=found.counted("Too many pods") or len(full),
        total=found.total,
        each=Said(", {n} pods each at most", n=f"{full[0].allocatable.get(SLOTS, 0):.0f}") if full else "",
    )
    evidence = tuple(
        field_of(r.node, "status.allocatable[pods]", f"{r.allocatable.get(SLOTS, 0):.0f}") for r in full[:5]
    )
    return says, evidence, Remedy(Said("The platform team has to add nodes."), who=Who.PLATFORM)


def _ports(seen: Snapshot, found: Waiting) -> _Told:
    holders = {n.metadata.name: p for n in found.nodes if (p := port_holder(seen, found.pod, n))}
    ports = tuple(sorted(port for port, _ in host_ports(found.pod.spec)))
    says = Said(
        "{workload} cannot be scheduled since {since:clock}: it wants host port {ports}, and no node has it free "
        "(held by {holders}).",
        workload=found.workload.name,
        since=found.since,
        ports=ports,
        holders=tuple(sorted({f"{p.metadata.namespace}/{p.metadata.name}" for p in holders.values()}))[:3] or None,
    )
    evidence = tuple(field_of(p, "spec.containers[*].ports[*].hostPort", ports) for p in list(holders.values())[:3])
    remedy = Remedy(Said("Leave out hostPort and reach the pod through a Service."), consent=Consent.ASK)
    return says, evidence, remedy


_TELL = {Obstacle.CORDON: _cordon, Obstacle.SLOTS: _slots, Obstacle.PORTS: _ports}
