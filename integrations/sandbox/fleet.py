"""Fills a world: nodes, workloads and noise as the API would serve them, from the few words that differ.

``Machine``: a healthy Node and its Lease (``name``, ``ip``, ``zone``, ``cpu``, ``memory``, ``roles``, ``created``;
``spec`` and ``status`` are merged over it). ``Workload``: ``of`` (Deployment, StatefulSet, DaemonSet), ``namespace``,
``name``, ``template`` (a pod spec), ``created``, ``rolled`` (when the newest ReplicaSet was made), ``revision``,
``port`` (then a Service and an EndpointSlice are made, too), ``spec`` and ``status`` to merge, and ``pods``, each a
healthy one but for what it says: ``node``, ``suffix``, ``created``, ``unschedulable`` (the scheduler's message),
``spec``, ``status``. ``earlier``: older ReplicaSets, each with ``revision``, ``created``, ``template`` (merged) and
``pods``.
"""

import hashlib
import uuid
from collections.abc import Iterator
from typing import Any

from integrations.sandbox.defaults import admitted, pod_spec, qos

Json = dict[str, Any]

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_REPLACED = ("state", "lastState")


def machine(document: Json) -> Iterator[Json]:
    name, created = document["name"], document.get("created", "90d ago")
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    if document.get("zone"):
        labels["topology.kubernetes.io/zone"] = document["zone"]
    labels |= {f"node-role.kubernetes.io/{role}": "" for role in document.get("roles", [])}
    meta = {"name": name, "labels": labels | document.get("labels", {}), "creationTimestamp": created}
    node = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": meta,
        "spec": {"podCIDR": document.get("podCIDR", "10.244.0.0/24"), "providerID": f"openstack:///{_uuid(name)}"},
        "status": _machine_status(document, created),
    }
    yield merged(node, {key: document[key] for key in ("spec", "status") if key in document})
    yield {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": name, "namespace": "kube-node-lease", "creationTimestamp": created},
        "spec": {"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": document.get("renewed", "4s ago")},
    }


def workload(document: Json) -> Iterator[Json]:
    match document.get("of", "Deployment"):
        case "Deployment":
            yield from _deployment(document)
        case "StatefulSet" | "DaemonSet":
            yield from _set(document)
        case other:
            raise ValueError(f"there is no workload of kind {other}")


def noise(document: Json) -> Iterator[Json]:
    """Healthy Deployments, two pods each, with a Service and its EndpointSlice: what a real namespace is full of."""
    node = document.get("node", "")
    for n in range(int(document["deployments"])):
        name = f"quiet-{n:02d}"
        container = {
            "name": "app",
            "image": f"registry.example.com/{name}:1.4.{n}",
            "ports": [{"containerPort": 8080}],
            "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
            "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
        }
        pods = [
            {"node": node, "suffix": suffix, "ip": f"10.99.{n % 256}.{i}"}
            for i, suffix in enumerate(("k7w2x", "q4z8m"), 1)
        ]
        yield from _deployment(
            {
                "namespace": document["namespace"],
                "name": name,
                "created": "9d ago",
                "port": 8080,
                "template": {"containers": [container]},
                "pods": pods,
            }
        )


def merged(base: Any, over: Any) -> Any:
    """``over`` laid on ``base``: mappings key by key, lists of named or typed things by name, the rest replaced."""
    if isinstance(base, dict) and isinstance(over, dict):
        found = {**base}
        for key, value in over.items():
            found[key] = merged(base[key], value) if key in base and key not in _REPLACED else value
        return {key: value for key, value in found.items() if value is not None}
    key = next((k for k in ("name", "type") if _keyed(base, k) and _keyed(over, k)), None)
    if key is None:
        return over
    laid = {item[key]: item for item in over}
    kept = [merged(item, laid.pop(item[key])) if item[key] in laid else item for item in base]
    return kept + list(laid.values())


def _keyed(things: Any, key: str) -> bool:
    return isinstance(things, list) and bool(things) and all(isinstance(t, dict) and key in t for t in things)


def _machine_status(document: Json, created: str) -> Json:
    size = {"cpu": str(document.get("cpu", 8)), "memory": document.get("memory", "32Gi"), "pods": "110"}
    size["ephemeral-storage"] = document.get("disk", "100Gi")
    calm = [
        ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ]
    conditions = [
        {
            "type": kind,
            "status": status,
            "reason": reason,
            "message": message,
            "lastHeartbeatTime": "20s ago",
            "lastTransitionTime": created,
        }
        for kind, status, reason, message in calm
    ]
    return {
        "capacity": size,
        "allocatable": size,
        "conditions": conditions,
        "addresses": [
            {"type": "InternalIP", "address": document.get("ip", "10.0.0.10")},
            {"type": "Hostname", "address": document["name"]},
        ],
        "nodeInfo": {
            "machineID": _uuid(document["name"]).replace("-", ""),
            "systemUUID": _uuid(document["name"]),
            "bootID": _uuid(f"{document['name']}/boot"),
            "kernelVersion": "6.8.0-85-generic",
            "osImage": "Ubuntu 24.04.3 LTS",
            "containerRuntimeVersion": "containerd://2.1.4",
            "kubeletVersion": document.get("kubelet", "v1.34.4"),
            "operatingSystem": "linux",
            "architecture": "amd64",
        },
    }


def _deployment(document: Json) -> Iterator[Json]:
    name, labels = document["name"], {"app": document["name"]} | document.get("labels", {})
    earlier = [
        {**one, "template": merged(document["template"], one.get("template", {}))}
        for one in document.get("earlier", [])
    ]
    newest = {"revision": document.get("revision", len(earlier) + 1), **document}
    newest["created"] = document.get("rolled", document.get("created", "30d ago"))
    sets = [_Set(document, one, labels) for one in (*earlier, newest)]
    last = sets[-1]
    pods = [pod for one in sets for pod in one.pods]
    ready = sum(map(_ready, pods))
    wanted = int(document.get("replicas", (document.get("spec") or {}).get("replicas", len(last.pods))))
    if len(pods) == len(last.pods):
        last.replicas = wanted
    spec = {
        "replicas": wanted,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod_spec(document["template"])},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}},
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
    }
    created = document.get("created", "30d ago")
    status = {
        "observedGeneration": newest["revision"],
        "replicas": len(pods),
        "updatedReplicas": len(last.pods),
        "readyReplicas": ready,
        "availableReplicas": ready,
        "unavailableReplicas": max(wanted, len(pods)) - ready,
        "conditions": _rollout(f"{name}-{last.hash}", ready >= wanted - wanted // 4, created, last.created),
    }
    annotations = {"deployment.kubernetes.io/revision": str(newest["revision"])} | document.get("annotations", {})
    top = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            **_meta(document, name, labels, created),
            "generation": newest["revision"],
            "annotations": annotations,
        },
        "spec": spec,
        "status": {key: value for key, value in status.items() if value != 0},
    }
    yield merged(top, {key: document[key] for key in ("spec", "status") if key in document})
    for one in sets:
        yield from one.objects()
    yield from _serving(document, labels, pods)


class _Set:
    """One ReplicaSet of a Deployment and its pods."""

    def __init__(self, document: Json, one: Json, labels: Json) -> None:
        self.document, self.labels = document, labels
        self.revision = int(one["revision"])
        self.name = document["name"]
        self.created = one.get("created", "30d ago")
        self.hash = one.get("hash") or _code(f"{document['namespace']}/{self.name}/{self.revision}", 9)
        self.template = one["template"]
        self.replicas = len(one.get("pods", []))
        owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"{self.name}-{self.hash}"}
        self.pods = [
            _pod(
                document,
                f"{self.name}-{self.hash}-{said.get('suffix') or _code(f'{self.name}/{self.revision}/{i}', 5)}",
                {**labels, "pod-template-hash": self.hash},
                owner,
                self.template,
                {"created": self.created, **said},
            )
            for i, said in enumerate(one.get("pods", []))
        ]

    def objects(self) -> Iterator[Json]:
        ready = sum(map(_ready, self.pods))
        labels = {**self.labels, "pod-template-hash": self.hash}
        meta = _meta(self.document, f"{self.name}-{self.hash}", labels, self.created)
        status = {"replicas": len(self.pods), "fullyLabeledReplicas": len(self.pods), "observedGeneration": 1}
        yield {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                **meta,
                "generation": 1,
                "annotations": {"deployment.kubernetes.io/revision": str(self.revision)},
                "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": self.name}],
            },
            "spec": {
                "replicas": self.replicas,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": pod_spec(self.template)},
            },
            "status": status | ({"readyReplicas": ready, "availableReplicas": ready} if ready else {}),
        }
        yield from self.pods


def _set(document: Json) -> Iterator[Json]:
    """A StatefulSet or DaemonSet, which own their pods themselves."""
    kind, name, stateful = document["of"], document["name"], document["of"] == "StatefulSet"
    labels = {"app": name} | document.get("labels", {})
    hashed, created = _code(f"{document['namespace']}/{name}", 9), document.get("created", "30d ago")
    owner = {"apiVersion": "apps/v1", "kind": kind, "name": name}
    own = {**labels, "controller-revision-hash": f"{name}-{hashed}" if stateful else hashed}
    pods = [
        _pod(
            document,
            f"{name}-{i if stateful else said.get('suffix') or _code(f'{name}/{i}', 5)}",
            own | ({"apps.kubernetes.io/pod-index": str(i)} if stateful else {}),
            owner,
            document["template"],
            {"created": created, **said},
        )
        for i, said in enumerate(document.get("pods", []))
    ]
    ready, count = sum(map(_ready, pods)), len(pods)
    template = {"metadata": {"labels": labels}, "spec": pod_spec(document["template"])}
    spec: Json = {
        "selector": {"matchLabels": labels},
        "template": template,
        "updateStrategy": {"type": "RollingUpdate"},
    }
    if stateful:
        spec |= {
            "replicas": document.get("replicas", count),
            "serviceName": name,
            "podManagementPolicy": "OrderedReady",
        }
        current = f"{name}-{hashed}"
        status: Json = {"replicas": count, "readyReplicas": ready, "availableReplicas": ready, "currentReplicas": count}
        status |= {"updatedReplicas": count, "currentRevision": current, "updateRevision": current}
    else:
        status = {"desiredNumberScheduled": count, "currentNumberScheduled": count, "updatedNumberScheduled": count}
        status |= {"numberReady": ready, "numberAvailable": ready, "numberMisscheduled": 0}
        status |= {"numberUnavailable": count - ready} if ready < count else {}
    top = {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {**_meta(document, name, labels, created), "generation": 1},
        "spec": spec,
        "status": {"observedGeneration": 1, **status},
    }
    yield merged(top, {key: document[key] for key in ("spec", "status") if key in document})
    yield from pods
    yield from _serving(document, labels, pods)


def _pod(document: Json, name: str, labels: Json, owner: Json, template: Json, said: Json) -> Json:
    node = said.get("node", "")
    spec = admitted(pod_spec(template)) | ({"nodeName": node} if node or "unschedulable" not in said else {})
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            **_meta(document, name, labels, said["created"]),
            "generateName": f"{owner['name']}-",
            "ownerReferences": [{**owner, "blockOwnerDeletion": True}],
        },
        "spec": merged(spec, said.get("spec", {})),
        "status": _unscheduled(spec, said) if "unschedulable" in said else _running(name, spec, said),
    }
    if "annotations" in said:
        pod["metadata"]["annotations"] = said["annotations"]
    pod["status"] = merged(pod["status"], said.get("status", {}))
    _settle(pod, {c["type"] for c in said.get("status", {}).get("conditions", [])}, said["created"])
    return pod


def _running(name: str, spec: Json, said: Json) -> Json:
    digest = hashlib.sha256(name.encode()).digest()
    ip = said.get("ip") or f"10.244.{digest[0] % 5}.{digest[1] % 250 + 2}"
    started = said["created"]
    done = {"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": started, "finishedAt": started}}
    status = {
        "phase": "Running",
        "startTime": started,
        "podIP": ip,
        "podIPs": [{"ip": ip}],
        "qosClass": qos(spec),
        "conditions": [
            {"type": kind, "status": "True", "lastProbeTime": None, "lastTransitionTime": started}
            for kind in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
        ],
        "containerStatuses": [
            _container_status(name, c, {"running": {"startedAt": started}}) for c in spec["containers"]
        ],
    }
    if spec.get("initContainers"):
        status["initContainerStatuses"] = [_container_status(name, c, done) for c in spec["initContainers"]]
    return status


def _container_status(pod: str, container: Json, state: Json) -> Json:
    image = container["image"]
    digest = hashlib.sha256(image.encode()).hexdigest()
    run = hashlib.sha256(f"{pod}/{container['name']}".encode()).hexdigest()
    return {
        "name": container["name"],
        "image": image,
        "imageID": f"{image.rpartition(':')[0] or image}@sha256:{digest}",
        "containerID": f"containerd://{run}",
        "ready": True,
        "started": "running" in state,
        "restartCount": 0,
        "state": state,
        "lastState": {},
    }


def _unscheduled(spec: Json, said: Json) -> Json:
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": said["unschedulable"]}
    return {
        "phase": "Pending",
        "qosClass": qos(spec),
        "conditions": [{**condition, "lastProbeTime": None, "lastTransitionTime": said["created"]}],
    }


def _settle(pod: Json, told: set[str], since: str) -> None:
    """Readiness follows the containers, as a kubelet would report it, unless the world tells a condition itself."""
    status = pod["status"]
    unready = [c["name"] for c in status.get("containerStatuses", []) if not c["ready"]]
    if status["phase"] not in ("Running", "Pending") or not unready:
        return
    why = {"reason": "ContainersNotReady", "message": f"containers with unready status: [{' '.join(unready)}]"}
    for condition in status["conditions"]:
        if condition["type"] in {"Ready", "ContainersReady"} - told:
            condition.update({"status": "False", **why})
            condition["lastTransitionTime"] = condition.get("lastTransitionTime") or since


def _ready(pod: Json) -> bool:
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))


def _rollout(replica_set: str, available: bool, created: str, updated: str) -> list[Json]:
    said = (
        ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
        if available
        else ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    )
    done = ("True", "NewReplicaSetAvailable", f'ReplicaSet "{replica_set}" has successfully progressed.')
    return [
        {
            "type": kind,
            "status": status,
            "reason": reason,
            "message": message,
            "lastUpdateTime": updated,
            "lastTransitionTime": created,
        }
        for kind, (status, reason, message) in (("Available", said), ("Progressing", done))
    ]


def _serving(document: Json, labels: Json, pods: list[Json]) -> Iterator[Json]:
    """A Service on port 80 and its EndpointSlice, when the document names a ``port``."""
    if "port" not in document:
        return
    name, port = document["name"], document["port"]
    created = document.get("created", "30d ago")
    digest = hashlib.sha256(f"{document['namespace']}/{name}".encode()).digest()
    ports = [{"name": "http", "port": 80, "targetPort": port, "protocol": "TCP"}]
    ip = f"10.96.{digest[0]}.{digest[1] % 250 + 2}"
    yield {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _meta(document, name, labels, created),
        "spec": {"type": "ClusterIP", "clusterIP": ip, "clusterIPs": [ip], "selector": labels, "ports": ports},
        "status": {"loadBalancer": {}},
    }
    yield {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            **_meta(document, f"{name}-slice", {"kubernetes.io/service-name": name}, created),
            "ownerReferences": [{"apiVersion": "v1", "kind": "Service", "name": name}],
        },
        "addressType": "IPv4",
        "ports": [{"name": "http", "port": port, "protocol": "TCP"}],
        "endpoints": [_endpoint(pod) for pod in pods if pod["status"].get("podIP")],
    }


def _endpoint(pod: Json) -> Json:
    ready, meta = _ready(pod), pod["metadata"]
    return {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": ready, "serving": ready, "terminating": False},
        "targetRef": {"kind": "Pod", "namespace": meta["namespace"], "name": meta["name"]},
        "nodeName": pod["spec"].get("nodeName", ""),
    }


def _meta(document: Json, name: str, labels: Json, created: str) -> Json:
    return {"name": name, "namespace": document["namespace"], "labels": labels, "creationTimestamp": created}


def _code(text: str, length: int) -> str:
    """Letters as the API server's random names have them, always the same for the same text."""
    digest = hashlib.sha256(text.encode()).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:length])


def _uuid(text: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, text))
