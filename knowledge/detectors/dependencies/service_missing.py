"""A program that calls a Service which does not exist."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.complaints import Complaint, complaints
from knowledge.facts.dependency import Address, address, service_of
from knowledge.facts.log_patterns import FactKind
from knowledge.facts.quantity import amount
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, Who, absence_of, field_of
from knowledge.objects import ConfigMap, Pod, ResourceQuota, Service
from knowledge.reading.near import near_names
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="dep-service-missing",
    severity=Severity.ERROR,
    needs=(Pod, Service),
    uses=(ConfigMap, ResourceQuota),
    logs=True,
)

_KINDS = (FactKind.NO_SUCH_HOST, FactKind.REFUSED, FactKind.TIMED_OUT)


def detect(seen: Snapshot) -> Iterator[Finding]:
    told: set[tuple[str, str]] = set()
    for complaint in complaints(seen, *_KINDS):
        meant = address(complaint.fact.host, complaint.fact.port, complaint.pod.metadata.namespace)
        if meant is None or (meant.namespace, meant.name) in told or service_of(seen, complaint.pod, complaint.fact):
            continue
        if not seen.absent(Service, meant.namespace, meant.name) or _slip(seen, meant):
            continue
        told.add((meant.namespace, meant.name))
        yield _finding(seen, complaint, meant)


def _slip(seen: Snapshot, meant: Address) -> bool:
    """A name that is one of an existing Service but for a letter or the namespace is a wrong address instead."""
    services = seen.all(Service)
    here = [s.metadata.name for s in services if s.metadata.namespace == meant.namespace]
    elsewhere = any(s.metadata.name == meant.name for s in services)
    return elsewhere or bool(near_names(meant.name, here, 1))


def _full_quota(seen: Snapshot, namespace: str) -> tuple[ResourceQuota, str] | None:
    for quota in seen.all(ResourceQuota, namespace):
        for key in ("services", "count/services"):
            hard, used = amount(quota.status.hard.get(key)), amount(quota.status.used.get(key))
            if hard is not None and used is not None and used >= hard:
                return quota, f"{quota.status.used[key]}/{quota.status.hard[key]}"
    return None


def _finding(seen: Snapshot, complaint: Complaint, meant: Address) -> Finding:
    full = _full_quota(seen, meant.namespace)
    proof: list[Evidence] = [complaint.evidence(), absence_of("Service", meant.namespace, meant.name)]
    if full:
        proof.append(field_of(full[0], "status.used[services]", full[1]))
    return Finding(
        DETECTOR,
        Ref("Service", meant.namespace, meant.name),
        _says(complaint, meant, full),
        Confidence.PROVEN,
        evidence=tuple(proof),
        why=Said(
            "Programs in a cluster find each other by the name of a Service. The name resolves only while a Service of "
            "that name exists in the namespace."
        ),
        remedies=_remedies(meant, full is not None),
        victims=(complaint.workload,),
        pods=(Ref.to(complaint.pod),),
        at=complaint.at,
    )


def _says(complaint: Complaint, meant: Address, full: tuple[ResourceQuota, str] | None) -> Said:
    if full:
        return Said(
            "{caller} calls `{host}`, but no Service {name} exists in namespace {namespace}, and ResourceQuota {quota} "
            "forbids another one (services {used}): its log says `{line}`.",
            caller=complaint.workload.name,
            host=meant.host,
            name=meant.name,
            namespace=meant.namespace,
            quota=full[0].metadata.name,
            used=full[1],
            line=complaint.line,
        )
    return Said(
        "{caller} calls `{host}`, but no Service {name} exists in namespace {namespace}: its log says `{line}`.",
        caller=complaint.workload.name,
        host=meant.host,
        name=meant.name,
        namespace=meant.namespace,
        line=complaint.line,
    )


def _remedies(meant: Address, full: bool) -> tuple[Remedy, ...]:
    if full:
        return (Remedy(Said("Free a Service or raise the quota."), "", Consent.ASK, Who.PLATFORM),)
    return (
        Remedy(
            Said("Create the Service, or correct the name that the program is told."),
            f"kubectl -n {meant.namespace} expose deployment/<name> --name={meant.name} --port={meant.port or 80}",
            Consent.ASK,
        ),
    )
