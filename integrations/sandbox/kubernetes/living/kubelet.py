"""The kubelets: the pods of their nodes are started, watched, restarted and stopped, and their events recorded."""

import copy
import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from integrations.sandbox.documents import Fate
from integrations.sandbox.kubernetes.living.containers import Container
from integrations.sandbox.kubernetes.living.fates import Fates
from integrations.sandbox.kubernetes.living.ground import Ground, instant, with_condition
from integrations.sandbox.kubernetes.living.nodes import Nodes
from integrations.sandbox.kubernetes.logs import LogBook

Json = dict[str, Any]

_ENDED = ("Succeeded", "Failed")
_STOPS_IN_S = 1
_TOLD_EVERY = timedelta(seconds=12)


@dataclass
class Kubelet:
    """All of them at once: a node that is down has none."""

    ground: Ground
    written: list[Fate]
    book: LogBook
    nodes: Nodes
    _stopping: dict[str, datetime] = field(default_factory=dict)
    _told: dict[tuple[str, ...], datetime] = field(default_factory=dict)
    _struck: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.opened = self.ground.now()
        self.fates = Fates(self.ground, self.written)

    def step(self) -> None:
        there = {node["metadata"]["name"] for node in self.ground.all("Node")}
        for pod in self.ground.all("Pod"):
            node = pod["spec"].get("nodeName", "")
            if node in there and self.nodes.up(node):
                self._look(pod)

    def _look(self, pod: Json) -> None:
        if pod["metadata"].get("deletionTimestamp"):
            return self._stop(pod)
        if pod.get("status", {}).get("phase") in _ENDED:
            return None
        status = copy.deepcopy(pod.get("status") or {})
        self._begin(pod, status)
        known = {one["name"]: one for one in status.get("containerStatuses") or []}
        status["containerStatuses"] = [
            Container(self, pod, spec, known.get(spec["name"])).step() for spec in pod["spec"]["containers"]
        ]
        self._settle(pod, status)
        if status != pod.get("status"):
            self.ground.status(pod, **status)
        return None

    def _begin(self, pod: Json, status: Json) -> None:
        """What a kubelet writes when it first sees a pod."""
        if "startTime" in status:
            return
        now = self.ground.stamp()
        host = self._host(pod)
        status |= {"startTime": now, "hostIP": host, "hostIPs": [{"ip": host}]}
        for kind in ("PodReadyToStartContainers", "Initialized", "PodScheduled"):
            self._set(status, kind, "True")
        if pod["spec"].get("initContainers") and "initContainerStatuses" not in status:
            status["initContainerStatuses"] = [_completed(one, now) for one in pod["spec"]["initContainers"]]

    def _settle(self, pod: Json, status: Json) -> None:
        """Phase and readiness follow the containers."""
        states = status["containerStatuses"]
        began = [one for one in states if one["state"].keys() & {"running", "terminated"} or one.get("lastState")]
        if began and "podIP" not in status:
            ip = self._address(pod)
            status |= {"podIP": ip, "podIPs": [{"ip": ip}]}
        ended = [one["state"].get("terminated") for one in states]
        if all(ended) and pod["spec"].get("restartPolicy") != "Always":
            status["phase"] = "Failed" if any(one["exitCode"] for one in ended) else "Succeeded"
        else:
            status["phase"] = "Running" if began else "Pending"
        unready = [one["name"] for one in states if not one["ready"]]
        why = {}
        if unready:
            said = f"containers with unready status: [{' '.join(unready)}]"
            why = {"reason": "ContainersNotReady", "message": said}
        for kind in ("Ready", "ContainersReady"):
            self._set(status, kind, "False" if unready else "True", why)

    def _set(self, status: Json, kind: str, value: str, why: Json | None = None) -> None:
        before: Json = next((one for one in status.get("conditions") or [] if one["type"] == kind), {})
        if before.get("status") == value:
            return
        new = {"type": kind, "status": value, "lastProbeTime": None, **(why or {})}
        status["conditions"] = with_condition(status.get("conditions") or [], new, self.ground.stamp())

    def _host(self, pod: Json) -> str:
        node = self.ground.get("Node", "", pod["spec"]["nodeName"])
        addresses = node["status"].get("addresses") or [] if node else []
        return next((str(one["address"]) for one in addresses if one["type"] == "InternalIP"), "10.0.0.1")

    def _address(self, pod: Json) -> str:
        if pod["spec"].get("hostNetwork"):
            return self._host(pod)
        node = self.ground.get("Node", "", pod["spec"]["nodeName"])
        head = (node or {}).get("spec", {}).get("podCIDR", "10.244.0.0/24").rpartition(".")[0]
        taken = {one.get("status", {}).get("podIP") for one in self.ground.all("Pod")}
        start = hashlib.sha256(pod["metadata"]["uid"].encode()).digest()[0]
        free = (f"{head}.{(start + n) % 250 + 2}" for n in range(250))
        return next(ip for ip in free if ip not in taken)

    def _stop(self, pod: Json) -> None:
        """Containers are told to stop; the pod goes when they have, at the latest when its grace is over."""
        meta, now = pod["metadata"], self.ground.now()
        if meta["uid"] not in self._stopping:
            self._stopping[meta["uid"]] = now + timedelta(seconds=_stops_in(pod))
            for one in pod.get("status", {}).get("containerStatuses") or []:
                if "running" in one["state"]:
                    self.tell(pod, one["name"], "Normal", "Killing", f"Stopping container {one['name']}")
        limit = instant(meta["deletionTimestamp"]) or now
        if now < min(self._stopping[meta["uid"]], limit):
            return
        if _stops_in(pod) >= int(meta.get("deletionGracePeriodSeconds") or 0) > _STOPS_IN_S:
            said = "Container runtime did not kill the pod within specified grace period."
            self.tell(pod, "", "Warning", "ExceededGracePeriod", said)
        self._stopping.pop(meta["uid"])
        self.ground.delete(pod, gracePeriodSeconds=0)

    def tell(self, pod: Json, container: str, kind: str, reason: str, message: str, *, often: bool = False) -> None:
        """``often``: something that goes on, and is told every few seconds only."""
        key, now = (pod["metadata"]["uid"], container, reason, message), self.ground.now()
        if often and now - self._told.get(key, now - _TOLD_EVERY) < _TOLD_EVERY:
            return
        self._told[key] = now
        self.ground.recorder.tell(pod, kind, reason, message, "kubelet", pod["spec"]["nodeName"], container)

    def strike(self, pod: Json, fate: Fate) -> bool:
        """The node of a pod without limits runs out of memory. True when the pod itself is the victim."""
        uid, now = pod["metadata"]["uid"], self.ground.now()
        if uid in self._struck and (now - self._struck[uid]).total_seconds() < fate.after:
            return False
        self._struck[uid] = now
        name = pod["spec"]["nodeName"]
        victim = next((one for one in self.ground.all("Pod", pod["metadata"]["namespace"])
                       if (one["metadata"].get("labels") or {}).get("app") == fate.victim
                       and one["spec"].get("nodeName") == name and _runs(one)), None)  # fmt: skip
        node = self.ground.get("Node", "", name)
        process = fate.victim if victim else fate.app
        if node:
            number = int.from_bytes(hashlib.sha256(str(now).encode()).digest()[:2], "big") + 2000
            said = f"System OOM encountered, victim process: {process}, pid: {number}"
            self.ground.recorder.tell(node, "Warning", "SystemOOM", said, "kubelet", name)
        if victim is None:
            return True
        status = copy.deepcopy(victim["status"])
        spec = victim["spec"]["containers"][0]
        status["containerStatuses"][0] = Container(self, victim, spec, status["containerStatuses"][0]).kill()
        self._settle(victim, status)
        self.ground.status(victim, **status)
        return False


def _runs(pod: Json) -> bool:
    states = pod.get("status", {}).get("containerStatuses") or []
    return bool(states) and "running" in states[0]["state"]


def _completed(one: Json, now: str) -> Json:
    done = {"exitCode": 0, "reason": "Completed", "startedAt": now, "finishedAt": now}
    return {
        "name": one["name"],
        "image": one["image"],
        "imageID": "",
        "ready": True,
        "started": False,
        "restartCount": 0,
        "state": {"terminated": done},
        "lastState": {},
    }


def _stops_in(pod: Json) -> float:
    """How long the containers take: a preStop hook that sleeps, or a shell in front that lets no signal through."""
    longest: float = _STOPS_IN_S
    states = pod.get("status", {}).get("containerStatuses") or []
    running = {one["name"] for one in states if "running" in one["state"]}
    for one in (c for c in pod["spec"]["containers"] if c["name"] in running):
        hook = ((one.get("lifecycle") or {}).get("preStop") or {}).get("sleep") or {}
        longest = max(longest, float(hook.get("seconds", 0)) + _STOPS_IN_S)
        command = one.get("command") or []
        if command[:2] in (["sh", "-c"], ["/bin/sh", "-c"], ["bash", "-c"]) and "exec " not in command[-1]:
            longest = max(longest, float(pod["spec"].get("terminationGracePeriodSeconds", 30)))
    return longest
