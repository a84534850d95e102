"""Routes that a proxy reads from a ConfigMap: which path it sends to which host. Knows nginx, Caddy, HAProxy and Envoy
only as far as a path and the address that follows it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.facts.dependency import Address, address
from knowledge.objects import ConfigMap, Pod
from knowledge.relations import settings_of
from knowledge.snapshot import Snapshot

_PATH = re.compile(
    r"(?:\blocation\s+(?:[=~^*]+\s+)?|\bpath_beg\s+|\bprefix:\s*[\"']?|\bpath:\s*[\"']?|\bhandle(?:_path)?\s+|\bPathPrefix\(`)"
    r"(?P<path>/[\w./-]*)"
)
_TO = re.compile(
    r"(?:\bproxy_pass\s+(?:https?://)?|\breverse_proxy\s+(?:https?://)?|\bserver\s+(?:[\w-]+\s+)?|\burl:\s*[\"']?https?://|"
    r"\baddress:\s*[\"']?)(?P<host>[a-z][a-z0-9.-]*[a-z0-9])(?::(?P<port>\d{2,5}))?"
)


@dataclass(frozen=True)
class ProxyRoute:
    """``path`` is empty where a line names a host without a path before it (an upstream of its own)."""

    settings: ConfigMap
    key: str
    line: str
    path: str
    to: Address


def proxy_routes(seen: Snapshot, pod: Pod) -> Iterator[ProxyRoute]:
    """The routes in the ConfigMaps that a pod names."""
    namespace = pod.metadata.namespace
    for kind, name in sorted(settings_of(pod.spec), key=lambda pair: pair[1]):
        settings = seen.get(ConfigMap, namespace, name) if kind is ConfigMap else None
        for key, text in (settings.data or {}).items() if settings else ():
            for line, path, host, port in _read(text):
                meant = address(host, port, namespace)
                if settings and meant:
                    yield ProxyRoute(settings, key, line, path, meant)


def _read(text: str) -> Iterator[tuple[str, str, str, int]]:
    path = ""
    for line in text.splitlines():
        found = _PATH.search(line)
        path = found["path"] if found else path
        to = _TO.search(line)
        if to:
            yield line.strip()[:160], path, to["host"], int(to["port"] or 0)
        if "}" in line and not found:
            path = ""
