"""One container on its way: created, pulled, running, ready, ended, backing off; as its status tells it."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from integrations.sandbox.kubernetes.living.ground import instant
from integrations.sandbox.moments import stamp

if TYPE_CHECKING:
    from integrations.sandbox.kubernetes.living.kubelet import Kubelet

Json = dict[str, Any]

_STARTS_IN_S, _READY_IN_S = 1.0, 1.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 10, 300
_FORGIVEN_AFTER = timedelta(minutes=10)
"""Who ran that long is restarted at once."""
_UNHEALTHY_FOR_S = 25
_NEVER_STARTED = ("ContainerCreating", "PodInitializing", "CreateContainerConfigError", "ErrImagePull",
                  "ImagePullBackOff")  # fmt: skip


@dataclass
class Container:
    kubelet: "Kubelet"
    pod: Json
    spec: Json
    before: Json | None

    def __post_init__(self) -> None:
        self.now: datetime = self.kubelet.ground.now()
        self.fate = self.kubelet.fates.of(self.pod, self.spec)
        self.name: str = self.spec["name"]

    def step(self) -> Json:
        """The status as it is from now on."""
        old = self.before
        if old is None:
            return self._waiting(self._blank(), "ContainerCreating")
        state = old["state"]
        if "running" in state:
            return self._watch(old, state["running"])
        if "terminated" in state:
            return self._after(old, state["terminated"])
        if state.get("waiting", {}).get("reason") == "CrashLoopBackOff":
            return self._back_off(old)
        return self._try(old)

    def kill(self) -> Json:
        """Ended from outside, for want of memory on the node."""
        assert self.before is not None
        return self._end(self.before, 137, "OOMKilled")

    def _blank(self) -> Json:
        return {
            "name": self.name,
            "image": self.spec["image"],
            "imageID": "",
            "ready": False,
            "started": False,
            "restartCount": 0,
            "state": {},
            "lastState": {},
        }

    def _waiting(self, old: Json, reason: str, message: str = "") -> Json:
        waiting = {"reason": reason, **({"message": message} if message else {})}
        return {**old, "ready": False, "started": False, "state": {"waiting": waiting}}

    def _try(self, old: Json) -> Json:
        """Before its first run: whatever it needs must be there."""
        born = instant(self.pod.get("status", {}).get("startTime")) or self.now
        if (self.now - born).total_seconds() < _STARTS_IN_S:
            return old
        if said := self.kubelet.fates.unmounted(self.pod):
            self.kubelet.tell(self.pod, "", "Warning", "FailedMount", said, often=True)
            return self._waiting(old, "ContainerCreating")
        if self.fate and self.fate.becomes == "Unpulled":
            return self._unpulled(old)
        if said := self.kubelet.fates.missing(self.pod, self.spec):
            self._tell("Warning", "Failed", f"Error: {said}", often=True)
            return self._waiting(old, "CreateContainerConfigError", said)
        return self._run(old)

    def _unpulled(self, old: Json) -> Json:
        image = self.spec["image"]
        why = self.fate.says if self.fate else ""
        why = why or (
            f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": {image}: not found'
        )
        said = f"rpc error: code = NotFound desc = {why}"
        if old["state"].get("waiting", {}).get("reason") in ("ErrImagePull", "ImagePullBackOff"):
            self._tell("Normal", "BackOff", f'Back-off pulling image "{image}"', often=True)
            return self._waiting(old, "ImagePullBackOff", f'Back-off pulling image "{image}": ErrImagePull: {said}')
        self._tell("Normal", "Pulling", f'Pulling image "{image}"')
        self._tell("Warning", "Failed", f'Failed to pull image "{image}": {said}')
        self._tell("Warning", "Failed", "Error: ErrImagePull")
        return self._waiting(old, "ErrImagePull", said)

    def _run(self, old: Json, *, again: bool = False) -> Json:
        image = self.spec["image"]
        digest = hashlib.sha256(image.encode()).hexdigest()
        known = old["imageID"] or f"{image.rpartition(':')[0] or image}@sha256:{digest}"
        if again:
            said = f'Container image "{image}" already present on machine'
        else:
            size = int(digest[:7], 16)
            said = f'Successfully pulled image "{image}" in 1.1s (1.1s including waiting). Image size: {size} bytes.'
            self._tell("Normal", "Pulling", f'Pulling image "{image}"')
        self._tell("Normal", "Pulled", said)
        self._tell("Normal", "Created", f"Created container: {self.name}")
        self._tell("Normal", "Started", f"Started container {self.name}")
        meta = self.pod["metadata"]
        script = self.fate.log if self.fate else ""
        self.kubelet.book.begin(meta["namespace"], meta["name"], self.name, self.now, script)
        return {
            **old,
            "image": image,
            "imageID": known,
            "containerID": f"containerd://{uuid.uuid4().hex}{uuid.uuid4().hex}",
            "ready": self._gets_ready(0),
            "started": True,
            "restartCount": old["restartCount"] + again,
            "state": {"running": {"startedAt": stamp(self.now)}},
        }

    def _watch(self, old: Json, running: Json) -> Json:
        began = instant(running.get("startedAt")) or self.now
        booted = self.kubelet.nodes.booted.get(self.pod["spec"]["nodeName"])
        if booted and began < booted:
            said = "Pod sandbox changed, it will be killed and re-created."
            self.kubelet.tell(self.pod, "", "Normal", "SandboxChanged", said)
            return self._run(self._ended(old, 255, "Unknown"), again=True)
        for_s = (self.now - began).total_seconds()
        fate = self.fate
        if fate and began < self.kubelet.opened and (self.kubelet.opened - began).total_seconds() > fate.after:
            for_s = (self.now - self.kubelet.opened).total_seconds()  # it outlived its fate before anybody looked
        if fate and fate.becomes in ("OOMKilled", "Error") and for_s >= fate.after:
            return self._end(old, 137 if fate.becomes == "OOMKilled" else fate.exit_code, fate.becomes)
        if fate and fate.becomes == "LivenessKilled" and for_s >= fate.after - _UNHEALTHY_FOR_S:
            return self._unhealthy(old, for_s >= fate.after)
        if fate and fate.becomes == "NodeOOM" and for_s >= fate.after and self.kubelet.strike(self.pod, fate):
            return self._end(old, 137, "OOMKilled")
        if fate and fate.becomes == "Unready":
            said = fate.says or "Readiness probe failed: HTTP probe failed with statuscode: 503"
            self._tell("Warning", "Unhealthy", said, often=True)
        return {**old, "ready": self._gets_ready((self.now - began).total_seconds())}

    def _gets_ready(self, for_s: float) -> bool:
        if self.fate and self.fate.becomes == "Unready":
            return False
        probe = self.spec.get("readinessProbe")
        return not probe or for_s >= float(probe.get("initialDelaySeconds", 0)) + _READY_IN_S

    def _unhealthy(self, old: Json, over: bool) -> Json:
        ip = self.pod["status"].get("podIP", "")
        get = (self.spec.get("livenessProbe") or {}).get("httpGet") or {}
        where = f"http://{ip}:{get.get('port', 80)}{get.get('path', '/')}"
        late = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        self._tell("Warning", "Unhealthy", f'Liveness probe failed: Get "{where}": {late}', often=True)
        if not over:
            return old
        self._tell("Normal", "Killing", f"Container {self.name} failed liveness probe, will be restarted")
        return self._end(old, 137, "Error")

    def _end(self, old: Json, code: int, reason: str) -> Json:
        began = instant(old["state"]["running"].get("startedAt")) or self.now
        ended = self._ended(old, code, reason)
        policy = self.pod["spec"].get("restartPolicy", "Always")
        if policy == "Never" or (policy == "OnFailure" and code == 0):
            return {**ended, "state": {"terminated": ended["lastState"]["terminated"]}, "lastState": {}}
        if old["restartCount"] == 0 or self.now - began >= _FORGIVEN_AFTER:
            return self._run(ended, again=True)
        return self._waiting(ended, "CrashLoopBackOff", self._backing_off(old["restartCount"]))

    def _ended(self, old: Json, code: int, reason: str) -> Json:
        meta = self.pod["metadata"]
        self.kubelet.book.end(meta["namespace"], meta["name"], self.name, self.now)
        over = {
            "exitCode": code,
            "reason": reason,
            "startedAt": old["state"]["running"].get("startedAt"),
            "finishedAt": stamp(self.now),
            "containerID": old.get("containerID"),
        }
        return {**old, "ready": False, "started": False, "lastState": {"terminated": over}}

    def _after(self, old: Json, ended: Json) -> Json:
        """A run that ended and whose pod goes on."""
        policy = self.pod["spec"].get("restartPolicy", "Always")
        if policy == "Never" or (policy == "OnFailure" and not ended["exitCode"]):
            return old
        return self._waiting({**old, "lastState": {"terminated": ended}}, "CrashLoopBackOff")

    def _back_off(self, old: Json) -> Json:
        ended = instant(old["lastState"].get("terminated", {}).get("finishedAt"))
        if ended is None or (self.now - ended).total_seconds() >= _delay_s(old["restartCount"]):
            return self._run(old, again=True)
        pod = f"{self.pod['metadata']['name']}_{self.pod['metadata']['namespace']}({self.pod['metadata']['uid']})"
        said = f"Back-off restarting failed container {self.name} in pod {pod}"
        self._tell("Warning", "BackOff", said, often=True)
        return old

    def _backing_off(self, restarts: int) -> str:
        meta = self.pod["metadata"]
        pod = f"{meta['name']}_{meta['namespace']}({meta['uid']})"
        return f"back-off {_spoken(_delay_s(restarts))} restarting failed container={self.name} pod={pod}"

    def _tell(self, kind: str, reason: str, message: str, *, often: bool = False) -> None:
        self.kubelet.tell(self.pod, self.name, kind, reason, message, often=often)


def _delay_s(restarts: int) -> int:
    return int(min(_FIRST_WAIT_S * 2 ** min(max(restarts - 1, 0), 10), _LONGEST_WAIT_S))


def _spoken(seconds: int) -> str:
    """As Go writes a duration: ``40s``, ``1m20s``, ``5m0s``."""
    return f"{seconds // 60}m{seconds % 60}s" if seconds >= 60 else f"{seconds}s"
