"""Pods that are gone because the workload was scaled down, by an autoscaler or by hand."""

import re
from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector, Layer
from knowledge.facts import messages
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, event_of, field_of
from knowledge.objects import Deployment, Event, HorizontalPodAutoscaler, ReplicaSet, StatefulSet
from knowledge.relations import wished
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="pod-scaled-down",
    severity=Severity.INFO,
    needs=(Deployment, Event),
    uses=(ReplicaSet, StatefulSet, HorizontalPodAutoscaler),
    layer=Layer.SYMPTOM,
)

_AROUND = timedelta(hours=2)
_DELETED = re.compile(r"^delete Pod \S+-(?P<number>\d+) in StatefulSet")
_TOGETHER = timedelta(minutes=5)
_ROLLOUT = timedelta(minutes=15)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for deployment in seen.all(Deployment):
        scaled = _scaled_down(seen, deployment)
        if scaled:
            told, said = scaled
            yield _finding(seen, deployment, told, said.before, said.after)
    for stateful in seen.all(StatefulSet):
        event = _highest_deleted(seen, stateful)
        if event:
            yield _finding(seen, stateful, event, None, wished(stateful))


def _highest_deleted(seen: Snapshot, stateful: StatefulSet) -> Event | None:
    """The deletion of a pod whose number is beyond the replicas that are wanted now."""
    for event in reversed(seen.events(stateful, "SuccessfulDelete")):
        match = _DELETED.search(event.message)
        near = event.last_seen is not None and abs(seen.at - event.last_seen) <= _AROUND
        if match and near and int(match["number"]) >= wished(stateful):
            return event
    return None


def _scaled_down(seen: Snapshot, deployment: Deployment) -> tuple[Event, messages.ScaledText] | None:
    """The newest scaling down of the current revision about the instant asked for; the end of a surge is none."""
    sets = seen.replica_sets(Ref.to(deployment))
    current = sets[0] if sets else None
    for event in reversed(seen.events(deployment, "ScalingReplicaSet")):
        said, at = messages.scaled(event.message), event.last_seen
        if said is None or said.up or at is None or abs(seen.at - at) > _AROUND:
            continue
        if current is None or said.replica_set != current.metadata.name:
            continue
        born = current.metadata.creation_timestamp
        if len(sets) > 1 and born and timedelta(0) <= at - born <= _ROLLOUT and said.after > 0:
            continue
        return event, said
    return None


def _finding(seen: Snapshot, owner: Deployment | StatefulSet, event: Event, before: int | None, after: int) -> Finding:
    ref = Ref.to(owner)
    scaler = _scaler(seen, owner, event)
    counts = Said("from {before} to {after}", before=before, after=after) if before else Said("to {after}", after=after)
    if scaler:
        rescaled = messages.rescaled(scaler.message)
        says = Said(
            "Pods of {workload} are gone because its HorizontalPodAutoscaler {scaler} scaled it down {counts} at {at}: "
            "{reason}. Nothing crashed.",
            workload=ref.name,
            scaler=scaler.involved_object.name,
            counts=counts,
            at=event.last_seen,
            reason=rescaled.reason if rescaled else "-",
        )
    else:
        says = Said(
            "Pods of {workload} are gone because it was scaled down {counts} at {at}{who}. Nothing crashed.",
            workload=ref.name,
            counts=counts,
            at=event.last_seen,
            who=_who(owner, event),
        )
    return Finding(
        DETECTOR,
        ref,
        says,
        Confidence.PROVEN,
        evidence=tuple(_proof(owner, event, scaler)),
        why=Said(
            "A workload keeps as many pods as its number of replicas says. When the number falls, the pods that are "
            "too many are stopped for good."
        ),
        remedies=(
            Remedy(
                Said("Raise the number again, or minReplicas of the autoscaler, if this was not meant."),
                f"kubectl -n {ref.namespace} scale {ref.kind.lower()}/{ref.name} --replicas={before or 1}",
                Consent.ASK,
            ),
        ),
        at=event.last_seen,
    )


def _scaler(seen: Snapshot, owner: Deployment | StatefulSet, event: Event) -> Event | None:
    """What an autoscaler says of this scaling."""
    for scaler in seen.all(HorizontalPodAutoscaler, owner.metadata.namespace):
        target = scaler.spec.scale_target_ref
        if (target.kind, target.name) != (Ref.to(owner).kind, owner.metadata.name):
            continue
        for told in reversed(seen.events(scaler, "SuccessfulRescale")):
            if told.last_seen and event.last_seen and abs(told.last_seen - event.last_seen) <= _TOGETHER:
                return told
    return None


def _who(owner: Deployment | StatefulSet, event: Event) -> Said | str:
    for field in owner.metadata.managed_fields:
        wrote = "f:replicas" in str(field.fields_v1)
        if wrote and field.time and event.last_seen and abs(field.time - event.last_seen) <= _TOGETHER:
            return Said(" by {manager}", manager=field.manager)
    return ""


def _proof(owner: Deployment | StatefulSet, event: Event, scaler: Event | None) -> Iterator[Evidence]:
    yield event_of(event)
    yield field_of(owner, "spec.replicas", owner.spec.replicas)
    if scaler:
        yield event_of(scaler)
