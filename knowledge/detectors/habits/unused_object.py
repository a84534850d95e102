"""A disk that somebody claimed and that no pod and no workload uses any more.

Claims of a StatefulSet wait for its pods, and what an operator owns is the operator's. Other kinds that nobody uses
have detections of their own: Services and policies that select nothing, autoscalers without a target.
"""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector, Layer
from knowledge.facts.volumes import templates_using, users
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import CronJob, DaemonSet, Deployment, Job, PersistentVolumeClaim, Pod, StatefulSet
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="hygiene-unused-object",
    severity=Severity.INFO,
    needs=(PersistentVolumeClaim, Pod, Deployment, StatefulSet),
    uses=(DaemonSet, Job, CronJob),
    layer=Layer.HYGIENE,
)

_OLD = timedelta(days=30)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for claim in seen.all(PersistentVolumeClaim):
        meta = claim.metadata
        made = meta.creation_timestamp
        if claim.status.phase != "Bound" or made is None or seen.now - made < _OLD or meta.owner_references:
            continue
        if not _users_read(seen, meta.namespace) or _kept_for_a_set(seen, claim):
            continue
        if not users(seen, meta.namespace, meta.name) and not any(templates_using(seen, meta.namespace, meta.name)):
            yield _finding(claim)


def _users_read(seen: Snapshot, namespace: str) -> bool:
    """Whether everybody who might use a claim was read: otherwise its use may only not have been seen."""
    return all(seen.whole(kind, namespace) for kind in (Pod, Deployment, StatefulSet, DaemonSet, Job, CronJob))


def _kept_for_a_set(seen: Snapshot, claim: PersistentVolumeClaim) -> bool:
    """``data-db-2`` waits for pod ``db-2`` of StatefulSet ``db``, however few pods it has just now."""
    return any(
        claim.metadata.name.startswith(f"{template.metadata.name}-{owner.metadata.name}-")
        for owner in seen.all(StatefulSet, claim.metadata.namespace)
        for template in owner.spec.volume_claim_templates
    )


def _finding(claim: PersistentVolumeClaim) -> Finding:
    meta = claim.metadata
    size = claim.spec.resources.requests.get("storage", "")
    return Finding(
        DETECTOR,
        Ref.to(claim),
        Said(
            "Nothing seems to use PersistentVolumeClaim {claim} ({size}) any more: no pod mounts it, and no workload "
            "names it.",
            claim=meta.name,
            size=str(size) or Said("size unknown"),
        ),
        Confidence.POSSIBLE,
        evidence=(
            field_of(claim, "metadata.creationTimestamp", meta.creation_timestamp, meta.creation_timestamp),
            field_of(claim, "spec.volumeName", claim.spec.volume_name),
        ),
        why=Said("A disk costs as much unused as used. Its data is gone with the claim, so its owner has to decide."),
        remedies=(
            Remedy(
                Said("Ask its owner; delete it only after the data was looked at or copied."),
                f"kubectl -n {meta.namespace} describe pvc {meta.name}",
                Consent.LOOK,
            ),
        ),
    )
