"""The routes of Ingresses as flat rows: host, path, and the Service and port behind."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.objects import Ingress, IngressClass
from knowledge.objects.service import IngressBackend
from knowledge.snapshot import Snapshot

_OLD_CLASS = "kubernetes.io/ingress.class"
_DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"


@dataclass(frozen=True)
class Route:
    """``where`` is the field path of the backend; ``port`` is 0 and ``port_name`` set where it is named."""

    host: str
    path: str
    path_type: str
    service: str
    port: int
    port_name: str
    where: str

    @property
    def address(self) -> str:
        """``shop.example.com/api`` as a person would type it."""
        return f"{self.host or '*'}{self.path or '/'}"

    @property
    def door(self) -> str:
        """The port as it was written, by name or number."""
        return self.port_name or str(self.port or "")


def routes(ingress: Ingress) -> Iterator[Route]:
    """Every route to a Service, the default backend first. Backends that are other resources are left out."""
    if ingress.spec.default_backend:
        yield from _route("", "", "", ingress.spec.default_backend, "spec.defaultBackend")
    for i, rule in enumerate(ingress.spec.rules):
        for j, path in enumerate(rule.http.paths if rule.http else ()):
            where = f"spec.rules[{i}].http.paths[{j}].backend"
            yield from _route(rule.host, path.path, path.path_type, path.backend, where)


def _route(host: str, path: str, path_type: str, backend: IngressBackend, where: str) -> Iterator[Route]:
    if backend.service:
        port = backend.service.port
        yield Route(host, path, path_type, backend.service.name, port.number, port.name, where)


def leads_to(ingress: Ingress, host: str, path: str) -> Route | None:
    """The route that a request for a host and path takes through an Ingress; ``None`` where it has none."""
    held = [r for r in routes(ingress) if r.host in ("", host) or _wild(r.host, host)]
    fitting = [r for r in held if _fits(r, path)]
    return max(fitting, key=lambda r: (bool(r.host), len(r.path)), default=None)


def _wild(pattern: str, host: str) -> bool:
    return pattern.startswith("*.") and host.partition(".")[2] == pattern[2:]


def _fits(route: Route, path: str) -> bool:
    """Whether a path is under a route's; what a controller reads as an expression fits anything."""
    wanted = route.path.rstrip("/")
    if route.path_type == "Exact":
        return path == route.path
    if route.path_type != "Prefix" and re.search(r"[()*?$|\[]", wanted):
        return True
    return not wanted or path == wanted or path.startswith(f"{wanted}/")


def class_of(seen: Snapshot, ingress: Ingress) -> str:
    """The class an Ingress belongs to: its own, the old annotation's, else the cluster's default; else empty."""
    named = ingress.spec.ingress_class_name or ingress.metadata.annotations.get(_OLD_CLASS, "")
    if named:
        return named
    default = (c for c in seen.all(IngressClass) if c.metadata.annotations.get(_DEFAULT_CLASS) == "true")
    return next((c.metadata.name for c in default), "")
