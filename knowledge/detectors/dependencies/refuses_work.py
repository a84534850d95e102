"""A dependency that is up and refuses work: read-only, out of connections, or not ready to lead."""

from collections import defaultdict
from collections.abc import Iterator

from knowledge.detector import Detector, Layer
from knowledge.facts.backends import Workload, is_ready
from knowledge.facts.complaints import Complaint, complaints
from knowledge.facts.dependency import behind, mentions, service_of
from knowledge.facts.log_patterns import FactKind
from knowledge.finding import Confidence, Evidence, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import ConfigMap, Container, DaemonSet, Deployment, Pod, Service, StatefulSet
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="dep-refuses-work",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Service, ConfigMap, Deployment, StatefulSet, DaemonSet),
    logs=True,
    hides=("pod-crashloop-app-exit", "pod-container-restarted"),
)

_REASONS = {
    FactKind.READ_ONLY: Said("it is read-only, so every write fails"),
    FactKind.EXHAUSTED: Said("it takes no more connections or requests"),
    FactKind.NOT_READY: Said("it is not ready to serve"),
}
_SWITCHES = {
    FactKind.READ_ONLY: ("read-only", "read_only", "readonly"),
    FactKind.EXHAUSTED: ("max-connections", "max_connections", "maxclients", "maxmemory", "max_user_connections"),
    FactKind.NOT_READY: (),
}


def detect(seen: Snapshot) -> Iterator[Finding]:
    groups: dict[tuple[Ref, FactKind], list[Complaint]] = defaultdict(list)
    for complaint in complaints(seen, *_REASONS):
        service, workloads = _meant(seen, complaint)
        subject = Ref.to(workloads[0]) if workloads else Ref.to(service) if service else complaint.workload
        groups[subject, complaint.fact.kind].append(complaint)
    for (subject, _), told in groups.items():
        # Whoever is refused says most; the one that refuses may say so itself.
        yield _finding(seen, subject, sorted(told, key=lambda complaint: complaint.workload == subject))


def _meant(seen: Snapshot, complaint: Complaint) -> tuple[Service | None, tuple[Workload, ...]]:
    service = service_of(seen, complaint.pod, complaint.fact) or _only_service(seen, complaint)
    return service, behind(seen, service) if service else ()


def _finding(seen: Snapshot, subject: Ref, told: list[Complaint]) -> Finding:
    complaint = told[0]
    service, workloads = _meant(seen, complaint)
    callers = tuple(dict.fromkeys(c.workload for c in told if c.workload != subject))
    switch = next((s for w in workloads for s in _switches(w.spec.template.spec.containers, complaint.fact.kind)), "")
    proof: list[Evidence] = [complaint.evidence()]
    if switch:
        proof.append(field_of(workloads[0], "spec.template.spec.containers[].args", switch))
    name: Said | str = subject.name if service else Said("What {caller} depends on", caller=complaint.workload.name)
    return Finding(
        DETECTOR,
        subject,
        Said(
            "{dependency} is up but refuses work: {reason}{switch}. {caller} says `{line}`{others}.",
            dependency=name,
            reason=_REASONS[complaint.fact.kind],
            switch=Said(" (set: `{text}`)", text=switch) if switch else "",
            caller=complaint.workload.name,
            line=complaint.line,
            others=Said(" ({n} more say the same)", n=len(callers) - 1) if len(callers) > 1 else "",
        ),
        Confidence.PROVEN if switch else Confidence.LIKELY,
        evidence=tuple(proof),
        why=Said(
            "The dependency answers, and says no: by a switch, because a limit is reached, or because a fail-over is "
            "under way. The caller is not at fault."
        ),
        remedies=(Remedy(Said("Change the setting, raise the limit, or fail over to a healthy primary.")),),
        because=tuple(_disks(seen, subject)),
        victims=callers,
        pods=tuple(Ref.to(c.pod) for c in told),
        # A member that is down is why the rest refuses: what ails it is the cause.
        layer=None if all(map(is_ready, seen.pods_of(subject))) else Layer.SYMPTOM,
        discriminator=complaint.fact.kind.name,
        at=complaint.at,
    )


def _disks(seen: Snapshot, subject: Ref) -> Iterator[Ref]:
    """The claims of what refuses: a full disk is why a database takes no writes."""
    for pod in seen.pods_of(subject):
        for volume in pod.spec.volumes:
            if volume.persistent_volume_claim:
                yield Ref("PersistentVolumeClaim", subject.namespace, volume.persistent_volume_claim.claim_name)


def _only_service(seen: Snapshot, complaint: Complaint) -> Service | None:
    """The one Service that the container is told of, when there is only one."""
    found = {
        (m.address.namespace, m.address.name)
        for m in mentions(seen, complaint.container, complaint.pod.metadata.namespace)
    }
    known = [s for namespace, name in sorted(found) if (s := seen.get(Service, namespace, name))]
    return known[0] if len(known) == 1 else None


def _switches(containers: tuple[Container, ...], kind: FactKind) -> Iterator[str]:
    for container in containers:
        for word in (*container.args, *container.command):
            if any(switch in word.lower() for switch in _SWITCHES[kind]):
                yield word[:80]
