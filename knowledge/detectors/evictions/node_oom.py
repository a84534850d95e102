"""A node that ran out of memory as a whole, so that its kernel killed processes of whatever pod.

A kill inside one container's own limit is no matter of the node.
"""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.facts.messages import system_oom
from knowledge.facts.nodes import events_of_node
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, Who, event_of, field_of
from knowledge.objects import Event, Node, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="res-node-oom", severity=Severity.CRITICAL, needs=(Event,), uses=(Pod, Node))
_TOGETHER = timedelta(minutes=5)
_SEVERAL = 3


def detect(seen: Snapshot) -> Iterator[Finding]:
    for name in sorted({p.spec.node_name for p in seen.all(Pod)} | {n.metadata.name for n in seen.all(Node)}):
        if name:
            yield from _on(seen, name)


def _on(seen: Snapshot, name: str) -> Iterator[Finding]:
    node = seen.get(Node, "", name)
    ref = Ref.to(node) if node else Ref("Node", "", name)
    killed = [e for e in events_of_node(seen, name, "SystemOOM", "OOMKilling") if "emory cgroup" not in e.message]
    recent = [e for e in killed if not e.last_seen or seen.now - e.last_seen <= timedelta(days=1)]
    if not recent:
        yield from _together(seen, ref)
        return
    at = recent[-1].last_seen
    victims = [p for p in seen.on_node(name) if _oom_killed(p)]
    greedy = [p for p in seen.on_node(name) if p.status.phase == "Running" and not _limited(p)]
    processes = sorted({told.process for e in recent if (told := system_oom(e.message)) and told.process})
    evidence: list[Evidence] = [event_of(e) for e in recent[-3:]]
    evidence += [field_of(p, "spec.containers[*].resources.limits.memory", "-") for p in greedy[:3]]
    yield Finding(
        DETECTOR,
        ref,
        Said(
            "Node {node} ran out of memory at {at:clock} (System OOM), and its kernel killed {processes}; pods on it "
            "without a memory limit: {greedy}.",
            node=name,
            at=at,
            processes=tuple(processes) or Said("processes"),
            greedy=tuple(f"{p.metadata.namespace}/{p.metadata.name}" for p in greedy[:4]) or Said("none"),
        ),
        Confidence.PROVEN,
        evidence=tuple(evidence),
        why=_why(),
        remedies=_remedies(name),
        pods=tuple(Ref.to(p) for p in victims),
        at=at,
    )


def _together(seen: Snapshot, node: Ref) -> Iterator[Finding]:
    """Programs of several workloads without a limit of their own, killed within minutes: the node has not said so."""
    ends = sorted(
        (
            (s.last_end.finished_at, pod)
            for pod in seen.on_node(node.name)
            for s in pod.lasting_statuses()
            if s.last_end and s.last_end.reason == "OOMKilled" and s.last_end.finished_at and not _limited(pod)
        ),
        key=lambda end: end[0],
    )
    for at, _ in ends:
        victims = tuple(dict.fromkeys(Ref.to(pod) for when, pod in ends if at <= when <= at + _TOGETHER))
        owners = tuple(dict.fromkeys(seen.workload(pod) for when, pod in ends if at <= when <= at + _TOGETHER))
        if len(owners) < _SEVERAL or seen.now - at > timedelta(days=1):
            continue
        yield Finding(
            DETECTOR,
            node,
            Said(
                "Node {node} ran out of memory about {at:clock}: within five minutes the kernel killed {workloads}, "
                "none of which has a memory limit of its own.",
                node=node.name,
                at=at,
                workloads=tuple(owner.name for owner in owners[:5]),
            ),
            Confidence.LIKELY,
            evidence=tuple(
                field_of(pod, "status.containerStatuses[*].lastState.terminated.reason", "OOMKilled", when)
                for when, pod in ends
                if at <= when <= at + _TOGETHER
            )[:5],
            why=_why(),
            remedies=_remedies(node.name),
            pods=victims,
            at=at,
        )
        return


def _why() -> Said:
    return Said(
        "Here the whole machine was full, not one container's limit: the kernel then picks victims, often pods "
        "that use more than they requested, and sometimes bystanders."
    )


def _remedies(name: str) -> tuple[Remedy, ...]:
    return (
        Remedy(Said("Set memory limits on the pods that have none."), consent=Consent.ASK),
        Remedy(
            Said("The platform team can cordon the node until it has room again."),
            f"kubectl cordon {name}",
            Consent.ASK,
            Who.PLATFORM,
        ),
    )


def _oom_killed(pod: Pod) -> bool:
    return any(s.last_end and s.last_end.reason == "OOMKilled" for s in pod.lasting_statuses())


def _limited(pod: Pod) -> bool:
    return all(c.resources.limits.get("memory") for c in pod.lasting_containers())
