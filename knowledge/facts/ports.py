"""On which ports a pod's programs listen, as far as objects and logs tell: declared, probed, configured, heard."""

import re
from collections.abc import Iterable

from knowledge.objects import Container, Pod, Probe
from knowledge.objects.pod import ContainerPort
from knowledge.snapshot import Snapshot

_SIDE_DOORS = re.compile(r"metric|prom|admin|health|debug|pprof|probe")
_LISTENING = re.compile(r"\b(?:listen\w*|serving|started|running)\b.{0,60}?(?:port\W{1,3}|:)(\d{2,5})\b", re.IGNORECASE)


def declared(pods: Iterable[Pod]) -> tuple[ContainerPort, ...]:
    """The ports that the lasting containers declare, each once. Declaring is optional."""
    found = {
        (p.name, p.container_port, p.protocol): p for pod in pods for c in pod.lasting_containers() for p in c.ports
    }
    return tuple(found.values())


def is_side_door(port: ContainerPort) -> bool:
    """Whether a port's name says that it is for metrics, health checks or the like."""
    return bool(_SIDE_DOORS.search(port.name))


def words(ports: Iterable[ContainerPort]) -> tuple[str, ...]:
    """Ports as people write them: ``http=8080``, ``8080``, ``dns=53/UDP``."""
    return tuple(
        (f"{p.name}={p.container_port}" if p.name else str(p.container_port))
        + (f"/{p.protocol}" if p.protocol != "TCP" else "")
        for p in ports
    )


def mentions(container: Container, number: int) -> bool:
    """Whether a container's command, arguments, environment or probes hold the number: then it is meant."""
    text = " ".join((*container.command, *container.args, *(e.value for e in container.env)))
    return bool(re.search(rf"(?<!\d){number}(?!\d)", text)) or number in probed(container)


def probed(container: Container) -> frozenset[int]:
    """The ports at which a container's probes knock."""
    probes = (container.liveness_probe, container.readiness_probe, container.startup_probe)
    return frozenset(port for probe in probes if probe and (port := probe_port(probe, container)))


def probe_port(probe: Probe, container: Container) -> int:
    """The port of a probe as a number; 0 for a command, and for a name that the container does not declare."""
    port = probe_door(probe)
    if isinstance(port, str) and not port.isdecimal():
        return next((p.container_port for p in container.ports if p.name == port), 0)
    return int(port)


def probe_door(probe: Probe) -> int | str:
    """The port of a probe as it was written; 0 for a command."""
    if probe.http_get:
        return probe.http_get.port
    if probe.tcp_socket:
        return probe.tcp_socket.port
    return probe.grpc.port if probe.grpc else 0


def heard(seen: Snapshot, pods: Iterable[Pod], container: str = "") -> frozenset[int]:
    """The ports on which the programs say in their logs that they listen."""
    found: set[int] = set()
    for pod in pods:
        for one in pod.lasting_containers():
            for previous in (False, True):
                log = seen.log(pod, one.name, previous) if container in ("", one.name) else None
                found |= {int(m[1]) for line in (log.lines if log else ()) if (m := _LISTENING.search(line))}
    return frozenset(found)
