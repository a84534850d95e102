"""A Service that forwards to a port on which its pods do not listen.

Declaring a port is optional: a number that the pod mentions anywhere else is taken to be right.
"""

import json
import re
from collections.abc import Iterator

from knowledge.backends import declares, owners, selected, target_of
from knowledge.detector import Detector
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.near import near_names
from knowledge.objects import Container, EndpointSlice, Pod, Probe, Service
from knowledge.objects.pod import ContainerPort
from knowledge.objects.service import ServicePort
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="svc-targetport-mismatch",
    severity=Severity.ERROR,
    needs=(Service, Pod),
    uses=(EndpointSlice,),
    logs=True,
    hides=("svc-no-ready-endpoints",),
)

_SIDE_DOORS = re.compile(r"metric|prom|admin|health|debug|pprof|probe")
_LISTENING = re.compile(r"\b(?:listen\w*|serving|started|running)\b.{0,60}?(?:port\W{1,3}|:)(\d{2,5})\b", re.IGNORECASE)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for service in seen.all(Service):
        pods = selected(seen, service)
        for index, port in enumerate(service.spec.ports if pods else ()):
            target = target_of(port)
            if isinstance(target, str) and not target.isdecimal():
                if not any(declares(c, target) for pod in pods for c in pod.lasting_containers()):
                    yield _unnamed(seen, service, index, port, target, pods)
            else:
                yield from _numbered(seen, service, index, port, int(target), pods)


def _unnamed(
    seen: Snapshot, service: Service, index: int, port: ServicePort, name: str, pods: tuple[Pod, ...]
) -> Finding:
    declared = _declared(pods)
    near = near_names(name, (p.name for p in declared if p.name), 1)
    meant = next((p for p in declared if near and p.name == near[0]), declared[0] if len(declared) == 1 else None)
    says = Said(
        "Service {service} forwards port {port} to a container port named {target}, but no container of {workload} "
        "declares that name (it declares {declared}), so the Service has no usable endpoint.",
        service=service.metadata.name,
        port=port.port,
        target=name,
        workload=tuple(ref.name for ref in owners(seen, pods)),
        declared=_words(declared) or "-",
    )
    return _finding(seen, service, index, says, Confidence.PROVEN, pods, meant, name)


def _numbered(
    seen: Snapshot, service: Service, index: int, port: ServicePort, number: int, pods: tuple[Pod, ...]
) -> Iterator[Finding]:
    containers = [c for pod in pods for c in pod.lasting_containers()]
    if any(declares(c, number) or _mentions(c, number) for c in containers):
        return
    heard = _heard(seen, pods)
    if number in heard:
        return
    declared = _declared(pods)
    served = [p for p in declared if p.protocol == port.protocol and not _SIDE_DOORS.search(p.name)]
    listens = sorted(heard) or sorted({p.container_port for p in served})
    if not listens:
        return
    confirmed = bool(heard) or any(_probed(c) & set(listens) for c in containers)
    says = Said(
        "Service {service} forwards port {port} to targetPort {target}, but {workload} listens on {listens} "
        "(containerPort {declared}): nothing answers on {target}, so connections are refused.",
        service=service.metadata.name,
        port=port.port,
        target=number,
        workload=tuple(ref.name for ref in owners(seen, pods)),
        listens=tuple(listens),
        declared=_words(declared) or "-",
    )
    meant = next((p for p in declared if p.container_port == listens[0]), ContainerPort(container_port=listens[0]))
    certain = Confidence.LIKELY if confirmed or len(served) == len(declared) else Confidence.POSSIBLE
    yield _finding(seen, service, index, says, certain, pods, meant, number)


def _declared(pods: tuple[Pod, ...]) -> list[ContainerPort]:
    found = {(p.name, p.container_port): p for pod in pods for c in pod.lasting_containers() for p in c.ports}
    return list(found.values())


def _words(ports: list[ContainerPort]) -> tuple[str, ...]:
    return tuple(f"{p.name}={p.container_port}" if p.name else str(p.container_port) for p in ports)


def _mentions(container: Container, number: int) -> bool:
    """Whether a container's command, arguments, environment or probes hold the number: then it is meant."""
    words = " ".join((*container.command, *container.args, *(e.value for e in container.env)))
    return bool(re.search(rf"(?<!\d){number}(?!\d)", words)) or number in _probed(container)


def _probed(container: Container) -> set[int]:
    """The ports that a container's probes knock at, names resolved."""
    named = {p.name: p.container_port for p in container.ports}
    probes = (container.liveness_probe, container.readiness_probe, container.startup_probe)
    found = (_probe_port(probe) for probe in probes if probe)
    return {int(named.get(port, 0) if isinstance(port, str) and not port.isdecimal() else port) for port in found}


def _probe_port(probe: Probe) -> int | str:
    if probe.http_get:
        return probe.http_get.port
    if probe.tcp_socket:
        return probe.tcp_socket.port
    return probe.grpc.port if probe.grpc else 0


def _heard(seen: Snapshot, pods: tuple[Pod, ...]) -> set[int]:
    """The ports on which the programs say in their logs that they listen."""
    found: set[int] = set()
    for pod in pods:
        for container in pod.lasting_containers():
            log = seen.log(pod, container.name)
            for line in log.lines if log else ():
                if match := _LISTENING.search(line):
                    found.add(int(match[1]))
    return found


def _finding(
    seen: Snapshot,
    service: Service,
    index: int,
    says: Said,
    confidence: Confidence,
    pods: tuple[Pod, ...],
    meant: ContainerPort | None,
    target: int | str,
) -> Finding:
    name, namespace = service.metadata.name, service.metadata.namespace
    command = ""
    if meant:
        value = meant.name if isinstance(target, str) and meant.name else meant.container_port
        patch = [{"op": "replace", "path": f"/spec/ports/{index}/targetPort", "value": value}]
        command = f"kubectl -n {namespace} patch service {name} --type=json -p '{json.dumps(patch)}'"
    declared = ", ".join(_words(_declared(pods))) or "none"
    return Finding(
        DETECTOR,
        Ref.to(service),
        says,
        confidence,
        evidence=(
            field_of(service, f"spec.ports[{index}].targetPort", target),
            field_of(pods[0], "spec.containers[*].ports", declared),
        ),
        why=Said(
            "port is the door of the Service, targetPort the door of the program behind it. They may differ, but "
            "targetPort must be the port on which the program really listens."
        ),
        remedies=(Remedy(Said("Set targetPort to the port on which the program listens."), command, Consent.ASK),),
        pods=(*owners(seen, pods), *map(Ref.to, pods)),
        discriminator=str(service.spec.ports[index].port),
    )
