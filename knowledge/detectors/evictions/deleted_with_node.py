"""A pod that Kubernetes deleted because its node stopped answering or does not exist any more."""

from collections import defaultdict
from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.gone import about_pods, disruption, whose
from knowledge.facts.messages import taint_eviction
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
from knowledge.objects import Event, Node, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="pod-deleted-with-node",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Event, Node),
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
            present = seen.find(about)
            node = present.spec.node_name if isinstance(present, Pod) else ""
            groups[whose(seen, about)].setdefault(about, (node, event_of(event)))
    for workload, lost in groups.items():
        yield _finding(seen, workload, lost)


def _finding(seen: Snapshot, workload: Ref, lost: dict[Ref, tuple[str, Evidence]]) -> Finding:
    names = tuple(sorted({name for name, _ in lost.values() if name}))
    at = max((proof.at for _, proof in lost.values() if proof.at), default=None)
    return Finding(
        DETECTOR,
        workload,
        Said(
            "{workload} lost {pods:|pod|pods} together with node {nodes}: {state}. The program did nothing wrong.",
            pods=len(lost),
            workload=workload.name,
            nodes=names or "?",
            state=_state(seen, names),
        ),
        Confidence.PROVEN,
        evidence=tuple(proof for _, proof in list(lost.values())[:5]),
        why=Said(
            "When a node stops answering, Kubernetes waits (300 s by default) and then gives its pods up and starts "
            "replacements on other nodes."
        ),
        remedies=(
            Remedy(
                Said("The platform team has to bring the machine back or replace it; the pods need nothing."),
                "kubectl get nodes -o wide",
                Consent.LOOK,
                Who.PLATFORM,
            ),
        ),
        because=tuple(Ref("Node", "", name) for name in names),
        pods=tuple(lost),
        at=at,
    )


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
        by_hand = [t for t in node.spec.taints if t.effect == "NoExecute" and not automatic(t)]
        if by_hand:
            return Said("somebody put the taint {taint} on it", taint=spelt(by_hand[0]))
    return Said("it had stopped answering (taint NoExecute)")
