"""A pod that waits because every node it could use carries a taint that it does not tolerate.

Taints of the control plane and of other teams' pools are meant; they are the cause only where nothing else is left.
"""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.messages import taint as taint_text
from knowledge.facts.placement import Obstacle, Waiting, waiting
from knowledge.facts.scheduling import automatic, spelt, untolerated
from knowledge.finding import Consent, Finding, Ref, Remedy, Severity, Who, field_of
from knowledge.objects import Event, Node, Pod, Taint
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="sched-taints", severity=Severity.ERROR, needs=(Pod,), uses=(Node, Event))


def detect(seen: Snapshot) -> Iterator[Finding]:
    for found in waiting(seen, Obstacle.TAINT):
        yield _finding(found)


def _finding(found: Waiting) -> Finding:
    taints = [(node, taint) for node in found.nodes for taint in untolerated(found.pod.spec, node)]
    kept = tuple(node.metadata.name for node in found.nodes)
    kinds = tuple(sorted({spelt(taint) for _, taint in taints}))
    return Finding(
        DETECTOR,
        found.workload,
        _says(found, kinds, kept, [taint for _, taint in taints]),
        found.confidence,
        evidence=(
            field_of(found.pod, "status.conditions[PodScheduled].message", found.message, found.since),
            *(field_of(node, f"spec.taints[{t.key}]", spelt(t), t.time_added) for node, t in taints[:10]),
            field_of(found.pod, "spec.tolerations", _tolerations(found.pod)),
        ),
        why=Said(
            "A taint marks a node as closed; only pods with a matching toleration may go there. The other nodes are "
            "no choice for this pod, so it waits until a taint goes or a toleration comes."
        ),
        remedies=_remedies(found, [taint for _, taint in taints]),
        because=found.out_of_order if all(automatic(t) for _, t in taints) or len(kinds) == 1 else (),
        pods=found.refs,
        at=found.since,
    )


def _says(found: Waiting, kinds: tuple[str, ...], nodes: tuple[str, ...], taints: list[Taint]) -> Said:
    if not kinds:
        named = tuple(t.key for why in found.refusals(Obstacle.TAINT) if (t := taint_text(why)) and t.key)
        return Said(
            "{workload} cannot be scheduled since {since:clock}: {refused} of {total} nodes have an untolerated taint "
            "({taints}).",
            workload=found.workload.name,
            since=found.since,
            refused=found.counted("taint"),
            total=found.total,
            taints=named or Said("the scheduler does not say which"),
        )
    if all(automatic(t) for t in taints):
        return Said(
            "{workload} cannot be scheduled since {since:clock}: the nodes it may use are closed by Kubernetes because "
            "of their own state: taint {taints} on {nodes}. It is not the pod's fault.",
            workload=found.workload.name,
            since=found.since,
            taints=kinds,
            nodes=_few(nodes),
        )
    return Said(
        "{workload} cannot be scheduled since {since:clock}: the nodes it could use carry the taint {taints}, which "
        "it does not tolerate ({nodes}).",
        workload=found.workload.name,
        since=found.since,
        taints=kinds,
        nodes=_few(nodes),
    )


def _few(names: tuple[str, ...]) -> tuple[str | Said, ...]:
    return names if len(names) <= 5 else (*names[:5], Said("{n} more", n=len(names) - 5))


def _tolerations(pod: Pod) -> str:
    return ", ".join(f"{t.key or '*'}:{t.effect or '*'}" for t in pod.spec.tolerations) or "-"


def _remedies(found: Waiting, taints: list[Taint]) -> tuple[Remedy, ...]:
    look = Remedy(
        Said("See which taints the nodes carry."),
        "kubectl get nodes -o custom-columns=NODE:.metadata.name,TAINTS:.spec.taints",
        Consent.LOOK,
    )
    by_hand = next((t for t in taints if not automatic(t)), None)
    if by_hand is None:
        return (Remedy(Said("The platform team has to bring the nodes back in order."), who=Who.PLATFORM), look)
    node: Ref = Ref.to(found.nodes[0])
    return (
        Remedy(
            Said("If the taint is a leftover, the platform team takes it away."),
            f"kubectl taint node {node.name} {by_hand.key}:{by_hand.effect}-",
            Consent.ASK,
            Who.PLATFORM,
        ),
        Remedy(
            Said("If the workload belongs on these nodes, give its pods a toleration."),
            f"tolerations:\n- key: {by_hand.key}\n  operator: Equal\n  value: {by_hand.value!r}\n"
            f"  effect: {by_hand.effect}",
            Consent.ASK,
        ),
        look,
    )
