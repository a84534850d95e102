"""EndpointSlices: for each Service with a selector, the addresses of the pods that it selects."""

import random
from typing import Any

from integrations.sandbox.kubernetes.living.ground import Ground, reference
from integrations.sandbox.kubernetes.removal import is_ready

Json = dict[str, Any]

_SERVICE = "kubernetes.io/service-name"
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def keep_endpoints(ground: Ground) -> None:
    slices: dict[tuple[str, str], Json] = {}
    for one in ground.all("EndpointSlice"):
        labels = one["metadata"].get("labels") or {}
        slices.setdefault((one["metadata"]["namespace"], labels.get(_SERVICE, "")), one)
    for service in ground.all("Service"):
        if service["spec"].get("selector") and service["spec"].get("type") != "ExternalName":
            meta = service["metadata"]
            _keep(ground, service, slices.get((meta["namespace"], meta["name"])))


def _keep(ground: Ground, service: Json, there: Json | None) -> None:
    meta = service["metadata"]
    pods = ground.fitting("Pod", meta["namespace"], {"matchLabels": service["spec"]["selector"]})
    pods = [pod for pod in pods if _has_address(pod)]
    endpoints = [_endpoint(pod, bool(service["spec"].get("publishNotReadyAddresses"))) for pod in pods]
    ports = _ports(service, pods) if pods else []
    if there is None:
        labels = {_SERVICE: meta["name"], "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}
        name = f"{meta['name']}-{''.join(random.choices(_LETTERS, k=5))}"
        ground.create(
            {
                "apiVersion": "discovery.k8s.io/v1",
                "kind": "EndpointSlice",
                "metadata": {
                    "name": name,
                    "namespace": meta["namespace"],
                    "labels": labels,
                    "ownerReferences": [reference(service)],
                },
                "addressType": "IPv4",
                "endpoints": endpoints,
                "ports": ports,
            }
        )
    elif _known(there.get("endpoints") or []) != _known(endpoints) or (pods and there.get("ports") != ports):
        ground.change(there, lambda now: {**now, "endpoints": endpoints, "ports": ports})


def _has_address(pod: Json) -> bool:
    status = pod.get("status") or {}
    return bool(status.get("podIP")) and status.get("phase") not in ("Succeeded", "Failed")


def _endpoint(pod: Json, always: bool) -> Json:
    meta, going = pod["metadata"], bool(pod["metadata"].get("deletionTimestamp"))
    ready = is_ready(pod)
    return {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": always or (ready and not going), "serving": ready, "terminating": going},
        "targetRef": {"kind": "Pod", "namespace": meta["namespace"], "name": meta["name"], "uid": meta["uid"]},
        "nodeName": pod["spec"].get("nodeName", ""),
    }


def _ports(service: Json, pods: list[Json]) -> list[Json]:
    found = []
    for port in service["spec"].get("ports") or []:
        target = port.get("targetPort", port["port"])
        number = target if isinstance(target, int) else _named(target, pods)
        if number is not None:
            found.append({"name": port.get("name", ""), "port": number, "protocol": port.get("protocol", "TCP")})
    return found


def _named(name: str, pods: list[Json]) -> int | None:
    for one in pods[0]["spec"]["containers"]:
        for port in one.get("ports") or []:
            if port.get("name") == name:
                return int(port["containerPort"])
    return None


def _known(endpoints: list[Json]) -> set[tuple[str, str, bool]]:
    """What makes a difference to who uses them."""
    return {
        (one["addresses"][0], (one.get("targetRef") or {}).get("name", ""), bool(one["conditions"].get("ready")))
        for one in endpoints
        if one.get("addresses")
    }
