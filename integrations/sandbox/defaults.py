"""What an API server fills in where a writer says nothing, kind by kind."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]

_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_TOLERATIONS = [
    {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
    for key in ("not-ready", "unreachable")
]
_QUARTER = {"maxUnavailable": "25%", "maxSurge": "25%"}


def filled(thing: Json) -> Json:
    """The object with every default of its kind. What a writer said stays."""
    fill = _KINDS.get(thing["kind"])
    return fill(thing) if fill else thing


def pod_spec(spec: Json) -> Json:
    """A pod's or a template's."""
    found = {
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "securityContext": {},
        "schedulerName": "default-scheduler",
        **spec,
    }
    for key in ("containers", "initContainers"):
        if isinstance(found.get(key), list):
            found[key] = [container(one) for one in found[key]]
    if found.get("serviceAccountName"):
        found.setdefault("serviceAccount", found["serviceAccountName"])
    if isinstance(found.get("volumes"), list):
        found["volumes"] = [_volume(one) for one in found["volumes"]]
    return found


def container(one: Json) -> Json:
    found = {
        "resources": {},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "Always" if floats(one.get("image", "")) else "IfNotPresent",
        **one,
    }
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        if isinstance(found.get(probe), dict):
            found[probe] = {**_PROBE, **found[probe]}
            if "httpGet" in found[probe]:
                found[probe]["httpGet"] = {"path": "/", "scheme": "HTTP", **found[probe]["httpGet"]}
    if isinstance(found.get("ports"), list):
        found["ports"] = [{"protocol": "TCP", **port} for port in found["ports"]]
    limits = (found["resources"] or {}).get("limits") or {}
    if limits:
        requests = {**limits, **((found["resources"] or {}).get("requests") or {})}
        found["resources"] = {**found["resources"], "requests": requests}
    return found


def floats(image: str) -> bool:
    """Whether an image may be another one tomorrow: no tag, or ``latest``."""
    last = image.rpartition("/")[2]
    return last.endswith(":latest") or (":" not in last and "@" not in last)


def qos(spec: Json) -> str:
    asked = [one.get("resources") or {} for one in spec["containers"]]
    if not any(one.get("requests") or one.get("limits") for one in asked):
        return "BestEffort"
    whole = all({"cpu", "memory"} <= (one.get("limits") or {}).keys() for one in asked)
    same = all((one.get("requests") or one.get("limits")) == one.get("limits") for one in asked)
    return "Guaranteed" if whole and same else "Burstable"


def _volume(one: Json) -> Json:
    for source in ("secret", "configMap", "projected", "downwardAPI"):
        if isinstance(one.get(source), dict):
            return {**one, source: {"defaultMode": 420, **one[source]}}
    if isinstance(one.get("hostPath"), dict):
        return {**one, "hostPath": {"type": "", **one["hostPath"]}}
    return one


def admitted(spec: Json) -> Json:
    """What admission adds to every pod: its service account, the tolerations of a failing node, a priority."""
    account = spec.get("serviceAccountName", "default")
    more = {"serviceAccountName": account, "serviceAccount": account, "enableServiceLinks": True}
    given = spec.get("tolerations", [])
    missing = [one for one in _TOLERATIONS if not any(has.get("key") in (None, one["key"]) for has in given)]
    return {**more, "preemptionPolicy": "PreemptLowerPriority", "priority": 0, **spec, "tolerations": given + missing}


def _pod(thing: Json) -> Json:
    spec = admitted(pod_spec(thing.get("spec", {})))
    status = {"phase": "Pending", **thing.get("status", {})}
    status.setdefault("qosClass", qos(spec) if spec.get("containers") else "BestEffort")
    return {**thing, "spec": spec, "status": status}


def _templated(spec: Json) -> Json:
    template = spec.get("template")
    if not isinstance(template, dict):
        return spec
    return {**spec, "template": {**template, "spec": pod_spec(template.get("spec") or {})}}


def _deployment(thing: Json) -> Json:
    spec = {"replicas": 1, **_templated(thing.get("spec") or {})}
    strategy = {"type": "RollingUpdate", **(spec.get("strategy") or {})}
    if strategy["type"] == "RollingUpdate":
        strategy["rollingUpdate"] = {**_QUARTER, **(strategy.get("rollingUpdate") or {})}
    more = {"strategy": strategy, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600}
    return {**thing, "spec": {**more, **spec, "strategy": strategy}, "status": thing.get("status", {})}


def _replica_set(thing: Json) -> Json:
    return {
        **thing,
        "spec": {"replicas": 1, **_templated(thing.get("spec") or {})},
        "status": {"replicas": 0, **thing.get("status", {})},
    }


def _stateful_set(thing: Json) -> Json:
    update = {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}
    more = {"replicas": 1, "podManagementPolicy": "OrderedReady", "updateStrategy": update, "revisionHistoryLimit": 10}
    spec = {**more, **_templated(thing.get("spec") or {})}
    return {**thing, "spec": spec, "status": {"replicas": 0, "availableReplicas": 0, **thing.get("status", {})}}


def _daemon_set(thing: Json) -> Json:
    update = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}
    counts = ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady")
    spec = {"updateStrategy": update, "revisionHistoryLimit": 10, **_templated(thing.get("spec") or {})}
    return {**thing, "spec": spec, "status": {**dict.fromkeys(counts, 0), **thing.get("status", {})}}


def _job(thing: Json) -> Json:
    more = {"parallelism": 1, "completions": 1, "backoffLimit": 6, "completionMode": "NonIndexed", "suspend": False}
    spec = {**more, **(thing.get("spec") or {})}
    template = spec.get("template")
    if isinstance(template, dict) and "restartPolicy" in (template.get("spec") or {}):
        spec = _templated(spec)
    return {**thing, "spec": spec, "status": thing.get("status", {})}


def _service(thing: Json) -> Json:
    spec = {"type": "ClusterIP", "sessionAffinity": "None", **(thing.get("spec") or {})}
    spec["ports"] = [{"protocol": "TCP", "targetPort": port.get("port"), **port} for port in spec.get("ports") or []]
    if spec["type"] != "ExternalName":
        meta = thing["metadata"]
        digest = hashlib.sha256(f"{meta.get('namespace')}/{meta.get('name')}".encode()).digest()
        ip = spec.get("clusterIP") or f"10.96.{digest[0]}.{digest[1] % 250 + 2}"
        more = {"ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack", "internalTrafficPolicy": "Cluster"}
        spec = {**more, **spec, "clusterIP": ip, "clusterIPs": [ip]}
    return {**thing, "spec": spec, "status": {"loadBalancer": {}, **thing.get("status", {})}}


def _namespace(thing: Json) -> Json:
    meta = thing["metadata"]
    labels = {**(meta.get("labels") or {}), "kubernetes.io/metadata.name": meta.get("name", "")}
    spec = {"finalizers": ["kubernetes"], **(thing.get("spec") or {})}
    return {**thing, "metadata": {**meta, "labels": labels}, "spec": spec, "status": {"phase": "Active"}}


def _claim(thing: Json) -> Json:
    meta = thing["metadata"]
    held = [*meta.get("finalizers", []), "kubernetes.io/pvc-protection"]
    return {
        **thing,
        "metadata": {**meta, "finalizers": list(dict.fromkeys(held))},
        "spec": {"volumeMode": "Filesystem", **(thing.get("spec") or {})},
        "status": {"phase": "Pending", **thing.get("status", {})},
    }


def _secret(thing: Json) -> Json:
    written = {key: base64.b64encode(str(text).encode()).decode() for key, text in thing.get("stringData", {}).items()}
    found = {key: value for key, value in thing.items() if key != "stringData"}
    if written:
        found["data"] = {**(thing.get("data") or {}), **written}
    return {"type": "Opaque", **found}


def _budget(thing: Json) -> Json:
    counts = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
    return {**thing, "status": {**dict.fromkeys(counts, 0), **thing.get("status", {})}}


def _node(thing: Json) -> Json:
    return {"spec": {}, "status": {}, **thing}


_KINDS: dict[str, Callable[[Json], Json]] = {
    "Pod": _pod,
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Job": _job,
    "Service": _service,
    "Namespace": _namespace,
    "Node": _node,
    "PersistentVolumeClaim": _claim,
    "Secret": _secret,
    "PodDisruptionBudget": _budget,
}
