"""A rollout that does not come to its end: a Deployment, StatefulSet or DaemonSet that does not get its new pods.

Paused and scaled to zero on purpose are told too, as the answer to "why is nothing happening".
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from knowledge.detector import Detector, Layer
from knowledge.facts.messages import timed_out_replica_set
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Condition, DaemonSet, Deployment, Object, Pod, ReplicaSet, StatefulSet
from knowledge.relations import wished
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="rollout-stuck",
    severity=Severity.ERROR,
    needs=(Deployment, StatefulSet, DaemonSet),
    uses=(Pod, ReplicaSet),
    layer=Layer.SYMPTOM,
)
_PATIENCE = timedelta(minutes=10)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for deployment in seen.all(Deployment):
        yield from _deployment(seen, deployment)
    for stateful in seen.all(StatefulSet):
        yield from _stateful(seen, stateful)
    for daemon in seen.all(DaemonSet):
        yield from _daemon(seen, daemon)


def _deployment(seen: Snapshot, deployment: Deployment) -> Iterator[Finding]:
    name, status, wanted = deployment.metadata.name, deployment.status, wished(deployment)
    if wanted == 0:
        yield _quiet(
            deployment,
            Said("{workload} has no pods because it is scaled to 0 (spec.replicas: 0).", workload=name),
            field_of(deployment, "spec.replicas", 0),
            f"kubectl -n {deployment.metadata.namespace} scale deployment/{name} --replicas=1",
        )
    elif deployment.spec.paused:
        yield _quiet(
            deployment,
            Said("{workload} does not roll out because it is paused (spec.paused: true).", workload=name),
            field_of(deployment, "spec.paused", True),
            f"kubectl -n {deployment.metadata.namespace} rollout resume deployment/{name}",
        )
    else:
        progress = deployment.condition("Progressing")
        if progress and progress.status == "False" and progress.reason == "ProgressDeadlineExceeded":
            yield _stuck(
                seen,
                deployment,
                Said(
                    "The rollout of {workload} is stuck (ProgressDeadlineExceeded since {since:clock}): {updated} of "
                    "{wanted} replicas updated, {ready} ready; the new pods of ReplicaSet {replica_set} do not become "
                    "available.",
                    workload=name,
                    since=progress.last_transition_time,
                    updated=status.updated_replicas,
                    wanted=wanted,
                    ready=status.ready_replicas,
                    replica_set=timed_out_replica_set(progress.message) or "?",
                ),
                field_of(
                    deployment, "status.conditions[Progressing].reason", progress.reason, progress.last_transition_time
                ),
                progress.last_transition_time,
            )
        elif progress and (since := _stands_still(seen, deployment, progress)):
            yield _stuck(
                seen,
                deployment,
                Said(
                    "The rollout of {workload} stands still since {since:clock}: {updated} of {wanted} replicas "
                    "updated, {ready} ready.",
                    workload=name,
                    since=since,
                    updated=status.updated_replicas,
                    wanted=wanted,
                    ready=status.ready_replicas,
                ),
                field_of(deployment, "status.conditions[Progressing].lastUpdateTime", since, since),
                since,
            )


def _stands_still(seen: Snapshot, deployment: Deployment, progress: Condition) -> datetime | None:
    """Since when a rollout under way has not moved, before its own deadline says so."""
    status, since = deployment.status, progress.last_update_time or progress.last_transition_time
    under_way = status.replicas > status.updated_replicas or status.updated_replicas > status.available_replicas
    young = since is None or seen.now - since < _PATIENCE
    return None if young or not under_way or progress.reason == "NewReplicaSetAvailable" else since


def _stateful(seen: Snapshot, stateful: StatefulSet) -> Iterator[Finding]:
    status, wanted = stateful.status, wished(stateful)
    if wanted == 0:
        yield _quiet(
            stateful,
            Said(
                "{workload} has no pods because it is scaled to 0 (spec.replicas: 0).", workload=stateful.metadata.name
            ),
            field_of(stateful, "spec.replicas", 0),
            f"kubectl -n {stateful.metadata.namespace} scale statefulset/{stateful.metadata.name} --replicas=1",
        )
        return
    blocked = _unready(seen, stateful)
    if status.ready_replicas >= wanted or blocked is None:
        return
    rolling = bool(status.update_revision) and status.update_revision != status.current_revision
    yield _stuck(
        seen,
        stateful,
        Said(
            "StatefulSet {workload} is stuck at pod {pod}, which is not ready since {since:clock}: {ready} of {wanted} "
            "ready{rolling}; the pods after it have to wait.",
            workload=stateful.metadata.name,
            pod=blocked[0].metadata.name,
            since=blocked[1],
            ready=status.ready_replicas,
            wanted=wanted,
            rolling=Said(", {updated} updated", updated=status.updated_replicas) if rolling else "",
        ),
        field_of(blocked[0], "status.conditions[Ready].status", "False", blocked[1]),
        blocked[1],
    )


def _daemon(seen: Snapshot, daemon: DaemonSet) -> Iterator[Finding]:
    status = daemon.status
    blocked = _unready(seen, daemon)
    if status.updated_number_scheduled < status.desired_number_scheduled and blocked:
        yield _stuck(
            seen,
            daemon,
            Said(
                "The rollout of DaemonSet {workload} is stuck: {updated} of {wanted} pods updated, and {pod} is "
                "not ready "
                "since {since:clock}.",
                workload=daemon.metadata.name,
                updated=status.updated_number_scheduled,
                wanted=status.desired_number_scheduled,
                pod=blocked[0].metadata.name,
                since=blocked[1],
            ),
            field_of(daemon, "status.updatedNumberScheduled", status.updated_number_scheduled),
            blocked[1],
        )


def _unready(seen: Snapshot, owner: Object) -> tuple[Pod, datetime] | None:
    """The pod that has not been ready for longest, if that is long enough to wonder."""
    found = []
    for pod in seen.pods_of(Ref.to(owner)):
        ready = pod.condition("Ready")
        since = ready.last_transition_time if ready and ready.status != "True" else None
        if ready is None and pod.status.phase == "Pending":
            since = pod.metadata.creation_timestamp
        if since and seen.now - since >= _PATIENCE:
            found.append((pod, since))
    return min(found, key=lambda each: each[1], default=None)


def _stuck(seen: Snapshot, owner: Object, says: Said, proof: Evidence, at: datetime | None) -> Finding:
    ref = Ref.to(owner)
    pods = tuple(Ref.to(p) for p in seen.pods_of(ref) if not ((c := p.condition("Ready")) and c.status == "True"))
    return Finding(
        DETECTOR,
        ref,
        says,
        Confidence.PROVEN,
        evidence=(proof,),
        why=Said(
            "The new version does not become ready, so Kubernetes keeps what is left of the old one and waits. "
            "What the "
            "new pods suffer from is the cause."
        ),
        remedies=(
            Remedy(
                Said("Go back to the previous version while the cause is looked for."),
                f"kubectl -n {ref.namespace} rollout undo {ref.kind.lower()}/{ref.name}",
                Consent.ASK,
            ),
        ),
        pods=pods,
        at=at,
    )


def _quiet(owner: Object, says: Said, proof: Evidence, command: str) -> Finding:
    return Finding(
        DETECTOR,
        Ref.to(owner),
        says,
        Confidence.PROVEN,
        evidence=(proof,),
        why=Said("Somebody, or an autoscaler, has set it so; nothing is broken."),
        remedies=(Remedy(Said("If it shall run, undo that."), command, Consent.ASK),),
        discriminator="on-purpose",
        severity=Severity.INFO,
    )
