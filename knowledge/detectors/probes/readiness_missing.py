"""A workload behind a Service that has no readiness probe, so that it is sent traffic before it can answer.

Sidecars without a port, batch work and discovery among peers need none.
"""

from collections.abc import Iterator

from knowledge.detector import Detector, Layer
from knowledge.facts import ports
from knowledge.facts.backends import PLATFORM, Workload, target_of, workloads_behind
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Container, DaemonSet, Deployment, Service, StatefulSet
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="probe-readiness-missing",
    severity=Severity.WARNING,
    needs=(Service,),
    uses=(Deployment, StatefulSet, DaemonSet),
    layer=Layer.HYGIENE,
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    told: set[tuple[Ref, str]] = set()
    for service in seen.all(Service):
        if service.spec.cluster_ip == "None" or service.metadata.namespace in PLATFORM:
            continue
        for workload in workloads_behind(seen, service):
            for container in workload.spec.template.spec.containers:
                key = (Ref.to(workload), container.name)
                if key not in told and container.readiness_probe is None and _serves(service, container):
                    told.add(key)
                    yield _finding(service, workload, container)


def _serves(service: Service, container: Container) -> bool:
    return any(
        target == p.name or target == p.container_port
        for target in map(target_of, service.spec.ports)
        for p in container.ports
    )


def _finding(service: Service, workload: Workload, container: Container) -> Finding:
    ref = Ref.to(workload)
    port = container.ports[0].container_port
    probe = f'{{"readinessProbe":{{"tcpSocket":{{"port":{port}}}}}}}'
    patch = f'{{"spec":{{"template":{{"spec":{{"containers":[{{"name":"{container.name}",{probe[1:-1]}}}]}}}}}}}}'
    return Finding(
        DETECTOR,
        ref,
        Said(
            "{workload} is served by Service {service}, and its container {container} has no readiness probe: on every "
            "rollout it is sent requests before it can answer.",
            workload=ref.name,
            service=service.metadata.name,
            container=container.name,
        ),
        Confidence.PROVEN,
        evidence=(
            field_of(workload, f"spec.template.spec.containers[{container.name}].readinessProbe", "absent"),
            field_of(
                workload,
                f"spec.template.spec.containers[{container.name}].ports",
                ", ".join(ports.words(container.ports)),
            ),
        ),
        why=Said("Without a readiness probe a pod counts as ready the moment its process has started."),
        remedies=(
            Remedy(
                Said("Add a readiness probe that asks the port it serves; this restarts the pods one by one."),
                f"kubectl -n {ref.namespace} patch {ref.kind.lower()}/{ref.name} -p '{patch}'",
                Consent.ASK,
            ),
        ),
        discriminator=container.name,
    )
