"""The garbage collector: what goes with its owner, what is orphaned instead, and namespaces that are being emptied."""

from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.kubernetes.kinds import Kind
from integrations.sandbox.kubernetes.living.ground import Ground

Json = dict[str, Any]

_FOREGROUND, _ORPHAN = "foregroundDeletion", "orphan"


@dataclass
class Collector:
    ground: Ground
    _seen: set[str] = field(default_factory=set)
    """Uids that lived once: only what these owned is ever collected."""
    _revision: int = 0

    def step(self) -> None:
        if self.ground.store.revision == self._revision:
            return
        self._revision = self.ground.store.revision
        everything = [kept for kind in self.ground.store.kinds.all() for kept in self._of(kind)]
        alive = {one["metadata"]["uid"] for one in everything}
        for one in everything:
            self._look(one, everything, alive)
        self._seen |= alive

    def _of(self, kind: Kind) -> list[Json]:
        if kind.resource.kind in ("Event", "Lease"):
            return []
        return [kept.thing for kept in self.ground.store.all(kind)[1]]

    def _look(self, one: Json, everything: list[Json], alive: set[str]) -> None:
        meta = one["metadata"]
        owners = meta.get("ownerReferences") or []
        if owners and not any(o["uid"] in alive or o["uid"] not in self._seen for o in owners):
            self.ground.delete(one)
        if not meta.get("deletionTimestamp"):
            return
        finalizers = meta.get("finalizers") or []
        mine = [other for other in everything if _owns(one, other)]
        if _ORPHAN in finalizers:
            for other in mine:
                self.ground.change(other, _without_owner(meta["uid"]))
            self.ground.change(one, _without_finalizer(_ORPHAN))
        elif _FOREGROUND in finalizers:
            for other in mine:
                self.ground.delete(other, propagationPolicy="Foreground")
            if not mine:
                self.ground.change(one, _without_finalizer(_FOREGROUND))
        if one["kind"] == "Namespace":
            self._empty(one, everything)

    def _empty(self, namespace: Json, everything: list[Json]) -> None:
        inside = [one for one in everything if one["metadata"].get("namespace") == namespace["metadata"]["name"]]
        for one in inside:
            self.ground.delete(one)
        if not inside:
            kind = self.ground.store.kinds.of(namespace)
            kept = self.ground.store.get(kind, "", namespace["metadata"]["name"])
            if kept:
                self.ground.store.remove(kept)


def _owns(owner: Json, other: Json) -> bool:
    return any(one["uid"] == owner["metadata"]["uid"] for one in other["metadata"].get("ownerReferences") or [])


def _without_owner(uid: str) -> Any:
    def change(thing: Json) -> Json:
        kept = [one for one in thing["metadata"].get("ownerReferences", []) if one["uid"] != uid]
        return {**thing, "metadata": {**thing["metadata"], "ownerReferences": kept}}

    return change


def _without_finalizer(name: str) -> Any:
    def change(thing: Json) -> Json:
        kept = [one for one in thing["metadata"].get("finalizers", []) if one != name]
        return {**thing, "metadata": {**thing["metadata"], "finalizers": kept}}

    return change
