"""Two containers of one pod (or two pods on one node's own network) that want the same port."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.complaints import Complaint, complaints
from knowledge.facts.log_patterns import FactKind
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Pod, ReplicaSet
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="port-taken-in-pod",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(ReplicaSet,),
    logs=True,
    hides=("pod-crashloop-app-exit", "pod-container-restarted"),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for complaint in complaints(seen, FactKind.ADDRESS_IN_USE):
        rival = _rival(complaint) or _rival_on_node(seen, complaint)
        if rival:
            yield _finding(complaint, *rival)


def _rival(complaint: Complaint) -> tuple[str, int, Evidence] | None:
    """Another container of the pod that declares the port, or names it in its arguments or environment."""
    own = complaint.container
    port = complaint.fact.port or next((p.container_port for p in own.ports), 0)
    for other in complaint.pod.spec.containers:
        if other.name == own.name or not port:
            continue
        path = f"spec.containers[{other.name}]"
        if any(p.container_port == port for p in other.ports):
            return other.name, port, field_of(complaint.pod, f"{path}.ports[].containerPort", port)
        words = [*other.args, *other.command, *(e.value for e in other.env)]
        if any(word == str(port) or word.endswith((f":{port}", f"={port}")) for word in words):
            return other.name, port, field_of(complaint.pod, f"{path}.args", port)
    return None


def _rival_on_node(seen: Snapshot, complaint: Complaint) -> tuple[str, int, Evidence] | None:
    pod, port = complaint.pod, complaint.fact.port
    if not pod.spec.host_network or not port:
        return None
    for other in seen.on_node(pod.spec.node_name):
        if other.metadata.uid == pod.metadata.uid:
            continue
        for container in other.spec.containers:
            for held in container.ports:
                if held.host_port == port or (other.spec.host_network and held.container_port == port):
                    path = f"spec.containers[{container.name}].ports[].hostPort"
                    return f"{other.metadata.namespace}/{other.metadata.name}", port, field_of(other, path, port)
    return None


def _finding(complaint: Complaint, rival: str, port: int, proof: Evidence) -> Finding:
    workload = complaint.workload
    return Finding(
        DETECTOR,
        workload,
        Said(
            "Container {container} of {workload} cannot start because port {port} is taken by {rival}, which shares "
            "its network: its log says `{line}`.",
            container=complaint.container.name,
            workload=workload.name,
            port=port,
            rival=rival,
            line=complaint.line,
        ),
        Confidence.PROVEN if complaint.fact.port else Confidence.LIKELY,
        evidence=(complaint.evidence(), proof),
        why=Said(
            "The containers of a pod share one network address, so each port can be used by one of them only. The "
            "same holds on a node for pods with hostNetwork."
        ),
        remedies=(
            Remedy(
                Said("Give one of the two another port."),
                f"kubectl -n {workload.namespace} edit {workload.kind.lower()}/{workload.name}",
                Consent.ASK,
            ),
        ),
        pods=(Ref.to(complaint.pod),),
        discriminator=complaint.container.name,
        at=complaint.at,
    )
