"""A disk that can be on one machine at a time and is still held by another.

A volume that may be mounted by many is not it, nor is the minute in which the old pod still shuts down.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from knowledge.detector import Detector
from knowledge.facts.messages import multi_attach
from knowledge.facts.volumes import claim_names, users
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, event_of, field_of
from knowledge.objects import Event, Node, PersistentVolume, PersistentVolumeClaim, Pod, VolumeAttachment
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="storage-multi-attach",
    severity=Severity.ERROR,
    needs=(Pod, Event),
    uses=(VolumeAttachment, PersistentVolume, PersistentVolumeClaim, Node),
    hides=("storage-mount-failed", "storage-attach-failed"),
)

_MANY = {"ReadWriteMany", "ReadOnlyMany"}
_LEAST = timedelta(minutes=1)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for pod in seen.all(Pod):
        if pod.status.phase == "Pending" and pod.spec.node_name:
            yield from _by_event(seen, pod) or _by_objects(seen, pod)


def _by_event(seen: Snapshot, pod: Pod) -> tuple[Finding, ...]:
    for event in reversed(seen.events(pod, "FailedAttachVolume")):
        text = multi_attach(event.message)
        volume = seen.get(PersistentVolume, "", text.volume) if text else None
        if text and not (volume and set(volume.spec.access_modes) & _MANY):
            held = _attached(seen, text.volume, pod.spec.node_name)
            proof = (event_of(event), *((field_of(held, "spec.nodeName", held.spec.node_name),) if held else ()))
            holder = held.spec.node_name if held else ""
            return (_finding(seen, pod, text.volume, holder, text.cause, proof, event.last_seen),)
    return ()


def _by_objects(seen: Snapshot, pod: Pod) -> tuple[Finding, ...]:
    """The event is written once and lost after an hour; who holds the disk stands in the objects."""
    made = pod.metadata.creation_timestamp
    if made is not None and seen.now - made < seen.least(_LEAST):
        return ()
    for name in claim_names(pod):
        claim = seen.get(PersistentVolumeClaim, pod.metadata.namespace, name)
        if claim is None or not claim.spec.volume_name or set(claim.spec.access_modes) & _MANY:
            continue
        volume, here = claim.spec.volume_name, pod.spec.node_name
        held = _attached(seen, volume, here)
        other = next((p for p in users(seen, pod.metadata.namespace, name) if p.spec.node_name not in ("", here)), None)
        if held and not _attached_here(seen, volume, here):
            proof = (field_of(held, "spec.nodeName", held.spec.node_name), field_of(pod, "spec.nodeName", here))
        elif other and seen.unread(VolumeAttachment):
            proof = (field_of(other, "spec.nodeName", other.spec.node_name), field_of(pod, "spec.nodeName", here))
        else:
            continue
        holder = held.spec.node_name if held else other.spec.node_name if other else ""
        return (_finding(seen, pod, volume, holder, _user(other), proof, made),)
    return ()


def _user(pod: Pod | None) -> Said | str:
    return Said("Pod {pod} still uses it.", pod=pod.metadata.name) if pod else ""


def _attached(seen: Snapshot, volume: str, here: str) -> VolumeAttachment | None:
    """The attachment of a volume to another node than this one."""
    found = (a for a in seen.all(VolumeAttachment) if a.spec.source.persistent_volume_name == volume)
    return next((a for a in found if a.status.attached and a.spec.node_name != here), None)


def _attached_here(seen: Snapshot, volume: str, here: str) -> bool:
    found = (a for a in seen.all(VolumeAttachment) if a.spec.source.persistent_volume_name == volume)
    return any(a.status.attached and a.spec.node_name == here for a in found)


def _finding(
    seen: Snapshot,
    pod: Pod,
    volume: str,
    holder: str,
    cause: Said | str,
    proof: tuple[Evidence, ...],
    at: datetime | None,
) -> Finding:
    workload = seen.workload(pod)
    node = seen.get(Node, "", holder) if holder else None
    return Finding(
        DETECTOR,
        workload,
        Said(
            "Pod {pod} cannot start on node {node}: Multi-Attach error, its volume {volume} is still attached to "
            "{holder}. "
            "{cause}",
            pod=pod.metadata.name,
            node=pod.spec.node_name,
            volume=volume,
            holder=Said("node {node}", node=holder) if holder else Said("another node"),
            cause=cause,
        ),
        Confidence.PROVEN,
        evidence=proof,
        why=Said(
            "A ReadWriteOnce disk can be on one machine only. The new pod must wait until the old one has ended and "
            "the "
            "disk is detached; a rollout that starts the new pod first waits for ever."
        ),
        remedies=(
            Remedy(
                Said("Use strategy Recreate (or a StatefulSet), so that the old pod ends first."),
                f"kubectl -n {workload.namespace} edit {workload.kind.lower()}/{workload.name}",
                Consent.ASK,
            ),
        ),
        because=(Ref.to(node),) if node else (),
        pods=(Ref.to(pod),),
        discriminator=volume,
        at=at,
    )
