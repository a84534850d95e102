"""Writes the objects of a world in a line each: what an API server would serve, with only the telling fields said."""

import json
from typing import Any

from bot.words import Words
from knowledge.diagnosis import Diagnosis
from knowledge.finding import Finding

Thing = dict[str, Any]


def world(*things: Thing | list[Thing]) -> str:
    """The things as the YAML documents of one world."""
    flat = [one for thing in things for one in (thing if isinstance(thing, list) else [thing])]
    return "\n---\n".join(json.dumps(thing) for thing in flat)


def thing(kind: str, name: str, namespace: str = "shop", **fields: Any) -> Thing:
    """Any object. ``labels``, ``annotations``, ``created`` and ``owner`` (kind, name) go to its metadata."""
    meta: Thing = {"name": name, **({"namespace": namespace} if namespace else {})}
    for key, path in (("labels", "labels"), ("annotations", "annotations"), ("created", "creationTimestamp")):
        if key in fields:
            meta[path] = fields.pop(key)
    if owner := fields.pop("owner", None):
        meta["ownerReferences"] = [{"kind": owner[0], "name": owner[1]}]
    if "deleted" in fields:
        meta["deletionTimestamp"] = fields.pop("deleted")
    return {"apiVersion": "v1", "kind": kind, "metadata": meta, **fields}


def deployment(name: str, labels: Thing, replicas: int = 1, template: Thing | None = None, **fields: Any) -> Thing:
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": template or {}},
        **fields.pop("spec", {}),
    }
    return thing("Deployment", name, spec=spec, **fields)


def pod(name: str, labels: Thing | None = None, ready: bool = True, since: str = "1h ago", **fields: Any) -> Thing:
    """A running pod with one container ``app``. ``container`` and ``state`` add to its spec and its status."""
    container = {"name": "app", "image": "registry.example.com/app:1.0", **fields.pop("container", {})}
    state = {"name": "app", "ready": ready, "restartCount": 0, "state": {"running": {"startedAt": since}}}
    condition = {"type": "Ready", "status": "True" if ready else "False", "lastTransitionTime": since}
    status = {
        "phase": "Running",
        "startTime": "1d ago",
        "conditions": [{"type": "PodScheduled", "status": "True"}, condition],
        "containerStatuses": [{**state, **fields.pop("state", {})}],
        **fields.pop("status", {}),
    }
    spec = {"nodeName": "node-1", "containers": [container], **fields.pop("spec", {})}
    return thing("Pod", name, labels=labels or {"app": name}, spec=spec, status=status, **fields)


def service(name: str, selector: Thing | None, ports: list[Thing] | None = None, **fields: Any) -> Thing:
    spec = {"ports": ports or [{"port": 80, "targetPort": 8080}], **fields.pop("spec", {})}
    if selector is not None:
        spec["selector"] = selector
    return thing("Service", name, spec=spec, **fields)


def endpoints(service: str, ready: tuple[str, ...] = (), unready: tuple[str, ...] = ()) -> Thing:
    found = [
        {
            "addresses": [f"10.0.0.{n}"],
            "conditions": {"ready": name in ready},
            "targetRef": {"kind": "Pod", "name": name},
        }
        for n, name in enumerate((*ready, *unready), start=1)
    ]
    return thing(
        "EndpointSlice", f"{service}-x", labels={"kubernetes.io/service-name": service}, ports=[], endpoints=found
    )


def ingress(
    name: str, routes: list[tuple[str, str, str, int | str]], cls: str | None = "nginx", **fields: Any
) -> Thing:
    """``routes``: host, path, Service, port."""
    rules = [
        {
            "host": host,
            "http": {
                "paths": [
                    {
                        "path": path,
                        "pathType": "Prefix",
                        "backend": {
                            "service": {"name": to, "port": {"name" if isinstance(port, str) else "number": port}}
                        },
                    }
                ]
            },
        }
        for host, path, to, port in routes
    ]
    spec = {"rules": rules, **fields.pop("spec", {})}
    if cls is not None:
        spec["ingressClassName"] = cls
    return thing("Ingress", name, spec=spec, **fields)


def event(about: tuple[str, str], reason: str, message: str, count: int = 1, **fields: Any) -> Thing:
    kind, name = about
    last = fields.pop("last", "1m ago")
    involved = {"kind": kind, "name": name}
    if container := fields.pop("container", ""):
        involved["fieldPath"] = f"spec.containers{{{container}}}"
    namespace = fields.pop("namespace", "shop")
    if kind in ("Node", "PersistentVolume"):
        involved["namespace"] = ""
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"namespace": namespace},
        "involvedObject": involved,
        "type": "Warning",
        "reason": reason,
        "message": message,
        "count": count,
        "firstTimestamp": fields.pop("first", "20m ago"),
        "lastTimestamp": last,
    }


def log(pod: str, *lines: str, container: str = "app", previous: bool = False, namespace: str = "shop") -> Thing:
    return {
        "apiVersion": "rehearsal",
        "kind": "Log",
        "namespace": namespace,
        "pod": pod,
        "container": container,
        "previous": previous,
        "lines": "\n".join(lines),
    }


def denied(resource: str) -> Thing:
    return {"apiVersion": "rehearsal", "kind": "Denied", "resource": resource}


def unsure(diagnosis: Diagnosis) -> tuple[str, ...]:
    """The detectors that could not tell."""
    return tuple(item.detector for item in diagnosis.unclear)


def told(diagnosis: Diagnosis) -> list[str]:
    """Every finding in English, causes first, each cause followed by what it explains."""
    causes = (*diagnosis.causes, *diagnosis.asides)
    return [english(f) for cause in causes for f in (cause.finding, *cause.explains)]


def first(diagnosis: Diagnosis) -> Finding:
    """The first finding, hygiene among them."""
    return (*diagnosis.causes, *diagnosis.asides)[0].finding


def proof(diagnosis: Diagnosis) -> list[str]:
    """The first finding's evidence, each as ``path: value``."""
    return [f"{item.path}: {item.value}" for item in first(diagnosis).evidence]


def english(finding: Finding) -> str:
    return Words("en").say(finding.says)
