"""What of a cluster is worth remembering, in which form, and what differs between two visits. Remembers nothing itself.

A Record is one version of one object, slim and without secrets. Of what changed, the older version is kept only when
it tells what the newer one does not: an end of a container, a scale, a template, a state of a node.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from knowledge.decoders import decoder
from knowledge.facts.changes import env_text
from knowledge.facts.gone import whose
from knowledge.facts.restart import finished, lifetime
from knowledge.finding import Ref
from knowledge.objects import (
    KINDS,
    ConfigMap,
    ContainerStatus,
    DaemonSet,
    Deployment,
    Event,
    HorizontalPodAutoscaler,
    Job,
    Node,
    Object,
    Pod,
    ReplicaSet,
    Secret,
    StatefulSet,
)
from knowledge.objects.pod import EnvVar
from knowledge.secrets.redaction import MARK, redact
from knowledge.snapshot import Log, Snapshot

KEPT_DAYS = 30
REMEMBERED: tuple[type[Object], ...] = (
    Pod,
    ReplicaSet,
    Deployment,
    StatefulSet,
    DaemonSet,
    Job,
    HorizontalPodAutoscaler,
    Node,
    Event,
)
SETTINGS: tuple[type[Object], ...] = (ConfigMap, Secret)
"""Of these the names and keys are remembered, never a value: their metadata is all that is read."""
LOG_LINES = 60
LOG = "Log"
"""The kind of a record that holds the end of a log: its uid is the pod's and the container's."""

QUIET_EVENTS = ("Pulled", "Pulling", "Created", "Started", "Scheduled", "SuccessfulCreate", "LeaderElection")
"""Of every healthy pod, and never a reason for an end."""
_TELLING_EVENTS = frozenset(
    (*("Killing", "Preempted", "TaintManagerEviction", "Evicted", "SandboxChanged", "SuccessfulDelete"),
     *("ScalingReplicaSet", "SuccessfulRescale", "DeadlineExceeded", "BackoffLimitExceeded", "Completed"),
     *("Rebooted", "NodeReady", "NodeNotReady", "NodeSchedulable", "NodeNotSchedulable"),
     *("RegisteredNode", "RemovingNode", "DeletingNode"))
)  # fmt: skip
"""Events of type Normal; a Warning is remembered whatever its reason."""
_ANNOTATIONS = frozenset(
    {"deployment.kubernetes.io/revision", "kubectl.kubernetes.io/restartedAt", "kubernetes.io/change-cause"}
)
_LEADER = "control-plane.alpha.kubernetes.io/leader"
_WRITERS = (Deployment, StatefulSet, DaemonSet, Node)
_LOOP = timedelta(minutes=15)
_SHORT = timedelta(minutes=5)
_MAX_TEXT = 4_000


@dataclass(frozen=True)
class Record:
    """One version of one object. ``began`` and ``at``: the first and last time of what it records (a loop's ends);
    ``seen``: the visit that wrote it; ``until``: the visit that found it changed or gone; ``gone_after``: the last
    visit that still found it. ``live``: it is as last seen."""

    kind: str
    namespace: str
    name: str
    uid: str
    workload: str
    node: str
    began: datetime | None
    at: datetime | None
    seen: datetime
    digest: str
    body: str
    until: datetime | None = None
    gone_after: datetime | None = None
    live: bool = True

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.uid

    def thing(self) -> Object:
        """The object, as far as it is remembered."""
        return decoder(KINDS[self.kind]).decode(self.body)

    def log(self) -> Log:
        return decoder(Log).decode(self.body)


@dataclass(frozen=True)
class Known:
    """What is remembered of one live object, without its body."""

    id: int
    digest: str
    workload: str
    began: datetime | None = None


@dataclass(frozen=True)
class Changes:
    """What a visit adds. ``replaced`` and ``superseded`` are newer versions by the row of the older one, which is
    overwritten or kept; ``gone`` are rows of what is there no more."""

    added: tuple[Record, ...] = ()
    replaced: Mapping[int, Record] = field(default_factory=dict)
    superseded: Mapping[int, Record] = field(default_factory=dict)
    gone: tuple[int, ...] = ()

    @property
    def rows(self) -> int:
        """Rows that it adds."""
        return len(self.added) + len(self.superseded)


def telling(thing: Object) -> bool:
    """Whether an object is worth remembering at all."""
    match thing:
        case Event():
            return thing.type == "Warning" or thing.reason in _TELLING_EVENTS
        case ConfigMap():
            meta = thing.metadata
            return meta.name != "kube-root-ca.crt" and _LEADER not in meta.annotations
        case Secret():
            return thing.type != "kubernetes.io/service-account-token"
    return True


def uid_of(thing: Object) -> str:
    meta = thing.metadata
    return meta.uid or f"{meta.namespace}/{meta.name}"


def digest(thing: Object) -> str:
    """Stands for everything that counts as a change: a heartbeat, a probe's result or a new managedFields is none."""
    return hashlib.blake2b(repr(_state(thing)).encode(), digest_size=12).hexdigest()


def record(thing: Object, seen: Snapshot, known: Mapping[str, str], now: datetime) -> Record:
    """An object as it will be remembered. ``known``: workloads of pods by uid, for events of pods that are gone."""
    began, at = _times(thing)
    return Record(
        kind=type(thing).RESOURCE.kind,
        namespace=thing.metadata.namespace,
        name=thing.metadata.name,
        uid=uid_of(thing),
        workload=_workload(thing, seen, known),
        node=thing.spec.node_name if isinstance(thing, Pod) else "",
        began=began,
        at=at,
        seen=now,
        digest=digest(thing),
        body=msgspec.json.encode(_slim(thing)).decode(),
    )


def log_record(pod: Record, container: str, log: Log, at: datetime) -> Record:
    """The end of the log of a run that ended at ``at``."""
    lines = redact("\n".join(log.lines)).split("\n")
    body = msgspec.json.encode(Log(tuple(line[:_MAX_TEXT] for line in lines), log.cut)).decode()
    uid = f"{pod.uid}/{container}"
    return replace(pod, kind=LOG, name=container, uid=uid, began=at, at=at, digest=at.isoformat(), body=body)


def fresh_ends(old: Object | None, new: Object) -> tuple[tuple[str, bool, datetime], ...]:
    """Containers whose last end was not known: name, whether its log is the previous one, and when it ended."""
    if not isinstance(new, Pod):
        return ()
    before = _ends(old) if isinstance(old, Pod) else {}
    found = []
    for status in _statuses(new):
        end = status.last_end
        at = finished(end) if end else None
        if end and at and at != before.get(status.name) and (end.exit_code != 0 or status.restart_count):
            found.append((status.name, status.state.terminated is None, at))
    return tuple(found)


def keeps(old: Object, new: Object) -> bool:
    """Whether the older version tells something that the newer one does not."""
    match old, new:
        case Pod(), Pod():
            after = _ends(new)
            lost = [s for s in _statuses(old) if s.last_end and _ends(old).get(s.name) not in (None, after.get(s.name))]
            return any(not _loops(status, new) for status in lost)
        case (Deployment() | StatefulSet(), Deployment() | StatefulSet()):
            return (old.spec.replicas, old.spec.template) != (new.spec.replicas, new.spec.template)
        case (DaemonSet(), DaemonSet()):
            return old.spec.template != new.spec.template
        case ReplicaSet(), ReplicaSet():
            return old.revision != new.revision
        case (Node(), Node()) | (ConfigMap(), ConfigMap()) | (Secret(), Secret()):
            return True
    return False


def _loops(before: ContainerStatus, pod: Pod) -> bool:
    """Whether a container goes on ending as it did: then its last end stands for all of them."""
    now = next((s for s in _statuses(pod) if s.name == before.name), None)
    old, new = before.last_end, now.last_end if now else None
    if now is None or old is None or new is None:
        return False
    then, at = finished(old), finished(new)
    alike = (old.exit_code, old.reason) == (new.exit_code, new.reason)
    life = lifetime(new)
    return alike and then is not None and at is not None and at - then <= _LOOP and (life is None or life <= _SHORT)


def looping(status: ContainerStatus) -> bool:
    waiting = status.state.waiting
    return waiting is not None and waiting.reason == "CrashLoopBackOff" and status.restart_count > 1


def _times(thing: Object) -> tuple[datetime | None, datetime | None]:
    match thing:
        case Pod():
            ends = [at for at in _ends(thing).values() if at]
            if not ends:
                return None, None
            loops = any(looping(status) for status in _statuses(thing))
            return (thing.metadata.creation_timestamp if loops else max(ends)), max(ends)
        case Event():
            return thing.first_seen, thing.last_seen
        case ConfigMap() | Secret():
            times = [
                entry.time for entry in thing.metadata.managed_fields if entry.time and _data_keys(entry.fields_v1)
            ]
            at = max(times, default=thing.metadata.creation_timestamp)
            return at, at
    return thing.metadata.creation_timestamp, thing.metadata.creation_timestamp


def _statuses(pod: Pod) -> tuple[ContainerStatus, ...]:
    return (*pod.status.init_container_statuses, *pod.status.container_statuses)


def _ends(pod: Pod) -> dict[str, datetime | None]:
    return {s.name: finished(s.last_end) for s in _statuses(pod) if s.last_end}


def _workload(thing: Object, seen: Snapshot, known: Mapping[str, str]) -> str:
    match thing:
        case Event():
            about = thing.involved_object
            if about.kind == "Node":
                return f"Node/{about.name}"
            if about.uid in known:
                return known[about.uid]
            ref = Ref(about.kind, about.namespace, about.name, about.uid)
            found = seen.find(ref)
            if about.kind == "HorizontalPodAutoscaler" and isinstance(found, HorizontalPodAutoscaler):
                return _workload(found, seen, known)
            top = seen.workload(found) if found else whose(seen, ref)
            return f"{top.kind}/{top.name}"
        case HorizontalPodAutoscaler():
            target = thing.spec.scale_target_ref
            return f"{target.kind}/{target.name}"
        case ConfigMap() | Secret() | Node():
            return ""
    top = seen.workload(thing)
    return f"{top.kind}/{top.name}"


def _state(thing: Object) -> object:
    meta = thing.metadata
    match thing:
        case Pod():
            told = [(c.type, c.status, c.reason) for c in thing.status.conditions if c.type == "DisruptionTarget"]
            statuses = [
                (s.name, s.restart_count, s.image_id, _end(s.state.terminated), _end(s.last_state.terminated),
                 s.state.waiting and s.state.waiting.reason, s.resources and s.resources.limits)
                for s in _statuses(thing)
            ]  # fmt: skip
            status = thing.status
            return (status.phase, status.reason, meta.deletion_timestamp, thing.spec.node_name, told, statuses)
        case Event():
            return thing.count, thing.last_seen
        case Node():
            taints = sorted((t.key, t.value, t.effect) for t in thing.spec.taints)
            conditions = sorted((c.type, c.status, c.reason) for c in thing.status.conditions)
            return thing.status.node_info.boot_id, thing.spec.unschedulable, taints, conditions
        case Deployment() | StatefulSet():
            return thing.spec.replicas, _hash(thing.spec.template)
        case DaemonSet():
            return _hash(thing.spec.template)
        case ReplicaSet():
            return thing.revision  # its template never changes, and how many pods it has the Deployment tells
        case Job():
            return [(c.type, c.status, c.reason) for c in thing.status.conditions], thing.status.failed
        case HorizontalPodAutoscaler():
            return thing.spec.min_replicas, thing.spec.max_replicas, thing.status.last_scale_time
        case ConfigMap() | Secret():
            wrote = [(str(e.time), sorted(keys)) for e in meta.managed_fields if (keys := _data_keys(e.fields_v1))]
            return wrote or meta.resource_version
    return meta.resource_version


def _end(end: Any) -> object:
    return end and (end.exit_code, end.reason, end.finished_at)


def _hash(part: msgspec.Struct) -> str:
    return hashlib.blake2b(msgspec.json.encode(part), digest_size=12).hexdigest()


def _data_keys(fields: Mapping[str, Any]) -> frozenset[str]:
    groups = [fields.get(name) for name in ("f:data", "f:binaryData", "f:stringData")]
    return frozenset(key[2:] for group in groups if isinstance(group, dict) for key in group if key.startswith("f:"))


def _slim(thing: Object) -> dict[str, Any]:
    """An object as plain values without what nobody will ask for, and without any secret."""
    meta = msgspec.to_builtins(thing.metadata)
    meta["annotations"] = {k: redact(v) for k, v in thing.metadata.annotations.items() if k in _ANNOTATIONS}
    if not isinstance(thing, (*_WRITERS, *SETTINGS)):
        meta.pop("managedFields", None)
    elif isinstance(thing, _WRITERS):
        meta["managedFields"] = [e for e in meta.get("managedFields", ()) if "f:spec" in e.get("fieldsV1", {})]
    if isinstance(thing, SETTINGS):
        keys = (_data_keys(entry.fields_v1) for entry in thing.metadata.managed_fields)
        names = thing.keys.union(*keys) if isinstance(thing, ConfigMap | Secret) else ()
        return {"metadata": meta, "data": dict.fromkeys(sorted(names), "")}
    plain = msgspec.to_builtins(thing)
    rest = {key: _clean(value) for key, value in plain.items() if key not in ("metadata", "involvedObject", "related")}
    named = {key: plain[key] for key in ("involvedObject", "related") if plain.get(key)}
    return {"metadata": meta, **named, **rest}


def _clean(value: Any, key: str = "") -> Any:
    match value:
        case str():
            return _told(value)
        case dict():
            return {k: _clean(v, k) for k, v in value.items()}
        case list() | tuple():
            return [_clean_env(item) for item in value] if key == "env" else [_clean(item) for item in value]
    return value


def _clean_env(item: dict[str, Any]) -> dict[str, Any]:
    """A value that may be a secret becomes a mark, with two digits by which two of them can be told apart."""
    name, value = item.get("name", ""), item.get("value", "")
    if not value or env_text(EnvVar(name, value)) != "…":
        return item
    cleaned = _told(f"{name}={value}").removeprefix(f"{name}=")
    if cleaned == value and "://" in value:
        return item
    if MARK in cleaned and cleaned != MARK:
        return {**item, "value": cleaned}
    return {**item, "value": f"{MARK} {hashlib.blake2b(value.encode(), digest_size=1).hexdigest()}"}


@lru_cache(maxsize=20_000)
def _told(text: str) -> str:
    return redact(text[:_MAX_TEXT])


def compare(
    things: Sequence[Object], known: Mapping[tuple[str, str], Known], read: frozenset[str]
) -> tuple[list[Object], list[tuple[Known, Object]], tuple[int, ...]]:
    """What is new, what changed, and the rows of what is gone. ``read``: the kinds that were listed whole."""
    new, changed, met = [], [], set()
    for thing in things:
        if not telling(thing):
            continue
        key = type(thing).RESOURCE.kind, uid_of(thing)
        met.add(key)
        was = known.get(key)
        if was is None:
            new.append(thing)
        elif was.digest != digest(thing):
            changed.append((was, thing))
    there = {uid for kind, uid in met if kind == "Pod"}
    gone = tuple(
        was.id
        for key, was in known.items()
        if key not in met
        and ((key[0] in read) if key[0] != LOG else ("Pod" in read and key[1].partition("/")[0] not in there))
    )
    return new, changed, gone
