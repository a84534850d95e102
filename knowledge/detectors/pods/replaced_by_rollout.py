"""Pods that were replaced because a new revision was rolled out: no crash, somebody deployed."""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector, Layer
from knowledge.facts.backends import Workload
from knowledge.facts.changes import Revision, revisions
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, event_of, field_of
from knowledge.objects import ControllerRevision, DaemonSet, Deployment, Event, Pod, ReplicaSet, StatefulSet
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="pod-replaced-by-rollout",
    severity=Severity.INFO,
    needs=(Pod, Deployment, ReplicaSet),
    uses=(Event, StatefulSet, DaemonSet, ControllerRevision),
    layer=Layer.SYMPTOM,
)

_TODAY = timedelta(hours=24)
_AROUND = timedelta(minutes=45)


def detect(seen: Snapshot) -> Iterator[Finding]:
    owners: tuple[Workload, ...] = (*seen.all(Deployment), *seen.all(StatefulSet), *seen.all(DaemonSet))
    for owner in owners:
        known = revisions(seen, Ref.to(owner))
        meant = next((r for r in known[:-1] if _meant(seen, r)), None)
        if meant:
            yield _finding(seen, owner, meant)


def _meant(seen: Snapshot, revision: Revision) -> bool:
    if seen.at == seen.now:
        return timedelta(0) <= seen.now - revision.at <= _TODAY
    return abs(seen.at - revision.at) <= _AROUND


def _finding(seen: Snapshot, owner: Workload, revision: Revision) -> Finding:
    ref = Ref.to(owner)
    return Finding(
        DETECTOR,
        ref,
        _says(ref, revision),
        Confidence.PROVEN,
        evidence=tuple(_proof(seen, owner, revision)),
        why=Said(
            "A change of the pod template makes a new ReplicaSet. Its pods are started and the old ones are stopped: "
            "new names, new addresses, a restart count of zero. Nothing crashed."
        )
        if ref.kind == "Deployment"
        else Said(
            "A change of the pod template makes a new revision. The pods are stopped and made again one after the "
            "other, with a restart count of zero. Nothing crashed."
        ),
        remedies=(
            Remedy(
                Said("See what each revision holds."),
                f"kubectl -n {ref.namespace} rollout history {ref.kind.lower()}/{ref.name} "
                f"--revision={revision.number}",
                Consent.LOOK,
            ),
            Remedy(
                Said("Go back to the revision before, if it was not meant."),
                f"kubectl -n {ref.namespace} rollout undo {ref.kind.lower()}/{ref.name}",
                Consent.ASK,
            ),
        ),
        pods=tuple(Ref.to(pod) for pod in seen.pods_of(ref)),
        at=revision.at,
    )


def _says(ref: Ref, revision: Revision) -> Said:
    if revision.restart_only:
        return Said(
            "The pods of {workload} were replaced on purpose at {at}: somebody ran kubectl rollout restart (revision "
            "{number}); nothing else differs.",
            workload=ref.name,
            at=revision.at,
            number=revision.number,
        )
    if not revision.changes:
        return Said(
            "The pods of {workload} were replaced by a rollout, not by a crash: revision {number} was deployed at "
            "{at}.",
            workload=ref.name,
            number=revision.number,
            at=revision.at,
        )
    return Said(
        "The pods of {workload} were replaced by a rollout, not by a crash: revision {number} was deployed at {at} and "
        "changed {changes}.",
        workload=ref.name,
        number=revision.number,
        at=revision.at,
        changes=tuple(str(change) for change in revision.changes[:3]),
    )


def _proof(seen: Snapshot, owner: Workload, revision: Revision) -> Iterator[Evidence]:
    yield revision.evidence()
    for event in seen.events(owner, "ScalingReplicaSet")[-4:]:
        yield event_of(event)
    for field in owner.metadata.managed_fields:
        if field.time and abs(field.time - revision.at) <= timedelta(minutes=2) and not field.subresource:
            yield field_of(owner, "metadata.managedFields[].manager", field.manager, field.time)
    cause = owner.metadata.annotations.get("kubernetes.io/change-cause")
    if cause:
        yield field_of(owner, "metadata.annotations[kubernetes.io/change-cause]", cause)
