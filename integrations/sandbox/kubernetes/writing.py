"""Creating and changing objects, as an API server does it: names, defaults, faults, conflicts, generations."""

import copy
import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.sandbox.defaults import filled
from integrations.sandbox.kubernetes.bodies import as_kind, refused_for
from integrations.sandbox.kubernetes.kinds import Kind
from integrations.sandbox.kubernetes.patches import patched
from integrations.sandbox.kubernetes.refusals import (
    Refused,
    already_exists,
    bad_request,
    conflict,
    not_found,
    terminating,
)
from integrations.sandbox.kubernetes.rules import changed_faults, faults
from integrations.sandbox.kubernetes.store import Kept, Store
from integrations.sandbox.moments import stamp
from knowledge.objects import Namespace

Json = dict[str, Any]
Change = Callable[[Json], Json]

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_COUNTED = (
    "Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "Ingress", "NetworkPolicy",
    "PodDisruptionBudget", "PriorityClass", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration",
)  # fmt: skip
"""Kinds whose ``generation`` grows with their spec."""
_OWN = ("uid", "creationTimestamp", "resourceVersion", "generation", "deletionTimestamp", "deletionGracePeriodSeconds")


@dataclass(frozen=True)
class Writer:
    """Writes to one cluster. ``admit`` may refuse an object: it is told the kind, the object and the operation."""

    store: Store
    now: Callable[[], datetime]
    admit: Callable[[Kind, Json, str], None]

    def create(self, kind: Kind, namespace: str, thing: Json, *, dry: bool = False) -> Kept:
        thing = copy.deepcopy(thing)
        meta = self._placed(kind, namespace, thing)
        if meta.get("resourceVersion"):
            raise Refused(500, "", "resourceVersion should not be set on objects to be created")
        if not meta.get("name") and meta.get("generateName"):
            meta["name"] = meta["generateName"] + "".join(random.choices(_LETTERS, k=5))
        for field in _OWN:
            meta.pop(field, None)
        if kind.status and kind.resource.kind != "Node":
            thing.pop("status", None)
        meta |= {"uid": str(uuid.uuid4()), "creationTimestamp": stamp(self.now())}
        if kind.resource.kind in _COUNTED:
            meta["generation"] = 1
        thing = filled(thing)
        self._hold(kind, thing, faults(kind.resource, thing))
        self._in_a_live_namespace(kind, thing["metadata"])
        self.admit(kind, thing, "CREATE")
        if self.store.get(kind, namespace, thing["metadata"]["name"]):
            raise already_exists(kind.resource, thing["metadata"]["name"])
        if dry:
            return Kept(thing, kind)
        kept = self.store.swap(None, thing)
        if kept is None:
            raise already_exists(kind.resource, thing["metadata"]["name"])
        return kept

    def replace(self, kind: Kind, namespace: str, name: str, thing: Json, sub: str = "", *, dry: bool = False) -> Kept:
        """PUT: the whole object, at the version that the writer has read when it says one."""
        self._placed(kind, namespace, thing)
        _same_name(thing, name)
        return self.change(kind, namespace, name, lambda _: copy.deepcopy(thing), sub, dry=dry)

    def patch(
        self,
        kind: Kind,
        namespace: str,
        name: str,
        how: str,
        patch: Any,
        sub: str = "",
        *,
        known: Callable[[Json], None] | None = None,
        dry: bool = False,
    ) -> Kept:
        """``known`` looks at what the patch makes of the object: it may refuse it, or take fields away."""

        def change(thing: Json) -> Json:
            found = as_kind(patched(how, thing, patch), kind.resource)
            if known:
                known(found)
            _same_name(found, name)
            self._placed(kind, namespace, found)
            if found["metadata"].get("resourceVersion") != thing["metadata"]["resourceVersion"]:
                raise conflict(kind.resource, name)
            return found

        return self.change(kind, namespace, name, change, sub, patching=True, dry=dry)

    def change(
        self,
        kind: Kind,
        namespace: str,
        name: str,
        change: Change,
        sub: str = "",
        *,
        patching: bool = False,
        dry: bool = False,
    ) -> Kept:
        """Reads, changes and writes, again when somebody else was faster. ``sub``: only that part may change."""
        while True:
            before = self.store.get(kind, namespace, name)
            if before is None:
                raise not_found(kind.resource, name)
            after = self._after(before, change(copy.deepcopy(before.thing)), sub, patching)
            if after == before.thing:
                return before
            if dry:
                return Kept(after, kind)
            kept = self._written(before, after)
            if kept:
                return kept

    def _after(self, before: Kept, thing: Json, sub: str, patching: bool) -> Json:
        kind, old, meta = before.kind, before.thing, thing["metadata"]
        version = meta.get("resourceVersion")
        if version and version != before.meta["resourceVersion"]:
            raise conflict(kind.resource, before.meta["name"])
        if not patching and meta.get("uid") not in (None, "", before.meta.get("uid")):
            raise _other_uid(before, meta["uid"])
        after = {**old, sub: thing.get(sub, {})} if sub else self._whole(before, thing, patching)
        if kind.resource.kind in _COUNTED and after.get("spec") != old.get("spec"):
            after["metadata"] = {**after["metadata"], "generation": int(before.meta.get("generation", 1)) + 1}
        self._hold(kind, after, changed_faults(kind.resource, old, after))
        if not sub:
            self.admit(kind, after, "UPDATE")
        return after

    def _whole(self, before: Kept, thing: Json, patching: bool) -> Json:
        meta = dict(thing["metadata"])
        for field in _OWN:
            if not patching or field not in ("uid", "creationTimestamp"):
                meta.pop(field, None)
                if field in before.meta:
                    meta[field] = before.meta[field]
        after = filled({**thing, "metadata": meta})
        if before.kind.status:
            after.pop("status", None)
            if "status" in before.thing:
                after["status"] = before.thing["status"]
        self._hold(before.kind, after, (f for f in faults(before.kind.resource, after)), also=(before.thing, after))
        return after

    def _written(self, before: Kept, after: Json) -> Kept | None:
        """What was to be deleted goes when the last finalizer is taken away."""
        meta = after["metadata"]
        held = meta.get("finalizers") or (after.get("spec") or {}).get("finalizers")
        if meta.get("deletionTimestamp") and not held and not meta.get("deletionGracePeriodSeconds"):
            return Kept(after, before.kind) if self.store.remove(before) else None
        return self.store.swap(before, after)

    def _placed(self, kind: Kind, namespace: str, thing: Json) -> Json:
        meta: Json = thing["metadata"]
        if not kind.resource.namespaced:
            meta.pop("namespace", None)
        elif meta.setdefault("namespace", namespace) != namespace:
            raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
        return meta

    def _hold(self, kind: Kind, thing: Json, found: Iterator[Any], also: tuple[Json, Json] | None = None) -> None:
        told = list(found)
        if also:
            told += [one for one in changed_faults(kind.resource, *also) if one not in told]
        if told:
            raise refused_for(kind.resource, thing["metadata"].get("name", ""), *told)

    def _in_a_live_namespace(self, kind: Kind, meta: Json) -> None:
        if not kind.resource.namespaced:
            return
        name = meta["namespace"]
        namespaces = self.store.kinds.named("Namespace")
        assert namespaces is not None
        kept = self.store.get(namespaces, "", name)
        if kept is None:
            if self.store.inhabited(name):
                return
            raise not_found(Namespace.RESOURCE, name)
        if kept.meta.get("deletionTimestamp"):
            raise terminating(kind.resource, meta["name"], name)


def _same_name(thing: Mapping[str, Any], name: str) -> None:
    said = thing["metadata"].setdefault("name", name)
    if said != name:
        raise bad_request(f"the name of the object ({said}) does not match the name on the URL ({name})")


def _other_uid(before: Kept, uid: str) -> Refused:
    resource, (namespace, name) = before.kind.resource, before.place
    key = "/".join(part for part in ("/registry", resource.plural, namespace, name) if part)
    return conflict(
        resource,
        name,
        f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: "
        f"Precondition failed: UID in precondition: {uid}, UID in object meta: {before.meta.get('uid', '')}",
    )
