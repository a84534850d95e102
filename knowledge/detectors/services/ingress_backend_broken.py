"""An Ingress that sends a path to a Service, or to a port of it, that cannot answer.

Backends that are no Services are somebody's intent.
"""

import json
from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.backends import owners, readiness, selected, selects_by_labels, workloads_behind
from knowledge.facts.routes import Route, routes
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, absence_of, field_of
from knowledge.objects import EndpointSlice, Ingress, Pod, Service
from knowledge.reading.near import near_names
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="ingress-backend-broken",
    severity=Severity.ERROR,
    needs=(Ingress, Service),
    uses=(Pod, EndpointSlice),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for ingress in seen.all(Ingress):
        told: set[tuple[str, str]] = set()
        for route in routes(ingress):
            if (route.service, route.door) not in told:
                told.add((route.service, route.door))
                yield from _judge(seen, ingress, route)


def _judge(seen: Snapshot, ingress: Ingress, route: Route) -> Iterator[Finding]:
    namespace = ingress.metadata.namespace
    service = seen.get(Service, namespace, route.service)
    if service is None:
        if seen.absent(Service, namespace, route.service):
            yield _no_service(seen, ingress, route)
    elif service.spec.type != "ExternalName" and not _offers(service, route):
        yield _no_port(ingress, route, service)
    elif selects_by_labels(service) and seen.unread(Pod) is None:
        yield from _nobody_behind(seen, ingress, route, service)


def _offers(service: Service, route: Route) -> bool:
    """Compared by name when the route names the port, else by number; an unnamed port has no name to be equal to."""
    if route.port_name:
        return any(p.name == route.port_name for p in service.spec.ports)
    return not route.port or any(p.port == route.port for p in service.spec.ports)


def _no_service(seen: Snapshot, ingress: Ingress, route: Route) -> Finding:
    namespace = ingress.metadata.namespace
    near = near_names(route.service, (s.metadata.name for s in seen.all(Service, namespace)))
    elsewhere = [s.metadata.namespace for s in seen.all(Service) if s.metadata.name == route.service]
    if near:
        hint = Said("did you mean {near}?", near=near)
    elif elsewhere:
        hint = Said(
            "it exists only in namespace {namespace}, and an Ingress reaches only its own.", namespace=elsewhere[0]
        )
    else:
        hint = Said("an address without a Service behind it is answered with 503 or 404.")
    says = Said(
        "Ingress {ingress} sends {address} to Service {service}, which does not exist in namespace {namespace}: {hint}",
        ingress=ingress.metadata.name,
        address=route.address,
        service=route.service,
        namespace=namespace,
        hint=hint,
    )
    command = _patch(ingress, f"{route.where}.service.name", near[0]) if near else ""
    remedy = Remedy(Said("Name a Service that exists, or create the one that is named."), command, Consent.ASK)
    return _finding(ingress, route, says, (absence_of("Service", namespace, route.service),), (remedy,))


def _no_port(ingress: Ingress, route: Route, service: Service) -> Finding:
    offered = tuple(f"{p.name}={p.port}" if p.name else str(p.port) for p in service.spec.ports)
    says = Said(
        "Ingress {ingress} sends {address} to port {port} of Service {service}, but that Service offers only port "
        "{offered}.",
        ingress=ingress.metadata.name,
        address=route.address,
        port=route.door,
        service=service.metadata.name,
        offered=offered or Said("none"),
    )
    ports = service.spec.ports
    command = ""
    if len(ports) == 1:
        command = _patch(ingress, f"{route.where}.service.port", {"number": ports[0].port})
    remedy = Remedy(Said("Name a port that the Service offers."), command, Consent.ASK)
    return _finding(ingress, route, says, (field_of(service, "spec.ports", ", ".join(offered)),), (remedy,))


def _nobody_behind(seen: Snapshot, ingress: Ingress, route: Route, service: Service) -> Iterator[Finding]:
    pods = selected(seen, service)
    state = readiness(seen, service, pods)
    if state.ready or (not pods and not seen.whole(Pod, service.metadata.namespace)):
        return
    says = Said(
        "Ingress {ingress} answers 503 for {address}: Service {service} behind it has {n:|pod|pods} and none is ready.",
        ingress=ingress.metadata.name,
        address=route.address,
        service=service.metadata.name,
        n=len(pods),
    )
    behind = (*owners(seen, pods), *(Ref.to(w) for w in workloads_behind(seen, service)))
    proof = (field_of(service, "spec.selector", dict(service.spec.selector)),)
    yield _finding(ingress, route, says, proof, (), (Ref.to(service), *dict.fromkeys(behind)))


def _patch(ingress: Ingress, where: str, value: object) -> str:
    path = "/" + where.replace("[", "/").replace("]", "").replace(".", "/")
    patch = json.dumps([{"op": "replace", "path": path, "value": value}])
    return f"kubectl -n {ingress.metadata.namespace} patch ingress {ingress.metadata.name} --type=json -p '{patch}'"


def _finding(
    ingress: Ingress,
    route: Route,
    says: Said,
    proof: tuple[Evidence, ...],
    remedies: tuple[Remedy, ...],
    because: tuple[Ref, ...] = (),
) -> Finding:
    backend = f"{route.service}:{route.door}"
    return Finding(
        DETECTOR,
        Ref.to(ingress),
        says,
        Confidence.PROVEN,
        evidence=(field_of(ingress, f"{route.where}.service", backend), *proof),
        why=Said(
            "An Ingress only names a Service and one of its ports. If the name or the port is wrong, or nobody stands "
            "behind the Service, the controller has nowhere to send the request and answers with an error itself."
        ),
        remedies=remedies,
        because=because,
        pods=(Ref("Service", ingress.metadata.namespace, route.service),),
        discriminator=backend,
    )
