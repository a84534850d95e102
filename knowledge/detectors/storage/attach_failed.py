"""A disk that the cloud or the storage driver cannot attach to the machine of a pod.

A disk that another machine still holds is told elsewhere, and the first failure may be a slow driver.
"""

from collections.abc import Iterator
from datetime import datetime

from knowledge.detector import Detector
from knowledge.facts.messages import attach_failure
from knowledge.facts.volumes import claim_names, claims_of_volume
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, Who, event_of, field_of
from knowledge.objects import Event, Node, PersistentVolumeClaim, Pod, VolumeAttachment
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="storage-attach-failed",
    severity=Severity.ERROR,
    needs=(Pod, Event),
    uses=(VolumeAttachment, PersistentVolumeClaim, Node),
    hides=("storage-mount-failed",),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for pod in seen.all(Pod):
        if pod.status.phase == "Pending" and pod.spec.node_name:
            yield from _told(seen, pod)


def _told(seen: Snapshot, pod: Pod) -> Iterator[Finding]:
    for event in reversed(seen.events(pod, "FailedAttachVolume")):
        text = attach_failure(event.message)
        if text and event.count >= 2:
            yield _finding(seen, pod, text.volume, text.cause, event_of(event), event.last_seen)
            return
    for attachment in seen.all(VolumeAttachment):
        error = attachment.status.attach_error
        volume = attachment.spec.source.persistent_volume_name
        mounted = {c.metadata.name for c in claims_of_volume(seen, volume)} & set(claim_names(pod))
        if error and error.message and mounted and attachment.spec.node_name == pod.spec.node_name:
            proof = field_of(attachment, "status.attachError.message", error.message)
            yield _finding(seen, pod, volume, error.message, proof, attachment.metadata.creation_timestamp)
            return


def _finding(seen: Snapshot, pod: Pod, volume: str, cause: str, proof: Evidence, at: datetime | None) -> Finding:
    node = pod.spec.node_name
    claim = next((c.metadata.name for c in claims_of_volume(seen, volume)), "")
    return Finding(
        DETECTOR,
        seen.workload(pod),
        Said(
            "Pod {pod} cannot start: its volume {volume}{claim} cannot be attached to node {node}: {cause}",
            pod=pod.metadata.name,
            volume=volume,
            claim=Said(" (PersistentVolumeClaim {name})", name=claim) if claim else "",
            node=node,
            cause=" ".join(cause.split())[:200],
        ),
        Confidence.PROVEN,
        evidence=(proof, field_of(pod, "spec.nodeName", node)),
        why=Said(
            "Before a pod can use a network disk, the storage driver must attach the disk to the pod's machine. The "
            "driver refuses or fails; the program has not even been started."
        ),
        remedies=(
            Remedy(
                Said("Look at the state of the disk in the cloud and at the storage driver's controller."),
                f"kubectl -n {pod.metadata.namespace} describe pod {pod.metadata.name}",
                Consent.LOOK,
                Who.PLATFORM,
            ),
        ),
        because=(Ref("Node", "", node),),
        pods=(Ref.to(pod),),
        discriminator=volume,
        at=at,
    )
