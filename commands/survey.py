"""Looks at a cluster, then closer, until nothing new is wanted. What fails becomes a Gap in words, never silence.

Two ways of looking: a *subject* is read with what it refers to and never the whole cluster; a *place* (a namespace, a
cluster) is read one list a kind, in pages. Both end with a closer look at whatever is in trouble.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from threading import Lock

from commands.places import places
from commands.reads import at_once
from commands.tools import Kube, Listing
from integrations.errors import Denied, IntegrationError, NotFound, TimedOut
from knowledge.finding import Ref
from knowledge.objects import (
    KINDS,
    ClusterRole,
    ConfigMap,
    ControllerRevision,
    Event,
    Lease,
    Node,
    Object,
    Pod,
    PodMetrics,
    Role,
    RoleBinding,
    Secret,
    Service,
)
from knowledge.relations import LogWant, Want, of_cluster, trouble, wanted
from knowledge.said import Said
from knowledge.snapshot import Gap, Log, LogKey, Snapshot

ROUNDS = 8
FEW_EVENTS = 500
"""So many events of a namespace are read at once, where several reads would each search all of them."""
SUSPECTS = 12
"""Workloads of a place that get the closer look."""
_NOT_LISTED = (ClusterRole, ConfigMap, Secret, Lease, ControllerRevision, Role, RoleBinding)


@dataclass
class Survey:
    """One look at one cluster. ``deadline``: monotonic seconds (``clock``) after which no new read is begun and what
    is still missing becomes a Gap."""

    cluster: str
    kube: Kube
    now: datetime
    at: datetime
    clock: Callable[[], float]
    deadline: float
    pool: Executor
    network: bool = False
    talk: bool = False
    past: bool = False
    drain: bool = False
    change: bool = False
    since: datetime | None = None
    objects: dict[tuple[type[Object], str, str, str], Object] = field(default_factory=dict)
    gaps: dict[tuple[str, str, str], Gap] = field(default_factory=dict)
    complete: set[tuple[str, str]] = field(default_factory=set)
    missing: set[Ref] = field(default_factory=set)
    logs: dict[LogKey, Log] = field(default_factory=dict)
    tried: set[Want | LogWant] = field(default_factory=set)
    version: tuple[int, int] | None = None
    named: bool = False
    lock: Lock = field(default_factory=Lock)
    mine: tuple[str, ...] | None = None
    asking: Lock = field(default_factory=Lock)
    failing: tuple[str, ...] = ()
    events: dict[str, Listing] = field(default_factory=dict)
    """Of namespaces that hold few: all of them, also those that nobody asked for."""
    crowded: set[str] = field(default_factory=set)
    """Namespaces that hold more events than that."""

    def subject(self, about: Collection[Ref], known: Iterable[Object] = ()) -> Snapshot:
        """A closer and closer look at some objects. ``known``: what was read on the way to them."""
        self.named = True
        for thing in known:
            self._add(thing)
        return self._closer(about)

    def place(self, namespace: str = "") -> Snapshot:
        """A namespace, or (empty) the whole cluster: every kind once, then the worst workloads closer."""
        kinds = [k for k in KINDS.values() if k not in _NOT_LISTED]
        if namespace:
            kinds = [k for k in kinds if k.RESOURCE.namespaced]
        self._read([Want(kind, namespace, limit=0) for kind in kinds])
        seen = self.snapshot()
        if namespace:
            nodes = {pod.spec.node_name for pod in seen.all(Pod)} - {""}
            self._read([Want(Node, name=name) for name in sorted(nodes)[:50]])
        else:
            self._itself()
            self._read([w for w in of_cluster(seen) if not self._known(w)])
        return self._closer(suspects(self.snapshot()))

    def _itself(self) -> None:
        """What the API server says of itself. Where it does not, nothing else is in doubt."""
        if self.clock() >= self.deadline:
            return
        try:
            self.version, self.failing = self.kube.version(), self.kube.failing()
        except IntegrationError:
            return

    def _closer(self, about: Collection[Ref]) -> Snapshot:
        for _round in range(ROUNDS):
            seen = self.snapshot()
            wants = [
                w
                for w in wanted(seen, about, self.tried, self.network, self.talk, self.past, self.drain, self.change)
                if not self._known(w)
            ]
            if not wants:
                return seen
            self._read(_without_those_listed(wants))
        return self.snapshot()

    def snapshot(self) -> Snapshot:
        with self.lock:  # a read that came too late may still be adding
            objects = tuple(self.objects.values())
        if self.named:  # in whatever order the reads ended, the same is told
            objects = tuple(sorted(objects, key=lambda o: (o.RESOURCE.kind, o.metadata.namespace, o.metadata.name)))
        seen = Snapshot(
            self.cluster,
            self.now,
            self.at,
            objects,
            tuple(dict(self.gaps).values()),
            frozenset(self.complete),
            frozenset(self.missing),
            dict(self.logs),
            self.version,
            since=self.since,
            named=self.named,
            failing=self.failing,
        )
        return seen.as_recorded()

    def _known(self, want: Want | LogWant) -> bool:
        """Whether a read was made already, or a list that was read whole holds its answer."""
        if want in self.tried:
            return True
        if isinstance(want, LogWant):
            return False
        kind = want.kind.RESOURCE.kind
        if (kind, "*") in self.complete or (want.namespace and (kind, want.namespace) in self.complete):
            return True
        return bool(want.name) and want.kind is not Event and self._has(want.kind, want.namespace, want.name)

    def _has(self, kind: type[Object], namespace: str, name: str) -> bool:
        ref = Ref(kind.RESOURCE.kind, namespace, name)
        return ref in self.missing or any(k is kind and (n, m) == (namespace, name) for k, n, m, _ in self.objects)

    def _read(self, wants: Iterable[Want | LogWant]) -> None:
        """Read in parallel until the deadline; a read that is still under way then is told as timed out."""
        batches = self._batches(tuple(dict.fromkeys(wants)))
        self.tried.update(want for batch in batches for want in batch)
        jobs = [partial(self._batch, batch) for batch in batches]
        done = at_once(self.pool, jobs, max(0.0, self.deadline - self.clock()))
        for place, batch in enumerate(batches):
            if place not in done:
                says = Said("{cluster} did not answer in time.", cluster=self.cluster)
                self._gap(_kind(batch[0]), batch[0].namespace, TimedOut(self.cluster, says))
        left = [want for place in sorted(done) for want in done[place]]
        if left:
            self._read(left)

    def _batches(self, wants: Sequence[Want | LogWant]) -> list[Sequence[Want | LogWant]]:
        """Each read by itself, but all about the events of one namespace together. API servers keep no index of
        events: each read searches all of a namespace's."""
        about: dict[str, list[Want]] = defaultdict(list)
        for want in wants:
            if isinstance(want, Want) and want.kind is Event and want.namespace and want.namespace not in self.crowded:
                about[want.namespace].append(want)
        batches = [tuple(together) for together in about.values() if len(together) > 1]
        batched = {want for batch in batches for want in batch}
        return [*batches, *((want,) for want in wants if want not in batched)]

    def _batch(self, batch: Sequence[Want | LogWant]) -> Sequence[Want]:
        """Make some reads; gives those that must be made one by one after all."""
        namespace = batch[0].namespace
        if len(batch) > 1 and namespace not in self.events:
            return self._events_of(namespace, [want for want in batch if isinstance(want, Want)])
        for want in batch:
            self._one(want)
        return ()

    def _events_of(self, namespace: str, wants: Sequence[Want]) -> Sequence[Want]:
        wholes = [want for want in wants if not (want.about or want.name)]
        try:
            listing = self.kube.list(Event, namespace, limit=max(FEW_EVENTS, *(want.limit for want in wants)))
        except IntegrationError as error:
            self._failed(wants[0], error)
            return ()
        if listing.cut:
            self.crowded.add(namespace)
            for whole in wholes:
                self._keep(whole, listing)
            return [want for want in wants if want not in wholes]
        self.events[namespace] = listing
        for want in wants:
            self._one(want)
        return ()

    def _one(self, want: Want | LogWant) -> None:
        try:
            if isinstance(want, LogWant):
                self._log(want)
            elif want.kind is Event and want.namespace in self.events:
                self._keep(want, _about(want, self.events[want.namespace]))
            elif want.name and want.kind is not Event:
                self._add(self.kube.get(want.kind, want.namespace, want.name))
            else:
                self._list(want)
        except IntegrationError as error:
            self._failed(want, error)

    def _failed(self, want: Want | LogWant, error: IntegrationError) -> None:
        if isinstance(error, NotFound):
            self._absent(want, error)
        elif isinstance(want, Want) and want.kind is PodMetrics and not self.talk:
            return  # what is used just now helps to explain slowness; where nobody asked for that, none misses it
        else:
            self._gap(_kind(want), want.namespace, error)

    def _list(self, want: Want) -> None:
        fields = ""
        if want.about:
            fields = f"involvedObject.uid={want.about}"
        elif want.name:
            fields = f"involvedObject.name={want.name}"
        elif want.node:
            fields = f"spec.nodeName={want.node}"
        try:
            listing = self.kube.list(
                want.kind, want.namespace or None, labels=want.labels, fields=fields, limit=want.limit or None
            )
        except Denied:
            mine = () if want.namespace or not want.kind.RESOURCE.namespaced else self._places()
            if not mine:
                raise
            for place in mine:
                self._list(replace(want, namespace=place))
            says = Said("I may read {what} only in {namespaces}.", what=want.kind.RESOURCE.plural, namespaces=mine)
            kind = want.kind.RESOURCE.kind
            self.gaps.setdefault((kind, "", Denied.code), Gap(kind, "", says, Denied.code))
            return
        self._keep(want, listing)

    def _keep(self, want: Want, listing: Listing) -> None:
        for thing in listing.items:
            self._add(thing)
        kind = want.kind.RESOURCE.kind
        if listing.unreadable:
            says = Said("{n:|object|objects} of kind {kind} could not be understood.", n=listing.unreadable, kind=kind)
            self.gaps.setdefault((kind, want.namespace, "malformed"), Gap(kind, want.namespace, says, "malformed"))
        if not (listing.cut or want.about or want.name or want.node or want.labels):
            self.complete.add((kind, want.namespace or "*"))

    def _places(self) -> tuple[str, ...]:
        with self.asking:
            if self.mine is None:
                self.mine = places(self.kube)
            return self.mine

    def _log(self, want: LogWant) -> None:
        key = want.key
        try:
            self.logs[key] = self.kube.log(want.namespace, want.pod, key.container, previous=key.previous)
        except NotFound:
            if not key.previous:
                raise
            # The last run's container may be the present one (it waits in back-off), or its log was rotated away.
            self.logs[key] = self.kube.log(want.namespace, want.pod, key.container)

    def _absent(self, want: Want | LogWant, error: NotFound) -> None:
        if isinstance(want, LogWant):
            says = Said("The log of {container} in {pod} is gone.", container=want.key.container, pod=want.pod)
            self.gaps.setdefault(("Log", want.pod, want.key.container), Gap("Log", want.namespace, says, error.code))
        elif want.name:
            self.missing.add(Ref(want.kind.RESOURCE.kind, want.namespace, want.name))
        # A kind that is not installed: there is nothing of it, which is an answer.
        elif not want.namespace or not want.labels:
            self.complete.add((want.kind.RESOURCE.kind, want.namespace or "*"))

    def _gap(self, kind: str, namespace: str, error: IntegrationError) -> None:
        if isinstance(error, Denied):
            says = (
                Said("I may not read {what} in {namespace}.", what=_plural(kind), namespace=namespace)
                if namespace
                else Said("I may not read {what}.", what=_plural(kind))
            )
        else:
            says = error.says
        gap = Gap(kind, namespace, says, error.code, error.hint)
        self.gaps.setdefault((kind, namespace, error.code), gap)

    def _add(self, thing: Object) -> None:
        meta = thing.metadata
        with self.lock:
            self.objects[(type(thing), meta.namespace, meta.name, meta.uid)] = thing


def _kind(want: Want | LogWant) -> str:
    return want.kind.RESOURCE.kind if isinstance(want, Want) else "Log"


def _about(want: Want, listing: Listing) -> Listing:
    """Of a namespace's events those that a read asks for."""
    if want.about:
        found = [e for e in listing.items if isinstance(e, Event) and e.involved_object.uid == want.about]
    elif want.name:
        found = [e for e in listing.items if isinstance(e, Event) and e.involved_object.name == want.name]
    else:
        return listing
    return replace(listing, items=tuple(found), unreadable=0)


def _without_those_listed(wants: Sequence[Want | LogWant]) -> list[Want | LogWant]:
    """What a list of the same round may hold is asked for by name only when it did not."""
    lists = {(w.kind, w.namespace) for w in wants if isinstance(w, Want) and w.kind is not Event and not w.name}
    return [w for w in wants if not (isinstance(w, Want) and w.name and (w.kind, w.namespace) in lists)]


def suspects(seen: Snapshot) -> tuple[Ref, ...]:
    """The workloads of a place whose pods are in trouble, the worst first, and the Services that nobody answers."""
    worst: dict[Ref, int] = {}
    for pod in seen.all(Pod):
        score = trouble(pod, seen)
        if score > 1:
            top = seen.workload(pod)
            worst[top] = max(worst.get(top, 0), score)
    ordered = sorted(worst, key=lambda ref: (-worst[ref], ref))[:SUSPECTS]
    idle = [Ref.to(s) for s in seen.all(Service) if s.spec.selector and not any(_behind(seen, s))]
    return (*ordered, *idle[:SUSPECTS])


def _behind(seen: Snapshot, service: Service) -> Iterable[Pod]:
    return seen.matching(Pod, service.spec.selector, service.metadata.namespace)


def _plural(kind: str) -> str:
    if kind == "Log":
        return "logs"
    return KINDS[kind].RESOURCE.spoken if kind in KINDS else kind
