"""The objects of one cluster, their revisions, and who waits for changes: the one place through which a world moves."""

import copy
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from integrations.sandbox.kubernetes.kinds import Kind, Kinds
from knowledge.finding import Ref

Json = dict[str, Any]
Place = tuple[str, str]
"""Namespace and name."""
_REMEMBERED = 4_000
"""Changes that watches and continued lists may still ask for; the older half is then compacted away."""


class Kept:
    """An object at one revision. It is never changed, only replaced, so its bytes are made once."""

    def __init__(self, thing: Json, kind: Kind) -> None:
        self.thing = thing
        self.kind = kind

    @property
    def meta(self) -> Json:
        found: Json = self.thing["metadata"]
        return found

    @property
    def place(self) -> Place:
        return self.meta.get("namespace", ""), self.meta["name"]

    @cached_property
    def whole(self) -> msgspec.Raw:
        return msgspec.Raw(msgspec.json.encode(self.thing))

    @cached_property
    def item(self) -> msgspec.Raw:
        """As an item of a list: a built-in kind leaves ``kind`` and ``apiVersion`` to the list."""
        if self.kind.custom:
            return self.whole
        bare = {key: value for key, value in self.thing.items() if key not in ("kind", "apiVersion")}
        return msgspec.Raw(msgspec.json.encode(bare))


@dataclass(frozen=True)
class Change:
    revision: int
    type: str
    before: Kept | None
    after: Kept | None

    @property
    def kept(self) -> Kept:
        found = self.after or self.before
        assert found is not None
        return found


class Store:
    """What etcd is to an API server. ``apply`` and ``delete`` move the revision and wake everybody who watches."""

    def __init__(self, objects: Iterable[Json]) -> None:
        everything = list(objects)
        self.kinds = Kinds(everything)
        self._things: dict[tuple[str, str], dict[Place, Kept]] = {}
        self._changes: list[Change] = []
        self._moved = threading.Condition(threading.RLock())
        for thing in everything:
            kept = Kept(thing, self.kinds.of(thing))
            self._shelf(kept.kind)[kept.place] = kept
        self.revision = max((_number(o["metadata"].get("resourceVersion")) for o in everything), default=999) + 1
        self.oldest = self.revision

    def get(self, kind: Kind, namespace: str, name: str) -> Kept | None:
        with self._moved:
            return self._shelf(kind).get((namespace if kind.resource.namespaced else "", name))

    def inhabited(self, namespace: str) -> bool:
        """Whether anything lives in a namespace: a world need not write the Namespace itself."""
        with self._moved:
            return any(place[0] == namespace for shelf in self._things.values() for place in shelf)

    def all(self, kind: Kind, namespace: str = "", at: int | None = None) -> tuple[int, list[Kept]]:
        """A revision and everything of a kind at it, sorted as etcd sorts. ``at``: a revision not yet compacted."""
        with self._moved:
            seen = dict(self._shelf(kind))
            for change in reversed(self._changes):
                if at is None or change.revision <= at:
                    break
                if _shelf_of(change.kept.kind) == _shelf_of(kind):
                    if change.before:
                        seen[change.kept.place] = change.before
                    else:
                        seen.pop(change.kept.place, None)
            places = sorted(place for place in seen if not namespace or place[0] == namespace)
            return at or self.revision, [seen[place] for place in places]

    def apply(self, thing: Json) -> Json:
        """Creates or replaces an object. Returns it as it is now stored, with its new resourceVersion."""
        with self._moved:
            kind = self.kinds.of(thing)
            before = self._shelf(kind).get(Kept(thing, kind).place)
            kept = self.swap(before, thing)
        assert kept is not None
        return kept.thing

    def swap(self, before: Kept | None, thing: Json) -> Kept | None:
        """Writes an object in the place of what was read; ``None`` when something else stands there by now."""
        thing = copy.deepcopy(thing)
        with self._moved:
            kept = Kept(thing, self.kinds.of(thing))
            if thing["kind"] == "CustomResourceDefinition":
                self.kinds.define(thing)
            shelf = self._shelf(kept.kind)
            if shelf.get(kept.place) is not before:
                return None
            self.revision += 1
            thing["metadata"]["resourceVersion"] = str(self.revision)
            if before:
                thing["metadata"].setdefault("uid", before.meta.get("uid", ""))
            shelf[kept.place] = kept
            self._tell(Change(self.revision, "MODIFIED" if before else "ADDED", before, kept))
            return kept

    def remove(self, before: Kept) -> bool:
        """Takes an object away; False when something else stands there by now."""
        with self._moved:
            shelf = self._shelf(before.kind)
            if shelf.get(before.place) is not before:
                return False
            del shelf[before.place]
            self.revision += 1
            self._tell(Change(self.revision, "DELETED", before, None))
            return True

    def delete(self, ref: Ref) -> bool:
        """Removes an object; False when it was not there."""
        kind = self.kinds.named(ref.kind)
        with self._moved:
            before = self._shelf(kind).get((ref.namespace, ref.name)) if kind else None
            return before is not None and self.remove(before)

    def _tell(self, change: Change) -> None:
        self._changes.append(change)
        if len(self._changes) > _REMEMBERED:
            self.oldest = self._changes[_REMEMBERED // 2].revision
            del self._changes[: _REMEMBERED // 2]
        self._moved.notify_all()

    def compact(self) -> None:
        """Forgets the past: older continue tokens and watches expire."""
        with self._moved:
            self.revision += 1
            self.oldest = self.revision
            self._changes.clear()

    def changes(self, kind: Kind, since: int, wait_s: float) -> tuple[int, list[Change]]:
        """The revision now, and what happened to a kind after another one; waits for the first change."""
        with self._moved:
            self._moved.wait_for(lambda: self.revision > since, wait_s)
            found = [c for c in self._changes if c.revision > since and _shelf_of(c.kept.kind) == _shelf_of(kind)]
            return self.revision, found

    def _shelf(self, kind: Kind) -> dict[Place, Kept]:
        return self._things.setdefault(_shelf_of(kind), {})


def _shelf_of(kind: Kind) -> tuple[str, str]:
    return kind.resource.group, kind.resource.plural


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
