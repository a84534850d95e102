"""A disk that can be on one machine at a time and is still held by another.

A volume that may be mounted by many is not it, nor is the minute in which the old pod still shuts down.
"""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, event_of, field_of
from knowledge.messages import multi_attach
from knowledge.objects import Event, Node, PersistentVolume, Pod, VolumeAttachment
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="storage-multi-attach",
    severity=Severity.ERROR,
    needs=(Pod, Event),
    uses=(VolumeAttachment, PersistentVolume, Node),
    hides=("storage-mount-failed", "storage-attach-failed"),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for pod in seen.all(Pod):
        if pod.status.phase != "Pending":
            continue
        for event in reversed(seen.events(pod, "FailedAttachVolume")):
            text = multi_attach(event.message)
            volume = seen.get(PersistentVolume, "", text.volume) if text else None
            if text and not (volume and "ReadWriteMany" in volume.spec.access_modes):
                yield _finding(seen, pod, event, text.volume, text.cause)
                break


def _finding(seen: Snapshot, pod: Pod, event: Event, volume: str, cause: str) -> Finding:
    workload = seen.workload(pod)
    held = next(
        (a for a in seen.all(VolumeAttachment) if a.spec.source.persistent_volume_name == volume and a.status.attached),
        None,
    )
    holder = held.spec.node_name if held else ""
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
        evidence=(event_of(event), *((field_of(held, "spec.nodeName", holder),) if held else ())),
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
        at=event.last_seen,
    )
