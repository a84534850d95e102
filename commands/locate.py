"""Finds in one cluster what a question names: exact names first, then labels and hosts, then near names.

Names are asked for by field selector, so a cluster of ten thousand pods answers as briefly as one of ten.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from urllib.parse import urlsplit

from rapidfuzz.distance import OSA

from commands.places import places
from commands.reads import at_once
from commands.tools import Kube
from integrations.errors import Denied, IntegrationError, Malformed, NotFound
from knowledge.finding import Ref
from knowledge.objects import (
    KINDS,
    CronJob,
    DaemonSet,
    Deployment,
    HorizontalPodAutoscaler,
    Ingress,
    Job,
    Namespace,
    Node,
    Object,
    PersistentVolumeClaim,
    Pod,
    ReplicaSet,
    Service,
    StatefulSet,
)
from knowledge.reading.names import PodName, looks_like_a_pod
from knowledge.reading.near import near_names
from knowledge.reading.question import Question
from knowledge.relations import spec_of
from knowledge.said import Said

_FIRST: tuple[type[Object], ...] = (Deployment, StatefulSet, DaemonSet, Service, Pod, CronJob, Job)
_THEN: tuple[type[Object], ...] = (
    Ingress,
    PersistentVolumeClaim,
    HorizontalPodAutoscaler,
    Node,
    Namespace,
    ReplicaSet,
)
_LABELS = ("app", "app.kubernetes.io/name", "app.kubernetes.io/instance", "k8s-app")
_POD_END = re.compile(r"(?:[a-z0-9]{8,10}-)?(?=[a-z0-9]*\d)[bcdfghjklmnpqrstvwxz2456789]{5}")
_TAG = re.compile(r"(?::[^:/@]+)?(?:@.+)?$")
NAMES = 4
"""Names of a question that are looked for: the reader puts the likeliest first."""
NEAR_LIMIT = 1500
"""Objects of one kind whose names are compared when nothing has the exact name."""


@dataclass
class Located:
    """``hits``: objects of that very name. ``near``: objects whose name is nearly it, the nearest first. ``elsewhere``:
    it was found, in another namespace than the question says. ``name``: the word that was matched. ``only``: the
    namespaces that were searched where the whole cluster may not be. ``answered``: one request at least was."""

    hits: tuple[Object, ...] = ()
    near: tuple[Ref, ...] = ()
    guess: tuple[Ref, ...] = ()
    elsewhere: bool = False
    name: str = ""
    only: tuple[str, ...] = ()
    answered: bool = False
    errors: list[IntegrationError] = field(default_factory=list)

    def among(self, may: Callable[[str], bool]) -> "Located":
        """What of it lies in namespaces that the asker may ask about; of the rest not even the name is told."""
        self.hits = tuple(h for h in self.hits if may(h.metadata.namespace))
        self.near = tuple(r for r in self.near if may(r.namespace))
        self.guess = tuple(r for r in self.guess if may(r.namespace))
        return self


def locate(kube: Kube, question: Question, namespaces: Sequence[str], pool: Executor) -> Located:
    """What the question's names are in this cluster."""
    found = Located()
    names = [*(p.name for p in question.pods), *(p.workload for p in question.pods if p.workload), *question.names]
    names = list(dict.fromkeys(names))[:NAMES]
    finder = _Finder(kube, pool, found)
    pods = [pod for pod in question.pods if pod.certain and pod.name in names]
    for wave in _waves(question, names, pods):
        hits = finder.named(wave, namespaces)
        if not hits and namespaces:
            hits = [h for h in finder.named(wave, ()) if type(h).RESOURCE.namespaced]
            found.elsewhere = bool(hits)
        if hits and all(_shows(hits, pod) for pod in pods):
            return _take(found, [*hits, *finder.nodes(names, hits)], names)
        if wave and not found.answered:
            return found  # a cluster that answered none of these requests will not answer others
        pods = []  # the waves after the first take no pod's name for what it tells
    for host in question.hosts:
        hits = finder.serving(host)
        if hits:
            return _take(found, hits, [host])
    for name in names:
        hits = finder.labelled(name, namespaces)
        if hits:
            return _take(found, hits, [name])
    for clue, look in (*((i, finder.running) for i in question.images), *((n, finder.ending) for n in names)):
        hits = look(clue, namespaces)
        if hits:
            return _take(found, hits, [clue])
    if names:
        found.name = names[0]
        found.near = finder.near(names, namespaces, _asked_kinds(question))
        found.guess = _slip(found.name, found.near)
    elif question.hosts:
        found.name = question.hosts[0]
    return found


_Wave = Sequence[tuple[type[Object], str]]


def _waves(question: Question, names: Sequence[str], pods: Sequence[PodName]) -> Iterator[_Wave]:
    """What is looked for at once, until something is found. Each pair is a request, so that the likeliest go first:
    nothing else is called like a pod, whose name tells its workload's kind, and little like its own namespace."""
    asked = _asked_kinds(question)
    first = {name: asked or _FIRST for name in names if name not in question.namespaces}
    for pod in pods:
        first[pod.workload] = (KINDS[pod.kind], Service)
        if looks_like_a_pod(pod.name):
            first[pod.name] = (Pod,)
    yield [(kind, name) for name, kinds in first.items() for kind in kinds]
    for kinds in (asked, _FIRST, _THEN):
        yield [(kind, name) for name in names for kind in kinds]


def _shows(hits: Iterable[Object], pod: PodName) -> bool:
    """Whether a pod or its workload is among what was found."""
    return any(h.metadata.name in (pod.name, pod.workload) and not isinstance(h, Service) for h in hits)


def _take(found: Located, hits: list[Object], names: Sequence[str]) -> Located:
    """Keep the hits in the order of the names: the first that has one is the subject."""
    ordered = [h for name in names for h in hits if h.metadata.name == name] or hits
    found.hits = tuple({Ref.to(h): h for h in ordered}.values())
    found.name = next((n for n in names if any(h.metadata.name == n for h in hits)), names[0])
    return found


def _slip(name: str, near: Sequence[Ref]) -> tuple[Ref, ...]:
    """What stands in one namespace under the only name that is one or two letters away."""
    close = [ref for ref in near if OSA.distance(name, ref.name) <= (1 if len(name) < 6 else 2)]
    places = {(ref.namespace, ref.name) for ref in close}
    return tuple(close) if len(places) == 1 else ()


def _asked_kinds(question: Question) -> tuple[type[Object], ...]:
    """The kinds that the question names, as far as objects of them can be the subject."""
    by_word = {kind.lower(): struct for kind, struct in KINDS.items()}
    return tuple(by_word[k.lower()] for k in question.kinds if k.lower() in by_word)


class _Finder:
    """Reads of one search, in parallel; a refusal is kept as an error and the search goes on."""

    def __init__(self, kube: Kube, pool: Executor, found: Located) -> None:
        self.kube = kube
        self.pool = pool
        self.found = found
        self.asking = Lock()
        self.asked = False

    def named(self, wave: _Wave, namespaces: Sequence[str]) -> list[Object]:
        return self._lists(
            (kind, namespace, f"metadata.name={name}", "", 50)
            for kind, name in wave
            for namespace in (namespaces if namespaces and kind.RESOURCE.namespaced else (None,))
        )

    def labelled(self, name: str, namespaces: Sequence[str]) -> list[Object]:
        """Workloads that carry the name as a label, when their own name is another; pods, whose owner may be of a kind
        that nobody here knows."""
        things = self._lists(
            (kind, namespace, "", f"{label}={name}", 50)
            for kind in (Deployment, StatefulSet, DaemonSet, Pod)
            for label in _LABELS
            for namespace in (namespaces or (None,))
        )
        return list({Ref.to(thing): thing for thing in things}.values())

    def running(self, image: str, namespaces: Sequence[str]) -> list[Object]:
        """Workloads whose containers run an image, which people write without its registry."""
        kinds = (Deployment, StatefulSet, DaemonSet, CronJob)
        things = self._lists((kind, space, "", "", NEAR_LIMIT) for kind in kinds for space in namespaces or (None,))
        return [thing for thing in things if any(_same_image(image, given) for given in _images(thing))]

    def ending(self, name: str, namespaces: Sequence[str]) -> list[Object]:
        """Pods of which only the random end of the name is given."""
        if not _POD_END.fullmatch(name):
            return []
        things = self._lists((Pod, space, "", "", NEAR_LIMIT) for space in namespaces or (None,))
        return [thing for thing in things if thing.metadata.name.endswith(f"-{name}")]

    def nodes(self, names: Sequence[str], hits: Sequence[Object]) -> list[Object]:
        """The nodes among the names that nothing else was found under."""
        rest = [name for name in names if all(name not in hit.metadata.name for hit in hits)]
        return self.named([(Node, name) for name in rest if any(map(str.isdigit, name))], ())

    def serving(self, host: str) -> list[Object]:
        """Ingresses of a host, or the Service that a cluster's own name means."""
        host = urlsplit(host if "//" in host else f"//{host}").hostname or host
        labels = host.split(".")
        if len(labels) > 2 and labels[2] == "svc":
            return self._lists([(Service, labels[1], f"metadata.name={labels[0]}", "", 1)])
        listed = self._lists([(Ingress, None, "", "", NEAR_LIMIT)])
        return [i for i in listed if isinstance(i, Ingress) and any(rule.host == host for rule in i.spec.rules)]

    def near(self, names: Sequence[str], namespaces: Sequence[str], asked: Sequence[type[Object]]) -> tuple[Ref, ...]:
        usual = (Deployment, StatefulSet, DaemonSet, CronJob, Service, Namespace)
        kinds: dict[type[Object], None] = dict.fromkeys((*asked, *usual))
        things = self._lists(
            (kind, namespace if kind.RESOURCE.namespaced else None, "", "", NEAR_LIMIT)
            for kind in kinds
            for namespace in (namespaces or (None,))
        )
        refs = list(dict.fromkeys(Ref.to(thing) for thing in things))
        for name in names:
            close = near_names(name, {ref.name for ref in refs}, 5) or tuple(
                sorted(r.name for r in refs if name in r.name or (r.name in name and len(r.name) > 3))
            )
            if close:
                self.found.name = name
                return tuple(ref for wanted in close for ref in refs if ref.name == wanted)
        return ()

    def _lists(self, wanted: Iterable[tuple[type[Object], str | None, str, str, int]]) -> list[Object]:
        listed = at_once(self.pool, [partial(self._list, *one) for one in wanted])
        in_order = [listed[place] for place in sorted(listed)]
        self.found.errors += [error for _things, errors in in_order for error in errors]
        return [thing for things, _errors in in_order for thing in things]

    def _list(
        self, kind: type[Object], namespace: str | None, fields: str, labels: str, limit: int
    ) -> tuple[list[Object], list[IntegrationError]]:
        try:
            listing = self.kube.list(kind, namespace, fields=fields, labels=labels, limit=limit)
            self.found.answered = True
            return list(listing.items), [_unread(kind, listing.unreadable)] if listing.unreadable else []
        except NotFound:  # the kind is not installed here
            self.found.answered = True
            return [], []
        except IntegrationError as error:
            self.found.answered |= isinstance(error, Denied)
            mine = self._mine() if isinstance(error, Denied) and not namespace and kind.RESOURCE.namespaced else ()
            there = [self._list(kind, place, fields, labels, limit) for place in mine]
            things = [thing for found, _errors in there for thing in found]
            return things, [error, *(other for _found, errors in there for other in errors)]

    def _mine(self) -> tuple[str, ...]:
        """Where to look when not everywhere."""
        with self.asking:
            if not self.asked:
                self.found.only, self.asked = places(self.kube), True
            return self.found.only


def _images(workload: Object) -> tuple[str, ...]:
    spec = spec_of(workload)
    return tuple(c.image for c in (*spec.containers, *spec.init_containers)) if spec else ()


def _same_image(said: str, given: str) -> bool:
    """``acme/quote:9`` means ``registry.example.com/acme/quote:9``, and ``acme/quote`` any of its tags."""
    named = given if ":" in said.rpartition("/")[2] or "@" in said else _TAG.sub("", given)
    return named == said or named.endswith(f"/{said}")


def _unread(kind: type[Object], n: int) -> IntegrationError:
    says = Said("{n:|object|objects} of kind {kind} could not be understood.", n=n, kind=kind.RESOURCE.kind)
    return Malformed("Kubernetes", says)


def refused(errors: Iterable[IntegrationError]) -> bool:
    """Whether looking itself was refused, so that "not found" means nothing."""
    return any(isinstance(error, Denied) for error in errors)
