"""A pod that waits for a claim (PVC) that has no disk or does not exist.

A claim of a class with WaitForFirstConsumer waits for the pod, not the pod for it: that blocks nothing.
"""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.placement import Obstacle, Waiting, claims_of, waiting
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, absence_of, field_of
from knowledge.objects import Event, PersistentVolumeClaim, Pod, StorageClass
from knowledge.reading.near import near_names
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="sched-unbound-pvc",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(PersistentVolumeClaim, StorageClass, Event),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for found in waiting(seen, Obstacle.CLAIM):
        yield _finding(seen, found)


def _finding(seen: Snapshot, found: Waiting) -> Finding:
    namespace, workload = found.pod.metadata.namespace, found.workload
    broken = _broken(seen, found.pod)
    name, claim = broken or (", ".join(name for name, _ in claims_of(seen, found.pod)), None)
    told = field_of(found.pod, "status.conditions[PodScheduled].message", found.message, found.since)
    evidence: tuple[Evidence, ...] = (told,)
    if claim:
        evidence = (told, field_of(claim, "status.phase", claim.status.phase or "Pending"))
    elif broken:
        evidence = (told, absence_of("PersistentVolumeClaim", namespace, name))
    return Finding(
        DETECTOR,
        workload,
        _says(seen, found, name, claim, absent=bool(broken) and claim is None),
        Confidence.PROVEN if broken else Confidence.LIKELY,
        evidence=evidence,
        why=Said(
            "A pod starts only when every disk it names exists. The claim (PVC) is the order for that disk, and it "
            "has not been filled."
        ),
        remedies=(
            Remedy(
                Said("See what the claim itself says."),
                f"kubectl -n {namespace} describe pvc {name}",
                Consent.LOOK,
            ),
            Remedy(Said("Create the claim, or correct the name, the class or the size that it asks for.")),
        ),
        because=(Ref("PersistentVolumeClaim", namespace, name),),
        pods=found.refs,
        discriminator=name,
        at=found.since,
    )


def _broken(seen: Snapshot, pod: Pod) -> tuple[str, PersistentVolumeClaim | None] | None:
    """The claim that holds the pod up: absent, on its way out, or pending though nobody's first pod is waited for."""
    for name, claim in claims_of(seen, pod):
        if claim is None:
            if seen.absent(PersistentVolumeClaim, pod.metadata.namespace, name):
                return name, None
        elif claim.metadata.deletion_timestamp or claim.status.phase in ("Pending", "Lost", ""):
            return name, claim
    return None


def _says(seen: Snapshot, found: Waiting, name: str, claim: PersistentVolumeClaim | None, absent: bool) -> Said:
    workload, since = found.workload.name, found.since
    if absent:
        others = [c.metadata.name for c in seen.all(PersistentVolumeClaim, found.pod.metadata.namespace)]
        near = near_names(name, others, 1)
        if near:
            return Said(
                "{workload} cannot be scheduled since {since:clock}: PVC {claim}, which its pod names, does not exist "
                "in the namespace (there is {near}).",
                workload=workload,
                since=since,
                claim=name,
                near=near,
            )
        return Said(
            "{workload} cannot be scheduled since {since:clock}: PVC {claim}, which its pod names, does not exist.",
            workload=workload,
            since=since,
            claim=name,
        )
    if claim and claim.metadata.deletion_timestamp:
        return Said(
            "{workload} cannot be scheduled since {since:clock}: PVC {claim} is being deleted.",
            workload=workload,
            since=since,
            claim=name,
        )
    reason = _own_reason(seen, claim)
    return Said(
        "{workload} cannot be scheduled since {since:clock}: its pod waits for PVC {claim}, which has no disk "
        "(unbound, {phase}; StorageClass {storage_class}){reason}.",
        workload=workload,
        since=since,
        claim=name,
        phase=(claim.status.phase if claim else "") or "Pending",
        storage_class=_class(claim),
        reason=Said(": {text}", text=reason) if reason else "",
    )


def _own_reason(seen: Snapshot, claim: PersistentVolumeClaim | None) -> str:
    events = seen.events(claim, "ProvisioningFailed", "FailedBinding", "ExternalProvisioning") if claim else ()
    return quoted(events[-1].message.rstrip(".")) if events else ""


def _class(claim: PersistentVolumeClaim | None) -> str | Said:
    name = claim.spec.storage_class_name if claim else None
    return name or Said("not set")
