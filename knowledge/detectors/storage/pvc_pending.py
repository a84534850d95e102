"""A PersistentVolumeClaim that gets no volume.

A claim that waits for its first consumer is in order; the pod that cannot be placed has its own finding.
"""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, absence_of, event_of, field_of
from knowledge.objects import Event, PersistentVolumeClaim, Pod, StorageClass
from knowledge.reading.near import near_names
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="storage-pvc-pending",
    severity=Severity.ERROR,
    needs=(PersistentVolumeClaim,),
    uses=(StorageClass, Event, Pod),
    hides=("sched-unbound-pvc",),
)

_LEAST = timedelta(minutes=2)
_PROVISIONING = timedelta(minutes=5)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for claim in seen.all(PersistentVolumeClaim):
        made = claim.metadata.creation_timestamp
        if claim.status.phase == "Pending" and (made is None or seen.now - made >= seen.least(_LEAST)):
            judged = _judge(seen, claim)
            if judged:
                yield _finding(seen, claim, *judged)


def _judge(seen: Snapshot, claim: PersistentVolumeClaim) -> tuple[Said, Confidence, Event | None] | None:
    """The first branch that fits: a class that does not exist, none at all, the provisioner's refusal or silence."""
    name = claim.spec.storage_class_name
    offered = tuple(sorted(c.metadata.name for c in seen.all(StorageClass)))
    if name and seen.absent(StorageClass, "", name):
        if not offered:
            none = Said("StorageClass {name} does not exist, and this cluster has no StorageClass at all.", name=name)
            return none, Confidence.PROVEN, None
        near = near_names(name, offered, 1)
        hint = Said("did you mean {near}?", near=near) if near else Said("they must be spelt exactly.")
        says = Said(
            "StorageClass {name} does not exist; this cluster offers {offered}: {hint}",
            name=name,
            offered=offered,
            hint=hint,
        )
        return says, Confidence.PROVEN, None
    failed = next(reversed(seen.events(claim, "ProvisioningFailed")), None)
    if failed:
        return Said("the provisioner failed: {message}", message=failed.message), Confidence.PROVEN, failed
    unbound = next(reversed(seen.events(claim, "FailedBinding")), None)
    if unbound or (name is None and offered and not any(c.is_default for c in seen.all(StorageClass))):
        says = Said(
            "no PersistentVolume fits it, and it names no StorageClass while the cluster has no default one (it offers "
            "{offered}).",
            offered=offered or Said("none"),
        )
        return says, Confidence.PROVEN if unbound else Confidence.LIKELY, unbound
    waiting = next(reversed(seen.events(claim, "ExternalProvisioning")), None)
    made = claim.metadata.creation_timestamp
    if waiting and (made is None or seen.now - made >= _PROVISIONING):
        return Said("the provisioner does not answer: {message}", message=waiting.message), Confidence.LIKELY, waiting
    return None


def _finding(
    seen: Snapshot, claim: PersistentVolumeClaim, reason: Said, confidence: Confidence, event: Event | None
) -> Finding:
    name, namespace, wanted = claim.metadata.name, claim.metadata.namespace, claim.spec.storage_class_name
    users = [
        pod
        for pod in seen.all(Pod, namespace)
        if any(v.persistent_volume_claim and v.persistent_volume_claim.claim_name == name for v in pod.spec.volumes)
    ]
    proof = [field_of(claim, "status.phase", "Pending"), field_of(claim, "spec.storageClassName", wanted or "absent")]
    if event:
        proof.append(event_of(event))
    elif wanted:
        proof.append(absence_of("StorageClass", "", wanted))
    return Finding(
        DETECTOR,
        Ref.to(claim),
        Said("PersistentVolumeClaim {claim} stays Pending: {reason}", claim=name, reason=reason),
        confidence,
        evidence=tuple(proof),
        why=Said("A claim is a wish for a disk. Pods that use it cannot start before a volume has been bound to it."),
        remedies=(
            Remedy(Said("See which StorageClasses exist."), "kubectl get storageclass", Consent.LOOK),
            Remedy(Said("Correct the claim; its class cannot be changed, so it must be made anew."), "", Consent.ASK),
        ),
        pods=(*dict.fromkeys(seen.workload(pod) for pod in users), *map(Ref.to, users)),
        at=claim.metadata.creation_timestamp,
    )
