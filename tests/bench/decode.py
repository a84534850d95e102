"""Pods decoded and judged per second, beside the bare decoding of the same bytes: what understanding costs.

Seconds of the processor, since all of it is one thread's work: whatever else the machine does makes none slower.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from integrations.decode import decode_list
from knowledge.catalogue import detectors
from knowledge.diagnosis import Diagnosis, examine
from knowledge.objects import Deployment, Node, Object, Pod, ReplicaSet, Service
from knowledge.snapshot import Snapshot

PODS = 12_000
REPLICAS = 6
NODES = 200
ILL_EVERY = 500
RUNS = 7
NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
Json = dict[str, Any]


def main(flags: Sequence[str]) -> None:
    bodies = _cluster()
    pods = bodies[Pod]
    bare, decoded, judged = [], [], []
    diagnosis = _judge(bodies)
    for _run in range(RUNS):
        bare.append(_timed(lambda: [msgspec.json.decode(body) for body in bodies.values()]))
        decoded.append(_timed(lambda: [decode_list(kind, body) for kind, body in bodies.items()]))
        judged.append(_timed(lambda: _judge(bodies)))
    size = sum(map(len, bodies.values()))
    found = sum(1 + len(cause.explains) for cause in diagnosis.causes)
    print(f"{PODS} pods of {len(pods) // PODS} bytes, {size / 1e6:.0f} MB in all, {found} findings, median of {RUNS}")
    base = statistics.median(bare)
    for name, took in (("bare decoding", bare), ("ours, decoded", decoded), ("ours, judged", judged)):
        middle = statistics.median(took)
        print(f"  {name:14} {middle * 1000:6.0f} ms  {PODS / middle:8.0f} pods/s  {base / middle:5.0%} of bare")


def _judge(bodies: dict[type[Object], bytes]) -> Diagnosis:
    things: list[Object] = []
    for kind, body in bodies.items():
        things += decode_list(kind, body).items
    complete = frozenset((kind.RESOURCE.kind, "*") for kind in bodies)
    return examine(detectors().values(), Snapshot("bench", NOW, NOW, tuple(things), complete=complete))


def _timed(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _cluster() -> dict[type[Object], bytes]:
    apps = range(PODS // REPLICAS)
    return {
        Pod: _listed("v1", "PodList", [_pod(n) for n in range(PODS)]),
        Deployment: _listed("apps/v1", "DeploymentList", [_deployment(n) for n in apps]),
        ReplicaSet: _listed("apps/v1", "ReplicaSetList", [_replica_set(n) for n in apps]),
        Service: _listed("v1", "ServiceList", [_service(n) for n in apps]),
        Node: _listed("v1", "NodeList", [_node(n) for n in range(NODES)]),
    }


def _listed(api: str, kind: str, items: list[Json]) -> bytes:
    return msgspec.json.encode({"apiVersion": api, "kind": kind, "metadata": {"resourceVersion": "1"}, "items": items})


def _time(ago: timedelta) -> str:
    return (NOW - ago).strftime("%Y-%m-%dT%H:%M:%SZ")


def _meta(name: str, app: str, owner: str = "", kind: str = "") -> Json:
    fields = {f"f:{part}": {} for part in ("metadata", "spec", "status", "labels", "containers", "volumes")}
    meta: Json = {
        "name": name,
        "namespace": f"shop-{app[-2:]}",
        "uid": f"uid-of-{name}",
        "resourceVersion": "12345",
        "creationTimestamp": _time(timedelta(days=9)),
        "labels": {"app": app, "pod-template-hash": "7d9f8b6c54"},
        "annotations": {"checksum/config": "c0ffee" * 8, "deployment.kubernetes.io/revision": "3"},
        "managedFields": [{"manager": "kubelet", "operation": "Update", "apiVersion": "v1", "fieldsV1": fields}],
    }
    if owner:
        reference = {"apiVersion": "apps/v1", "kind": kind, "name": owner, "uid": f"uid-of-{owner}", "controller": True}
        meta["ownerReferences"] = [reference]
    return meta


def _spec(app: str) -> Json:
    probe = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10, "failureThreshold": 3}
    container = {
        "name": "app",
        "image": f"registry.example.com/{app}:1.4.2",
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        "env": [{"name": f"SETTING_{n}", "value": f"value-{n}"} for n in range(8)],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "readinessProbe": probe,
        "livenessProbe": probe,
        "volumeMounts": [{"name": "token", "mountPath": "/var/run/secrets", "readOnly": True}],
    }
    sources = [{"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}}]
    return {
        "containers": [container],
        "volumes": [{"name": "token", "projected": {"sources": sources, "defaultMode": 420}}],
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "serviceAccountName": "default",
        "schedulerName": "default-scheduler",
        "tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}],
    }


def _pod(number: int) -> Json:
    app = f"web-{number // REPLICAS:04d}"
    ill = number % ILL_EVERY == 0
    started = _time(timedelta(days=9))
    state: Json = {"running": {"startedAt": started}}
    status: Json = {"ready": not ill, "restartCount": 7 if ill else 0, "state": state, "lastState": {}}
    if ill:
        ended = {
            "reason": "OOMKilled",
            "exitCode": 137,
            "startedAt": started,
            "finishedAt": _time(timedelta(minutes=4)),
        }
        status |= {"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": ended}}
    types = ("Initialized", "Ready", "ContainersReady", "PodScheduled")
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": _meta(f"{app}-7d9f8b6c54-{number:05d}", app, f"{app}-7d9f8b6c54", "ReplicaSet"),
        "spec": {**_spec(app), "nodeName": f"node-{number % NODES}"},
        "status": {
            "phase": "Running",
            "conditions": [
                {"type": t, "status": "False" if ill and "Ready" in t else "True", "lastTransitionTime": started}
                for t in types
            ],
            "hostIP": "10.0.0.1",
            "podIP": "10.244.0.1",
            "startTime": started,
            "qosClass": "Burstable",
            "containerStatuses": [
                {"name": "app", "image": f"registry.example.com/{app}:1.4.2", "imageID": "sha256:" + "0" * 64, **status}
            ],
        },
    }


def _owner(number: int, kind: str, name: str, owner: str) -> Json:
    app = f"web-{number:04d}"
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": _meta(name, app, owner, "Deployment"),
        "spec": {
            "replicas": REPLICAS,
            "selector": {"matchLabels": {"app": app}},
            "template": {"metadata": {"labels": {"app": app}}, "spec": _spec(app)},
        },
        "status": {"replicas": REPLICAS, "readyReplicas": REPLICAS, "availableReplicas": REPLICAS},
    }


def _deployment(number: int) -> Json:
    return _owner(number, "Deployment", f"web-{number:04d}", "")


def _replica_set(number: int) -> Json:
    app = f"web-{number:04d}"
    return _owner(number, "ReplicaSet", f"{app}-7d9f8b6c54", app)


def _service(number: int) -> Json:
    app = f"web-{number:04d}"
    ports = [{"port": 80, "targetPort": 8080, "protocol": "TCP"}]
    spec = {"selector": {"app": app}, "clusterIP": "10.96.0.9", "ports": ports}
    return {"apiVersion": "v1", "kind": "Service", "metadata": _meta(app, app), "spec": spec, "status": {}}


def _node(number: int) -> Json:
    room = {"cpu": "64", "memory": "256Gi", "pods": "250"}
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": _time(timedelta(days=30))}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": f"node-{number}", "uid": f"uid-of-node-{number}", "labels": {"kubernetes.io/os": "linux"}},
        "spec": {},
        "status": {"conditions": [ready], "allocatable": room, "capacity": room},
    }
