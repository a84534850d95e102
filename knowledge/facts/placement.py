"""Which pods wait for a node, and what truly keeps them waiting.

The scheduler's message is a histogram without names that counts nodes which were never meant for the pod. So the nodes
are judged again one by one, and the blocker is what alone keeps out those that everything else would allow.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from knowledge.facts.messages import Unschedulable, unschedulable
from knowledge.facts.room import SLOTS, Room, requests_of, room
from knowledge.facts.scheduling import apart, automatic, cordoned, meant, port_holder, unmet, unmet_terms, untolerated
from knowledge.finding import Confidence, Ref
from knowledge.objects import Event, Node, PersistentVolume, PersistentVolumeClaim, Pod
from knowledge.snapshot import Snapshot

PATIENCE = timedelta(seconds=30)


class Obstacle(IntEnum):
    """What can keep a pod off a node. Of two that weigh the same the greater number is told."""

    SLOTS = 1
    PORTS = 2
    RESOURCES = 3
    SPREAD = 4
    VOLUME = 5
    CORDON = 6
    TAINT = 7
    SELECTOR = 8
    CLAIM = 9


_TEXTS: tuple[tuple[str, Obstacle], ...] = (
    ("unbound immediate PersistentVolumeClaims", Obstacle.CLAIM),
    ("persistentvolumeclaim ", Obstacle.CLAIM),
    ("find available persistent volumes to bind", Obstacle.CLAIM),
    ("volume node affinity conflict", Obstacle.VOLUME),
    ("PersistentVolume's node affinity", Obstacle.VOLUME),
    ("no available volume zone", Obstacle.VOLUME),
    ("exceed max volume count", Obstacle.VOLUME),
    ("non-existent pv(s)", Obstacle.VOLUME),
    ("ReadWriteOncePod", Obstacle.VOLUME),
    ("enough free storage", Obstacle.VOLUME),
    ("Insufficient ", Obstacle.RESOURCES),
    ("Too many pods", Obstacle.SLOTS),
    ("free ports", Obstacle.PORTS),
    ("taint", Obstacle.TAINT),
    ("unschedulable", Obstacle.CORDON),
    ("no nodes available to schedule pods", Obstacle.CORDON),
    ("topology spread", Obstacle.SPREAD),
    ("anti-affinity", Obstacle.SPREAD),
    ("pod affinity rules", Obstacle.SPREAD),
    ("node affinity/selector", Obstacle.SELECTOR),
    ("node selector", Obstacle.SELECTOR),
    ("requested node name", Obstacle.SELECTOR),
    ("affinity terms conflict", Obstacle.SELECTOR),
)


def obstacle(why: str) -> Obstacle | None:
    """What one refusal of the scheduler means."""
    return next((kind for text, kind in _TEXTS if text in why), None)


@dataclass(frozen=True)
class Waiting:
    """Pods of one workload that the scheduler could not place, judged by one of them.

    ``nodes``: those that the blocker alone keeps out (where there is none such, those it stops at all); empty when
    nodes could not be read, and then ``judged`` is false and the scheduler's message was believed.
    """

    workload: Ref
    pods: tuple[Pod, ...]
    message: str
    told: Unschedulable | None
    blocker: Obstacle
    nodes: tuple[Node, ...]
    obstacles: Mapping[str, frozenset[Obstacle]]
    judged: bool

    @property
    def pod(self) -> Pod:
        return self.pods[0]

    @property
    def refs(self) -> tuple[Ref, ...]:
        return tuple(Ref.to(pod) for pod in self.pods)

    @property
    def since(self) -> datetime | None:
        return min(filter(None, (waiting_since(pod) for pod in self.pods)), default=None)

    @property
    def confidence(self) -> Confidence:
        if self.judged:
            return Confidence.PROVEN
        kinds = {obstacle(r.why) for r in self.told.refusals} if self.told else set()
        return Confidence.LIKELY if len(kinds) == 1 else Confidence.POSSIBLE

    @property
    def total(self) -> int:
        return self.told.total if self.told else len(self.obstacles)

    @property
    def out_of_order(self) -> tuple[Ref, ...]:
        """Nodes that cannot be used because of their own state: their finding, if there is one, is the cause."""
        return tuple(Ref.to(n) for n in self.nodes if self.blocker in (Obstacle.TAINT, Obstacle.CORDON))

    def refusals(self, kind: Obstacle) -> tuple[str, ...]:
        """The scheduler's own words for an obstacle."""
        return tuple(r.why for r in self.told.refusals if obstacle(r.why) is kind) if self.told else ()

    def counted(self, words: str) -> int:
        """How many nodes the scheduler refused with these words."""
        return sum(r.nodes for r in self.told.refusals if words in r.why) if self.told else 0


def waiting_since(pod: Pod) -> datetime | None:
    condition = pod.condition("PodScheduled")
    return (condition.last_transition_time if condition else None) or pod.metadata.creation_timestamp


def unplaced(seen: Snapshot) -> Iterator[Pod]:
    """Pods without a node that are old enough to wonder about."""
    for pod in seen.all(Pod):
        if pod.spec.node_name or pod.status.phase not in ("Pending", "") or pod.metadata.deletion_timestamp:
            continue
        since = waiting_since(pod)
        if since is None or seen.now - since >= seen.least(PATIENCE):
            yield pod


def waiting(seen: Snapshot, *blockers: Obstacle) -> Iterator[Waiting]:
    """The workloads whose pods the scheduler refused because of one of these blockers."""
    groups: dict[Ref, list[Pod]] = defaultdict(list)
    for pod in unplaced(seen):
        if refusal(seen, pod):
            groups[seen.workload(pod)].append(pod)
    rooms = {node.metadata.name: room(seen, node) for node in seen.all(Node)} if groups else {}
    for workload, pods in groups.items():
        found = _judge(seen, workload, tuple(pods), rooms)
        if found and found.blocker in blockers:
            yield found


def refusal(seen: Snapshot, pod: Pod) -> str:
    """What the scheduler said of a pod, from its condition or else from the newest event."""
    condition = pod.condition("PodScheduled")
    if condition:
        return condition.message if condition.status == "False" and condition.reason == "Unschedulable" else ""
    events = seen.events(pod, "FailedScheduling")
    return events[-1].message if events else ""


def scaling_up(seen: Snapshot, pod: Pod) -> Event | None:
    """A cluster autoscaler said in the last ten minutes that it is adding a node for this pod."""
    events = seen.events(pod, "TriggeredScaleUp")
    fresh = [e for e in events if e.last_seen and seen.now - e.last_seen < timedelta(minutes=10)]
    return fresh[-1] if fresh else None


def claims_of(seen: Snapshot, pod: Pod) -> Iterator[tuple[str, PersistentVolumeClaim | None]]:
    """The claims that a pod names, each with its object if that was read."""
    for volume in pod.spec.volumes:
        if volume.persistent_volume_claim:
            name = volume.persistent_volume_claim.claim_name
            yield name, seen.get(PersistentVolumeClaim, pod.metadata.namespace, name)


def volumes_of(seen: Snapshot, pod: Pod) -> Iterator[tuple[PersistentVolumeClaim, PersistentVolume]]:
    """The bound claims of a pod with their volumes, as far as both were read."""
    for _, claim in claims_of(seen, pod):
        volume = seen.get(PersistentVolume, "", claim.spec.volume_name) if claim and claim.spec.volume_name else None
        if claim and volume:
            yield claim, volume


def elsewhere(volume: PersistentVolume, node: Node) -> tuple[str, ...]:
    """The labels of its own place that a volume misses on a node; empty when it can be used there."""
    affinity = volume.spec.node_affinity
    return unmet_terms(affinity.required, node) if affinity and affinity.required else ()


def _judge(seen: Snapshot, workload: Ref, pods: tuple[Pod, ...], rooms: Mapping[str, Room]) -> Waiting | None:
    pod = pods[0]
    message = refusal(seen, pod)
    told = unschedulable(message)
    kinds = [kind for r in told.refusals if (kind := obstacle(r.why))] if told else []
    nodes = seen.all(Node)
    stops = {node.metadata.name: _obstacles(seen, pod, node, rooms[node.metadata.name], kinds) for node in nodes}
    if Obstacle.CLAIM in kinds:
        return Waiting(workload, pods, message, told, Obstacle.CLAIM, (), stops, bool(seen.all(PersistentVolumeClaim)))
    chosen = _choose(seen, pod, nodes, stops) if _readable(nodes, told) else None
    if chosen:
        return Waiting(workload, pods, message, told, chosen[0], chosen[1], stops, True)
    believed = _believe(told)
    return Waiting(workload, pods, message, told, believed, (), stops, False) if believed else None


def _readable(nodes: tuple[Node, ...], told: Unschedulable | None) -> bool:
    return bool(nodes) and (told is None or len(nodes) >= told.total)


def _obstacles(seen: Snapshot, pod: Pod, node: Node, here: Room, kinds: list[Obstacle]) -> frozenset[Obstacle]:
    found = set()
    if unmet(pod.spec, node):
        found.add(Obstacle.SELECTOR)
    if untolerated(pod.spec, node):
        found.add(Obstacle.TAINT)
    if cordoned(pod.spec, node):
        found.add(Obstacle.CORDON)
    if here.lacks(requests_of(pod.spec)):
        found.add(Obstacle.RESOURCES)
    if SLOTS in here.allocatable and here.free[SLOTS] < 1:
        found.add(Obstacle.SLOTS)
    if port_holder(seen, pod, node):
        found.add(Obstacle.PORTS)
    if any(elsewhere(volume, node) for _, volume in volumes_of(seen, pod)):
        found.add(Obstacle.VOLUME)
    if apart(seen, pod, node):
        found.add(Obstacle.SPREAD)
    if not found:
        # Read too little to see it ourselves: what the scheduler named and depends on pods or disks must be it.
        hidden = [k for k in kinds if k in (Obstacle.RESOURCES, Obstacle.SLOTS, Obstacle.SPREAD, Obstacle.VOLUME)]
        found.update(hidden[:1])
    return frozenset(found)


def _choose(
    seen: Snapshot, pod: Pod, nodes: tuple[Node, ...], stops: Mapping[str, frozenset[Obstacle]]
) -> tuple[Obstacle, tuple[Node, ...]] | None:
    matching = [node for node in nodes if Obstacle.SELECTOR not in stops[node.metadata.name]]
    if not matching:
        return Obstacle.SELECTOR, nodes
    usable = [n for n in matching if not any(meant(seen, t) for t in untolerated(pod.spec, n) if not automatic(t))]
    if not usable:
        return Obstacle.TAINT, tuple(matching)
    if any(not stops[node.metadata.name] for node in usable):
        return None
    alone = [n for n in usable if len(stops[n.metadata.name]) == 1]
    weight = Counter(kind for node in alone or usable for kind in stops[node.metadata.name])
    blocker = max(weight, key=lambda kind: (weight[kind], kind))
    return blocker, tuple(n for n in alone or usable if blocker in stops[n.metadata.name])


def _believe(told: Unschedulable | None) -> Obstacle | None:
    """The likeliest blocker by the message alone. Tainted nodes are mostly other teams': anything else comes first."""
    weight: Counter[Obstacle] = Counter()
    for reason in told.refusals if told else ():
        kind = obstacle(reason.why)
        if kind:
            weight[kind] += reason.nodes or (told.total if told else 1)
    if not weight:
        return None
    return max(weight, key=lambda kind: (kind is not Obstacle.TAINT, weight[kind], kind))
