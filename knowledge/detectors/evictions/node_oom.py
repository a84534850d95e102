"""A node that ran out of memory as a whole, so that its kernel killed processes of whatever pod.

A kill inside one container's own limit is no matter of the node.
"""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, Who, event_of, field_of
from knowledge.messages import system_oom
from knowledge.nodes import events_of_node
from knowledge.objects import Event, Node, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="res-node-oom", severity=Severity.CRITICAL, needs=(Event,), uses=(Pod, Node))


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
        why=Said(
            "Here the whole machine was full, not one container's limit: the kernel then picks victims, often pods "
            "that use more than they requested, and sometimes bystanders."
        ),
        remedies=(
            Remedy(Said("Set memory limits on the pods that have none."), consent=Consent.ASK),
            Remedy(
                Said("The platform team can cordon the node until it has room again."),
                f"kubectl cordon {name}",
                Consent.ASK,
                Who.PLATFORM,
            ),
        ),
        pods=tuple(Ref.to(p) for p in victims),
        at=at,
    )


def _oom_killed(pod: Pod) -> bool:
    return any(s.last_end and s.last_end.reason == "OOMKilled" for s in pod.lasting_statuses())


def _limited(pod: Pod) -> bool:
    return all(c.resources.limits.get("memory") for c in pod.lasting_containers())
