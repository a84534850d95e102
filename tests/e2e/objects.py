"""Kubernetes objects as plain dictionaries, as short as a test wants to write them."""

from typing import Any

Thing = dict[str, Any]
IMAGE = "registry.invalid/{name}:1.4.2"
BACK_OFF = {"test.gurumi/back-off": "2s"}


def namespace(name: str, **labels: str) -> Thing:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def template(name: str, fate: str, container: Thing, spec: Thing) -> Thing:
    annotations = {"test.gurumi/fate": fate, **BACK_OFF} if fate else {}
    main = {
        "name": "app",
        "image": IMAGE.format(name=name),
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "128Mi"}},
        **container,
    }
    return {
        "metadata": {"labels": {"app": name}, "annotations": annotations},
        "spec": {"containers": [main], "terminationGracePeriodSeconds": 5, **spec},
    }


def deployment(
    name: str,
    place: str,
    fate: str = "",
    *,
    replicas: int = 1,
    container: Thing | None = None,
    pod: Thing | None = None,
    **spec: Any,
) -> Thing:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": place, "labels": {"app": name}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": template(name, fate, container or {}, pod or {}),
            **spec,
        },
    }


def bare_pod(name: str, place: str, fate: str = "", container: Thing | None = None, **spec: Any) -> Thing:
    whole = template(name, fate, container or {}, spec)
    whole["metadata"] |= {"name": name, "namespace": place}
    return {"apiVersion": "v1", "kind": "Pod", **whole}


def service(name: str, place: str, selects: str, port: int = 8080) -> Thing:
    spec = {"selector": {"app": selects}, "ports": [{"port": 80, "targetPort": port}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": place}, "spec": spec}


def other(api: str, kind: str, name: str, place: str = "", **fields: Any) -> Thing:
    metadata = {"name": name, **({"namespace": place} if place else {})}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **fields}
