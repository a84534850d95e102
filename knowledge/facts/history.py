"""What happened to a workload and its pods, in the order of time: restarts in place, replacements, rollouts, scalings.

A pod with a new uid is a replacement, never a restart; a StatefulSet's pods keep their names across replacements.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from knowledge.facts import messages
from knowledge.facts.changes import Revision, revisions
from knowledge.facts.restart import Manner, finished, verdict
from knowledge.finding import Evidence, Ref, event_of, field_of
from knowledge.objects import Event, HorizontalPodAutoscaler, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

_ROLLOUT = timedelta(minutes=15)
"""How long after a new revision its pods replace the old ones."""
_STARTUP = timedelta(minutes=2)


class Turn(StrEnum):
    """The kinds of things that happen to a workload."""

    RESTARTED = "restarted in place"
    REPLACED = "replaced by a new pod"
    ROLLED_OUT = "new revision"
    SCALED = "scaled"
    REMOVED = "removed"


@dataclass(frozen=True)
class Happening:
    """One thing that happened. ``pod`` is empty for what concerns the whole workload."""

    turn: Turn
    at: datetime
    says: Said
    pod: Ref | None = None
    container: str = ""
    manner: Manner | None = None
    evidence: tuple[Evidence, ...] = ()


def history(seen: Snapshot, workload: Ref) -> tuple[Happening, ...]:
    """Everything that is still known to have happened to a workload (or to a pod of its own), oldest first."""
    known = revisions(seen, workload)
    found = [
        *_restarts(seen, workload),
        *_rollouts(known),
        *_scalings(seen, workload),
        *_autoscalings(seen, workload),
        *_ends(seen, workload),
    ]
    found.extend(_replacements(seen, workload, known, found))
    return tuple(sorted(found, key=lambda happening: happening.at))


def restarts_near(seen: Snapshot, workload: Ref, within: timedelta = timedelta(minutes=15)) -> tuple[Happening, ...]:
    """The restarts in place about the instant that was asked for: none of them corrects a false premise."""
    told = history(seen, workload)
    return tuple(h for h in told if h.turn is Turn.RESTARTED and abs(h.at - seen.at) <= within)


def _restarts(seen: Snapshot, workload: Ref) -> Iterator[Happening]:
    for pod in _pods(seen, workload):
        for status in pod.lasting_statuses():
            end = status.last_end
            at = finished(end) if end else None
            if end is None or at is None or (status.restart_count == 0 and status.state.terminated is None):
                continue
            manner = verdict(seen, pod, status, end).manner
            path = f"status.containerStatuses[{status.name}].lastState.terminated.finishedAt"
            yield Happening(
                Turn.RESTARTED,
                at,
                Said(
                    "container {container} of {pod} ended with exit code {code} ({reason}), restart {n}",
                    container=status.name,
                    pod=pod.metadata.name,
                    code=end.exit_code,
                    reason=end.reason or "-",
                    n=status.restart_count,
                ),
                Ref.to(pod),
                status.name,
                manner,
                (field_of(pod, path, at, at),),
            )


def _rollouts(known: tuple[Revision, ...]) -> Iterator[Happening]:
    for revision in known[:-1]:
        changes = tuple(str(change) for change in revision.changes[:3])
        if revision.restart_only:
            says = Said("revision {number}: kubectl rollout restart", number=revision.number)
        elif changes:
            says = Said("revision {number} was rolled out: {changes}", number=revision.number, changes=changes)
        else:
            says = Said("revision {number} was rolled out", number=revision.number)
        yield Happening(Turn.ROLLED_OUT, revision.at, says, evidence=(revision.evidence(),))


def _scalings(seen: Snapshot, workload: Ref) -> Iterator[Happening]:
    """Scalings of the current ReplicaSet, outside of a rollout; those of older ones are parts of a rollout."""
    owner = seen.find(workload)
    sets = seen.replica_sets(workload) if workload.kind == "Deployment" else ()
    if owner is None or not sets:
        return
    newest = sets[0]
    for event in seen.events(owner, "ScalingReplicaSet"):
        said, at = messages.scaled(event.message), event.last_seen
        if said is None or at is None or said.replica_set != newest.metadata.name:
            continue
        created = newest.metadata.creation_timestamp
        if said.up and created and at - created <= _ROLLOUT:
            continue
        before = "?" if said.before is None else str(said.before)
        says = Said("scaled from {before} to {after} replicas", before=before, after=said.after)
        yield Happening(Turn.SCALED, at, says, evidence=(event_of(event),))


def _autoscalings(seen: Snapshot, workload: Ref) -> Iterator[Happening]:
    for scaler in seen.all(HorizontalPodAutoscaler, workload.namespace):
        target = scaler.spec.scale_target_ref
        if (target.kind, target.name) != (workload.kind, workload.name):
            continue
        for event in seen.events(scaler, "SuccessfulRescale"):
            said, at = messages.rescaled(event.message), event.last_seen
            if said and at:
                says = Said(
                    "HorizontalPodAutoscaler {scaler} set {size} replicas: {reason}",
                    scaler=scaler.metadata.name,
                    size=said.size,
                    reason=said.reason,
                )
                yield Happening(Turn.SCALED, at, says, evidence=(event_of(event),))


def _ends(seen: Snapshot, workload: Ref) -> Iterator[Happening]:
    """Pods that were stopped as a whole: what is left of them, or the kubelet's events about those that are gone."""
    present = {pod.metadata.uid for pod in _pods(seen, workload)}
    for pod in _pods(seen, workload):
        at = pod.metadata.deletion_timestamp
        reason = pod.status.reason if pod.status.phase == "Failed" else ""
        condition = pod.condition("DisruptionTarget")
        if condition and condition.status == "True" and condition.last_transition_time:
            at, reason = condition.last_transition_time, condition.reason
        elif reason and pod.status.container_statuses:
            ends = [finished(s.state.terminated) for s in pod.status.container_statuses if s.state.terminated]
            at = max((end for end in ends if end), default=at)
        if at and (reason or pod.metadata.deletion_timestamp):
            says = Said("pod {pod} was removed ({reason})", pod=pod.metadata.name, reason=reason or "deleted")
            yield Happening(Turn.REMOVED, at, says, Ref.to(pod), evidence=(field_of(pod, "status.reason", reason),))
    told: set[str] = set()
    for event in _events_of_gone(seen, workload, present):
        about = event.involved_object
        if event.last_seen and about.uid not in told:
            told.add(about.uid)
            says = Said("pod {pod} was stopped and is gone", pod=about.name)
            ref = Ref("Pod", about.namespace, about.name, about.uid)
            yield Happening(Turn.REMOVED, event.last_seen, says, ref, evidence=(event_of(event),))


def _events_of_gone(seen: Snapshot, workload: Ref, present: set[str]) -> Iterator[Event]:
    for event in seen.all(Event, workload.namespace):
        about = event.involved_object
        if about.kind != "Pod" or about.uid in present or event.reason != "Killing":
            continue
        if event.message.startswith("Stopping container") and belongs(about.name, workload):
            yield event


def belongs(pod: str, workload: Ref) -> bool:
    """Whether a pod of this name can have been made by a workload, by the way in which controllers name pods."""
    rest = pod.removeprefix(f"{workload.name}-")
    if rest == pod:
        return pod == workload.name
    parts = rest.split("-")
    match workload.kind:
        case "Deployment":
            return len(parts) == 2 and len(parts[1]) == 5 and 5 <= len(parts[0]) <= 10
        case "StatefulSet":
            return rest.isdecimal()
        case "DaemonSet" | "Job" | "ReplicaSet":
            return len(parts) == 1 and len(parts[0]) == 5
    return False


def _replacements(
    seen: Snapshot, workload: Ref, known: tuple[Revision, ...], found: list[Happening]
) -> Iterator[Happening]:
    """Pods that were made later than their workload, and neither by a rollout nor by a scaling."""
    owner = seen.find(workload)
    born = owner.metadata.creation_timestamp if owner else None
    explained = [revision.at for revision in known] + [h.at for h in found if h.turn is Turn.SCALED]
    for pod in _pods(seen, workload):
        at = pod.metadata.creation_timestamp
        if at is None or owner is None or isinstance(owner, Pod) or born is None or at - born <= _ROLLOUT:
            continue
        if any(timedelta(0) - _STARTUP <= at - when <= _ROLLOUT for when in explained):
            continue
        says = Said("pod {pod} was made, in place of one that is gone", pod=pod.metadata.name)
        proof = field_of(pod, "metadata.creationTimestamp", at, at)
        yield Happening(Turn.REPLACED, at, says, Ref.to(pod), evidence=(proof,))


def _pods(seen: Snapshot, workload: Ref) -> tuple[Pod, ...]:
    thing = seen.find(workload)
    return (thing,) if isinstance(thing, Pod) else seen.pods_of(workload)
