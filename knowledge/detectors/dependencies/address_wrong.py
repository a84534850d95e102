"""A program that is told a wrong address: a port that the Service does not offer, or a name that nearly exists."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.changes import began_with
from knowledge.facts.complaints import Complaint, complaints
from knowledge.facts.dependency import Address, Mention, address, mentions, service_of
from knowledge.facts.log_patterns import FactKind
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, absence_of, field_of
from knowledge.objects import ConfigMap, Pod, ReplicaSet, Service
from knowledge.reading.near import near_names
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="dep-address-wrong",
    severity=Severity.ERROR,
    needs=(Pod, Service),
    uses=(ConfigMap, ReplicaSet),
    logs=True,
    hides=("pod-crashloop-app-exit", "pod-container-restarted", "pod-init-blocked"),
)

_KINDS = (FactKind.NO_SUCH_HOST, FactKind.REFUSED, FactKind.TIMED_OUT)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for complaint in complaints(seen, *_KINDS):
        fact = complaint.fact
        service = service_of(seen, complaint.pod, fact)
        mention = _mention(seen, complaint, service)
        if service is not None:
            port = fact.port or (mention.address.port if mention else 0)
            offered = [p.port for p in service.spec.ports]
            headless = service.spec.cluster_ip == "None"
            if port and offered and port not in offered and not headless and service.spec.type != "ExternalName":
                yield _wrong_port(seen, complaint, service, port, mention)
            continue
        meant = address(fact.host, fact.port, complaint.pod.metadata.namespace)
        if meant and seen.absent(Service, meant.namespace, meant.name):
            right = _right(seen, meant)
            if right:
                yield _wrong_name(seen, complaint, meant, right, mention)


def _mention(seen: Snapshot, complaint: Complaint, service: Service | None) -> Mention | None:
    """Where the container is told the address that it complains about."""
    fact = complaint.fact
    for mention in mentions(seen, complaint.container, complaint.pod.metadata.namespace):
        same_host = mention.address.host == fact.host
        same_service = service is not None and (mention.address.namespace, mention.address.name) == (
            service.metadata.namespace,
            service.metadata.name,
        )
        if (same_host or same_service) and (not fact.port or mention.address.port in (0, fact.port)):
            return mention
    return None


def _right(seen: Snapshot, meant: Address) -> Service | None:
    """The Service that was meant: spelt nearly so, or of that name in another namespace."""
    here = {s.metadata.name: s for s in seen.all(Service, meant.namespace)}
    near = near_names(meant.name, here, 1)
    if near:
        return here[near[0]]
    return next((s for s in seen.all(Service) if s.metadata.name == meant.name), None)


def _wrong_port(seen: Snapshot, complaint: Complaint, service: Service, port: int, mention: Mention | None) -> Finding:
    offered = ", ".join(str(p.port) for p in service.spec.ports)
    says = Said(
        "{caller} is told to call Service {service} on port {port}{where}, but {service} offers port {offered}: its "
        "log says `{line}`.",
        caller=complaint.workload.name,
        service=service.metadata.name,
        port=port,
        where=_where(mention),
        offered=offered,
        line=complaint.line,
    )
    proof = field_of(service, "spec.ports[].port", offered)
    return _finding(seen, complaint, says, proof, mention, f"{service.metadata.name}:{port}")


def _wrong_name(
    seen: Snapshot, complaint: Complaint, meant: Address, right: Service, mention: Mention | None
) -> Finding:
    says = Said(
        "{caller} calls `{host}`{where}, but no such Service exists in namespace {namespace}; the nearest is "
        "{right}: its log says `{line}`.",
        caller=complaint.workload.name,
        host=meant.host,
        where=_where(mention),
        namespace=meant.namespace,
        right=f"{right.metadata.name}.{right.metadata.namespace}",
        line=complaint.line,
    )
    proof = absence_of("Service", meant.namespace, meant.name)
    return _finding(seen, complaint, says, proof, mention, meant.name)


def _where(mention: Mention | None) -> Said | str:
    return Said(" ({where}={text})", where=mention.where, text=mention.text) if mention else ""


def _finding(
    seen: Snapshot, complaint: Complaint, says: Said, proof: Evidence, mention: Mention | None, key: str
) -> Finding:
    revision = began_with(seen, complaint.workload, complaint.pod.metadata.creation_timestamp)
    told = (
        [field_of(complaint.pod, f"spec.containers[{complaint.container.name}] {mention.where}", mention.text)]
        if mention
        else []
    )
    return Finding(
        DETECTOR,
        complaint.workload,
        says,
        Confidence.PROVEN if mention else Confidence.LIKELY,
        evidence=(complaint.evidence(), proof, *told, *((revision.evidence(),) if revision else ())),
        why=Said(
            "A Service answers only under its own name and on the ports that it lists. Another name does not resolve, "
            "and another port is refused or never answers."
        ),
        remedies=(
            Remedy(
                Said("Correct the address that the program is told{where}.", where=_where(mention)),
                f"kubectl -n {complaint.workload.namespace} edit {complaint.workload.kind.lower()}/"
                f"{complaint.workload.name}",
                Consent.ASK,
            ),
        ),
        pods=(Ref.to(complaint.pod),),
        discriminator=key,
        at=complaint.at,
    )
