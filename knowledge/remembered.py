"""From remembered versions back to what happened: incidents, and the cluster as it was when one was recorded."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from knowledge.facts.gone import ended
from knowledge.facts.history import Turn, history
from knowledge.facts.restart import finished
from knowledge.finding import Evidence, Ref, event_of, field_of
from knowledge.journal import LOG, Record
from knowledge.objects import ConfigMap, Event, Job, Node, Object, Pod, Secret
from knowledge.relations import settings_of
from knowledge.said import Said
from knowledge.snapshot import Log, LogKey, Snapshot

SOON = timedelta(minutes=15)
"""How long after a rollout, a scaling or a drain a pod that it removes is gone."""
BEFORE = timedelta(minutes=30)
_GONE_EVENTS = ("Evicted", "Preempted", "TaintManagerEviction")


@dataclass(frozen=True)
class Incident:
    """A container's end, or a pod's. From ``began`` to ``at``: a loop, or the time between two visits in which a pod
    disappeared (then ``exact`` is false)."""

    turn: Turn
    record: Record
    began: datetime
    at: datetime
    pod: str
    exact: bool = True

    def distance(self, start: datetime, end: datetime) -> timedelta:
        """How far it lies from a time: nothing when the two overlap."""
        return max(start - self.at, self.began - end, timedelta(0))

    @property
    def moment(self) -> datetime:
        """The visit that recorded it."""
        return (self.record.until if self.turn is Turn.REMOVED else None) or self.record.seen


def incidents(records: Sequence[Record]) -> tuple[Incident, ...]:
    """Everything that ended, in the order of time. A pod with another uid is another pod."""
    events = [event for r in records if (event := _event(r))]
    found: dict[tuple[str, str, datetime], Incident] = {}
    known = set()
    for record in records:
        if record.kind != "Pod":
            continue
        known.add(record.uid)
        pod = record.thing()
        if not isinstance(pod, Pod):
            continue
        for incident in _restarts(record, pod):
            found.setdefault((record.uid, incident.pod, incident.at), incident)
        removed = _removal(record, pod, events)
        if removed:
            found[record.uid, "", datetime.min] = removed  # noqa: DTZ901 - a key, not a time
    for record, event in ((r, event) for r in records if (event := _event(r))):
        about = event.involved_object
        if about.uid not in known and _of_removed(event):
            at = event.last_seen or record.seen
            found.setdefault((about.uid or about.name, "", at), Incident(Turn.REMOVED, record, at, at, about.name))
    return tuple(sorted(found.values(), key=lambda incident: incident.at))


def _restarts(record: Record, pod: Pod) -> Iterator[Incident]:
    for status in pod.lasting_statuses():
        end = status.last_end
        at = finished(end) if end else None
        if end is None or at is None or (status.restart_count == 0 and status.state.terminated is None):
            continue
        if pod.status.reason == "Evicted" or (pod.spec.restart_policy != "Always" and end.exit_code == 0):
            continue
        began = min(record.began, at) if record.began and record.at == at else at
        yield Incident(Turn.RESTARTED, record, began, at, pod.metadata.name)


def _removal(record: Record, pod: Pod, events: Iterable[Event]) -> Incident | None:
    """The end of a whole pod, as exactly as it is known."""
    marked = pod.metadata.deletion_timestamp or pod.condition("DisruptionTarget") or pod.status.reason == "Evicted"
    if not (marked or record.gone_after) or pod.status.phase == "Succeeded":
        return None
    stops = [e.last_seen for e in events if e.involved_object.uid == record.uid and _of_removed(e) and e.last_seen]
    at = (ended(pod) if marked else None) or max(stops, default=None)
    if at:
        return Incident(Turn.REMOVED, record, at, at, pod.metadata.name)
    if record.gone_after and record.until:
        return Incident(Turn.REMOVED, record, record.gone_after, record.until, pod.metadata.name, exact=False)
    return None


def _event(record: Record) -> Event | None:
    thing = record.thing() if record.kind == "Event" else None
    return thing if isinstance(thing, Event) else None


def event_about(record: Record) -> str:
    """The uid of what an event is about."""
    event = _event(record)
    return event.involved_object.uid if event else ""


def _of_removed(event: Event) -> bool:
    stopped = event.reason == "Killing" and event.message.startswith("Stopping container")
    return event.involved_object.kind == "Pod" and (stopped or event.reason in _GONE_EVENTS)


def as_of(cluster: str, records: Sequence[Record], moment: datetime, at: datetime) -> Snapshot:
    """The remembered part of a cluster as it was at the visit of ``moment``, asked about ``at``."""
    things: dict[tuple[str, str], Object] = {}
    logs: dict[LogKey, Log] = {}
    ordered = sorted(records, key=lambda r: r.seen)
    chosen = {r.key: r for r in reversed(ordered) if _held(r, moment)}
    for record in chosen.values():
        if record.kind not in (LOG, "ConfigMap", "Secret") and _was_there(record, moment):
            things[record.key] = record.thing()
    for record in ordered:
        if record.kind == "Event" and (record.began is None or record.began <= moment):
            things[record.key] = record.thing()
    for record in chosen.values():
        if record.kind == LOG:
            _put_log(logs, record, things)
    return Snapshot(cluster, moment, at, tuple(things.values()), logs=logs)


def _held(record: Record, moment: datetime) -> bool:
    """Whether a version was not yet overtaken at a visit; what that visit missed for the first time still counts."""
    if record.until is None or record.until > moment:
        return True
    return record.until == moment and record.gone_after is not None


def _was_there(record: Record, moment: datetime) -> bool:
    """A pod that simply vanished is told by what is left of it; one that was marked for its end tells it itself."""
    if record.kind != "Pod" or record.gone_after is None or record.until is None or record.until > moment:
        return True
    pod = record.thing()
    if not isinstance(pod, Pod):
        return False
    marked = pod.metadata.deletion_timestamp or pod.condition("DisruptionTarget") or pod.status.phase == "Failed"
    return bool(marked) or any(status.last_end for status in pod.lasting_statuses())


def _put_log(logs: dict[LogKey, Log], record: Record, things: dict[tuple[str, str], Object]) -> None:
    uid, _, container = record.uid.rpartition("/")
    pod = things.get(("Pod", uid))
    if not isinstance(pod, Pod):
        return
    statuses = (*pod.status.container_statuses, *pod.status.init_container_statuses)
    for status in statuses:
        end = status.last_end
        if status.name == container and end and finished(end) == record.at:
            logs[LogKey(pod.metadata.uid, container, previous=status.state.terminated is None)] = record.log()


def removed_by(seen: Snapshot, workload: Ref, incident: Incident, records: Sequence[Record]) -> tuple[Said, bool]:
    """What removed a pod that is gone, in words, and whether that is known."""
    pod, until = incident.pod, incident.at
    for happening in reversed(history(seen, workload)):
        if happening.turn in (Turn.ROLLED_OUT, Turn.SCALED) and incident.began - SOON <= happening.at <= until:
            return Said("pod {pod} was removed: {what}, at {at}", pod=pod, what=happening.says, at=happening.at), True
    sizes = [(r.seen, size) for r in records if r.kind == workload.kind and (size := _size(r)) is not None]
    for (_then, before), (seen_at, after) in pairwise(sizes):
        if after < before and incident.began <= seen_at <= until + SOON:
            return Said("pod {pod} was removed: {workload} was scaled from {before} to {after} replicas",
                        pod=pod, workload=workload.name, before=before, after=after), True  # fmt: skip
    node = next((r for r in reversed(records) if r.kind == "Node" and r.name == incident.record.node), None)
    cordoned = [r for r in records if r.kind == "Node" and r.name == incident.record.node and _cordoned(r)]
    if node and node.gone_after and node.until and node.gone_after <= until + SOON:
        return Said("pod {pod} was removed with its node {node}, which is gone", pod=pod, node=node.name), True
    if cordoned and any(r.seen <= until + SOON and (r.until is None or r.until >= incident.began) for r in cordoned):
        return Said("pod {pod} left node {node}, which was cordoned: drained", pod=pod, node=cordoned[0].name), True
    for record in records:
        job = record.thing() if record.kind == "Job" else None
        if isinstance(job, Job) and (why := job.condition("Failed")) and why.status == "True":
            return Said("pod {pod} was removed: Job {job} failed ({why})",
                        pod=pod, job=job.metadata.name, why=why.reason), True  # fmt: skip
        if isinstance(job, Job) and record.gone_after:
            return Said("pod {pod} was removed with its Job {job}", pod=pod, job=job.metadata.name), True
    if incident.exact:
        return Said("pod {pod} was removed at {at}; what removed it was not recorded", pod=pod, at=until), False
    return Said(
        "pod {pod} was there at {since} and gone at {until}; what removed it was not recorded",
        pod=pod,
        since=incident.began,
        until=until,
    ), False


def _size(record: Record) -> int | None:
    spec = getattr(record.thing(), "spec", None)
    size = getattr(spec, "replicas", None)
    return size if isinstance(size, int) else None


def _cordoned(record: Record) -> bool:
    node = record.thing()
    return isinstance(node, Node) and node.spec.unschedulable


def proof(incident: Incident) -> tuple[Evidence, ...]:
    """What the journal itself holds of an incident."""
    thing = incident.record.thing()
    if isinstance(thing, Event):
        return (event_of(thing),)
    return (field_of(thing, "metadata.uid", thing.metadata.uid, incident.at),)


def settings_changed(records: Sequence[Record], pod: Object, at: datetime) -> Iterator[Said]:
    """ConfigMaps and Secrets that a pod names and that had been changed shortly before."""
    if not isinstance(pod, Pod):
        return
    named = {(kind.RESOURCE.kind, name) for kind, name in settings_of(pod.spec)}
    for record in records:
        if (record.kind, record.name) not in named or record.at is None:
            continue
        thing = record.thing()
        born = thing.metadata.creation_timestamp
        changed = record.at if record.at != born else record.seen
        if at - BEFORE <= changed <= at and isinstance(thing, ConfigMap | Secret) and changed != born:
            keys = ", ".join(sorted(thing.keys)) or "-"
            yield Said(
                "{kind} {name}, which it reads, had changed by {at} (keys: {keys}).",
                kind=record.kind,
                name=record.name,
                at=changed,
                keys=keys,
            )


def nearest(found: Iterable[Incident], start: datetime, end: datetime, within: timedelta) -> Incident | None:
    """The incident nearest to a time, the later one of two that are equally near."""
    near = [i for i in found if i.distance(start, end) <= within]
    return min(near, key=lambda i: (i.distance(start, end), _first(i), -i.at.timestamp()), default=None)


def _first(incident: Incident) -> int:
    """Where two are equally near, a container's end before the end of a pod."""
    return 0 if incident.turn is Turn.RESTARTED else 1


def node_changed(records: Sequence[Record], name: str, at: datetime) -> Iterator[Said]:
    """What became of a node shortly before an instant, as two visits saw it differently."""
    for by, what in node_changes(records, name):
        if at - BEFORE <= by <= at + SOON:
            yield Said("Node {node} by {at}: {what}.", node=name, at=by, what=what)


def node_changes(records: Sequence[Record], name: str) -> Iterator[tuple[datetime, Said]]:
    """What became of a node, each with the visit that saw it first."""
    versions = [r for r in records if r.kind == "Node" and r.name == name]
    for older, newer in pairwise(versions):
        before, after = older.thing(), newer.thing()
        if isinstance(before, Node) and isinstance(after, Node):
            yield from ((newer.seen, what) for what in _differences(before, after))
    last = versions[-1] if versions else None
    if last and last.gone_after and last.until:
        yield last.until, Said("gone from the cluster")


def node_events(records: Sequence[Record], name: str) -> Iterator[tuple[datetime, Event]]:
    """What was recorded about a node, each with its time."""
    for record in records:
        event = _event(record)
        about = event.involved_object if event else None
        if event and about and (about.kind, about.name) == ("Node", name):
            yield event.last_seen or record.seen, event


def _differences(before: Node, after: Node) -> Iterator[Said]:
    if before.status.node_info.boot_id != after.status.node_info.boot_id:
        yield Said("rebooted (another boot id)")
    if after.spec.unschedulable and not before.spec.unschedulable:
        yield Said("cordoned")
    taints = [{(t.key, t.effect) for t in node.spec.taints} for node in (before, after)]
    for key, effect in sorted(taints[1] - taints[0]):
        yield Said("taint {key}:{effect} put on", key=key, effect=effect)
    for key, effect in sorted(taints[0] - taints[1]):
        yield Said("taint {key}:{effect} taken off", key=key, effect=effect)
    states = {c.type: c.status for c in before.status.conditions}
    for condition in after.status.conditions:
        was = states.get(condition.type, "-")
        if was != condition.status:
            yield Said("condition {type} {was} → {now}", type=condition.type, was=was, now=condition.status)
