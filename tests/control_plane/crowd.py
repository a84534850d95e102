"""A cluster of any size on a bare control plane: its objects are written straight, hundreds a second.

One workload of it is ill: ``checkout`` in ``shop``, whose first pod was killed for its memory. The many are bound to
nodes and stay without a status, which nobody reads who asks about one workload. Their nodes renew their Leases.
"""

import json
import ssl
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import urlsplit

from tests.control_plane.plane import ControlPlane
from tests.e2e.objects import Thing, bare_pod, deployment, service

PLACE = "shop"
NAMESPACES = (PLACE, *(f"team-{n}" for n in range(1, 10)))
REPLICAS = 20
PODS_A_NODE = 50
RENEWED_EVERY_S = 10
WRITERS = 12
LOG_LINES = 300
_SETTINGS = [
    {"name": "PRICES", "valueFrom": {"configMapKeyRef": {"name": "checkout", "key": "prices"}}},
    {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "checkout", "key": "token"}}},
]


class Crowd:
    """Objects of one control plane. ``pods``: how many the crowd has so far."""

    def __init__(self, plane: ControlPlane, kubelet_port: int) -> None:
        self._server = urlsplit(plane.server)
        self._tls = ssl.create_default_context(cafile=str(plane.folder / "keys/ca.crt"))
        self._tls.load_cert_chain(plane.folder / "keys/admin.crt", plane.folder / "keys/admin.key")
        self._own = threading.local()
        self._kubelet_port = kubelet_port
        self.pods = self.nodes = 0

    def settle(self) -> str:
        """The namespaces and the workload that is ill; gives the name of its ill pod."""
        for name in NAMESPACES:
            self._write("/api/v1/namespaces", {"metadata": {"name": name}})
            self._write(f"/api/v1/namespaces/{name}/serviceaccounts", {"metadata": {"name": "default"}})
        return self._ill()

    def grow(self, pods: int) -> None:
        """Nodes and whole workloads, until there are so many pods."""
        nodes, begun = max(pods // PODS_A_NODE, 2), self.pods // REPLICAS
        self._each(self._node, range(self.nodes, nodes))
        self.nodes, self.pods = nodes, pods
        self._each(self._workload, range(begun, pods // REPLICAS))

    @contextmanager
    def alive(self) -> Iterator[None]:
        """Every node renews its Lease, as a kubelet does."""
        over = threading.Event()

        def renew() -> None:
            for turn in count():
                if over.wait(RENEWED_EVERY_S / self.nodes):
                    return
                spec = {"spec": {"holderIdentity": f"node-{turn % self.nodes}", "leaseTransitions": turn}}
                self._write(f"{_LEASES}/node-{turn % self.nodes}", spec, "PATCH")

        thread = threading.Thread(target=renew)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _each(self, write: object, numbers: Iterable[int]) -> None:
        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(write, numbers))  # type: ignore[arg-type]

    def _node(self, number: int) -> None:
        name = f"node-{number}"
        self._write(_LEASES, {"metadata": {"name": name}, "spec": {"leaseDurationSeconds": 40}})
        self._write("/api/v1/nodes", {"metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}}})
        room = {"cpu": "64", "memory": "256Gi", "pods": "1000"}
        ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "lastTransitionTime": _ago(minutes=600)}
        status = {
            "conditions": [ready],
            "allocatable": room,
            "capacity": room,
            "addresses": [{"type": "InternalDNS", "address": "127.0.0.1"}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": self._kubelet_port}},
        }
        self._write(f"/api/v1/nodes/{name}/status", {"status": status}, "PATCH")

    def _workload(self, number: int) -> None:
        name, place = f"web-{number:04d}", NAMESPACES[number % len(NAMESPACES)]
        owner = self._owners(name, place, REPLICAS)
        for replica in range(REPLICAS):
            pod = _pod(name, place, owner, replica, f"node-{(number + replica) % self.nodes}")
            made = self._write(f"/api/v1/namespaces/{place}/pods", pod)
            if replica % 5 == 0:
                self._event(made, "Pod", "Pulled", "Container image already present on machine")

    def _owners(self, name: str, place: str, replicas: int) -> Thing:
        """Deployment, ReplicaSet, Service and EndpointSlice; gives the ReplicaSet."""
        apps = f"/apis/apps/v1/namespaces/{place}"
        wanted = deployment(name, place, replicas=replicas)
        wanted["spec"]["template"]["spec"]["containers"][0]["env"] = _SETTINGS
        wanted["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "1"}
        top = self._write(f"{apps}/deployments", wanted)
        owned = deployment(f"{name}-5d8f7c9b64", place, replicas=replicas)
        owned["metadata"] |= {"ownerReferences": [_owner(top, "Deployment")], "labels": {"app": name}}
        owned["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "1"}
        owned["kind"] = "ReplicaSet"
        owner = self._write(f"{apps}/replicasets", owned)
        self._event(top, "Deployment", "ScalingReplicaSet", f"Scaled up replica set {name}-5d8f7c9b64 to {replicas}")
        self._write(f"/api/v1/namespaces/{place}/services", service(name, place, name))
        labels = {"kubernetes.io/service-name": name}
        endpoints = {"conditions": {"ready": True}, "addresses": ["10.1.2.3"]}
        self._write(
            f"/apis/discovery.k8s.io/v1/namespaces/{place}/endpointslices",
            {"metadata": {"name": f"{name}-x", "labels": labels}, "addressType": "IPv4", "endpoints": [endpoints]},
        )
        return owner

    def _ill(self) -> str:
        owner = self._owners("checkout", PLACE, 3)
        core = f"/api/v1/namespaces/{PLACE}"
        self._write(f"{core}/configmaps", {"metadata": {"name": "checkout"}, "data": {"prices": "net"}})
        self._write(f"{core}/secrets", {"metadata": {"name": "checkout"}, "stringData": {"token": "not-a-real-token"}})
        names = []
        for replica in range(3):
            made = self._write(f"{core}/pods", _pod("checkout", PLACE, owner, replica, "node-0"))
            names.append(str(made["metadata"]["name"]))
            self._write(f"{core}/pods/{names[-1]}/status", {"status": _status(killed=replica == 0)}, "PATCH")
            for reason, text in _HAPPENED if replica == 0 else _HAPPENED[:2]:
                self._event(made, "Pod", reason, text)
        return names[0]

    def _event(self, about: Thing, kind: str, reason: str, text: str) -> None:
        meta = about["metadata"]
        event = {
            "metadata": {"generateName": f"{meta['name']}."},
            "involvedObject": {"kind": kind, "namespace": meta["namespace"], "name": meta["name"], "uid": meta["uid"]},
            "reason": reason,
            "message": text,
            "type": "Warning" if reason == "BackOff" else "Normal",
            "firstTimestamp": _ago(minutes=30),
            "lastTimestamp": _ago(minutes=1),
            "count": 6,
            "source": {"component": "kubelet", "host": "node-0"},
        }
        self._write(f"/api/v1/namespaces/{meta['namespace']}/events", event)

    def _write(self, path: str, thing: Thing, method: str = "POST") -> Thing:
        form = "application/json" if method == "POST" else "application/merge-patch+json"
        if not hasattr(self._own, "line"):
            self._own.line = HTTPSConnection(
                str(self._server.hostname), self._server.port, context=self._tls, timeout=30
            )
        self._own.line.request(method, path, json.dumps(thing), {"Content-Type": form})
        answer = self._own.line.getresponse()
        body = answer.read()
        assert answer.status in (200, 201), body
        return dict(json.loads(body))


@contextmanager
def kubelet(plane: ControlPlane) -> Iterator[int]:
    """What answers for every node when the API server asks for a log; gives its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Kubelet)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(plane.folder / "keys/server.crt", plane.folder / "keys/server.key")
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


class _Kubelet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    said = count()

    def do_GET(self) -> None:
        """Never the same log twice, so that nobody gains by having read it before."""
        begun = next(self.said)
        lines = [f"2026-11-24T01:00:{n % 60:02d}Z loading page {n} of catalogue {begun}\n" for n in range(LOG_LINES)]
        body = "".join(lines).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


_LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
_HAPPENED = (
    ("Scheduled", "Successfully assigned shop/checkout to node-0"),
    ("Pulled", 'Container image "registry.invalid/checkout:1.4.2" already present on machine'),
    ("Created", "Created container: app"),
    ("Started", "Started container app"),
    ("BackOff", "Back-off restarting failed container app in pod checkout"),
)


def _pod(app: str, place: str, owner: Thing, replica: int, node: str) -> Thing:
    pod = bare_pod(f"{app}-5d8f7c9b64-{_suffix(replica)}", place, container={"env": _SETTINGS}, nodeName=node)
    pod["metadata"]["labels"] = {"app": app, "pod-template-hash": "5d8f7c9b64"}
    pod["metadata"]["ownerReferences"] = [_owner(owner, "ReplicaSet")]
    return pod


def _suffix(number: int) -> str:
    letters = "bcdfghjklmnpqrstvwxz2456789"
    return "".join(letters[(number * 7 + place * 5) % len(letters)] for place in range(5))


def _owner(thing: Thing, kind: str) -> Thing:
    meta = thing["metadata"]
    return {"apiVersion": "apps/v1", "kind": kind, "name": meta["name"], "uid": meta["uid"], "controller": True}


def _status(*, killed: bool) -> Thing:
    running = {"running": {"startedAt": _ago(minutes=600)}}
    one: Thing = {"name": "app", "image": "registry.invalid/checkout:1.4.2", "imageID": "sha256:0", "restartCount": 0}
    one |= {"ready": True, "started": True, "state": running, "lastState": {}}
    if killed:
        end = {"exitCode": 137, "reason": "OOMKilled", "startedAt": _ago(minutes=9), "finishedAt": _ago(minutes=4)}
        waits = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container=app"}}
        one |= {"ready": False, "started": False, "restartCount": 6, "state": waits, "lastState": {"terminated": end}}
    ready = "False" if killed else "True"
    conditions = [
        {"type": kind, "status": ready if kind in ("Ready", "ContainersReady") else "True", **_SINCE}
        for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")
    ]
    return {
        "phase": "Running",
        "conditions": conditions,
        "containerStatuses": [one],
        "hostIP": "10.0.0.1",
        "podIP": "10.244.0.7",
        "startTime": _ago(minutes=600),
        "qosClass": "Burstable",
    }


def _ago(*, minutes: int) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


_SINCE = {"lastTransitionTime": "2026-11-24T00:00:00Z"}
