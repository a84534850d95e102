"""ReplicaSets: as many pods as they ask for, made from their template; what hinders that becomes a condition."""

import copy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from integrations.sandbox.kubernetes.living.ground import Ground, condition, instant, reference, with_condition
from integrations.sandbox.kubernetes.refusals import Refused
from integrations.sandbox.kubernetes.removal import is_ready

Json = dict[str, Any]

_COMPONENT = "replicaset-controller"
_FIRST_WAIT_S, _LONGEST_WAIT_S = 2, 15


@dataclass
class ReplicaSets:
    ground: Ground
    _waits: dict[str, tuple[Any, int]] = field(default_factory=dict)
    """After a refusal: until when nothing is tried, and how long that was."""

    def step(self) -> None:
        for one in self.ground.all("ReplicaSet"):
            if not one["metadata"].get("deletionTimestamp"):
                self._keep(one)

    def _keep(self, one: Json) -> None:
        pods = [pod for pod in self.ground.owned("Pod", one) if alive(pod)]
        missing = int(one["spec"].get("replicas", 1)) - len(pods)
        conditions = one.get("status", {}).get("conditions") or []
        if missing > 0:
            conditions = self._make(one, missing, conditions)
        else:
            conditions = [c for c in conditions if c["type"] != "ReplicaFailure"]
            for pod in sorted(pods, key=_least_missed)[: -missing or 0]:
                self.ground.delete(pod)
                self._tell(one, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}")
        self._count(one, conditions)

    def _make(self, one: Json, missing: int, conditions: list[Json]) -> list[Json]:
        uid, now = one["metadata"]["uid"], self.ground.now()
        until, wait = self._waits.get(uid, (now, 0))
        if now < until:
            return conditions
        for _ in range(missing):
            try:
                pod = self.ground.create(pod_of(one, one["spec"]["template"], one["metadata"]["name"]))
            except Refused as refused:
                wait = min(wait * 2 or _FIRST_WAIT_S, _LONGEST_WAIT_S)
                self._waits[uid] = now + timedelta(seconds=wait), wait
                self._tell(one, "FailedCreate", f"Error creating: {refused}", "Warning")
                failed = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": str(refused)}
                return with_condition(conditions, failed, self.ground.stamp())
            self._tell(one, "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}")
        self._waits.pop(uid, None)
        return [c for c in conditions if c["type"] != "ReplicaFailure"]

    def _count(self, one: Json, conditions: list[Json]) -> None:
        pods = [pod for pod in self.ground.owned("Pod", one) if alive(pod)]
        ready = sum(map(is_ready, pods))
        least = int(one["spec"].get("minReadySeconds", 0))
        available = sum(ready_for(pod, self.ground.now(), least) for pod in pods)
        self.ground.status(
            one,
            replicas=len(pods),
            fullyLabeledReplicas=len(pods) or None,
            readyReplicas=ready or None,
            availableReplicas=available or None,
            observedGeneration=one["metadata"].get("generation", 1),
            conditions=conditions or None,
        )

    def _tell(self, one: Json, reason: str, message: str, kind: str = "Normal") -> None:
        self.ground.recorder.tell(one, kind, reason, message, _COMPONENT)


def alive(pod: Json) -> bool:
    """A pod that counts: it neither ended nor is being deleted."""
    ended = pod.get("status", {}).get("phase") in ("Succeeded", "Failed")
    return not ended and not pod["metadata"].get("deletionTimestamp")


def ready_for(pod: Json, now: Any, seconds: int) -> bool:
    """Whether a pod has been ready for so long."""
    found = condition(pod, "Ready")
    since = instant(found.get("lastTransitionTime"))
    return found.get("status") == "True" and (not seconds or (since is not None and (now - since).seconds >= seconds))


def pod_of(owner: Json, template: Json, name: str, exact: str = "") -> Json:
    """A pod from a template, before the API server sees it. ``exact``: its whole name."""
    meta = copy.deepcopy(template.get("metadata") or {})
    meta |= {"namespace": owner["metadata"]["namespace"], "ownerReferences": [reference(owner)]}
    meta |= {"name": exact} if exact else {"generateName": f"{name}-"}
    spec = copy.deepcopy(template["spec"])
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


def _least_missed(pod: Json) -> tuple[bool, bool, int, str]:
    """Which pod goes first: one without a node, one that is not ready, one that restarted most, the newest."""
    restarts = sum(c.get("restartCount", 0) for c in pod.get("status", {}).get("containerStatuses") or [])
    born = instant(pod["metadata"]["creationTimestamp"])
    newest = "" if born is None else str(10**12 - int(born.timestamp()))
    return bool(pod["spec"].get("nodeName")), is_ready(pod), -restarts, newest
