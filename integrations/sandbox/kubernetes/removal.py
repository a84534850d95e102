"""Deleting: preconditions, finalizers, a pod's grace, what is done with dependents, and eviction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from integrations.sandbox.kubernetes.kinds import Kind
from integrations.sandbox.kubernetes.refusals import bad_request, budget_spent, internal, not_found, precondition_failed
from integrations.sandbox.kubernetes.selectors import selects
from integrations.sandbox.kubernetes.store import Kept
from integrations.sandbox.kubernetes.writing import Writer
from integrations.sandbox.moments import stamp

Json = dict[str, Any]

_RETURNED = ("Pod", "Service", "ServiceAccount", "PersistentVolume", "PersistentVolumeClaim", "ResourceQuota",
             "PodTemplate")  # fmt: skip
_FINALIZERS = {"Foreground": "foregroundDeletion", "Orphan": "orphan"}
_ENDED = ("Succeeded", "Failed")


@dataclass(frozen=True)
class Remover:
    writer: Writer

    def delete(self, kind: Kind, namespace: str, name: str, options: Mapping[str, Any]) -> Json:
        """The answer to a DELETE: the object as it is from now on, or the word that it is gone."""
        while True:
            before = self.writer.store.get(kind, namespace, name)
            if before is None:
                raise not_found(kind.resource, name)
            _met(before, options.get("preconditions") or {})
            after = self._dying(before, options)
            if options.get("dryRun") or self._done(before, after):
                break
        if _held(after) or kind.resource.kind in _RETURNED or kind.resource.kind == "Namespace":
            return after
        resource = kind.resource
        details = {"name": name, "group": resource.group, "kind": resource.plural, "uid": before.meta.get("uid", "")}
        told = {key: value for key, value in details.items() if value}
        return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": told}

    def evict(self, kind: Kind, namespace: str, name: str, eviction: Json) -> Json:
        """Deletes a pod if the budgets over it allow one disruption more."""
        pod = self.writer.store.get(kind, namespace, name)
        if pod is None:
            raise not_found(kind.resource, name)
        if (eviction.get("metadata") or {}).get("name") != name:
            raise bad_request("name in URL does not match name in Eviction object")
        options = dict(eviction.get("deleteOptions") or {})
        if not pod.meta.get("deletionTimestamp") and pod.thing.get("status", {}).get("phase") not in (
            *_ENDED,
            "Pending",
        ):
            self._spend(pod, dry=bool(options.get("dryRun")))
        self.delete(kind, namespace, name, options)
        return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}

    def _spend(self, pod: Kept, *, dry: bool) -> None:
        store = self.writer.store
        kind = store.kinds.named("PodDisruptionBudget")
        assert kind is not None
        _, budgets = store.all(kind, pod.place[0])
        mine = [
            one
            for one in budgets
            if selects((one.thing.get("spec") or {}).get("selector"), pod.meta.get("labels") or {})
        ]
        if len(mine) > 1:
            raise internal(
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
            )
        for budget in mine:
            status = budget.thing.get("status") or {}
            left, needs, has = (
                int(status.get(k, 0)) for k in ("disruptionsAllowed", "desiredHealthy", "currentHealthy")
            )
            if not is_ready(pod.thing) and has >= needs > 0:
                continue  # it is not one of the healthy ones that the budget counts
            if left < 1:
                raise budget_spent(budget.meta["name"], needs, has)
            if not dry:
                self.writer.change(kind, *budget.place, _one_less(pod, stamp(self.writer.now())), "status")

    def _dying(self, before: Kept, options: Mapping[str, Any]) -> Json:
        meta = dict(before.meta)
        policy = _FINALIZERS.get(options.get("propagationPolicy", ""))
        if policy and policy not in meta.get("finalizers", []):
            meta["finalizers"] = [*meta.get("finalizers", []), policy]
        if "deletionTimestamp" in meta and options.get("gracePeriodSeconds") is None:
            return {**before.thing, "metadata": meta}
        grace = self._grace(before, options)
        if "deletionTimestamp" not in meta or grace < meta.get("deletionGracePeriodSeconds", 0):
            if "deletionTimestamp" not in meta and meta.get("generation"):
                meta["generation"] += 1
            meta["deletionTimestamp"] = stamp(self.writer.now() + timedelta(seconds=grace))
            if before.kind.resource.kind != "Namespace":
                meta["deletionGracePeriodSeconds"] = grace
        after = {**before.thing, "metadata": meta}
        if before.kind.resource.kind == "Namespace":
            after["status"] = {**before.thing.get("status", {}), "phase": "Terminating"}
        return after

    def _grace(self, before: Kept, options: Mapping[str, Any]) -> int:
        if before.kind.resource.kind != "Pod":
            return 0
        spec, said = before.thing["spec"], options.get("gracePeriodSeconds")
        ended = before.thing.get("status", {}).get("phase") in _ENDED
        if not spec.get("nodeName") or ended:
            return 0
        period = int(spec.get("terminationGracePeriodSeconds", 30)) if said is None else int(said)
        return 1 if period < 0 else period

    def _done(self, before: Kept, after: Json) -> bool:
        if _held(after):
            return after == before.thing or self.writer.store.swap(before, after) is not None
        return self.writer.store.remove(before)


def is_ready(pod: Mapping[str, Any]) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def _held(thing: Json) -> bool:
    """Whether something keeps it for a while: a finalizer, or the kubelet that has to stop it first."""
    meta = thing["metadata"]
    of_namespace = thing["kind"] == "Namespace" and thing.get("spec", {}).get("finalizers")
    return bool(meta.get("finalizers") or meta.get("deletionGracePeriodSeconds") or of_namespace)


def _met(before: Kept, wanted: Mapping[str, str]) -> None:
    name = before.meta["name"]
    for key, what in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
        if wanted.get(key) is not None and wanted[key] != before.meta.get(key):
            raise precondition_failed(before.kind.resource, name, what, wanted[key], str(before.meta.get(key)))


def _one_less(pod: Kept, now: str) -> Any:
    def change(budget: Json) -> Json:
        status = budget.get("status") or {}
        gone = {**status.get("disruptedPods", {}), pod.meta["name"]: now}
        left = int(status.get("disruptionsAllowed", 0)) - 1
        return {**budget, "status": {**status, "disruptionsAllowed": left, "disruptedPods": gone}}

    return change
