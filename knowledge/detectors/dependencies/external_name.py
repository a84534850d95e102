"""A Service that is only another name for a host outside, where that host does not resolve or answer."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.complaints import Complaint, complaints
from knowledge.facts.dependency import service_of
from knowledge.facts.log_patterns import FactKind
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Pod, Service
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="dep-external-name",
    severity=Severity.ERROR,
    needs=(Pod, Service),
    logs=True,
    hides=("pod-crashloop-app-exit", "pod-container-restarted", "pod-init-blocked", "probe-readiness-failing"),
)

_STATES = {
    FactKind.NO_SUCH_HOST: Said("that host does not resolve"),
    FactKind.REFUSED: Said("that host refuses the connection"),
    FactKind.TIMED_OUT: Said("that host does not answer"),
}


def detect(seen: Snapshot) -> Iterator[Finding]:
    told: set[Ref] = set()
    for complaint in complaints(seen, *_STATES):
        service = service_of(seen, complaint.pod, complaint.fact)
        if service and service.spec.type == "ExternalName" and Ref.to(service) not in told:
            told.add(Ref.to(service))
            yield _finding(complaint, service)


def _finding(complaint: Complaint, service: Service) -> Finding:
    ref = Ref.to(service)
    return Finding(
        DETECTOR,
        ref,
        Said(
            "{caller} calls Service {service}, which is only an alias (ExternalName) for {host}, and {state}: "
            "`{line}`.",
            caller=complaint.workload.name,
            service=ref.name,
            host=service.spec.external_name,
            state=_STATES[complaint.fact.kind],
            line=complaint.line,
        ),
        Confidence.LIKELY,
        evidence=(complaint.evidence(), field_of(service, "spec.externalName", service.spec.external_name)),
        why=Said(
            "A Service of type ExternalName has no pods and forwards nothing: the cluster's DNS answers with the other "
            "host's name. When that host moves, the Service must be changed too."
        ),
        remedies=(
            Remedy(
                Said("Point the Service at the host's new name."),
                f"kubectl -n {ref.namespace} get service {ref.name} -o jsonpath={{.spec.externalName}}",
                Consent.ASK,
            ),
        ),
        victims=(complaint.workload,),
        pods=(Ref.to(complaint.pod),),
        at=complaint.at,
    )
