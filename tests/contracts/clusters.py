"""The clusters under test: the rehearsal room and a real control plane, with the same objects in both."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from kubernetes import client, config

from integrations.sandbox.kubernetes import KubernetesRoom
from integrations.sandbox.world import read
from tests.control_plane.plane import ControlPlane, program_folder

Json = dict[str, Any]
SPACE = "/api/v1/namespaces/contract"
PODS = f"{SPACE}/pods"

OBJECTS = """
apiVersion: v1
kind: Namespace
metadata: {name: contract}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: default, namespace: contract}
---
apiVersion: v1
kind: Pod
metadata: {name: web-a, namespace: contract, labels: {app: web, tier: front}}
spec:
  nodeName: node-of-nobody
  containers: [{name: app, image: registry.example.com/web:1}, {name: proxy, image: registry.example.com/proxy:1}]
status:
  phase: Running
  conditions: [{type: Ready, status: "False", reason: ContainersNotReady}]
  containerStatuses:
  - name: app
    image: registry.example.com/web:1
    imageID: ""
    ready: false
    restartCount: 3
    state: {waiting: {reason: CrashLoopBackOff, message: back-off 40s restarting failed container}}
    lastState: {terminated: {exitCode: 137, reason: OOMKilled}}
  - name: proxy
    image: registry.example.com/proxy:1
    imageID: ""
    ready: true
    restartCount: 0
    state: {running: {startedAt: "2026-01-01T00:00:00Z"}}
---
apiVersion: v1
kind: Pod
metadata: {name: web-b, namespace: contract, labels: {app: web, tier: back}}
spec: {containers: [{name: app, image: registry.example.com/web:1}]}
status: {phase: Pending}
---
apiVersion: v1
kind: Pod
metadata: {name: job-c, namespace: contract, labels: {app: job}}
spec: {containers: [{name: app, image: registry.example.com/job:1}], restartPolicy: Never}
status: {phase: Failed}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: contract}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app, image: registry.example.com/web:1}]}}
status: {replicas: 2, updatedReplicas: 2, readyReplicas: 1, availableReplicas: 1}
---
apiVersion: v1
kind: Event
metadata: {name: web-a.1, namespace: contract}
involvedObject: {kind: Pod, name: web-a, namespace: contract, uid: "1234", fieldPath: "spec.containers{app}"}
type: Warning
reason: BackOff
message: Back-off restarting failed container
source: {component: kubelet, host: node-of-nobody}
firstTimestamp: "2026-01-01T00:00:00Z"
lastTimestamp: "2026-01-01T00:10:00Z"
count: 7
---
apiVersion: v1
kind: Event
metadata: {name: web-b.1, namespace: contract}
involvedObject: {kind: Pod, name: web-b, namespace: contract}
type: Normal
reason: Pulled
message: pulled
source: {component: kubelet}
firstTimestamp: "2026-01-01T00:00:00Z"
lastTimestamp: "2026-01-01T00:00:00Z"
count: 1
"""
ONLY_THE_ROOM_NEEDS = """
---
{apiVersion: rehearsal, kind: User, name: admin, token: not-a-real-token}
---
{apiVersion: rehearsal, kind: Granted, resource: "*", user: admin}
---
{apiVersion: rehearsal, kind: Denied, resource: "*", user: anna}
"""


@dataclass(frozen=True)
class Cluster:
    """A cluster under test: a client of it, and what only its owner can do."""

    api: client.ApiClient
    server: str
    kubeconfig: Path
    write: Callable[[Json], None]
    expire: Callable[[], None]

    def ask(
        self, path: str, method: str = "GET", body: Json | None = None, headers: Json | None = None, **query: Any
    ) -> tuple[int, Any]:
        """Status and body, parsed where it is JSON."""
        wanted = self.api.param_serialize(
            method,
            path,
            query_params=list(query.items()),
            header_params={"Accept": "application/json", "Content-Type": "application/json", **(headers or {})},
            body=body,
            auth_settings=["BearerToken"],
        )
        answer = self.api.call_api(*wanted, _request_timeout=20)
        return answer.status, parsed(answer.read())

    def names(self, path: str, **query: Any) -> list[str]:
        code, body = self.ask(path, **query)
        assert code == 200, body
        return [item["metadata"]["name"] for item in body["items"]]

    def kubectl(self, *words: str, stdin: str | None = None) -> tuple[int, str]:
        """The real program: its exit code and all that it printed."""
        command = [str(program_folder() / "kubectl"), "--kubeconfig", str(self.kubeconfig), *words]
        home = {"HOME": str(self.kubeconfig.parent), "PATH": "/usr/bin:/bin"}
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=False, env=home)
        return done.returncode, done.stdout + done.stderr

    def message(self, path: str, **query: Any) -> tuple[int, str]:
        code, body = self.ask(path, **query)
        return code, body["message"]


def parsed(body: Any) -> Any:
    text = body.decode() if isinstance(body, bytes) else body
    try:
        return json.loads(text)
    except ValueError:
        return text


def rehearsed(folder: Path) -> Iterator[Cluster]:
    world = read("contract", OBJECTS + ONLY_THE_ROOM_NEEDS, datetime.now(UTC))
    with KubernetesRoom({"contract": world}) as room:
        path = room.kubeconfig(folder / "kubeconfig")
        store = room.stores["contract"]
        write = lambda thing: _ignored(store.apply(thing))  # noqa: E731
        yield Cluster(client_of(path), room.url("contract"), path, write, store.compact)


def real(plane: ControlPlane) -> Cluster:
    api = client_of(plane.kubeconfig)
    cluster = Cluster(
        api, plane.server, plane.kubeconfig, lambda thing: _create(cluster, thing), lambda: _keep_writing(cluster)
    )
    for thing in yaml.load_all(OBJECTS, yaml.BaseLoader):
        plane.kubectl("create", "-f", "-", stdin=yaml.safe_dump(_without_status(thing)))
    for thing in yaml.safe_load_all(OBJECTS):
        if "status" in thing:
            status = json.dumps({"status": thing["status"]}, default=str)
            kind, name = thing["kind"].lower(), thing["metadata"]["name"]
            patch = ("patch", kind, name, "-n", "contract", "--subresource=status", "--type=merge", "-p", status)
            plane.kubectl(*patch)
    return cluster


def _without_status(thing: Json) -> Json:
    text = yaml.safe_load(yaml.safe_dump({key: value for key, value in thing.items() if key != "status"}))
    return {**text, **({"count": int(thing["count"])} if "count" in thing else _with_numbers(text))}


def _with_numbers(thing: Json) -> Json:
    spec = dict(thing.get("spec") or {})
    if "replicas" in spec:
        spec["replicas"] = int(spec["replicas"])
    return {"spec": spec} if spec else {}


def _create(cluster: Cluster, thing: Json) -> None:
    code, body = cluster.ask(f"{SPACE}/configmaps", "POST", thing)
    if code == 409:
        code, body = cluster.ask(f"{SPACE}/configmaps/{thing['metadata']['name']}", "PUT", thing)
    assert code in (200, 201), body


def _keep_writing(cluster: Cluster) -> None:
    """A real one forgets old revisions while it goes on being written to."""
    for n in range(8):
        _create(cluster, config_map("written", str(n)))
        time.sleep(1)


def _ignored(_: object) -> None:
    """What a store answers is of no interest here."""


def client_of(kubeconfig: Path) -> client.ApiClient:
    return config.new_client_from_config(str(kubeconfig))


def config_map(name: str, value: str) -> Json:
    meta = {"name": name, "namespace": "contract", "labels": {"made-by": "contract"}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"value": value}}
