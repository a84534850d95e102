"""What an object must and must not be: the faults that an API server finds in one that is created or changed."""

import re
from collections.abc import Iterator
from typing import Any

from integrations.sandbox.kubernetes.refusals import (
    Fault,
    duplicate,
    forbidden_change,
    required,
    unsupported,
    wrong,
)
from knowledge.facts.quantity import amount
from knowledge.objects import Resource

Json = dict[str, Any]

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_VALUE = "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?"
_KEY = "[-._a-zA-Z0-9]+"
_SAYS_LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    f"an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_LABEL}')"
)
_SAYS_SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    f"end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_SUBDOMAIN}')"
)
_SAYS_VALUE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    f"'{_VALUE}')"
)
_SAYS_KEY = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  "
    f"or 'key-name', regex used for validation is '{_KEY}')"
)
_NOT_NEGATIVE = "must be greater than or equal to 0"
_POD_MAY_CHANGE = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)
_CLAIM_MAY_CHANGE = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
)
_TEMPLATED = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet")
_ANY_NAME = ("rbac.authorization.k8s.io",)


def faults(resource: Resource, thing: Json) -> Iterator[Fault]:
    """Everything that is wrong with an object by itself."""
    yield from _metadata(resource, thing["metadata"])
    spec = thing.get("spec") or {}
    match resource.kind:
        case "Pod":
            yield from _pod_spec(spec, "spec")
        case kind if kind in _TEMPLATED:
            yield from _workload(kind, spec)
        case "Job":
            yield from _job(spec)
        case "Service":
            yield from _service(spec)
        case "Ingress":
            yield from _ingress(spec)
        case "HorizontalPodAutoscaler":
            yield from _autoscaler(spec)
        case "PodDisruptionBudget" if {"minAvailable", "maxUnavailable"} <= spec.keys():
            yield wrong("spec", spec, "minAvailable and maxUnavailable cannot be both set")
        case "ConfigMap" | "Secret":
            for key in thing.get("data") or {}:
                if not re.fullmatch(_KEY, key):
                    yield wrong(f"data[{key}]", key, _SAYS_KEY)


def changed_faults(resource: Resource, before: Json, after: Json) -> Iterator[Fault]:
    """What may not change in an object that exists."""
    for field in ("uid", "creationTimestamp"):
        was, now = before["metadata"].get(field), after["metadata"].get(field)
        if was != now:
            yield wrong(f"metadata.{field}", now, "field is immutable")
    was, now = before.get("spec") or {}, after.get("spec") or {}
    match resource.kind:
        case "Pod" if _fixed_of_pod(was) != _fixed_of_pod(now):
            yield forbidden_change("spec", _POD_MAY_CHANGE)
        case "Deployment" | "ReplicaSet" | "DaemonSet" | "Job" if was.get("selector") != now.get("selector"):
            yield wrong("spec.selector", now.get("selector"), "field is immutable")
        case "PersistentVolumeClaim" if _fixed_of_claim(was) != _fixed_of_claim(now):
            yield forbidden_change("spec", _CLAIM_MAY_CHANGE)
        case "Service" if was.get("clusterIP") and was.get("clusterIP") != now.get("clusterIP"):
            yield wrong("spec.clusterIPs[0]", now.get("clusterIPs"), "may not change once set")
        case "ConfigMap" | "Secret" if before.get("immutable"):
            if not after.get("immutable"):
                yield forbidden_change("immutable", "field is immutable when `immutable` is set")
            if before.get("data") != after.get("data"):
                yield forbidden_change("data", "field is immutable when `immutable` is set")


def _metadata(resource: Resource, meta: Json) -> Iterator[Fault]:
    name = meta.get("name", "")
    if not name:
        yield required("metadata.name", "name or generateName is required")
    elif resource.kind in ("Service", "Namespace"):
        if not re.fullmatch(_LABEL, name) or len(name) > 63:
            yield wrong("metadata.name", name, _SAYS_LABEL)
    elif resource.group not in _ANY_NAME and (not re.fullmatch(_SUBDOMAIN, name) or len(name) > 253):
        yield wrong("metadata.name", name, _SAYS_SUBDOMAIN)
    for value in (meta.get("labels") or {}).values():
        if not re.fullmatch(_VALUE, str(value)):
            yield wrong("metadata.labels", value, _SAYS_VALUE)
        elif len(str(value)) > 63:
            yield wrong("metadata.labels", value, "must be no more than 63 bytes")


def _workload(kind: str, spec: Json) -> Iterator[Fault]:
    replicas, selector = spec.get("replicas"), spec.get("selector")
    if isinstance(replicas, int) and replicas < 0:
        yield wrong("spec.replicas", replicas, _NOT_NEGATIVE)
    if selector is None:
        yield required("spec.selector")
    template = spec.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    wanted = (selector or {}).get("matchLabels") or {}
    if selector is None or any(labels.get(key) != value for key, value in wanted.items()):
        yield wrong("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")
    inside = template.get("spec") or {}
    yield from _pod_spec(inside, "spec.template.spec")
    if inside.get("restartPolicy", "Always") != "Always":
        yield unsupported("spec.template.spec.restartPolicy", inside["restartPolicy"], "Always")
    rolling = (spec.get("strategy") or {}).get("rollingUpdate") or {}
    if kind == "Deployment" and _nothing(rolling.get("maxSurge")) and _nothing(rolling.get("maxUnavailable")):
        said = "may not be 0 when `maxSurge` is 0"
        yield wrong("spec.strategy.rollingUpdate.maxUnavailable", rolling["maxUnavailable"], said)


def _nothing(value: Any) -> bool:
    return value in (0, "0%") and not isinstance(value, bool)


def _job(spec: Json) -> Iterator[Fault]:
    inside = (spec.get("template") or {}).get("spec") or {}
    yield from (fault for fault in _pod_spec(inside, "spec.template.spec") if not fault.field.endswith("restartPolicy"))
    policy = inside.get("restartPolicy")
    if policy is None:
        yield required("spec.template.spec.restartPolicy", 'valid values: "OnFailure", "Never"')
    elif policy not in ("OnFailure", "Never"):
        yield unsupported("spec.template.spec.restartPolicy", policy, "OnFailure", "Never")


def _pod_spec(spec: Json, path: str) -> Iterator[Fault]:
    if not spec.get("containers"):
        yield required(f"{path}.containers")
    volumes = {one.get("name") for one in spec.get("volumes") or []}
    seen: set[str] = set()
    for key in ("initContainers", "containers"):
        for n, one in enumerate(spec.get(key) or []):
            yield from _container(one, f"{path}.{key}[{n}]", seen, volumes)
    policy = spec.get("restartPolicy", "Always")
    if policy not in ("Always", "OnFailure", "Never"):
        yield unsupported(f"{path}.restartPolicy", policy, "Always", "OnFailure", "Never")


def _container(one: Json, path: str, seen: set[str], volumes: set[str | None]) -> Iterator[Fault]:
    name = one.get("name", "")
    if not name:
        yield required(f"{path}.name")
    elif not re.fullmatch(_LABEL, name):
        yield wrong(f"{path}.name", name, _SAYS_LABEL)
    if not one.get("image"):
        yield required(f"{path}.image")
    for n, mount in enumerate(one.get("volumeMounts") or []):
        if mount.get("name") not in volumes:
            yield Fault("FieldValueNotFound", f"{path}.volumeMounts[{n}].name", f'Not found: "{mount.get("name")}"')
    resources = one.get("resources") or {}
    limits = resources.get("limits") or {}
    for kind, asked in (resources.get("requests") or {}).items():
        if kind in limits and (amount(asked) or 0) > (amount(limits[kind]) or 0):
            says = f"must be less than or equal to {kind} limit of {limits[kind]}"
            yield wrong(f"{path}.resources.requests", asked, says)
    if name in seen:
        yield duplicate(f"{path}.name", name)
    seen.add(name)


def _service(spec: Json) -> Iterator[Fault]:
    ports = spec.get("ports") or []
    if not ports and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None":
        yield required("spec.ports")
    for n, port in enumerate(ports):
        if len(ports) > 1 and not port.get("name"):
            yield required(f"spec.ports[{n}].name")
        for field in ("port", "targetPort"):
            number = port.get(field)
            if isinstance(number, int) and not 0 < number < 65536:
                yield wrong(f"spec.ports[{n}].{field}", number, "must be between 1 and 65535, inclusive")


def _ingress(spec: Json) -> Iterator[Fault]:
    for r, rule in enumerate(spec.get("rules") or []):
        for p, path in enumerate((rule.get("http") or {}).get("paths") or []):
            if not path.get("pathType"):
                yield required(f"spec.rules[{r}].http.paths[{p}].pathType", "pathType must be specified")


def _autoscaler(spec: Json) -> Iterator[Fault]:
    most, least = spec.get("maxReplicas", 0), spec.get("minReplicas", 1)
    if most < 1:
        yield wrong("spec.maxReplicas", most, "must be greater than 0")
    elif most < least:
        yield wrong("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")


def _fixed_of_pod(spec: Json) -> Json:
    """A pod's spec without what may change."""
    open_fields = ("activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates")
    found = {key: value for key, value in spec.items() if key not in open_fields}
    for key in ("containers", "initContainers"):
        if key in found:
            found[key] = [{k: v for k, v in one.items() if k != "image"} for one in found[key]]
    return found


def _fixed_of_claim(spec: Json) -> Json:
    return {key: value for key, value in spec.items() if key not in ("resources", "volumeName")}
