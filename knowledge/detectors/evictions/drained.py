"""A pod that was moved off its node on request: somebody drained the node.

A cordon alone takes no pod away.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.facts.gone import about_pods, disruption, whose
from knowledge.facts.scheduling import CORDON
from knowledge.finding import Confidence, Evidence, Finding, Ref, Remedy, Severity, event_of, field_of
from knowledge.objects import Event, Node, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="pod-drained",
    severity=Severity.INFO,
    needs=(Pod, Event),
    uses=(Node,),
    hides=("pod-killed-from-outside", "pod-container-restarted"),
)

_SOON = timedelta(hours=1)
"""How long after the cordon a drain empties a node."""
_AT_ONCE = timedelta(minutes=1)


def detect(seen: Snapshot) -> Iterator[Finding]:
    groups: dict[Ref, dict[Ref, tuple[str, Evidence, bool]]] = defaultdict(dict)
    for pod in seen.all(Pod):
        asked = disruption(pod, "EvictionByEvictionAPI")
        if asked:
            told = field_of(pod, "status.conditions[DisruptionTarget].reason", asked.reason, asked.last_transition_time)
            groups[seen.workload(pod)][Ref.to(pod)] = (pod.spec.node_name, told, True)
    for about, event in _left_together(seen):
        groups[whose(seen, about)].setdefault(about, (event.source.host, event_of(event), False))
    for workload, moved in groups.items():
        yield _finding(seen, workload, moved)


def _left_together(seen: Snapshot) -> Iterator[tuple[Ref, Event]]:
    """Pods that stopped on a cordoned node, after the cordon, and are gone: those of several workloads, or one that
    was replaced at once elsewhere soon after the cordon, as only an eviction does it."""
    stopped: dict[str, list[tuple[Ref, Event]]] = defaultdict(list)
    for about, event in about_pods(seen, "Killing"):
        node = seen.get(Node, "", event.source.host)
        if node is None or not node.spec.unschedulable or not event.message.startswith("Stopping container"):
            continue
        since = next((t.time_added for t in node.spec.taints if t.key == CORDON), None)
        present = seen.find(about)
        if present is None and (since is None or (event.last_seen and event.last_seen >= since)):
            stopped[event.source.host].append((about, event))
    for host, pods in stopped.items():
        if len({whose(seen, about) for about, _ in pods}) >= 2:
            yield from pods
        else:
            yield from (left for left in pods if _replaced_elsewhere(seen, host, *left))


def _replaced_elsewhere(seen: Snapshot, host: str, about: Ref, stopped: Event) -> bool:
    """Whether another pod of the same ReplicaSet was made on another node in the moment of the stop."""
    node = seen.get(Node, "", host)
    since = next((t.time_added for t in node.spec.taints if t.key == CORDON), None) if node else None
    if since is None or stopped.last_seen is None or stopped.last_seen - since > _SOON:
        return False
    made = about.name.rpartition("-")[0]
    return any(
        pod.metadata.name.startswith(f"{made}-")
        and pod.spec.node_name not in ("", host)
        and pod.metadata.creation_timestamp is not None
        and abs(pod.metadata.creation_timestamp - stopped.last_seen) <= _AT_ONCE
        for pod in seen.pods_of(whose(seen, about))
    )


def _finding(seen: Snapshot, workload: Ref, moved: dict[Ref, tuple[str, Evidence, bool]]) -> Finding:
    nodes = tuple(sorted({node for node, _, _ in moved.values() if node}))
    at = max((told.at for _, told, _ in moved.values() if told.at), default=None)
    cordoned = [n for name in nodes if (n := seen.get(Node, "", name)) and n.spec.unschedulable]
    proven = any(proof for _, _, proof in moved.values())
    return Finding(
        DETECTOR,
        workload,
        Said(
            "{pods:|pod|pods} of {workload} left node {nodes} at {at:clock} because the node was drained (eviction "
            "through the API{cordon}); it was not an error of the program.",
            pods=len(moved),
            workload=workload.name,
            nodes=nodes or Said("(name not recorded)"),
            at=at,
            cordon=Said(", the node is cordoned") if cordoned else "",
        ),
        Confidence.PROVEN if proven else Confidence.LIKELY,
        evidence=(
            *(told for _, told, _ in list(moved.values())[:5]),
            *(field_of(node, "spec.unschedulable", True) for node in cordoned),
        ),
        why=Said(
            "Before work on a machine its pods are asked to leave (drain): each gets its grace period to stop, and its "
            "controller starts a replacement on another node."
        ),
        remedies=(
            Remedy(
                Said(
                    "Nothing to repair. If users noticed, add a second replica, a PodDisruptionBudget and a graceful "
                    "shutdown."
                )
            ),
        ),
        pods=tuple(moved),
        at=at,
    )
