"""What every controller stands on: the objects as they are now, ways to change them, the clock, and events."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from integrations.sandbox.kubernetes.living.recorder import Recorder
from integrations.sandbox.kubernetes.refusals import Refused
from integrations.sandbox.kubernetes.removal import Remover
from integrations.sandbox.kubernetes.selectors import selects
from integrations.sandbox.kubernetes.store import Store
from integrations.sandbox.kubernetes.writing import Writer
from integrations.sandbox.moments import stamp

Json = dict[str, Any]


@dataclass(frozen=True)
class Ground:
    writer: Writer
    recorder: Recorder

    @property
    def store(self) -> Store:
        return self.writer.store

    def now(self) -> datetime:
        return self.writer.now()

    def stamp(self) -> str:
        return stamp(self.now())

    def all(self, kind: str, namespace: str = "") -> list[Json]:
        found = self.store.kinds.named(kind)
        return [kept.thing for kept in self.store.all(found, namespace)[1]] if found else []

    def get(self, kind: str, namespace: str, name: str) -> Json | None:
        found = self.store.kinds.named(kind)
        kept = self.store.get(found, namespace, name) if found else None
        return kept.thing if kept else None

    def owned(self, kind: str, owner: Json) -> list[Json]:
        uid = owner["metadata"]["uid"]
        namespace = owner["metadata"].get("namespace", "")
        return [one for one in self.all(kind, namespace) if owner_of(one).get("uid") == uid]

    def fitting(self, kind: str, namespace: str, selector: Any) -> list[Json]:
        found = self.all(kind, namespace)
        return [one for one in found if selects(selector, one["metadata"].get("labels") or {})]

    def create(self, thing: Json) -> Json:
        kind = self.store.kinds.of(thing)
        return self.writer.create(kind, thing["metadata"].get("namespace", ""), thing).thing

    def status(self, thing: Json, **fields: Any) -> None:
        """Lays fields over the status; ``None`` takes one away. Nothing is written when nothing changes."""

        def change(now: Json) -> Json:
            status = {**now.get("status", {}), **fields}
            return {**now, "status": {key: value for key, value in status.items() if value is not None}}

        self._change(thing, change, "status")

    def change(self, thing: Json, change: Callable[[Json], Json]) -> None:
        self._change(thing, change, "")

    def bind(self, thing: Json, change: Callable[[Json], Json]) -> None:
        """A change that only the control plane itself may make: of what is immutable for everybody else."""
        kind = self.store.kinds.of(thing)
        kept = self.store.get(kind, thing["metadata"].get("namespace", ""), thing["metadata"]["name"])
        if kept:
            self.store.swap(kept, change(kept.thing))

    def delete(self, thing: Json, **options: Any) -> None:
        kind = self.store.kinds.of(thing)
        meta = thing["metadata"]
        try:
            Remover(self.writer).delete(kind, meta.get("namespace", ""), meta["name"], options)
        except Refused as refused:
            if refused.code != 404:
                raise

    def _change(self, thing: Json, change: Callable[[Json], Json], sub: str) -> None:
        kind = self.store.kinds.of(thing)
        meta = thing["metadata"]
        try:
            self.writer.change(kind, meta.get("namespace", ""), meta["name"], change, sub)
        except Refused as refused:
            if refused.code not in (404, 409):
                raise


def owner_of(thing: Mapping[str, Any]) -> Json:
    owners = thing["metadata"].get("ownerReferences") or []
    return next((dict(one) for one in owners if one.get("controller")), {})


def reference(owner: Json) -> Json:
    meta = owner["metadata"]
    named = {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": meta["name"], "uid": meta["uid"]}
    return {**named, "controller": True, "blockOwnerDeletion": True}


def condition(thing: Mapping[str, Any], kind: str) -> Json:
    conditions = (thing.get("status") or {}).get("conditions") or []
    return next((dict(one) for one in conditions if one["type"] == kind), {})


def with_condition(conditions: list[Json], new: Json, now: str) -> list[Json]:
    """The conditions with one of them replaced; its transition time moves only when its status does."""
    before = next((one for one in conditions if one["type"] == new["type"]), None)
    same = before is not None and before.get("status") == new["status"]
    since = before.get("lastTransitionTime", now) if before and same else now
    whole = {**new, "lastTransitionTime": since}
    if before is None:
        return [*conditions, whole]
    return [whole if one is before else one for one in conditions]


def instant(text: str | None) -> datetime | None:
    if not text:
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
