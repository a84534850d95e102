"""Deeds: what a person may do to a world from outside, to break something or to mend it, and then ask again.

``room.deeds()`` lists them as ``Deed`` values, cluster by cluster and in the order of the world's files. ``room.do``
takes the ``id`` of one, performs it and returns at once, while the cluster needs some seconds to follow (a rollout, a
reboot). A deed says its name in every language (``deed.says["en"]``, ``deed.says["ko"]``), whether it ``breaks`` or
mends, a question worth asking afterwards (``deed.asks["ko"]``), and whether it is ``done``: then doing it would change
nothing, until somebody undoes it. ``deeds()`` reads the objects themselves, so it is right also when a person or a fix
changed them.

In a world's folder a deed is a document:

    apiVersion: rehearsal
    kind: Deed
    name: fix-blog-ingress
    says: {en: Fix the typo in the Ingress of blog, ko: blog Ingress의 오타 고치기}
    asks: {en: "why does blog answer 503?", ko: "blog이 왜 503이에요?"}
    breaks: false
    does:
    - patch: {apiVersion: networking.k8s.io/v1, kind: Ingress, namespace: web, name: blog}
      with: [{op: replace, path: /spec/rules/0/http/paths/0/backend/service/name, value: blog}]

Its steps: ``patch`` (``with`` a mapping: a strategic merge patch, a list: a JSON patch; ``sub: status`` for the
status), ``create`` (an object), ``delete`` (apiVersion, kind, namespace, name), ``restart`` (``namespace`` and ``app``:
the pods with that label are deleted, whatever else had to be done) and ``reboot`` (a node of a living cluster). Times
count from the moment of the deed; a text ``certificate of HOST HOST for 90d`` becomes a certificate.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.documents import DeedWorld
from integrations.sandbox.kubernetes.certificate import issued
from integrations.sandbox.kubernetes.patches import JSON_PATCH, STRATEGIC, patched
from integrations.sandbox.kubernetes.refusals import Refused
from integrations.sandbox.kubernetes.removal import Remover
from integrations.sandbox.kubernetes.store import Kept
from integrations.sandbox.kubernetes.writing import Writer
from integrations.sandbox.moments import absolute, is_relative

Json = dict[str, Any]

_CERTIFICATE = re.compile(r"^certificate of (?P<hosts>\S+(?: \S+)*) for (?P<days>\d+)d$")


@dataclass(frozen=True)
class Deed:
    id: str
    cluster: str
    says: Mapping[str, str]
    asks: Mapping[str, str]
    breaks: bool
    done: bool


@dataclass
class Deeds:
    """The deeds of one cluster. ``reboot`` restarts a node by its name."""

    cluster: str
    written: list[DeedWorld]
    writer: Writer
    reboot: Callable[[str], None]
    _issued: dict[str, str] = field(default_factory=dict)

    def all(self) -> Iterator[Deed]:
        for one in self.written:
            yield Deed(self._id(one), self.cluster, one.says, one.asks, one.breaks, all(map(self._holds, one.steps)))

    def do(self, id: str) -> None:
        """Raises KeyError for a deed that this cluster does not know."""
        found = {self._id(one): one for one in self.written}[id]
        for step in found.steps:
            if "restart" in step or not self._holds(step):
                self._take(step)

    def _id(self, one: DeedWorld) -> str:
        return f"{self.cluster}/{one.name}"

    def _take(self, step: Json) -> None:
        match step:
            case {"patch": subject, "with": patch}:
                kept = self._subject(subject)
                how = JSON_PATCH if isinstance(patch, list) else STRATEGIC
                self.writer.patch(kept.kind, *kept.place, how, self._resolved(patch), step.get("sub", ""))
            case {"create": thing}:
                thing = self._resolved(thing)
                kind = self.writer.store.kinds.of(thing)
                self.writer.create(kind, thing["metadata"].get("namespace", ""), thing)
            case {"delete": subject}:
                kept = self._subject(subject)
                Remover(self.writer).delete(kept.kind, *kept.place, {})
            case {"restart": subject}:
                kind = self.writer.store.kinds.of({"apiVersion": "v1", "kind": "Pod", "metadata": subject})
                for kept in self.writer.store.all(kind, subject["namespace"])[1]:
                    if (kept.meta.get("labels") or {}).get("app") == subject["app"]:
                        Remover(self.writer).delete(kind, *kept.place, {})
            case {"reboot": node}:
                self.reboot(node)

    def _holds(self, step: Json) -> bool:
        """Whether a step would change nothing."""
        match step:
            case {"patch": subject, "with": patch}:
                kept = self._found(subject)
                return kept is not None and self._left_alone(kept, patch)
            case {"create": thing}:
                return self._found({**thing, **thing["metadata"]}) is not None
            case {"delete": subject}:
                return self._found(subject) is None
            case {"restart": _}:
                return True
        return False

    def _left_alone(self, kept: Kept, patch: Any) -> bool:
        how = JSON_PATCH if isinstance(patch, list) else STRATEGIC
        try:
            return patched(how, kept.thing, self._certified(_timeless(patch))) == kept.thing
        except Refused:
            return True  # what the patch speaks of is gone: there is nothing to do to it

    def _subject(self, subject: Json) -> Kept:
        kept = self._found(subject)
        if kept is None:
            raise LookupError(f"{self.cluster} has no {subject['kind']} {subject['name']}")
        return kept

    def _found(self, subject: Json) -> Kept | None:
        kind = self.writer.store.kinds.of({"metadata": {}, **subject})
        return self.writer.store.get(kind, subject.get("namespace", ""), subject["name"])

    def _resolved(self, value: Any) -> Any:
        return self._certified(absolute(value, self.writer.now()))

    def _certified(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._certified(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._certified(item) for item in value]
        found = _CERTIFICATE.match(value) if isinstance(value, str) else None
        if found is None:
            return value
        if value not in self._issued:
            self._issued[value] = issued(tuple(found["hosts"].split()), int(found["days"]))
        return self._issued[value]


def _timeless(value: Any) -> Any:
    """A patch without its relative times: when something was done does not matter to whether it is done."""
    if isinstance(value, dict):
        return {key: _timeless(item) for key, item in value.items() if not _is_time(item)}
    return [_timeless(item) for item in value] if isinstance(value, list) else value


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and is_relative(value)
