"""Brings the scenes to life on a control plane, and asks the real program about them."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.control_plane.plane import ControlPlane
from tests.e2e import scenes
from tests.e2e.objects import Thing

READY_LIMIT_S = 60.0


@dataclass(frozen=True)
class Outcome:
    """What the program printed, and its exit status."""

    status: int
    text: str
    complaint: str
    seconds: float

    @property
    def first(self) -> str:
        """What is read first: the cause must be in it."""
        return self.text[:600]

    @property
    def data(self) -> Any:
        return json.loads(self.text)

    @property
    def findings(self) -> list[str]:
        return [finding["id"] for finding in self.data.get("findings", ())]


def gurumi(
    *words: str, environment: dict[str, str] | None = None, limit_s: float = 90.0, stdin: bytes = b""
) -> Outcome:
    """The installed program in a process of its own. Nothing of this process's settings reaches it."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GURUMI_", "SLACK_", "KUBE")) and "proxy" not in name.lower()
    }
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "bot", *words],
        input=stdin,
        capture_output=True,
        env={**clean, "COLUMNS": "200", **(environment or {})},
        timeout=limit_s,
        check=False,
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode(), time.monotonic() - began)


def enact(plane: ControlPlane, logs: Path) -> None:
    """Create the scenes, and do by hand what a kubelet, an operator or an owner would have done."""
    _apply(plane, scenes.before(logs))
    for place in scenes.PLACES:
        plane.kubectl("wait", "--for=create", "serviceaccount/default", "-n", place, "--timeout=30s")
    plane.kubectl("label", "node", "node-3", "pool=gpu", "--overwrite")
    plane.kubectl("taint", "node", "node-3", "dedicated=gpu:NoSchedule", "--overwrite")
    # So that nobody but ``lonely`` lives there: what a lost node had is moved away after five minutes.
    plane.kubectl("taint", "node", "node-4", "place=edge:NoSchedule", "--overwrite")
    _apply(plane, [*scenes.quiet(), *scenes.troubles()])
    for name in ("catalog", "billing", "sleeper", "quorum"):
        plane.kubectl("rollout", "status", f"deployment/{name}", "-n", "front", "--timeout=40s")
    plane.kubectl("rollout", "status", "deployment/lonely", "-n", "edge", "--timeout=40s")
    _second_steps(plane)
    _as_the_kubelet(plane)
    _settle(plane)


def _second_steps(plane: ControlPlane) -> None:
    """A rollout that fails, one that succeeds, a scaling to zero, a node that loses its network."""
    fate = {"spec": {"template": {"metadata": {"annotations": {"test.gurumi/fate": "pull"}}}}}
    plane.kubectl("patch", "deployment", "catalog", "-n", "front", "-p", json.dumps(fate))
    plane.kubectl("set", "image", "deployment/catalog", "app=registry.invalid/catalog:1.5.0", "-n", "front")
    plane.kubectl("set", "image", "deployment/billing", "app=registry.invalid/billing:1.5.0", "-n", "front")
    plane.kubectl("scale", "deployment/sleeper", "--replicas=0", "-n", "front")
    plane.kubectl("annotate", "node", "node-4", "test.gurumi/fate=not-ready", "--overwrite")
    plane.kubectl("cordon", "node-1")


def _as_the_kubelet(plane: ControlPlane) -> None:
    """kwok plays no missing ConfigMap and writes no probe events: both are written as a kubelet words them."""
    now = datetime.now(UTC)
    pod = _pod(plane, "shop", "settings")
    waiting = {"reason": "CreateContainerConfigError", "message": 'configmap "app-settings" not found'}
    status = {
        "name": "app",
        "image": "registry.invalid/settings:1.4.2",
        "imageID": "",
        "ready": False,
        "started": False,
        "restartCount": 0,
        "state": {"waiting": waiting},
    }
    ready = {"type": "Ready", "status": "False", "reason": "ContainersNotReady"}
    patch = {"status": {"phase": "Pending", "containerStatuses": [status], "conditions": [ready]}}
    name = pod["metadata"]["name"]
    plane.kubectl("patch", "pod", name, "-n", "shop", "--subresource=status", "-p", json.dumps(patch))
    _apply(plane, [_event(pod, "Failed", 'Error: configmap "app-settings" not found', now, 6)])
    text = "Readiness probe failed: HTTP probe failed with statuscode: 503"
    _apply(plane, [_event(_pod(plane, "shop", "search"), "Unhealthy", text, now, 40)])


def _settle(plane: ControlPlane) -> None:
    """Until every trouble shows: each line is a field and the text that must stand in it."""
    signs = (
        ("deployment/catalog", "front", "{.status.conditions[?(@.type=='Progressing')].reason}", "ProgressDeadline"),
        ("deployment/greedy", "capped", "{.status.conditions[?(@.type=='ReplicaFailure')].reason}", "FailedCreate"),
        (
            "deployment/kernel-agent",
            "guarded",
            "{.status.conditions[?(@.type=='ReplicaFailure')].reason}",
            "FailedCreate",
        ),
        (
            "deployment/hook-client",
            "hooked",
            "{.status.conditions[?(@.type=='ReplicaFailure')].reason}",
            "FailedCreate",
        ),
        ("job/report-nightly", "batch", "{.status.conditions[?(@.type=='Failed')].reason}", "BackoffLimitExceeded"),
        ("pod/report-runner", "batch", "{.status.reason}", "Evicted"),
        ("node/node-4", "", "{.status.conditions[?(@.type=='Ready')].status}", "False"),
        ("hpa/landing", "front", "{.status.conditions[?(@.type=='ScalingActive')].reason}", "FailedGet"),
        ("pods", "shop", "{.items[*].status.containerStatuses[*].lastState.terminated.reason}", "OOMKilled"),
        ("pods", "shop", "{.items[*].status.containerStatuses[*].lastState.terminated.reason}", "Error"),
        ("events", "data", "{.items[*].reason}", "FailedScheduling"),
        ("events", "data", "{.items[*].reason}", "ProvisioningFailed"),
    )
    for what, place, path, wanted in signs:
        _until(plane, what, place, path, wanted)


def _until(plane: ControlPlane, what: str, place: str, path: str, wanted: str) -> None:
    end = time.monotonic() + READY_LIMIT_S
    where = ("-n", place) if place else ()
    while wanted not in (shown := plane.kubectl("get", what, *where, "-o", f"jsonpath={path}")):
        assert time.monotonic() < end, f"{what} in {place or 'the cluster'}: {shown!r} has no {wanted!r}"
        time.sleep(0.5)


def _pod(plane: ControlPlane, place: str, app: str) -> Thing:
    listed = json.loads(plane.kubectl("get", "pods", "-n", place, "-l", f"app={app}", "-o", "json"))
    pod: Thing = listed["items"][0]
    return pod


def _event(pod: Thing, reason: str, message: str, now: datetime, count: int) -> Thing:
    meta = pod["metadata"]
    first, last = now - timedelta(minutes=3), now - timedelta(seconds=5)
    about = {
        "apiVersion": "v1",
        "kind": "Pod",
        "name": meta["name"],
        "namespace": meta["namespace"],
        "uid": meta["uid"],
        "fieldPath": "spec.containers{app}",
    }
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{meta['name']}.{reason.lower()}", "namespace": meta["namespace"]},
        "involvedObject": about,
        "type": "Warning",
        "reason": reason,
        "message": message,
        "count": count,
        "firstTimestamp": first.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "lastTimestamp": last.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "source": {"component": "kubelet", "host": pod["spec"].get("nodeName", "")},
    }


def _apply(plane: ControlPlane, things: list[Thing]) -> None:
    listed = {"apiVersion": "v1", "kind": "List", "items": things}
    plane.kubectl("apply", "-f", "-", stdin=json.dumps(listed))
