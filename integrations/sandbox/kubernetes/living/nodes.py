"""Nodes: leases renewed and heartbeats sent as long as a kubelet lives, and what a reboot looks like from outside."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from integrations.sandbox.kubernetes.living.ground import Ground, condition, instant

Json = dict[str, Any]

_RENEWED_EVERY = timedelta(seconds=10)
_HEARTBEAT_EVERY = timedelta(minutes=5)
_DOWN_FOR = timedelta(seconds=12)
_SILENT = "Kubelet stopped posting node status."
_UNREACHABLE = "node.kubernetes.io/unreachable"


@dataclass
class Nodes:
    ground: Ground
    _down: dict[str, tuple[datetime, list[Json]]] = field(default_factory=dict)
    """Nodes that reboot: when they are back, and the conditions they had."""
    booted: dict[str, datetime] = field(default_factory=dict)
    """When a node came up again: what ran on it before has ended."""

    def reboot(self, name: str) -> None:
        """Raises LookupError for a node that is not there."""
        node = self.ground.get("Node", "", name)
        if node is None:
            raise LookupError(f"there is no node {name}")
        if name not in self._down:
            self._down[name] = self.ground.now() + _DOWN_FOR, node["status"]["conditions"]
            self._fall_silent(node)

    def up(self, name: str) -> bool:
        """Whether a kubelet is at work there."""
        return name not in self._down

    def step(self) -> None:
        now = self.ground.now()
        for node in self.ground.all("Node"):
            name = node["metadata"]["name"]
            if name in self._down:
                if now >= self._down[name][0]:
                    self._come_up(node)
                continue
            self._renew(name, now)
            self._beat(node, now)

    def _renew(self, name: str, now: datetime) -> None:
        lease = self.ground.get("Lease", "kube-node-lease", name)
        if lease is None:
            return
        at = instant(lease["spec"].get("renewTime"))
        if at is None or now - at >= _RENEWED_EVERY:
            text = now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            self.ground.change(lease, lambda one: {**one, "spec": {**one["spec"], "renewTime": text}})

    def _beat(self, node: Json, now: datetime) -> None:
        at = instant(condition(node, "Ready").get("lastHeartbeatTime"))
        if at is not None and now - at >= _HEARTBEAT_EVERY:
            conditions = [{**one, "lastHeartbeatTime": self.ground.stamp()} for one in node["status"]["conditions"]]
            self.ground.status(node, conditions=conditions)

    def _fall_silent(self, node: Json) -> None:
        name, now = node["metadata"]["name"], self.ground.stamp()
        unknown = {"status": "Unknown", "reason": "NodeStatusUnknown", "message": _SILENT, "lastTransitionTime": now}
        self.ground.status(node, conditions=[{**one, **unknown} for one in node["status"]["conditions"]])
        taints = [{"key": _UNREACHABLE, "effect": effect, "timeAdded": now} for effect in ("NoSchedule", "NoExecute")]
        self.ground.change(
            node, lambda one: {**one, "spec": {**one["spec"], "taints": [*one["spec"].get("taints", []), *taints]}}
        )
        self._tell(node, "Normal", "NodeNotReady", f"Node {name} status is now: NodeNotReady", "node-controller")
        for pod in self.ground.all("Pod"):
            if pod["spec"].get("nodeName") == name and condition(pod, "Ready").get("status") == "True":
                changed = [_unready(one, now) for one in pod["status"]["conditions"]]
                self.ground.status(pod, conditions=changed)

    def _come_up(self, node: Json) -> None:
        name, now = node["metadata"]["name"], self.ground.stamp()
        since, before = self._down.pop(name)
        self.booted[name] = since.replace(microsecond=0)  # as finely as a container's start is told
        boot = str(uuid.uuid4())
        info = {**node["status"].get("nodeInfo", {}), "bootID": boot}
        conditions = [{**one, "lastHeartbeatTime": now} for one in before]
        conditions = [_ready(one, now) if one["type"] == "Ready" else one for one in conditions]
        self.ground.status(node, conditions=conditions, nodeInfo=info)
        self.ground.change(node, _without_taint)
        self._tell(node, "Normal", "Starting", "Starting kubelet.", "kubelet")
        self._tell(node, "Warning", "Rebooted", f"Node {name} has been rebooted, boot id: {boot}", "kubelet")
        self._tell(node, "Normal", "NodeReady", f"Node {name} status is now: NodeReady", "kubelet")

    def _tell(self, node: Json, kind: str, reason: str, message: str, component: str) -> None:
        host = node["metadata"]["name"] if component == "kubelet" else ""
        self.ground.recorder.tell(node, kind, reason, message, component, host)


def _unready(one: Json, now: str) -> Json:
    if one["type"] != "Ready":
        return one
    return {**one, "status": "False", "lastTransitionTime": now}


def _ready(one: Json, now: str) -> Json:
    said = {"status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status"}
    return {**one, **said, "lastTransitionTime": now}


def _without_taint(node: Json) -> Json:
    kept = [one for one in node["spec"].get("taints", []) if one["key"] != _UNREACHABLE]
    spec = {**node["spec"], "taints": kept} if kept else {k: v for k, v in node["spec"].items() if k != "taints"}
    return {**node, "spec": spec}
