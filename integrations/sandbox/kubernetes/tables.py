"""Objects as rows, the way ``kubectl get`` shows them: the columns of each kind and what stands in them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

_TYPES = {"Desired": "integer", "Current": "integer", "Up-to-date": "integer", "Available": "integer"}
_COLUMNS = {
    "ConfigMap": "Name|Data|Age",
    "CronJob": "Name|Schedule|Timezone|Suspend|Active|Last Schedule|Age",
    "DaemonSet": "Name|Desired|Current|Ready|Up-to-date|Available|Node Selector|Age",
    "Deployment": "Name|Ready|Up-to-date|Available|Age|Containers*|Images*|Selector*",
    "EndpointSlice": "Name|AddressType|Ports|Endpoints|Age",
    "Event": "Last Seen|Type|Reason|Object|Subobject*|Source*|Message|First Seen*|Count*|Name*",
    "HorizontalPodAutoscaler": "Name|Reference|MinPods|MaxPods|Replicas|Age",
    "Ingress": "Name|Class|Hosts|Address|Ports|Age",
    "Job": "Name|Status|Completions|Age",
    "Namespace": "Name|Status|Age",
    "Node": "Name|Status|Roles|Age|Version|Internal-IP*|OS-Image*|Kernel-Version*|Container-Runtime*",
    "PersistentVolume": "Name|Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|Age",
    "PersistentVolumeClaim": "Name|Status|Volume|Capacity|Access Modes|StorageClass|Age",
    "Pod": "Name|Ready|Status|Restarts|Age|IP*|Node*",
    "ReplicaSet": "Name|Desired|Current|Ready|Age|Containers*|Images*|Selector*",
    "Secret": "Name|Type|Data|Age",
    "Service": "Name|Type|Cluster-IP|External-IP|Port(s)|Age|Selector*",
    "StatefulSet": "Name|Ready|Age|Containers*|Images*",
    "StorageClass": "Name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion|Age",
}


@dataclass(frozen=True)
class _Seen:
    """An object on its way to a row."""

    thing: Json
    now: datetime

    @property
    def spec(self) -> Json:
        return self.thing.get("spec") or {}

    @property
    def status(self) -> Json:
        return self.thing.get("status") or {}


def columns(kind: str) -> list[Json]:
    """``columnDefinitions``; a star marks what only ``-o wide`` shows."""
    return [
        {
            "name": name.rstrip("*"),
            "type": "string" if kind == "Deployment" else _TYPES.get(name.rstrip("*"), "string"),
            "format": "name" if name == "Name" else "",
            "description": "",
            "priority": 1 if name.endswith("*") else 0,
        }
        for name in _COLUMNS.get(kind, "Name|Age").split("|")
    ]


def row(thing: Json, now: datetime) -> list[Any]:
    """The cells of one object."""
    cells = _ROWS.get(thing["kind"])
    name, age = thing["metadata"]["name"], _age(thing["metadata"].get("creationTimestamp"), now)
    if thing["kind"] == "Event":
        return _event(_Seen(thing, now))
    if cells is None:
        return [name, age]
    shown = _COLUMNS[thing["kind"]].split("|")
    found = cells(_Seen(thing, now))
    return [name, *found[: shown.index("Age") - 1], age, *found[shown.index("Age") - 1 :]]


def _age(since: str | None, now: datetime) -> str:
    """As kubectl writes a span: ``45s``, ``5m12s``, ``3h``, ``4d2h``, ``31d``."""
    if not since:
        return "<unknown>"
    seconds = int((now - datetime.fromisoformat(since).astimezone(UTC)).total_seconds())
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 120:
        return f"{max(seconds, 0)}s"
    if minutes < 10:
        return _two(minutes, "m", seconds % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    return _two(days, "d", hours % 24, "h") if days < 8 else f"{days}d"


def _two(big: int, big_unit: str, small: int, small_unit: str) -> str:
    return f"{big}{big_unit}{small}{small_unit}" if small else f"{big}{big_unit}"


def _pod(it: _Seen) -> list[Any]:
    statuses = it.status.get("containerStatuses", [])
    ready = sum(1 for s in statuses if s.get("ready"))
    restarts = sum(int(s.get("restartCount", 0)) for s in statuses)
    ends = [
        s["lastState"]["terminated"].get("finishedAt") for s in statuses if s.get("lastState", {}).get("terminated")
    ]
    when = f" ({_age(max(filter(None, ends)), it.now)} ago)" if restarts and any(ends) else ""
    total = len(it.spec.get("containers", []))
    where = [it.status.get("podIP") or "<none>", it.spec.get("nodeName") or "<none>"]
    return [f"{ready}/{total}", _pod_status(it.spec, it.status, it.thing), f"{restarts}{when}", *where]


def _pod_status(spec: Json, status: Json, thing: Json) -> str:
    said = str(status.get("reason") or status.get("phase", "Unknown"))
    for i, first in enumerate(status.get("initContainerStatuses", [])):
        ended = first.get("state", {}).get("terminated")
        if (ended and ended.get("exitCode") == 0) or first.get("started"):
            continue
        why = (ended or first.get("state", {}).get("waiting") or {}).get("reason")
        done = f"{i}/{len(spec.get('initContainers', []))}"
        return f"Init:{why}" if why and why != "PodInitializing" else f"Init:{done}"
    for found in status.get("containerStatuses", []):
        state = found.get("state", {})
        why = (state.get("waiting") or state.get("terminated") or {}).get("reason")
        said = str(why or said)
    return "Terminating" if thing["metadata"].get("deletionTimestamp") else said


def _deployment(it: _Seen) -> list[Any]:
    ready = f"{it.status.get('readyReplicas', 0)}/{it.spec.get('replicas', 1)}"
    return [ready, it.status.get("updatedReplicas", 0), it.status.get("availableReplicas", 0), *_made_of(it.spec)]


def _replica_set(it: _Seen) -> list[Any]:
    return [
        it.spec.get("replicas", 1),
        it.status.get("replicas", 0),
        it.status.get("readyReplicas", 0),
        *_made_of(it.spec),
    ]


def _stateful_set(it: _Seen) -> list[Any]:
    return [f"{it.status.get('readyReplicas', 0)}/{it.spec.get('replicas', 1)}", *_made_of(it.spec)[:2]]


def _daemon_set(it: _Seen) -> list[Any]:
    keys = ("desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled")
    chosen = it.spec.get("template", {}).get("spec", {}).get("nodeSelector") or {}
    return [*(it.status.get(key, 0) for key in (*keys, "numberAvailable")), _pairs(chosen)]


def _made_of(spec: Json) -> list[str]:
    containers = spec.get("template", {}).get("spec", {}).get("containers", [])
    names, images = (",".join(c.get(key, "") for c in containers) for key in ("name", "image"))
    return [names, images, _pairs(spec.get("selector", {}).get("matchLabels") or {})]


def _service(it: _Seen) -> list[Any]:
    ports = [_port(port) for port in it.spec.get("ports", [])]
    given = [i.get("ip") or i.get("hostname", "") for i in it.status.get("loadBalancer", {}).get("ingress", [])]
    waiting = "<pending>" if it.spec.get("type") == "LoadBalancer" else "<none>"
    outside = ",".join(given) or it.spec.get("externalName") or waiting
    kind, inside = it.spec.get("type", "ClusterIP"), it.spec.get("clusterIP") or "<none>"
    return [kind, inside, outside, ",".join(ports) or "<none>", _pairs(it.spec.get("selector") or {})]


def _port(port: Json) -> str:
    node = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port['port']}{node}/{port.get('protocol', 'TCP')}"


def _node(it: _Seen) -> list[Any]:
    ready = next((c["status"] for c in it.status.get("conditions", []) if c["type"] == "Ready"), "Unknown")
    said = ("Ready" if ready == "True" else "NotReady") + (
        ",SchedulingDisabled" if it.spec.get("unschedulable") else ""
    )
    prefix = "node-role.kubernetes.io/"
    labels = it.thing["metadata"].get("labels") or {}
    roles = sorted(label.removeprefix(prefix) for label in labels if label.startswith(prefix))
    info = it.status.get("nodeInfo", {})
    inside = next((a["address"] for a in it.status.get("addresses", []) if a["type"] == "InternalIP"), "<none>")
    shown = [info.get(key, "<unknown>") for key in ("osImage", "kernelVersion", "containerRuntimeVersion")]
    return [said, ",".join(roles) or "<none>", info.get("kubeletVersion", ""), inside, *shown]


def _event(it: _Seen) -> list[Any]:
    about, source = it.thing.get("involvedObject", {}), it.thing.get("source") or {}
    series = it.thing.get("series") or {}
    first = it.thing.get("firstTimestamp") or it.thing.get("eventTime")
    last = series.get("lastObservedTime") or it.thing.get("lastTimestamp") or first
    who = ", ".join(filter(None, (source.get("component") or it.thing.get("reportingComponent"), source.get("host"))))
    subject = f"{about.get('kind', '').lower()}/{about.get('name', '')}"
    said = [it.thing.get("type"), it.thing.get("reason"), subject, about.get("fieldPath", ""), who]
    count = series.get("count") or it.thing.get("count") or 1
    message = str(it.thing.get("message", "")).strip()
    return [_age(last, it.now), *said, message, _age(first, it.now), count, it.thing["metadata"]["name"]]


def _claim(it: _Seen) -> list[Any]:
    size = (it.status.get("capacity") or {}).get("storage", "")
    modes = _modes(it.spec) if it.spec.get("volumeName") else ""
    return [
        it.status.get("phase", ""),
        it.spec.get("volumeName", ""),
        size,
        modes,
        it.spec.get("storageClassName") or "",
    ]


def _volume(it: _Seen) -> list[Any]:
    claim = it.spec.get("claimRef") or {}
    whose = f"{claim.get('namespace')}/{claim.get('name')}" if claim else ""
    kept = [
        it.spec.get("capacity", {}).get("storage", ""),
        _modes(it.spec),
        it.spec.get("persistentVolumeReclaimPolicy", ""),
    ]
    return [*kept, it.status.get("phase", ""), whose, it.spec.get("storageClassName", "")]


def _modes(spec: Json) -> str:
    short = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
    return ",".join(short.get(mode, mode) for mode in spec.get("accessModes", []))


def _ingress(it: _Seen) -> list[Any]:
    hosts = ",".join(filter(None, (rule.get("host") for rule in it.spec.get("rules", [])))) or "*"
    given = [i.get("ip") or i.get("hostname", "") for i in it.status.get("loadBalancer", {}).get("ingress", [])]
    return [
        it.spec.get("ingressClassName") or "<none>",
        hosts,
        ",".join(given),
        "80, 443" if it.spec.get("tls") else "80",
    ]


def _slice(it: _Seen) -> list[Any]:
    addresses = [a for e in it.thing.get("endpoints") or [] for a in e.get("addresses", [])]
    ports = ",".join(str(p.get("port")) for p in it.thing.get("ports") or [])
    return [it.thing.get("addressType"), ports or "<unset>", ",".join(addresses) or "<unset>"]


def _autoscaler(it: _Seen) -> list[Any]:
    target = it.spec.get("scaleTargetRef", {})
    sizes = [
        str(it.spec.get("minReplicas", 1)),
        str(it.spec.get("maxReplicas")),
        str(it.status.get("currentReplicas", 0)),
    ]
    return [f"{target.get('kind')}/{target.get('name')}", *sizes]


def _job(it: _Seen) -> list[Any]:
    ends = [c["type"] for c in it.status.get("conditions", []) if c.get("status") == "True"]
    said = "Complete" if "Complete" in ends else "Failed" if "Failed" in ends else "Running"
    return [said, f"{it.status.get('succeeded', 0)}/{it.spec.get('completions', 1)}"]


def _cron_job(it: _Seen) -> list[Any]:
    last = it.status.get("lastScheduleTime")
    active = len(it.status.get("active") or [])
    when = _age(last, it.now) if last else "<none>"
    return [
        it.spec.get("schedule"),
        it.spec.get("timeZone") or "<none>",
        str(bool(it.spec.get("suspend"))),
        active,
        when,
    ]


def _pairs(labels: Json) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items())) or "<none>"


_ROWS: dict[str, Callable[[_Seen], list[Any]]] = {
    "ConfigMap": lambda it: [len(it.thing.get("data") or {})],
    "CronJob": _cron_job,
    "DaemonSet": _daemon_set,
    "Deployment": _deployment,
    "EndpointSlice": _slice,
    "HorizontalPodAutoscaler": _autoscaler,
    "Ingress": _ingress,
    "Job": _job,
    "Namespace": lambda it: [it.status.get("phase", "Active")],
    "Node": _node,
    "PersistentVolume": _volume,
    "PersistentVolumeClaim": _claim,
    "Pod": _pod,
    "ReplicaSet": _replica_set,
    "Secret": lambda it: [it.thing.get("type", "Opaque"), len(it.thing.get("data") or {})],
    "Service": _service,
    "StatefulSet": _stateful_set,
    "StorageClass": lambda it: [
        it.thing.get("provisioner"),
        it.thing.get("reclaimPolicy", "Delete"),
        it.thing.get("volumeBindingMode", "Immediate"),
        str(bool(it.thing.get("allowVolumeExpansion"))).lower(),
    ],
}
