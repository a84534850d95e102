"""Pods that were taken away or are being taken away: who asked for it, and whose they were."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from knowledge.finding import Ref
from knowledge.objects import Condition, DaemonSet, Deployment, Event, Pod, ReplicaSet, StatefulSet
from knowledge.snapshot import Snapshot

_GENERATED = re.compile(r"^(?P<owner>.+)-[a-z0-9]{5}$")
_REPLICA_SET = re.compile(r"^(?P<owner>.+)-[a-z0-9]{6,10}$")
_PLACED = re.compile(r"^Successfully assigned \S+ to (?P<node>\S+)$")
_ORDINAL = re.compile(r"^(?P<owner>.+)-\d+$")


def disruption(pod: Pod, *reasons: str) -> Condition | None:
    """The DisruptionTarget condition, if it is set for one of these reasons."""
    condition = pod.condition("DisruptionTarget")
    return condition if condition and condition.status == "True" and condition.reason in reasons else None


def whose(seen: Snapshot, about: Ref) -> Ref:
    """The workload of a pod, by its name where the pod is gone; the pod itself where nobody can be found."""
    pod = seen.find(about)
    if pod is not None:
        return seen.workload(pod)
    for kind, pattern in ((StatefulSet, _ORDINAL), (DaemonSet, _GENERATED), (ReplicaSet, _GENERATED)):
        match = pattern.match(about.name)
        owner = seen.get(kind, about.namespace, match["owner"]) if match else None
        if owner:
            return seen.workload(owner)
    owned = _GENERATED.match(about.name)
    template = _REPLICA_SET.match(owned["owner"]) if owned else None
    deployment = seen.get(Deployment, about.namespace, template["owner"]) if template else None
    return Ref.to(deployment) if deployment else about


def about_pods(seen: Snapshot, *reasons: str) -> Iterator[tuple[Ref, Event]]:
    """The pods, also those that are gone, about which an event of these reasons was recorded."""
    for event in seen.all(Event):
        about = event.involved_object
        if about.kind == "Pod" and event.reason in reasons:
            yield Ref("Pod", about.namespace, about.name, about.uid), event


def node_of(seen: Snapshot, about: Ref) -> str:
    """The node on which a pod stood, also when it is gone: by its kubelet's events or the scheduler's. Empty when
    nothing of the kind is recorded."""
    pod = seen.find(about)
    if isinstance(pod, Pod):
        return pod.spec.node_name
    for event in seen.events(about):
        placed = _PLACED.search(event.message) if event.reason == "Scheduled" else None
        if placed:
            return placed["node"]
        if event.source.component == "kubelet" and event.source.host:
            return event.source.host
    return ""


def ended(pod: Pod) -> datetime | None:
    """When a pod came to its end, as well as the object still tells it."""
    condition = pod.condition("DisruptionTarget")
    ends = [s.last_end.finished_at for s in pod.status.container_statuses if s.last_end and s.last_end.finished_at]
    told = condition.last_transition_time if condition else None
    return told or max(ends, default=None) or pod.metadata.deletion_timestamp


def nodes_of(seen: Snapshot, pods: Iterable[Ref]) -> tuple[Ref, ...]:
    """The nodes on which pods stand or stood."""
    names = {thing.spec.node_name for ref in pods if isinstance(thing := seen.find(ref), Pod) and thing.spec.node_name}
    return tuple(Ref("Node", "", name) for name in sorted(names))
