"""Which kinds the room serves, and what discovery says of them: the built-in ones and those that a world brings."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from knowledge.objects import KINDS, Resource

Json = dict[str, Any]

_METRICS = "metrics.k8s.io"
"""Served by an extension, which a world has when it says what pods use."""
_RBAC, _STORAGE = "rbac.authorization.k8s.io", "storage.k8s.io"
_MORE = (
    Resource("Endpoints", "", "v1", "endpoints"),
    Resource("ReplicationController", "", "v1", "replicationcontrollers"),
    Resource("ClusterRole", _RBAC, "v1", "clusterroles", namespaced=False),
    Resource("ClusterRoleBinding", _RBAC, "v1", "clusterrolebindings", namespaced=False),
    Resource("CSIDriver", _STORAGE, "v1", "csidrivers", namespaced=False),
    Resource("CSINode", _STORAGE, "v1", "csinodes", namespaced=False),
    Resource("CustomResourceDefinition", "apiextensions.k8s.io", "v1", "customresourcedefinitions", namespaced=False),
    Resource("RuntimeClass", "node.k8s.io", "v1", "runtimeclasses", namespaced=False),
)
_REVIEWS = {
    "authorization.k8s.io": ("SelfSubjectAccessReview", "SelfSubjectRulesReview"),
    "authentication.k8s.io": ("SelfSubjectReview",),
}
REVIEWS = tuple(kind for kinds in _REVIEWS.values() for kind in kinds)
_SHORT = {
    "configmaps": "cm", "cronjobs": "cj", "customresourcedefinitions": "crd", "daemonsets": "ds",
    "deployments": "deploy", "endpoints": "ep", "events": "ev", "horizontalpodautoscalers": "hpa", "ingresses": "ing",
    "limitranges": "limits", "namespaces": "ns", "networkpolicies": "netpol", "nodes": "no",
    "persistentvolumeclaims": "pvc", "persistentvolumes": "pv", "poddisruptionbudgets": "pdb", "pods": "po",
    "priorityclasses": "pc", "replicasets": "rs", "replicationcontrollers": "rc", "resourcequotas": "quota",
    "serviceaccounts": "sa", "services": "svc", "statefulsets": "sts", "storageclasses": "sc",
}  # fmt: skip
_ALL = (
    *("pods", "replicationcontrollers", "services", "daemonsets", "deployments", "replicasets", "statefulsets"),
    *("horizontalpodautoscalers", "cronjobs", "jobs"),
)
_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
_CHANGED = ["get", "patch", "update"]
_SCALED = ("Deployment", "ReplicaSet", "StatefulSet", "ReplicationController")
_STATUS = (
    "APIService", "CronJob", "CustomResourceDefinition", "DaemonSet", "Deployment", "HorizontalPodAutoscaler",
    "Ingress", "Job", "Namespace", "NetworkPolicy", "Node", "PersistentVolumeClaim", "PersistentVolume",
    "PodDisruptionBudget", "Pod", "ReplicaSet", "ReplicationController", "ResourceQuota", "Service",
    "StatefulSet", "VolumeAttachment",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A resource, and whether it is an extension: its objects then name their kind inside a list, too.

    ``status``: it has a subresource of that name, and its writers do not touch the status otherwise.
    """

    resource: Resource
    custom: bool = False
    status: bool = False

    @property
    def subresources(self) -> dict[str, list[str]]:
        """What may stand after an object's name in a path, with the verbs for it."""
        kind = self.resource.kind
        found = {"status": _CHANGED} if self.status else {}
        if kind in _SCALED:
            found["scale"] = _CHANGED
        if kind == "Pod":
            found |= {"log": ["get"], "eviction": ["create"]}
        if kind == "Namespace":
            found["finalize"] = ["update"]
        return found


class Kinds:
    """Looks kinds up by path and by name, and describes them to a client that asks what there is."""

    def __init__(self, objects: Iterable[Json]) -> None:
        everything = list(objects)
        known = [kind.RESOURCE for kind in KINDS.values()] + list(_MORE)
        built_in = [
            r for r in known if r.group != _METRICS or any(o["apiVersion"] == r.api_version for o in everything)
        ]
        self._by_path = {(r.group, r.version, r.plural): Kind(r, status=r.kind in _STATUS) for r in built_in}
        self._by_name = {(r.api_version, r.kind): kind for kind in self._by_path.values() for r in (kind.resource,)}
        for thing in everything:
            if thing["kind"] == "CustomResourceDefinition":
                self.define(thing)
        for thing in everything:
            if (thing["apiVersion"], thing["kind"]) not in self._by_name:
                self._extend(_guessed(thing))

    def define(self, crd: Json) -> None:
        """Serves the kind that a CustomResourceDefinition describes."""
        spec, names = crd["spec"], crd["spec"]["names"]
        for version in spec["versions"]:
            namespaced = spec.get("scope") != "Cluster"
            resource = Resource(names["kind"], spec["group"], version["name"], names["plural"], namespaced)
            self._extend(resource, status="status" in (version.get("subresources") or {}))

    def _extend(self, resource: Resource, *, status: bool = False) -> None:
        kind = Kind(resource, custom=True, status=status)
        self._by_path[resource.group, resource.version, resource.plural] = kind
        self._by_name[resource.api_version, resource.kind] = kind

    def at(self, group: str, version: str, plural: str) -> Kind | None:
        return self._by_path.get((group, version, plural))

    def of(self, thing: Json) -> Kind:
        """The kind of an object; one that was never seen is installed with it."""
        name = (thing["apiVersion"], thing["kind"])
        if name not in self._by_name:
            self._extend(_guessed(thing))
        return self._by_name[name]

    def named(self, kind: str) -> Kind | None:
        """By the bare kind, as a Ref names it."""
        return next((found for (_, name), found in self._by_name.items() if name == kind), None)

    def all(self) -> list[Kind]:
        return list(self._by_path.values())

    def resources(self) -> list[Resource]:
        return [kind.resource for kind in self._by_path.values()]

    def groups(self) -> Json:
        """``/apis``: every group but the core one."""
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [self.group(name) for name in self._names()]}

    def group(self, name: str) -> Json | None:
        """``/apis/GROUP``, ``None`` when there is no such group."""
        found = sorted({r.version for r in self.resources() if r.group == name})
        found = found or (["v1"] if name in _REVIEWS else [])
        if not found:
            return None
        versions = [{"groupVersion": f"{name}/{version}", "version": version} for version in found]
        return {"name": name, "versions": versions, "preferredVersion": versions[-1]}

    def described(self, group: str, version: str) -> Json | None:
        """``/api/v1`` or ``/apis/GROUP/VERSION``, ``None`` when nothing is served there."""
        mine = [kind for kind in self._by_path.values() if _of(kind.resource, group, version)]
        found = [entry for kind in mine for entry in _described(kind)]
        if version == "v1":
            found += [_review(kind) for kind in _REVIEWS.get(group, ())]
        if not found:
            return None
        listed = {"groupVersion": f"{group}/{version}" if group else version, "resources": found}
        return {"kind": "APIResourceList", **({"apiVersion": "v1"} if group else {}), **listed}

    def _names(self) -> list[str]:
        return sorted({r.group for r in self.resources() if r.group} | set(_REVIEWS))


def _guessed(thing: Json) -> Resource:
    group, _, version = thing["apiVersion"].rpartition("/")
    name = thing["kind"].lower()
    ending = next((e for e in ("y", "s", "ch", "x") if name.endswith(e)), "")
    plural = f"{name[:-1]}ies" if ending == "y" else f"{name}es" if ending else f"{name}s"
    return Resource(thing["kind"], group, version, plural, bool(thing["metadata"].get("namespace")))


def _of(resource: Resource, group: str, version: str) -> bool:
    return (resource.group, resource.version) == (group, version)


_ANSWERED = {"scale": ("autoscaling", "v1", "Scale"), "eviction": ("policy", "v1", "Eviction")}


def _described(kind: Kind) -> list[Json]:
    """The kind and, one line each, its subresources."""
    resource = kind.resource
    whole = {
        "name": resource.plural,
        "singularName": resource.kind.lower(),
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": _VERBS,
        **({"shortNames": [_SHORT[resource.spoken]]} if resource.spoken in _SHORT else {}),
        **({"categories": ["all"]} if resource.spoken in _ALL else {}),
    }
    parts = []
    for name, verbs in kind.subresources.items():
        part = {"name": f"{resource.plural}/{name}", "singularName": "", "namespaced": resource.namespaced}
        if name in _ANSWERED:
            group, version, answered = _ANSWERED[name]
            part |= {"group": group, "version": version, "kind": answered}
        else:
            part["kind"] = resource.kind
        parts.append({**part, "verbs": verbs})
    return [whole, *parts]


def _review(kind: str) -> Json:
    name = kind.lower()
    return {"name": f"{name}s", "singularName": name, "namespaced": False, "kind": kind, "verbs": ["create"]}
