"""A disk that is full, or that shall grow and cannot.

How full a disk is stands in no object: the program says that nothing fits, or the claim says that it cannot grow.
"""

import re
from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.facts.complaints import Complaint, complaints
from knowledge.facts.log_patterns import FactKind
from knowledge.facts.volumes import claim_names, users, volume_at
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import PersistentVolumeClaim, Pod, StorageClass
from knowledge.said import Said, Value
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="storage-volume-full",
    severity=Severity.CRITICAL,
    needs=(Pod,),
    uses=(PersistentVolumeClaim, StorageClass),
    logs=True,
    hides=("pod-crashloop-app-exit", "pod-container-restarted", "probe-readiness-failing"),
)

_LEAST = timedelta(minutes=10)
_PATH = re.compile(r"(?<![\w./])(?P<path>/[\w.-]+(?:/[\w.-]+)*)")
_STUCK = ("ControllerResizeError", "NodeResizeError", "FileSystemResizePending")


def detect(seen: Snapshot) -> Iterator[Finding]:
    told: set[Ref] = set()
    for complaint in complaints(seen, FactKind.NO_SPACE):
        finding = _full(seen, complaint)
        if finding.subject not in told:
            told.add(finding.subject)
            yield finding
    for claim in seen.all(PersistentVolumeClaim):
        yield from _cannot_grow(seen, claim)


def _full(seen: Snapshot, complaint: Complaint) -> Finding:
    pod, namespace = complaint.pod, complaint.pod.metadata.namespace
    claim = _claim(complaint)
    words: dict[str, Value] = {"workload": complaint.workload.name, "line": complaint.line}
    if claim:
        known = seen.get(PersistentVolumeClaim, namespace, claim)
        size = str(known.status.capacity.get("storage", "")) if known else ""
        says = Said(
            "The disk of {workload} is full: PersistentVolumeClaim {claim}{size} has no space left, its log says "
            "`{line}`.",
            claim=claim,
            size=f" ({size})" if size else "",
            **words,
        )
        subject, sure = Ref("PersistentVolumeClaim", namespace, claim), Confidence.LIKELY
        remedy = Remedy(_growing(seen, known), _grow(namespace, claim), Consent.ASK)
    else:
        says = Said(
            "{workload} has no space left to write: its log says `{line}`, and it writes to no claimed disk but to the "
            "container's own or the node's.",
            **words,
        )
        subject, sure = complaint.workload, Confidence.LIKELY
        remedy = Remedy(Said("Delete what piles up, or give the program a claimed disk."), "", Consent.ASK)
    return Finding(
        DETECTOR,
        subject,
        says,
        sure,
        evidence=(complaint.evidence(),),
        why=Said("A full disk refuses every write. Programs that must write then stop, and restarting frees nothing."),
        remedies=(remedy,),
        because=() if claim or not pod.spec.node_name else (Ref("Node", "", pod.spec.node_name),),
        pods=(complaint.workload, Ref.to(pod)),
        at=complaint.at,
    )


def _claim(complaint: Complaint) -> str:
    """The claim that is full: the one at the path of the line, else the only one that the pod mounts."""
    path = complaint.fact.name if complaint.fact.name.startswith("/") else _path_in(complaint.fact.line)
    if path:
        volume = volume_at(complaint.pod, complaint.container.name, path)
        source = volume.persistent_volume_claim if volume else None
        return source.claim_name if source else ""
    names = claim_names(complaint.pod)
    return names[0] if len(names) == 1 else ""


def _path_in(line: str) -> str:
    match = _PATH.search(line)
    return match["path"] if match else ""


def _growing(seen: Snapshot, claim: PersistentVolumeClaim | None) -> Said:
    kind = seen.get(StorageClass, "", claim.spec.storage_class_name or "") if claim else None
    if kind and not kind.allow_volume_expansion:
        return Said(
            "Make room on the disk: StorageClass {name} does not allow it to grow.",
            name=kind.metadata.name,
        )
    return Said("Enlarge the claim (it cannot be made smaller again), or delete what piles up.")


def _grow(namespace: str, claim: str) -> str:
    patch = '{"spec":{"resources":{"requests":{"storage":"<more>"}}}}'
    return f"kubectl -n {namespace} patch pvc {claim} -p '{patch}'"


def _cannot_grow(seen: Snapshot, claim: PersistentVolumeClaim) -> Iterator[Finding]:
    infeasible = next((v for v in claim.status.allocated_resource_statuses.values() if v.endswith("Infeasible")), "")
    stuck = next((c for c in claim.status.conditions if c.type in _STUCK and c.status == "True"), None)
    since = stuck.last_transition_time if stuck else None
    if not infeasible and (stuck is None or (since and seen.now - since < _LEAST)):
        return
    why = stuck.message or stuck.type if stuck else infeasible
    name, namespace = claim.metadata.name, claim.metadata.namespace
    wanted = str(claim.spec.resources.requests.get("storage", "?"))
    path = f"status.conditions[{stuck.type}]" if stuck else "status.allocatedResourceStatuses[storage]"
    pods = users(seen, namespace, name)
    yield Finding(
        DETECTOR,
        Ref.to(claim),
        Said(
            "PersistentVolumeClaim {claim} shall grow to {wanted} and does not (it has {size}): {why}",
            claim=name,
            wanted=wanted,
            size=str(claim.status.capacity.get("storage", "?")),
            why=why,
        ),
        Confidence.PROVEN,
        evidence=(field_of(claim, path, why, since),),
        why=Said(
            "Enlarging a claim asks the storage driver first and then the node, which may need the pod to start anew."
        ),
        remedies=(
            Remedy(
                Said("Read what the driver says; where only the file system waits, restart the pod that mounts it."),
                f"kubectl -n {namespace} describe pvc {name}",
                Consent.LOOK,
            ),
        ),
        pods=tuple(dict.fromkeys((*(seen.workload(p) for p in pods), *map(Ref.to, pods)))),
        discriminator="resize",
        at=since,
        severity=Severity.WARNING if stuck and stuck.type == "FileSystemResizePending" else Severity.ERROR,
    )
