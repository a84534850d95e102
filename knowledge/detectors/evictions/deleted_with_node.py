"""A pod that Kubernetes deleted because its node stopped answering or does not exist any more."""

from collections import defaultdict
from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.gone import about_pods, disruption, node_of, whose
from knowledge.facts.messages import taint_eviction
from knowledge.facts.nodes import not_ready
from knowledge.facts.scheduling import automatic, spelt
from knowledge.finding import (
    Confidence,
    Consent,
    Evidence,
    Finding,
    Ref,
    Remedy,
    Severity,
    Who,
    absence_of,
    event_of,
    field_of,
)
from knowledge.objects import Event, Node, Pod, Taint
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="pod-deleted-with-node",
    severity=Severity.ERROR,
    needs=(Pod, Event),
    uses=(Node,),
    hides=("pod-killed-from-outside", "pod-container-restarted", "pod-stuck-terminating"),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    groups: dict[Ref, dict[Ref, tuple[str, Evidence]]] = defaultdict(dict)
    for pod in seen.all(Pod):
        told = disruption(pod, "DeletionByTaintManager", "DeletionByPodGC")
        name = pod.spec.node_name
        if told:
            proof = field_of(pod, "status.conditions[DisruptionTarget].reason", told.reason, told.last_transition_time)
            groups[seen.workload(pod)][Ref.to(pod)] = (name, proof)
        elif name and seen.absent(Node, "", name) and seen.all(Node) and pod.status.phase in ("Running", "Pending"):
            groups[seen.workload(pod)][Ref.to(pod)] = (name, absence_of("Node", "", name))
    for about, event in about_pods(seen, "TaintManagerEviction"):
        if taint_eviction(event.message):
            groups[whose(seen, about)].setdefault(about, (node_of(seen, about), event_of(event)))
    for workload, lost in groups.items():
        yield _finding(seen, workload, lost)


def _finding(seen: Snapshot, workload: Ref, lost: dict[Ref, tuple[str, Evidence]]) -> Finding:
    names = tuple(sorted({name for name, _ in lost.values() if name}))
    at = max((proof.at for _, proof in lost.values() if proof.at), default=None)
    tainted = next(((name, taint) for name in names if (taint := _by_hand(seen, name))), None)
    return Finding(
        DETECTOR,
        workload,
        _put_off(workload, len(lost), *tainted) if tainted else _lost(seen, workload, len(lost), names),
        Confidence.PROVEN,
        evidence=(
            *(proof for _, proof in list(lost.values())[:5]),
            *(_of_taint(seen, *tainted) if tainted else ()),
        ),
        why=Said(
            "A taint with the effect NoExecute sends away every pod that does not tolerate it. Replacements are "
            "started on other nodes."
        )
        if tainted
        else Said(
            "When a node stops answering, Kubernetes waits (300 s by default) and then gives its pods up and starts "
            "replacements on other nodes."
        ),
        remedies=(_off(*tainted) if tainted else _MACHINE,),
        because=tuple(Ref("Node", "", name) for name in names),
        pods=tuple(lost),
        at=at,
    )


_MACHINE = Remedy(
    Said("The platform team has to bring the machine back or replace it; the pods need nothing."),
    "kubectl get nodes -o wide",
    Consent.LOOK,
    Who.PLATFORM,
)


def _off(node: str, taint: Taint) -> Remedy:
    return Remedy(
        Said("Take the taint off when the work on the node is done."),
        f"kubectl taint node {node} {taint.key}:{taint.effect}-",
        Consent.ASK,
        Who.PLATFORM,
    )


def _lost(seen: Snapshot, workload: Ref, pods: int, names: tuple[str, ...]) -> Said:
    if not names:
        return Said(
            "{workload} lost {pods:|pod|pods}: Kubernetes sent them off their node because of a NoExecute taint; which "
            "node it was is no longer recorded. The program did nothing wrong.",
            pods=pods,
            workload=workload.name,
        )
    return Said(
        "{workload} lost {pods:|pod|pods} together with node {nodes}: {state}. The program did nothing wrong.",
        pods=pods,
        workload=workload.name,
        nodes=names,
        state=_state(seen, names),
    )


def _put_off(workload: Ref, pods: int, node: str, taint: Taint) -> Said:
    return Said(
        "{workload} lost {pods:|pod|pods} because somebody put the taint {taint} on node {node}{when}: it sends away "
        "every pod that does not tolerate it. The program did nothing wrong.",
        workload=workload.name,
        pods=pods,
        taint=spelt(taint),
        node=node,
        when=Said(" at {at}", at=taint.time_added) if taint.time_added else "",
    )


def _by_hand(seen: Snapshot, name: str) -> Taint | None:
    """The taint that somebody put on a node which is well."""
    node = seen.get(Node, "", name)
    if node is None or not_ready(node):
        return None
    return next((t for t in node.spec.taints if t.effect == "NoExecute" and not automatic(t)), None)


def _of_taint(seen: Snapshot, name: str, taint: Taint) -> tuple[Evidence, ...]:
    node = seen.get(Node, "", name)
    return (field_of(node, "spec.taints[]", spelt(taint), taint.time_added),) if node else ()


def _state(seen: Snapshot, names: tuple[str, ...]) -> Said:
    for name in names:
        node = seen.get(Node, "", name)
        if node is None:
            if seen.absent(Node, "", name):
                return Said("the node does not exist any more")
            continue
        ready = node.condition("Ready")
        if ready and ready.status != "True":
            return Said(
                "it is NotReady ({reason}) since {since:clock}", reason=ready.reason, since=ready.last_transition_time
            )
    return Said("it had stopped answering (taint NoExecute)")
