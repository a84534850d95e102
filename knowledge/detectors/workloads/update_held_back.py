"""A StatefulSet or DaemonSet whose pods keep an older revision because its update strategy holds them back."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import DaemonSet, StatefulSet
from knowledge.relations import wished
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="rollout-held-back", severity=Severity.WARNING, needs=(StatefulSet, DaemonSet))

_PATH = "spec.updateStrategy"


def detect(seen: Snapshot) -> Iterator[Finding]:
    owners: tuple[StatefulSet | DaemonSet, ...] = (*seen.all(StatefulSet), *seen.all(DaemonSet))
    for owner in owners:
        old = _old(owner)
        if old <= 0:
            continue
        strategy = owner.spec.update_strategy
        partition = strategy.rolling_update.partition if strategy.rolling_update else 0
        if strategy.type == "OnDelete":
            yield _finding(
                owner, old, Said("its update strategy is OnDelete: a pod is renewed only when it is deleted")
            )
        elif isinstance(owner, StatefulSet) and partition > 0:
            says = Said(
                "its update strategy has partition {n}: only pods with the ordinal {n} or more are renewed", n=partition
            )
            yield _finding(owner, old, says, partition)


def _old(owner: StatefulSet | DaemonSet) -> int:
    """How many of its pods are of an older revision, once its newest has begun."""
    if isinstance(owner, DaemonSet):
        return owner.status.desired_number_scheduled - owner.status.updated_number_scheduled
    status = owner.status
    begun = status.update_revision and status.update_revision != status.current_revision
    return wished(owner) - status.updated_replicas if begun else 0


def _finding(owner: StatefulSet | DaemonSet, old: int, why: Said, partition: int = 0) -> Finding:
    ref = Ref.to(owner)
    return Finding(
        DETECTOR,
        ref,
        Said("{n:|pod|pods} of {workload} stay on the older revision: {why}.", n=old, workload=ref.name, why=why),
        Confidence.PROVEN,
        evidence=(
            field_of(owner, f"{_PATH}.rollingUpdate.partition", partition)
            if partition
            else field_of(owner, f"{_PATH}.type", "OnDelete"),
        ),
        why=Said("Somebody chose this so that an update does not reach all pods at once. It is not stuck: it waits."),
        remedies=(
            Remedy(
                Said("Lower the partition to go on, ordinal by ordinal.")
                if partition
                else Said("Delete its pods one by one to renew them."),
                f"kubectl -n {ref.namespace} get {ref.kind.lower()} {ref.name} -o jsonpath={{.spec.updateStrategy}}",
                Consent.ASK,
            ),
        ),
    )
