"""What was seen of a cluster at one instant, indexed for questions. Nothing here fetches.

Three answers, never two: an object is there, is known to be absent, or was not read (then a Gap says why).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeVar, cast

from knowledge.objects import (
    DaemonSet,
    Deployment,
    EndpointSlice,
    Event,
    LabelSelector,
    Object,
    Pod,
    ReplicaSet,
    Service,
    StatefulSet,
)
from knowledge.recording import recorded_at
from knowledge.ref import Ref
from knowledge.said import Said

K = TypeVar("K", bound=Object)
T = TypeVar("T")


@dataclass(frozen=True)
class Gap:
    """Something that could not be read, in words. ``kind`` and ``namespace`` are empty where it concerns all."""

    kind: str
    namespace: str
    says: Said
    code: str = ""
    """``denied``, ``timed-out``, ``unreachable``, ``not-found``, ``malformed``, ``cut``: for programs."""
    hint: Said | None = None
    """What a person can do about it."""


@dataclass(frozen=True)
class LogKey:
    """Addresses one log: a container of one incarnation of a pod, its present or its previous run."""

    uid: str
    container: str
    previous: bool = False


@dataclass(frozen=True)
class Log:
    """The end of a log, oldest line first. ``cut`` says that there was more before it."""

    lines: tuple[str, ...]
    cut: bool = False


@dataclass(frozen=True)
class Snapshot:
    """Objects of one cluster and what could not be read of it.

    ``now``: when it was taken. ``at``: the instant asked about (``now`` unless the asker named one). ``complete``:
    (kind, namespace) pairs that were listed whole; namespace ``*`` means the whole cluster. ``missing``: objects that
    were asked for by name and do not exist.
    """

    cluster: str
    now: datetime
    at: datetime
    objects: tuple[Object, ...] = ()
    gaps: tuple[Gap, ...] = ()
    complete: frozenset[tuple[str, str]] = frozenset()
    missing: frozenset[Ref] = frozenset()
    logs: Mapping[LogKey, Log] = field(default_factory=dict)
    version: tuple[int, int] | None = None
    """The server's (major, minor), ``None`` when it did not say."""
    named: bool = False
    """Whether its subject was asked about by name: then what is wrong is told at any age."""
    since: datetime | None = None
    """The beginning of the span asked about, whose end is ``at``; ``None`` for an instant."""
    failing: tuple[str, ...] = ()
    """The API server's own readiness checks that fail, by their names."""

    def least(self, usual: timedelta) -> timedelta:
        """How old a state must be to be told: what heals by itself raises no alarm, but a question is answered."""
        return timedelta(0) if self.named else usual

    def all(self, kind: type[K], namespace: str | None = None) -> tuple[K, ...]:
        """Every object of a kind that was read, in the order of the API."""
        found: tuple[K, ...] = self._by_kind.get(kind, ())  # type: ignore[assignment]
        if namespace is None:
            return found
        return self._by_namespace.get((kind, namespace), ())  # type: ignore[return-value]

    def get(self, kind: type[K], namespace: str, name: str) -> K | None:
        found = self._by_name.get(Ref(kind.RESOURCE.kind, namespace if kind.RESOURCE.namespaced else "", name))
        return found if isinstance(found, kind) else None

    def find(self, ref: Ref) -> Object | None:
        return self._by_name.get(ref)

    def absent(self, kind: type[Object], namespace: str, name: str) -> bool:
        """Whether it is *known* that no such object exists. False when it exists or when nobody could look."""
        resource = kind.RESOURCE
        ref = Ref(resource.kind, namespace if resource.namespaced else "", name)
        return ref in self.missing or (ref not in self._by_name and self.whole(kind, namespace))

    def whole(self, kind: type[Object], namespace: str = "*") -> bool:
        """Whether every object of the kind in the namespace (``*``: in the cluster) was read."""
        name = kind.RESOURCE.kind
        return (name, "*") in self.complete or (name, namespace) in self.complete

    def unread(self, kind: type[Object], namespace: str = "") -> Gap | None:
        """Why a kind could not be read (in one namespace, where it is named), or ``None`` when it could."""
        of_kind = (gap for gap in self.gaps if gap.kind == kind.RESOURCE.kind)
        return next((gap for gap in of_kind if not namespace or gap.namespace in ("", namespace)), None)

    def matching(self, kind: type[K], selector: LabelSelector | Mapping[str, str], namespace: str) -> Iterator[K]:
        """Objects of the namespace whose labels a selector fits. A plain mapping is what a Service has."""
        labels = selector.match_labels if isinstance(selector, LabelSelector) else selector
        likely = self._likely(kind, labels, namespace)
        if isinstance(selector, LabelSelector):
            yield from (o for o in likely if selector.matches(o.metadata.labels))
        else:
            wanted = selector.items()
            yield from (o for o in likely if wanted <= o.metadata.labels.items())

    def events(self, about: Object | Ref, *reasons: str) -> tuple[Event, ...]:
        """Events about an object, oldest first; matched by uid where one is known, else by kind and name.

        A kubelet's events about its Node carry the node's name as uid, so those are matched by name.
        """
        ref = about if isinstance(about, Ref) else Ref.to(about)
        by_uid = ref.uid and ref.kind != "Node"
        found = self._events_by_uid.get(ref.uid, ()) if by_uid else self._events_by_name.get(ref, ())
        return tuple(e for e in found if not reasons or e.reason in reasons)

    def owner(self, thing: Object) -> Ref | None:
        """The controller that owns an object, one step up."""
        owner = next((o for o in thing.metadata.owner_references if o.controller), None)
        return Ref(owner.kind, thing.metadata.namespace, owner.name, owner.uid) if owner else None

    def workload(self, thing: Object) -> Ref:
        """The top of the owner chain, the object itself when nobody owns it.

        A ReplicaSet that was not read is stepped over by its name: ``NAME-HASH`` belongs to Deployment ``NAME`` when
        the pod carries ``pod-template-hash: HASH``.
        """
        return self._tops.get(id(thing)) or self._top(thing)

    def _top(self, thing: Object) -> Ref:
        ref, seen = Ref.to(thing), {Ref.to(thing)}
        step = self.owner(thing)
        while step and step not in seen:
            seen.add(step)
            ref = step
            parent = self.find(step)
            if parent is None:
                template = thing.metadata.labels.get("pod-template-hash", "")
                if step.kind == "ReplicaSet" and template and step.name.endswith(f"-{template}"):
                    return Ref("Deployment", step.namespace, step.name.removesuffix(f"-{template}"))
                return ref
            step = self.owner(parent)
        return ref

    def pods_of(self, workload: Ref) -> tuple[Pod, ...]:
        """The pods whose owner chain ends at a workload (a pod owned by nobody is its own)."""
        return self._pods_by_workload.get(workload, ())

    def replica_sets(self, deployment: Ref) -> tuple[ReplicaSet, ...]:
        """The ReplicaSets of a Deployment, newest revision first."""
        return self._replica_sets.get(deployment, ())

    def on_node(self, node: str) -> tuple[Pod, ...]:
        return self._pods_by_node.get(node, ())

    def log(self, pod: Pod, container: str, previous: bool = False) -> Log | None:
        """A container's log, or ``None`` when it was not fetched."""
        return self.logs.get(LogKey(pod.metadata.uid, container, previous)) if self.logs else None

    def has_logs(self, pod: Pod) -> bool:
        """Whether any log of a pod was fetched."""
        return pod.metadata.uid in self._logged

    def once(self, work: Callable[["Snapshot"], T]) -> T:
        """What a function makes of this snapshot, worked out once however many detectors ask for it."""
        if work not in self._made:
            self._made[work] = work(self)
        return cast(T, self._made[work])

    def with_logs(self, logs: Mapping[LogKey, Log], gaps: Iterable[Gap] = ()) -> "Snapshot":
        return replace(self, logs={**self.logs, **logs}, gaps=(*self.gaps, *gaps))

    @cached_property
    def recorded(self) -> datetime | None:
        """When this was recorded, for a cluster that is served long afterwards as it was; else ``None``."""
        return recorded_at(self.objects, self.now)

    def as_recorded(self) -> "Snapshot":
        """The snapshot with the recording's own present for ``now``; a living cluster's is returned as it is."""
        then = self.recorded
        return replace(self, now=then, at=then if self.at == self.now else self.at) if then else self

    @cached_property
    def _by_kind(self) -> dict[type[Object], tuple[Object, ...]]:
        groups: dict[type[Object], list[Object]] = defaultdict(list)
        for thing in self.objects:
            groups[type(thing)].append(thing)
        return {kind: tuple(things) for kind, things in groups.items()}

    @cached_property
    def _by_namespace(self) -> dict[tuple[type[Object], str], tuple[Object, ...]]:
        groups: dict[tuple[type[Object], str], list[Object]] = defaultdict(list)
        for thing in self.objects:
            groups[type(thing), thing.metadata.namespace].append(thing)
        return {place: tuple(things) for place, things in groups.items()}

    @cached_property
    def _pods_by_label(self) -> dict[tuple[str, str, str], list[Pod]]:
        groups: dict[tuple[str, str, str], list[Pod]] = defaultdict(list)
        for pod in self.all(Pod):
            for key, value in pod.metadata.labels.items():
                groups[pod.metadata.namespace, key, value].append(pod)
        return dict(groups)

    def services_for(self, pod: Pod) -> tuple[Service, ...]:
        """The Services whose selector fits a pod."""
        labels, namespace = pod.metadata.labels, pod.metadata.namespace
        found = (s for key, value in labels.items() for s in self._services_by_label.get((namespace, key, value), ()))
        return tuple(s for s in found if s.spec.selector.items() <= labels.items())

    def slices_of(self, service: Service) -> tuple[EndpointSlice, ...]:
        return self._slices_by_service.get((service.metadata.namespace, service.metadata.name), ())

    def workloads_behind(self, service: Service) -> tuple[Deployment | StatefulSet | DaemonSet, ...]:
        """The workloads whose pod template carries the labels that a Service selects."""
        wanted, namespace = service.spec.selector.items(), service.metadata.namespace
        carriers = [self._workloads_by_label.get((namespace, key, value), ()) for key, value in wanted]
        likely = min(carriers, key=len, default=())
        return tuple(w for w in likely if wanted <= w.spec.template.metadata.labels.items())

    @cached_property
    def _services_by_label(self) -> dict[tuple[str, str, str], list[Service]]:
        """Each by one label of its selector: a pod that it fits carries that one, too."""
        groups: dict[tuple[str, str, str], list[Service]] = defaultdict(list)
        for service in self.all(Service):
            for key, value in list(service.spec.selector.items())[:1]:
                groups[service.metadata.namespace, key, value].append(service)
        return dict(groups)

    @cached_property
    def _slices_by_service(self) -> dict[tuple[str, str], tuple[EndpointSlice, ...]]:
        groups: dict[tuple[str, str], list[EndpointSlice]] = defaultdict(list)
        for held in self.all(EndpointSlice):
            groups[held.metadata.namespace, held.service].append(held)
        return {place: tuple(found) for place, found in groups.items()}

    @cached_property
    def _workloads_by_label(self) -> dict[tuple[str, str, str], list[Deployment | StatefulSet | DaemonSet]]:
        groups: dict[tuple[str, str, str], list[Deployment | StatefulSet | DaemonSet]] = defaultdict(list)
        workloads: tuple[Deployment | StatefulSet | DaemonSet, ...] = (
            *self.all(Deployment),
            *self.all(StatefulSet),
            *self.all(DaemonSet),
        )
        for workload in workloads:
            for key, value in workload.spec.template.metadata.labels.items():
                groups[workload.metadata.namespace, key, value].append(workload)
        return dict(groups)

    def _likely(self, kind: type[K], labels: Mapping[str, str], namespace: str) -> Sequence[K]:
        """Objects that carry the rarest of some labels: among thousands of pods a Service selects a few."""
        if kind is not Pod or not labels:
            return self.all(kind, namespace)
        carriers = [self._pods_by_label.get((namespace, key, value), []) for key, value in labels.items()]
        return cast(Sequence[K], min(carriers, key=len))

    @cached_property
    def _tops(self) -> dict[int, Ref]:
        return {id(pod): self._top(pod) for pod in self.all(Pod)}

    @cached_property
    def _replica_sets(self) -> dict[Ref, tuple[ReplicaSet, ...]]:
        groups: dict[Ref, list[ReplicaSet]] = defaultdict(list)
        for owned in self.all(ReplicaSet):
            owner = self.owner(owned)
            if owner:
                groups[owner].append(owned)
        return {
            owner: tuple(sorted(owned, key=lambda rs: rs.revision, reverse=True)) for owner, owned in groups.items()
        }

    @cached_property
    def _made(self) -> dict[Callable[["Snapshot"], object], object]:
        return {}

    @cached_property
    def _logged(self) -> frozenset[str]:
        return frozenset(key.uid for key in self.logs)

    @cached_property
    def _by_name(self) -> dict[Ref, Object]:
        return {Ref.to(thing): thing for thing in self.objects}

    @cached_property
    def _events(self) -> list[Event]:
        return sorted(self.all(Event), key=lambda event: event.last_seen or event_epoch(self.now))

    @cached_property
    def _events_by_uid(self) -> dict[str, tuple[Event, ...]]:
        groups: dict[str, list[Event]] = defaultdict(list)
        for event in self._events:
            groups[event.involved_object.uid].append(event)
        return {uid: tuple(events) for uid, events in groups.items()}

    @cached_property
    def _events_by_name(self) -> dict[Ref, tuple[Event, ...]]:
        groups: dict[Ref, list[Event]] = defaultdict(list)
        for event in self._events:
            about = event.involved_object
            namespace = "" if about.kind == "Node" else about.namespace
            groups[Ref(about.kind, namespace, about.name)].append(event)
        return {ref: tuple(events) for ref, events in groups.items()}

    @cached_property
    def _pods_by_workload(self) -> dict[Ref, tuple[Pod, ...]]:
        groups: dict[Ref, list[Pod]] = defaultdict(list)
        for pod in self.all(Pod):
            groups[self.workload(pod)].append(pod)
        return {ref: tuple(pods) for ref, pods in groups.items()}

    @cached_property
    def _pods_by_node(self) -> dict[str, tuple[Pod, ...]]:
        groups: dict[str, list[Pod]] = defaultdict(list)
        for pod in self.all(Pod):
            groups[pod.spec.node_name].append(pod)
        return {node: tuple(pods) for node, pods in groups.items()}


def event_epoch(now: datetime) -> datetime:
    """A time before all others, for events that carry none."""
    return now.replace(year=1)
