"""A container whose user or file system is not what its program needs."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.complaints import Complaint, complaints
from knowledge.facts.log_patterns import FactKind
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import ContainerStatus, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="config-runas-or-permission",
    severity=Severity.ERROR,
    needs=(Pod,),
    logs=True,
    hides=("pod-crashloop-app-exit", "pod-container-restarted"),
)

_RULES = ("runAsNonRoot", "non-numeric user")


def detect(seen: Snapshot) -> Iterator[Finding]:
    told: set[Ref] = set()
    for pod in seen.all(Pod):
        for status in (*pod.status.init_container_statuses, *pod.status.container_statuses):
            waiting = status.state.waiting
            workload = seen.workload(pod)
            if waiting and any(rule in waiting.message for rule in _RULES) and workload not in told:
                told.add(workload)
                yield _refused(pod, workload, status, f"{waiting.reason}: {waiting.message}")
    for complaint in complaints(seen, FactKind.PERMISSION, FactKind.READ_ONLY_FS):
        rule = _rule(complaint)
        if rule and not complaint.fact.mild:
            yield _complained(complaint, *rule)


def _refused(pod: Pod, workload: Ref, status: ContainerStatus, text: str) -> Finding:
    says = Said(
        "{workload} cannot start: container {container} must not run as root (runAsNonRoot), and its image starts "
        "as root or as a user without a number (`{text}`).",
        workload=workload.name,
        container=status.name,
        text=text,
    )
    proof = field_of(pod, f"status.containerStatuses[{status.name}].state.waiting", text)
    return _finding(workload, pod, status.name, says, (proof,), Confidence.PROVEN)


def _rule(complaint: Complaint) -> tuple[str, str] | None:
    """The setting that restricts the container, by path and value; without one it is the program's own affair."""
    own, pod = complaint.container.security_context, complaint.pod.spec.security_context
    path = f"spec.containers[{complaint.container.name}].securityContext"
    if complaint.fact.kind is FactKind.READ_ONLY_FS:
        return (f"{path}.readOnlyRootFilesystem", "true") if own and own.read_only_root_filesystem else None
    if own and own.run_as_user is not None:
        return f"{path}.runAsUser", str(own.run_as_user)
    if pod and pod.run_as_user is not None:
        return "spec.securityContext.runAsUser", str(pod.run_as_user)
    claims = {v.name for v in complaint.pod.spec.volumes if v.persistent_volume_claim}
    mounted = any(
        m.name in claims and complaint.fact.name.startswith(m.mount_path) for m in complaint.container.volume_mounts
    )
    if mounted and (pod is None or pod.fs_group is None):
        return "spec.securityContext.fsGroup", "-"
    return ("securityContext.runAsNonRoot", "true") if own and own.run_as_non_root else None


def _complained(complaint: Complaint, path: str, value: str) -> Finding:
    says = Said(
        "{workload} may not write or read what it needs: its log says `{line}`, and the pod sets {path}={value}.",
        workload=complaint.workload.name,
        line=complaint.line,
        path=path.rpartition(".")[2],
        value=value,
    )
    proof = (complaint.evidence(), field_of(complaint.pod, path, value))
    return _finding(complaint.workload, complaint.pod, complaint.container.name, says, proof, Confidence.LIKELY)


def _finding(
    workload: Ref, pod: Pod, container: str, says: Said, proof: tuple[Evidence, ...], confidence: Confidence
) -> Finding:
    return Finding(
        DETECTOR,
        workload,
        says,
        confidence,
        evidence=proof,
        why=Said(
            "A securityContext decides as which user a container runs and where it may write. Files of an image and of "
            "a volume belong to users as well, and the two must fit."
        ),
        remedies=(
            Remedy(
                Said("Set runAsUser and fsGroup to the user of the image, or mount an emptyDir where it writes."),
                "securityContext:\n  runAsUser: 1000\n  fsGroup: 1000",
                Consent.ASK,
            ),
        ),
        pods=(Ref.to(pod),),
        discriminator=container,
        at=pod.metadata.creation_timestamp,
    )
