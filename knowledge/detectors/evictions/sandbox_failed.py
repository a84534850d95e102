"""A pod whose sandbox, mostly its network, the node could not prepare. No container was created."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.facts.messages import sandbox_failure
from knowledge.facts.nodes import network_agents
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, Who, event_of
from knowledge.objects import Event, Node, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="pod-sandbox-failed", severity=Severity.ERROR, needs=(Pod, Event), uses=(Node,))


def detect(seen: Snapshot) -> Iterator[Finding]:
    groups: dict[Ref, list[tuple[Pod, Event]]] = defaultdict(list)
    for pod in seen.all(Pod):
        events = seen.events(pod, "FailedCreatePodSandBox", "FailedCreatePodSandbox")
        if events and pod.status.phase == "Pending" and _lasting(seen, pod, events):
            groups[seen.workload(pod)].append((pod, events[-1]))
    for workload, failed in groups.items():
        yield _finding(seen, workload, failed)


def _lasting(seen: Snapshot, pod: Pod, events: tuple[Event, ...]) -> bool:
    """One failure right after the start of a node or its agent is nothing."""
    started = pod.condition("PodReadyToStartContainers")
    if started and started.status == "True":
        return False
    first = events[0].first_seen or seen.now
    return sum(e.count for e in events) >= 2 or seen.now - first > timedelta(minutes=1)


def _finding(seen: Snapshot, workload: Ref, failed: list[tuple[Pod, Event]]) -> Finding:
    event = failed[0][1]
    cause = sandbox_failure(event.message) or event.message
    nodes = tuple(sorted({p.spec.node_name for p, _ in failed if p.spec.node_name}))
    return Finding(
        DETECTOR,
        workload,
        Said(
            "{pods:|pod|pods} of {workload} cannot start: node {nodes} fails to create the pod sandbox "
            "(FailedCreatePodSandBox): {cause}",
            pods=len(failed),
            workload=workload.name,
            nodes=nodes or Said("(name not recorded)"),
            cause=_tail(cause),
        ),
        Confidence.PROVEN,
        evidence=tuple(event_of(e) for _, e in failed[:3]),
        why=Said(
            "Before any container a node prepares an empty shell for the pod, with its own network address. That step "
            "failed, so the program never ran: it is not the program's fault."
        ),
        remedies=(
            Remedy(
                Said("The platform team has to look at the network agent (CNI) and the runtime of that node."),
                f"kubectl -n kube-system get pods -o wide --field-selector=spec.nodeName={nodes[0] if nodes else '…'}",
                Consent.LOOK,
                Who.PLATFORM,
            ),
        ),
        because=(
            *(Ref("Node", "", name) for name in nodes),
            *(agent for name in nodes for agent in network_agents(seen, name)),
        ),
        pods=tuple(Ref.to(p) for p, _ in failed),
        at=event.last_seen,
    )


def _tail(cause: str) -> str:
    """The end of a chain of wrapped errors says most."""
    cause = cause.strip().removeprefix("rpc error: code = Unknown desc = ")
    return cause if len(cause) <= 200 else f"…{cause[-200:]}"
