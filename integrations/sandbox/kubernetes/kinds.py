"""Which kinds the room serves, and what discovery says of them: the built-in ones and those that a world brings."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from knowledge.objects import KINDS, Resource

Json = dict[str, Any]

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
_READ = ["get", "list", "watch"]


@dataclass(frozen=True)
class Kind:
    """A resource, and whether it is an extension: its objects then name their kind inside a list, too."""

    resource: Resource
    custom: bool = False


class Kinds:
    """Looks kinds up by path and by name, and describes them to a client that asks what there is."""

    def __init__(self, objects: Iterable[Json]) -> None:
        built_in = [kind.RESOURCE for kind in KINDS.values()] + list(_MORE)
        self._by_path = {(r.group, r.version, r.plural): Kind(r) for r in built_in}
        self._by_name = {(r.api_version, r.kind): kind for kind in self._by_path.values() for r in (kind.resource,)}
        everything = list(objects)
        for thing in everything:
            if thing["kind"] == "CustomResourceDefinition":
                for resource in _defined(thing):
                    self._extend(resource)
        for thing in everything:
            if (thing["apiVersion"], thing["kind"]) not in self._by_name:
                self._extend(_guessed(thing))

    def _extend(self, resource: Resource) -> None:
        kind = Kind(resource, custom=True)
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
        found = [_described(r) for r in self.resources() if (r.group, r.version) == (group, version)]
        if version == "v1":
            found += [_review(kind) for kind in _REVIEWS.get(group, ())]
        if (group, version) == ("", "v1"):
            found.append({"name": "pods/log", "singularName": "", "namespaced": True, "kind": "Pod", "verbs": ["get"]})
        if not found:
            return None
        listed = {"groupVersion": f"{group}/{version}" if group else version, "resources": found}
        return {"kind": "APIResourceList", **({"apiVersion": "v1"} if group else {}), **listed}

    def _names(self) -> list[str]:
        return sorted({r.group for r in self.resources() if r.group} | set(_REVIEWS))


def _defined(crd: Json) -> list[Resource]:
    spec, names = crd["spec"], crd["spec"]["names"]
    return [
        Resource(names["kind"], spec["group"], version["name"], names["plural"], spec.get("scope") != "Cluster")
        for version in spec["versions"]
    ]


def _guessed(thing: Json) -> Resource:
    group, _, version = thing["apiVersion"].rpartition("/")
    name = thing["kind"].lower()
    ending = next((e for e in ("y", "s", "ch", "x") if name.endswith(e)), "")
    plural = f"{name[:-1]}ies" if ending == "y" else f"{name}es" if ending else f"{name}s"
    return Resource(thing["kind"], group, version, plural, bool(thing["metadata"].get("namespace")))


def _described(resource: Resource) -> Json:
    return {
        "name": resource.plural,
        "singularName": resource.kind.lower(),
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": _READ,
        **({"shortNames": [_SHORT[resource.plural]]} if resource.plural in _SHORT else {}),
        **({"categories": ["all"]} if resource.plural in _ALL else {}),
    }


def _review(kind: str) -> Json:
    name = kind.lower()
    return {"name": f"{name}s", "singularName": name, "namespaced": False, "kind": kind, "verbs": ["create"]}
