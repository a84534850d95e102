"""A Service that forwards to a port on which its pods do not listen.

Declaring a port is optional: a number that the pod mentions anywhere else is taken to be right.
"""

import json
from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts import ports
from knowledge.facts.backends import declares, owners, selected, target_of
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import EndpointSlice, Pod, Service
from knowledge.objects.pod import ContainerPort
from knowledge.objects.service import ServicePort
from knowledge.reading.near import near_names
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
    declared = ports.declared(pods)
    near = near_names(name, (p.name for p in declared if p.name), 1)
    meant = next((p for p in declared if near and p.name == near[0]), declared[0] if len(declared) == 1 else None)
    says = Said(
        "Service {service} forwards port {port} to a container port named {target}, but no container of {workload} "
        "declares that name (it declares {declared}), so the Service has no usable endpoint.",
        service=service.metadata.name,
        port=port.port,
        target=name,
        workload=tuple(ref.name for ref in owners(seen, pods)),
        declared=ports.words(declared) or Said("none"),
    )
    return _finding(seen, service, index, says, Confidence.PROVEN, pods, meant, name)


def _numbered(
    seen: Snapshot, service: Service, index: int, port: ServicePort, number: int, pods: tuple[Pod, ...]
) -> Iterator[Finding]:
    containers = [c for pod in pods for c in pod.lasting_containers()]
    if any(declares(c, number) or ports.mentions(c, number) for c in containers):
        return
    heard = ports.heard(seen, pods)
    if number in heard:
        return
    declared = ports.declared(pods)
    served = [p for p in declared if p.protocol == port.protocol and not ports.is_side_door(p)]
    listens = sorted(heard) or sorted({p.container_port for p in served})
    if not listens:
        return
    confirmed = bool(heard) or any(ports.probed(c) & set(listens) for c in containers)
    says = Said(
        "Service {service} forwards port {port} to targetPort {target}, but {workload} listens on {listens} "
        "(containerPort {declared}): nothing answers on {target}, so connections are refused.",
        service=service.metadata.name,
        port=port.port,
        target=number,
        workload=tuple(ref.name for ref in owners(seen, pods)),
        listens=tuple(listens),
        declared=ports.words(declared) or Said("none"),
    )
    meant = next((p for p in declared if p.container_port == listens[0]), ContainerPort(container_port=listens[0]))
    certain = Confidence.LIKELY if confirmed or len(served) == len(declared) else Confidence.POSSIBLE
    yield _finding(seen, service, index, says, certain, pods, meant, number)


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
    declared = ", ".join(ports.words(ports.declared(pods))) or "none"
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
