"""A disk that lost its other half: a claim whose volume is gone, or a volume that nobody claims any more.

A kept volume is often a backup on purpose, so it is reported and never the headline.
"""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector, Layer
from knowledge.facts.volumes import templates_using, users
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, Who, absence_of, field_of
from knowledge.objects import PersistentVolume, PersistentVolumeClaim, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="storage-pv-lost-or-released",
    severity=Severity.WARNING,
    needs=(PersistentVolumeClaim, PersistentVolume),
    uses=(Pod,),
    hides=("storage-mount-failed", "storage-pvc-pending"),
)

_KEPT = timedelta(days=7)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for claim in seen.all(PersistentVolumeClaim):
        if claim.status.phase == "Lost":
            yield _lost(seen, claim)
    for volume in seen.all(PersistentVolume):
        if volume.status.phase == "Failed":
            yield _failed(volume)
        elif volume.status.phase == "Released" and volume.spec.persistent_volume_reclaim_policy == "Retain":
            made = volume.metadata.creation_timestamp
            if made is None or seen.now - made > _KEPT:
                yield _released(volume)


def _lost(seen: Snapshot, claim: PersistentVolumeClaim) -> Finding:
    name, namespace, volume = claim.metadata.name, claim.metadata.namespace, claim.spec.volume_name
    pods = users(seen, namespace, name)
    gone = (absence_of("PersistentVolume", "", volume),) if seen.absent(PersistentVolume, "", volume) else ()
    return Finding(
        DETECTOR,
        Ref.to(claim),
        Said(
            "PersistentVolumeClaim {claim} is Lost: the PersistentVolume {volume} that it was bound to no longer "
            "exists, so nothing can mount it.",
            claim=name,
            volume=volume or "?",
        ),
        Confidence.PROVEN,
        evidence=(field_of(claim, "status.phase", "Lost"), *gone),
        why=Said("A claim keeps the name of its volume for ever. When the volume is deleted, the claim leads nowhere."),
        remedies=(
            Remedy(
                Said("Find out whether the disk still exists in the storage system before anything is made anew."),
                f"kubectl -n {namespace} describe pvc {name}",
                Consent.LOOK,
                Who.PLATFORM,
            ),
        ),
        pods=tuple(dict.fromkeys((*templates_using(seen, namespace, name), *map(Ref.to, pods)))),
        severity=Severity.CRITICAL,
    )


def _failed(volume: PersistentVolume) -> Finding:
    why = volume.status.message or volume.status.reason
    return Finding(
        DETECTOR,
        Ref.to(volume),
        Said("PersistentVolume {volume} could not be reclaimed (Failed): {why}", volume=volume.metadata.name, why=why),
        Confidence.PROVEN,
        evidence=(field_of(volume, "status.message", why),),
        why=Said(
            "After its claim is deleted a volume is deleted or kept; here the storage driver failed to delete it."
        ),
        remedies=(_look(volume),),
        layer=Layer.HYGIENE,
    )


def _released(volume: PersistentVolume) -> Finding:
    claim = volume.spec.claim_ref
    return Finding(
        DETECTOR,
        Ref.to(volume),
        Said(
            "PersistentVolume {volume} ({size}) is kept but unused: its claim {claim} was deleted.",
            volume=volume.metadata.name,
            size=str(volume.spec.capacity.get("storage", "?")),
            claim=f"{claim.namespace}/{claim.name}" if claim else "?",
        ),
        Confidence.PROVEN,
        evidence=(field_of(volume, "status.phase", "Released"),),
        why=Said(
            "With the policy Retain a disk and its data stay until somebody decides; a new claim does not get it."
        ),
        remedies=(_look(volume),),
        layer=Layer.HYGIENE,
    )


def _look(volume: PersistentVolume) -> Remedy:
    return Remedy(
        Said("Its owner decides whether the data is still needed."),
        f"kubectl describe pv {volume.metadata.name}",
        Consent.LOOK,
        Who.PLATFORM,
    )
