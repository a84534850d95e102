"""What the API server answered when a controller wanted to create a pod."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from knowledge.finding import Evidence, Ref, event_of, field_of
from knowledge.objects import DaemonSet, Deployment, Job, Object, ReplicaSet, StatefulSet
from knowledge.snapshot import Snapshot


@dataclass(frozen=True)
class Refusal:
    """The newest refusal of one workload's pods."""

    workload: Ref
    text: str
    at: datetime | None
    evidence: Evidence


def refusals(seen: Snapshot) -> tuple[Refusal, ...]:
    """``FailedCreate`` events and ReplicaFailure conditions of the present revision, each workload's once."""
    return seen.once(_refusals)


def _refusals(seen: Snapshot) -> tuple[Refusal, ...]:
    return tuple(_each(seen))


def _each(seen: Snapshot) -> Iterator[Refusal]:
    told: set[Ref] = set()
    for kind in (ReplicaSet, StatefulSet, DaemonSet, Job, Deployment):
        for owner in seen.all(kind):
            if isinstance(owner, ReplicaSet) and owner.spec.replicas == 0:
                continue
            workload = seen.workload(owner)
            found = _newest(seen, owner, workload)
            if found and workload not in told:
                told.add(workload)
                yield found


def _newest(seen: Snapshot, owner: Object, workload: Ref) -> Refusal | None:
    events = seen.events(owner, "FailedCreate")
    if events:
        return Refusal(workload, events[-1].message, events[-1].last_seen, event_of(events[-1]))
    if isinstance(owner, ReplicaSet | Deployment):
        for condition in owner.status.conditions:
            if condition.type == "ReplicaFailure" and condition.status == "True":
                path = "status.conditions[ReplicaFailure].message"
                at = condition.last_transition_time
                return Refusal(workload, condition.message, at, field_of(owner, path, condition.message, at))
    return None
