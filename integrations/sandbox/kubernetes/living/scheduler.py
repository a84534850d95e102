"""The scheduler: a node for each pod that has none, by taints, selectors, requests and claims; or why there is none."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from integrations.sandbox.kubernetes.living.ground import Ground, condition, with_condition
from knowledge.facts.quantity import amount

Json = dict[str, Any]

_AGAIN_AFTER = timedelta(minutes=5)
_HELPLESS = ("untolerated taint", "unschedulable", "node affinity/selector")
"""What no preemption can help against."""


@dataclass
class Scheduler:
    ground: Ground
    _told: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    """What was said about a pod that fits nowhere, and when."""

    def step(self) -> None:
        waiting = [pod for pod in self.ground.all("Pod") if _waits(pod)]
        if not waiting:
            return
        nodes = self.ground.all("Node")
        for pod in waiting:
            self._place(pod, nodes)

    def _place(self, pod: Json, nodes: list[Json]) -> None:
        count = f"0/{len(nodes)} nodes are available"
        if hindrance := self._claims(pod):
            return self._refuse(pod, f"{count}: {hindrance}. not found")
        used = _used(self.ground.all("Pod"))
        why: Counter[str] = Counter()
        helpless, fitting = 0, []
        for node in nodes:
            faults = _faults(node, pod, used)
            if not faults:
                fitting.append(node)
            why.update(faults)
            helpless += any(word in fault for fault in faults for word in _HELPLESS)
        if fitting:
            return self._bind(pod, min(fitting, key=lambda node: used[node["metadata"]["name"], "cpu"]))
        reasons = ", ".join(sorted(f"{n} {reason}" for reason, n in why.items()))
        return self._refuse(pod, f"{count}: {reasons}. preemption: {count}: {_no_help(helpless, len(nodes))}.")

    def _claims(self, pod: Json) -> str:
        namespace = pod["metadata"]["namespace"]
        for volume in pod["spec"].get("volumes") or []:
            name = (volume.get("persistentVolumeClaim") or {}).get("claimName")
            if not name:
                continue
            claim = self.ground.get("PersistentVolumeClaim", namespace, name)
            if claim is None:
                return f'persistentvolumeclaim "{name}" not found'
            if claim.get("status", {}).get("phase") != "Bound" and not self._late(claim):
                return "pod has unbound immediate PersistentVolumeClaims"
        return ""

    def _late(self, claim: Json) -> bool:
        """Whether the claim is bound only when its first consumer comes."""
        found = self.ground.get("StorageClass", "", claim["spec"].get("storageClassName") or "")
        return found is not None and found.get("volumeBindingMode") == "WaitForFirstConsumer"

    def _bind(self, pod: Json, node: Json) -> None:
        name, meta = node["metadata"]["name"], pod["metadata"]
        placed = {"type": "PodScheduled", "status": "True", "lastProbeTime": None}

        def change(now: Json) -> Json:
            conditions = with_condition(now["status"].get("conditions") or [], placed, self.ground.stamp())
            return {
                **now,
                "spec": {**now["spec"], "nodeName": name},
                "status": {**now["status"], "conditions": conditions},
            }

        self.ground.bind(pod, change)
        said = f"Successfully assigned {meta['namespace']}/{meta['name']} to {name}"
        self.ground.recorder.schedule(pod, "Normal", "Scheduled", said, "Binding")

    def _refuse(self, pod: Json, message: str) -> None:
        uid, now = pod["metadata"]["uid"], self.ground.now()
        before = condition(pod, "PodScheduled")
        if uid not in self._told and before.get("message") == message:
            self._told[uid] = message, now  # so it was recorded, and said lately
        said, at = self._told.get(uid, ("", now))
        if said == message and now - at < _AGAIN_AFTER:
            return
        self._told[uid] = message, now
        new = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
        conditions = with_condition(
            pod["status"].get("conditions") or [], {**new, "lastProbeTime": None}, self.ground.stamp()
        )
        self.ground.status(pod, conditions=conditions)
        self.ground.recorder.schedule(pod, "Warning", "FailedScheduling", message, "Scheduling")


def untolerated(node: Json, spec: Json) -> Json | None:
    """The first taint that keeps a pod away from a node."""
    for taint in node["spec"].get("taints") or []:
        if taint["effect"] != "PreferNoSchedule" and not any(
            _tolerates(one, taint) for one in spec.get("tolerations") or []
        ):
            return dict(taint)
    return None


def selected(node: Json, spec: Json) -> bool:
    """Whether a node has the labels that a pod wants."""
    labels = node["metadata"].get("labels") or {}
    if any(labels.get(key) != value for key, value in (spec.get("nodeSelector") or {}).items()):
        return False
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = (affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}).get("nodeSelectorTerms")
    return not required or any(_fits(term, labels) for term in required)


def _fits(term: Json, labels: Json) -> bool:
    return all(_holds(one, labels) for one in term.get("matchExpressions") or [])


def _holds(one: Json, labels: Json) -> bool:
    value, values = labels.get(one["key"]), one.get("values") or []
    match one["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt" | "Lt":
            sign = 1 if one["operator"] == "Gt" else -1
            return bool(str(value).isdecimal() and (int(str(value)) - int(values[0])) * sign > 0)
    return False


def _tolerates(one: Json, taint: Json) -> bool:
    if one.get("effect") not in (None, "", taint["effect"]) or one.get("key") not in (None, "", taint["key"]):
        return False
    return one.get("operator") == "Exists" or one.get("value", "") == taint.get("value", "")


def _waits(pod: Json) -> bool:
    spec = pod["spec"]
    ours = spec.get("schedulerName", "default-scheduler") == "default-scheduler"
    return bool(ours and not spec.get("nodeName") and not spec.get("schedulingGates")) and not (
        pod["metadata"].get("deletionTimestamp") or pod.get("status", {}).get("phase") in ("Succeeded", "Failed")
    )


def _faults(node: Json, pod: Json, used: Counter[tuple[str, str]]) -> list[str]:
    """Why a pod may not run here: the first kind of hindrance, or every resource that is short."""
    spec, name = pod["spec"], node["metadata"]["name"]
    taint = untolerated(node, spec)
    if node["spec"].get("unschedulable") and (taint is None or taint["key"] == "node.kubernetes.io/unschedulable"):
        return ["node(s) were unschedulable"]
    if taint is not None:
        return ["node(s) had untolerated taint(s)"]
    if not selected(node, spec):
        return ["node(s) didn't match Pod's node affinity/selector"]
    room = node["status"].get("allocatable") or {}
    short = [
        f"Insufficient {kind}"
        for kind, asked in _requests(spec).items()
        if asked and used[name, kind] + asked > (amount(room.get(kind)) or 0)
    ]
    if used[name, "pods"] + 1 > (amount(room.get("pods", "110")) or 0):
        short.append("Too many pods")
    return short


def _requests(spec: Json) -> dict[str, float]:
    found: Counter[str] = Counter()
    for one in spec["containers"]:
        for kind, asked in ((one.get("resources") or {}).get("requests") or {}).items():
            found[kind] += amount(asked) or 0  # type: ignore[assignment]
    return dict(found)


def _used(pods: list[Json]) -> Counter[tuple[str, str]]:
    used: Counter[tuple[str, str]] = Counter()
    for pod in pods:
        node = pod["spec"].get("nodeName")
        if node and pod.get("status", {}).get("phase") not in ("Succeeded", "Failed"):
            used[node, "pods"] += 1
            for kind, asked in _requests(pod["spec"]).items():
                used[node, kind] += asked  # type: ignore[assignment]
    return used


def _no_help(helpless: int, nodes: int) -> str:
    parts = []
    if helpless:
        parts.append(f"{helpless} Preemption is not helpful for scheduling")
    if nodes > helpless:
        parts.append(f"{nodes - helpless} No preemption victims found for incoming pod")
    return ", ".join(parts)
