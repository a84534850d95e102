"""A cluster DNS that does not answer: every program that looks up a name fails.

Names that are merely wrong are told elsewhere: the DNS pods must be down, or lookups must time out in several places.
"""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.backends import complaints as states
from knowledge.facts.backends import is_ready, owners, workloads_behind
from knowledge.facts.complaints import Complaint, complaints
from knowledge.facts.dns import NAMESPACE, dns_pods, dns_service
from knowledge.facts.log_patterns import FactKind
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, Who, field_of
from knowledge.objects import Deployment, Pod, Service
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="dns-resolution-failing",
    severity=Severity.CRITICAL,
    needs=(Pod,),
    uses=(Service, Deployment),
    logs=True,
    hides=("pod-crashloop-app-exit", "pod-container-restarted", "pod-init-blocked", "dep-service-missing"),
)

_PORT = 53
_SEVERAL = 2
_SIGNS = ("EAI_AGAIN", "Temporary failure in name", "SERVFAIL")


def detect(seen: Snapshot) -> Iterator[Finding]:
    pods = dns_pods(seen)
    said = tuple(c for c in complaints(seen, FactKind.NO_SUCH_HOST, FactKind.TIMED_OUT) if _of_dns(seen, c))
    everyone = tuple(dict.fromkeys(c.workload for c in said))
    missing = _known_to_lack(seen) if not pods else None
    if pods and not any(map(is_ready, pods)):
        yield _down(seen, pods, said, everyone)
    elif missing:
        yield _none(missing, said, everyone)
    elif len(everyone) >= _SEVERAL:
        yield _times_out(seen, pods, said, everyone)


def _of_dns(seen: Snapshot, complaint: Complaint) -> bool:
    """Whether a line says that the resolver itself did not answer, not that it knows no such name."""
    line, service = complaint.fact.line, dns_service(seen)
    if complaint.fact.kind is FactKind.TIMED_OUT:
        return f":{_PORT}" in line or bool(service and service.spec.cluster_ip and service.spec.cluster_ip in line)
    return f":{_PORT}: i/o timeout" in line or any(sign in line for sign in _SIGNS)


def _known_to_lack(seen: Snapshot) -> Deployment | None:
    """The DNS Deployment that is scaled to nothing."""
    service = dns_service(seen)
    if service is None or not seen.whole(Pod, NAMESPACE):
        return None
    found = (w for w in workloads_behind(seen, service) if isinstance(w, Deployment))
    return next((d for d in found if d.spec.replicas == 0), None)


def _down(seen: Snapshot, pods: tuple[Pod, ...], said: tuple[Complaint, ...], everyone: tuple[Ref, ...]) -> Finding:
    subject = owners(seen, pods)[0]
    says = Said(
        "The cluster's DNS is down: none of the {n:|pod|pods} of {kind} {name} in {namespace} is ready ({states}), so "
        "no name can be looked up.",
        n=len(pods),
        kind=subject.kind,
        name=subject.name,
        namespace=NAMESPACE,
        states=states(pods),
    )
    ready = [pod.condition("Ready") for pod in pods[:3]]
    proof = [
        field_of(pod, "status.conditions[Ready].status", held.status if held else "absent")
        for pod, held in zip(pods, ready, strict=False)
    ]
    return _finding(subject, says, Confidence.PROVEN, proof, said, everyone, tuple(map(Ref.to, pods)))


def _none(missing: Deployment, said: tuple[Complaint, ...], everyone: tuple[Ref, ...]) -> Finding:
    says = Said(
        "The cluster's DNS is off: Deployment {name} in {namespace} is scaled to 0 replicas, so no name can be looked "
        "up.",
        name=missing.metadata.name,
        namespace=NAMESPACE,
    )
    proof = [field_of(missing, "spec.replicas", 0)]
    return _finding(Ref.to(missing), says, Confidence.PROVEN, proof, said, everyone, ())


def _times_out(
    seen: Snapshot, pods: tuple[Pod, ...], said: tuple[Complaint, ...], everyone: tuple[Ref, ...]
) -> Finding:
    service = dns_service(seen)
    subject = Ref.to(service) if service else Ref("Service", NAMESPACE, "kube-dns")
    says = Said(
        "The cluster's DNS does not answer: name lookups of {workloads} time out (`{line}`).",
        workloads=tuple(ref.name for ref in everyone[:5]),
        line=said[0].line,
    )
    return _finding(subject, says, Confidence.LIKELY, [], said, everyone, tuple(map(Ref.to, pods)))


def _finding(
    subject: Ref,
    says: Said,
    confidence: Confidence,
    proof: list[Evidence],
    said: tuple[Complaint, ...],
    everyone: tuple[Ref, ...],
    pods: tuple[Ref, ...],
) -> Finding:
    return Finding(
        DETECTOR,
        subject,
        says,
        confidence,
        evidence=(*proof, *(c.evidence() for c in said[:3])),
        why=Said(
            "Programs find Services and outside hosts by name. When the cluster's DNS does not answer, they fail "
            "although they and their peers are well: your platform team has to act."
        ),
        remedies=(
            Remedy(
                Said("Look at the DNS pods and their log."),
                f"kubectl -n {NAMESPACE} get pods -l k8s-app=kube-dns -o wide",
                Consent.LOOK,
                Who.PLATFORM,
            ),
        ),
        victims=everyone,
        pods=(*everyone, *pods),
        at=next((c.at for c in said if c.at), None),
    )
