"""Deployments: a ReplicaSet for each template, rolled out step by step within what may surge and be unavailable."""

import copy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from integrations.sandbox.kubernetes.living.ground import Ground, condition, instant, reference, with_condition
from integrations.sandbox.kubernetes.living.shares import hashed, share

Json = dict[str, Any]

_COMPONENT = "deployment-controller"
_REVISION, _CAUSE = "deployment.kubernetes.io/revision", "kubernetes.io/change-cause"
_HASH = "pod-template-hash"


@dataclass(frozen=True)
class Deployments:
    ground: Ground

    def step(self) -> None:
        for one in self.ground.all("Deployment"):
            if not one["metadata"].get("deletionTimestamp"):
                _Rollout(self.ground, one).step()


class _Rollout:
    """One look at one Deployment."""

    def __init__(self, ground: Ground, one: Json) -> None:
        self.ground, self.one, self.spec = ground, one, one["spec"]
        self.sets = sorted(ground.owned("ReplicaSet", one), key=_revision)
        self.wanted = int(self.spec.get("replicas", 1))

    def step(self) -> None:
        new = self._new()
        if new is None:
            if self.spec.get("paused"):
                return self._count(None)
            return self._create()
        old = [one for one in self.sets if one is not new]
        if not self.spec.get("paused"):
            new = self._numbered(new)
            if (self.spec.get("strategy") or {}).get("type") == "Recreate":
                self._recreate(new, old)
            else:
                self._roll(new, old)
        self._prune(old)
        return self._count(new)

    def _new(self) -> Json | None:
        mine = bare(self.spec["template"])
        return next((one for one in reversed(self.sets) if bare(one["spec"]["template"]) == mine), None)

    def _create(self) -> None:
        meta, template = self.one["metadata"], copy.deepcopy(self.spec["template"])
        code = hashed(bare(template))
        labels = {**(template.get("metadata") or {}).get("labels", {}), _HASH: code}
        template["metadata"] = {**(template.get("metadata") or {}), "labels": labels}
        selector = copy.deepcopy(self.spec["selector"])
        selector["matchLabels"] = {**selector.get("matchLabels", {}), _HASH: code}
        revision = str(max((_revision(one) for one in self.sets), default=0) + 1)
        name = f"{meta['name']}-{code}"
        spec = {"replicas": 0, "selector": selector, "template": template}
        if "minReadySeconds" in self.spec:
            spec["minReadySeconds"] = self.spec["minReadySeconds"]
        self.ground.create(
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": {
                    "name": name,
                    "namespace": meta["namespace"],
                    "labels": labels,
                    "annotations": {**self._cause(), _REVISION: revision},
                    "ownerReferences": [reference(self.one)],
                },
                "spec": spec,
            }
        )
        self._annotate(self.one, revision)
        said = ("True", "NewReplicaSetCreated", f'Created new replica set "{name}"')
        conditions = self._with("Progressing", said, self.one.get("status", {}).get("conditions") or [], anew=True)
        self.ground.status(self.one, conditions=conditions, updatedReplicas=None)

    def _numbered(self, new: Json) -> Json:
        """A template that is used again becomes the newest revision."""
        revision = str(max(_revision(one) for one in self.sets))
        if _revision(new) < int(revision):
            revision = str(int(revision) + 1)
            self._annotate(new, revision)
        self._annotate(self.one, revision)
        return self.ground.get("ReplicaSet", new["metadata"]["namespace"], new["metadata"]["name"]) or new

    def _annotate(self, thing: Json, revision: str) -> None:
        if thing["metadata"].get("annotations", {}).get(_REVISION) == revision:
            return

        def change(now: Json) -> Json:
            annotations = {**now["metadata"].get("annotations", {}), _REVISION: revision}
            if now["kind"] == "ReplicaSet":
                annotations |= self._cause()
            return {**now, "metadata": {**now["metadata"], "annotations": annotations}}

        self.ground.change(thing, change)

    def _cause(self) -> Json:
        said = self.one["metadata"].get("annotations", {}).get(_CAUSE)
        return {_CAUSE: said} if said else {}

    def _recreate(self, new: Json, old: list[Json]) -> None:
        for one in old:
            self._scale(one, 0)
        if not any(self.ground.owned("Pod", one) for one in old):
            self._scale(new, self.wanted)

    def _roll(self, new: Json, old: list[Json]) -> None:
        rolling = (self.spec.get("strategy") or {}).get("rollingUpdate") or {}
        surge = share(rolling.get("maxSurge", "25%"), self.wanted, up=True)
        missing = share(rolling.get("maxUnavailable", "25%"), self.wanted, up=False)
        if not surge and not missing:
            missing = 1
        total, mine = sum(map(_asked, (*old, new))), _asked(new)
        if mine > self.wanted:
            return self._scale(new, self.wanted)
        room = self.wanted + surge - total
        if mine < self.wanted and room > 0:
            return self._scale(new, min(self.wanted, mine + room))
        spare = total - (self.wanted - missing) - (mine - _available(new))
        return self._shrink(old, spare)

    def _shrink(self, old: list[Json], spare: int) -> None:
        """First what is not available anyway, then what is."""
        for one in old:
            sick = _asked(one) - _available(one)
            less = min(spare, sick)
            if less > 0:
                self._scale(one, _asked(one) - less)
                spare -= less
        left = sum(map(_available, self.sets)) - (self.wanted - self._missing())
        for one in old:
            less = min(left, spare, _asked(one))
            if less > 0 and _available(one):
                self._scale(one, _asked(one) - less)
                left, spare = left - less, spare - less

    def _missing(self) -> int:
        rolling = (self.spec.get("strategy") or {}).get("rollingUpdate") or {}
        return share(rolling.get("maxUnavailable", "25%"), self.wanted, up=False)

    def _scale(self, one: Json, to: int) -> None:
        was = _asked(one)
        if was == to:
            return
        self.ground.change(one, lambda now: {**now, "spec": {**now["spec"], "replicas": to}})
        one["spec"] = {**one["spec"], "replicas": to}
        way = "up" if to > was else "down"
        said = f"Scaled {way} replica set {one['metadata']['name']} from {was} to {to}"
        self.ground.recorder.tell(self.one, "Normal", "ScalingReplicaSet", said, _COMPONENT)

    def _prune(self, old: list[Json]) -> None:
        idle = [one for one in old if not _asked(one) and not one.get("status", {}).get("replicas")]
        keep = int(self.spec.get("revisionHistoryLimit", 10))
        for one in idle[: max(0, len(idle) - keep)]:
            self.ground.delete(one)

    def _count(self, new: Json | None) -> None:
        sets = self.ground.owned("ReplicaSet", self.one)
        one = self.ground.get("Deployment", self.one["metadata"]["namespace"], self.one["metadata"]["name"])
        if one is None:
            return
        name = new["metadata"]["name"] if new else ""
        newest = next((found for found in sets if found["metadata"]["name"] == name), None)
        counts = {key: sum(_status(found, key) for found in sets) for key in _COUNTS}
        updated = _status(newest, "replicas") if newest else 0
        conditions = self._judged(one, newest, counts, updated)
        self.ground.status(
            one,
            observedGeneration=one["metadata"].get("generation", 1),
            updatedReplicas=updated or None,
            unavailableReplicas=max(0, max(self.wanted, counts["replicas"]) - counts["availableReplicas"]) or None,
            conditions=conditions,
            **{key: value or None for key, value in counts.items()},
        )

    def _judged(self, one: Json, new: Json | None, counts: dict[str, int], updated: int) -> list[Json]:
        conditions = list(one.get("status", {}).get("conditions") or [])
        enough = counts["availableReplicas"] >= self.wanted - self._missing()
        said = ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
        if not enough:
            said = ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
        conditions = self._with("Available", said, conditions)
        failure = condition(new, "ReplicaFailure") if new else {}
        if failure:
            told = (failure["status"], failure["reason"], failure["message"])
            conditions = self._with("ReplicaFailure", told, conditions)
        else:
            conditions = [one for one in conditions if one["type"] != "ReplicaFailure"]
        return self._progress(one, new, counts, updated, conditions) if new else conditions

    def _progress(
        self, one: Json, new: Json, counts: dict[str, int], updated: int, conditions: list[Json]
    ) -> list[Json]:
        status, name = one.get("status", {}), new["metadata"]["name"]
        now = condition(one, "Progressing")
        complete = updated == counts["replicas"] == self.wanted == counts["availableReplicas"]
        moved = updated > status.get("updatedReplicas", 0) or counts["availableReplicas"] > status.get(
            "availableReplicas", 0
        )
        old_before = status.get("replicas", 0) - status.get("updatedReplicas", 0)
        moved = moved or counts["replicas"] - updated < old_before
        if complete:
            said = ("True", "NewReplicaSetAvailable", f'ReplicaSet "{name}" has successfully progressed.')
            return self._with("Progressing", said, conditions, anew=now.get("reason") != said[1])
        if now.get("reason") == "NewReplicaSetAvailable" and updated == counts["replicas"]:
            return conditions  # the rollout is over; what happens to its pods later is no matter of progress
        if moved:
            said = ("True", "ReplicaSetUpdated", f'ReplicaSet "{name}" is progressing.')
            return self._with("Progressing", said, conditions, anew=True)
        since = instant(now.get("lastUpdateTime"))
        limit = timedelta(seconds=int(self.spec.get("progressDeadlineSeconds", 600)))
        if since and self.ground.now() - since > limit and not self.spec.get("paused"):
            said = ("False", "ProgressDeadlineExceeded", f'ReplicaSet "{name}" has timed out progressing.')
            return self._with("Progressing", said, conditions)
        return conditions

    def _with(self, kind: str, said: tuple[str, str, str], conditions: list[Json], *, anew: bool = False) -> list[Json]:
        before = next((c for c in conditions if c["type"] == kind), {})
        status, reason, message = said
        new = {"type": kind, "status": status, "reason": reason, "message": message}
        same = not anew and all(before.get(key) == new[key] for key in new)
        new["lastUpdateTime"] = before.get("lastUpdateTime", self.ground.stamp()) if same else self.ground.stamp()
        return with_condition(conditions, new, self.ground.stamp())


_COUNTS = ("replicas", "readyReplicas", "availableReplicas")


def bare(template: Json) -> Json:
    """A template without the label that ReplicaSets are told apart by."""
    meta = template.get("metadata") or {}
    labels = {key: value for key, value in (meta.get("labels") or {}).items() if key != _HASH}
    return {"labels": labels, "annotations": meta.get("annotations") or {}, "spec": template["spec"]}


def _revision(one: Json) -> int:
    text = one["metadata"].get("annotations", {}).get(_REVISION, "0")
    return int(text) if text.isdecimal() else 0


def _asked(one: Json) -> int:
    return int(one["spec"].get("replicas", 1))


def _available(one: Json) -> int:
    return _status(one, "availableReplicas")


def _status(one: Json, key: str) -> int:
    return int(one.get("status", {}).get(key, 0))
