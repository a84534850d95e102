"""A Service that speaks another protocol than the program behind it: UDP to a TCP port, or HTTP to one that wants TLS.

A Service that lists a port with both protocols is in order.
"""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.backends import owners, selected, target_of
from knowledge.facts.probing import failures
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of, log_of
from knowledge.objects import Pod, Service
from knowledge.objects.service import ServicePort
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="svc-protocol-mismatch",
    severity=Severity.ERROR,
    needs=(Service, Pod),
    logs=True,
    hides=("svc-no-ready-endpoints",),
)

_WANTS_TLS = (
    "client sent an http request to an https server",
    "the plain http request was sent to https port",
    "wrong version number",
    "http request to https",
)
_WANTS_PLAIN = (
    "first record does not look like a tls handshake",
    "server gave http response to https client",
    "http2: server: error reading preface",
    "bogus greeting",
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for service in seen.all(Service):
        pods = selected(seen, service)
        for index, port in enumerate(service.spec.ports if pods else ()):
            yield from _transport(seen, service, index, port, pods)
        yield from _speech(seen, service, pods)


def _transport(
    seen: Snapshot, service: Service, index: int, port: ServicePort, pods: tuple[Pod, ...]
) -> Iterator[Finding]:
    target = target_of(port)
    number = int(target) if str(target).isdecimal() else target
    declared = {
        p.protocol
        for pod in pods
        for c in pod.lasting_containers()
        for p in c.ports
        if number in (p.name, p.container_port)
    }
    both = {p.protocol for p in service.spec.ports if p.port == port.port}
    if not declared or port.protocol in declared or declared & both:
        return
    says = Said(
        "Service {service} forwards port {port} as {protocol}, but {workload} declares port {target} as {declared}: "
        "nothing answers.",
        service=service.metadata.name,
        port=port.port,
        protocol=port.protocol,
        workload=tuple(ref.name for ref in owners(seen, pods)),
        target=target,
        declared=tuple(sorted(declared)),
    )
    proof = (
        field_of(service, f"spec.ports[{index}].protocol", port.protocol),
        field_of(pods[0], "spec.containers[*].ports[].protocol", ", ".join(sorted(declared))),
    )
    yield Finding(
        DETECTOR,
        Ref.to(service),
        says,
        Confidence.LIKELY,
        evidence=proof,
        why=Said("A Service forwards exactly the protocol that it names; a program hears only the one it opened."),
        remedies=(
            Remedy(
                Said("Name the protocol that the program speaks."),
                f"kubectl -n {service.metadata.namespace} edit service {service.metadata.name}",
                Consent.ASK,
            ),
        ),
        pods=(*owners(seen, pods), *map(Ref.to, pods)),
        discriminator=str(port.port),
    )


def _speech(seen: Snapshot, service: Service, pods: tuple[Pod, ...]) -> Iterator[Finding]:
    """What the program behind a Service says of clients that speak otherwise; probes are such clients too."""
    for pod in pods:
        if _own_probe(seen, pod):
            continue
        for container in pod.lasting_containers():
            log = seen.log(pod, container.name)
            for line in log.lines if log else ():
                wanted = _wanted(line)
                if wanted:
                    yield _spoken(seen, service, pod, container.name, wanted, line)
                    return


def _own_probe(seen: Snapshot, pod: Pod) -> bool:
    """Whether a failing probe of the pod is what speaks the wrong protocol."""
    return any(
        any(failures(seen, pod, container.name, "Liveness", "Readiness", "Startup"))
        for container in pod.lasting_containers()
    )


def _wanted(line: str) -> str:
    lower = line.lower()
    if any(sign in lower for sign in _WANTS_TLS):
        return "HTTPS"
    return "HTTP" if any(sign in lower for sign in _WANTS_PLAIN) else ""


def _spoken(seen: Snapshot, service: Service, pod: Pod, container: str, wanted: str, line: str) -> Finding:
    said = quoted(line)
    offered = ", ".join(f"{p.port} {p.app_protocol or p.name}".strip() for p in service.spec.ports)
    return Finding(
        DETECTOR,
        Ref.to(service),
        Said(
            "Callers of Service {service} speak another protocol than {workload}, which expects {wanted}: its log says "
            "`{line}`.",
            service=service.metadata.name,
            workload=seen.workload(pod).name,
            wanted=wanted,
            line=said,
        ),
        Confidence.LIKELY,
        evidence=(
            log_of(pod, container, said),
            field_of(service, "spec.ports", offered),
        ),
        why=Said(
            "A program that expects TLS cannot read plain HTTP and the other way round; the Service forwards bytes and "
            "does not translate."
        ),
        remedies=(
            Remedy(
                Said(
                    "Have the callers use the right scheme; an Ingress needs the backend protocol {protocol} set.",
                    protocol=wanted,
                ),
                "",
                Consent.ASK,
            ),
        ),
        pods=(seen.workload(pod), Ref.to(pod)),
        discriminator=wanted,
    )
