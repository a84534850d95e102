"""Which object in the cluster a program means by a host in its log or its environment."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.facts.backends import Workload, workloads_behind
from knowledge.facts.log_facts import LogFact
from knowledge.finding import Ref
from knowledge.objects import ConfigMap, Container, Pod, Service
from knowledge.snapshot import Snapshot

_SERVICE_NAME = re.compile(
    r"^(?P<name>[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)"
    r"(?:\.(?P<ns>[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?P<rest>\.svc(?:\.[a-z0-9.-]+)?)?)?\.?$"
)
_PUBLIC = re.compile(
    r"\.(?:com|net|org|io|dev|co|kr|jp|de|uk|eu|cloud|app|ai|me|info|biz|internal|local|test|corp|lan)$"
)
_IN_TEXT = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[^/@\s]*@)?)?(?<![\w.@-])(?P<host>[a-z][a-z0-9.-]*[a-z0-9])(?::(?P<port>\d{2,5}))?(?![\w@-])"
)


@dataclass(frozen=True)
class Address:
    """A host and port as a program was told or said it, with the Service that would be meant."""

    host: str
    port: int
    namespace: str
    name: str


@dataclass(frozen=True)
class Mention:
    """Where a pod template names an address: ``env PRICES_ADDR``, ``args``, ``ConfigMap app-config/PRICES_ADDR``."""

    where: str
    text: str
    address: Address


def address(host: str, port: int, namespace: str) -> Address | None:
    """The Service that a host name has the form of: ``NAME``, ``NAME.NS``, ``NAME.NS.svc…``; else ``None``."""
    match = _SERVICE_NAME.match(host)
    if match is None or match["name"] == "localhost":
        return None
    if match["ns"] and not match["rest"] and _PUBLIC.search(host):
        return None
    return Address(host, port, match["ns"] or namespace, match["name"])


def service_of(seen: Snapshot, pod: Pod, fact: LogFact) -> Service | None:
    """The Service that a log fact points at: by name, or by cluster IP, or by the address of a pod behind it."""
    namespace = pod.metadata.namespace
    meant = address(fact.host, fact.port, namespace)
    if meant:
        return seen.get(Service, meant.namespace, meant.name) or _headless(seen, fact.host, namespace)
    host = fact.host or fact.name
    if not host:
        return None
    for service in seen.all(Service):
        if service.spec.cluster_ip == host:
            return service
    backend = next((p for p in seen.all(Pod) if p.status.pod_ip == host), None)
    if backend is None:
        return None
    labels = backend.metadata.labels.items()
    fitting = (s for s in seen.all(Service, backend.metadata.namespace) if s.spec.selector)
    return next((s for s in fitting if s.spec.selector.items() <= labels), None)


def _headless(seen: Snapshot, host: str, namespace: str) -> Service | None:
    """``db-0.db`` and ``db-0.db.shop.svc…`` are a pod of the headless Service ``db``."""
    labels = host.split(".")
    if len(labels) < 2:
        return None
    return seen.get(Service, labels[2] if len(labels) > 2 and labels[2] != "svc" else namespace, labels[1])


def behind(seen: Snapshot, service: Service) -> tuple[Workload, ...]:
    return workloads_behind(seen, service)


def dependency_refs(seen: Snapshot, pod: Pod, fact: LogFact) -> Iterator[Ref]:
    """The objects whose own fault may be behind a fact about a dependency: the Service, and what stands behind it."""
    if not fact.about_dependency:
        return
    meant = address(fact.host, fact.port, pod.metadata.namespace)
    service = service_of(seen, pod, fact)
    if service is not None:
        yield Ref.to(service)
        own = seen.workload(pod)
        yield from (ref for w in behind(seen, service) if (ref := Ref.to(w)) != own)
    elif meant:
        yield Ref("Service", meant.namespace, meant.name)


def mentions(seen: Snapshot, container: Container, namespace: str) -> Iterator[Mention]:
    """The addresses that a container is told: environment, arguments, and the ConfigMap keys it takes as variables."""
    for env in container.env:
        if env.value:
            yield from _found(f"env {env.name}", env.value, namespace)
        ref = env.value_from.config_map_key_ref if env.value_from else None
        settings = seen.get(ConfigMap, namespace, ref.name) if ref else None
        if ref and settings and settings.data and ref.key in settings.data:
            yield from _found(f"ConfigMap {ref.name}/{ref.key}", settings.data[ref.key], namespace)
    for source in container.env_from:
        whole = source.config_map_ref
        settings = seen.get(ConfigMap, namespace, whole.name) if whole else None
        for key, value in (settings.data or {}).items() if settings else ():
            yield from _found(f"ConfigMap {settings.metadata.name if settings else ''}/{key}", value, namespace)
    for word in (*container.command, *container.args):
        yield from _found("args", word, namespace)


def _found(where: str, text: str, namespace: str) -> Iterator[Mention]:
    for match in _IN_TEXT.finditer(text[:2000]):
        told_as_address = match["port"] or match["scheme"] or where.upper().endswith(("HOST", "ADDR", "SERVER", "URL"))
        if not told_as_address:
            continue
        meant = address(match["host"], int(match["port"] or 0), namespace)
        if meant:
            port = f":{match['port']}" if match["port"] else ""
            yield Mention(where, f"{match['host']}{port}", meant)
