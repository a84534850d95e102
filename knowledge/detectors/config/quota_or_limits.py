"""Pods that do not fit into the quota or the limits of their namespace."""

from collections.abc import Iterator

from knowledge.detector import Detector, Layer
from knowledge.facts import messages
from knowledge.facts.quantity import amount
from knowledge.facts.refusals import Refusal, refusals
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Event, LimitRange, ReplicaSet, ResourceQuota
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="admission-quota-or-limits",
    severity=Severity.ERROR,
    needs=(ReplicaSet,),
    uses=(Event, ResourceQuota, LimitRange),
    hides=("replicas-not-created",),
)

_NEARLY = 0.9


def detect(seen: Snapshot) -> Iterator[Finding]:
    for refusal in refusals(seen):
        says = _says(refusal)
        if says:
            yield _finding(refusal, says)
    for quota in seen.all(ResourceQuota):
        yield from _nearly_used_up(quota)


def _nearly_used_up(quota: ResourceQuota) -> Iterator[Finding]:
    """A warning while everything still runs: the next deployment may be refused."""
    for resource, hard in sorted(quota.status.hard.items()):
        most, used = amount(hard), amount(quota.status.used.get(resource))
        if not most or used is None or used / most < _NEARLY:
            continue
        yield Finding(
            DETECTOR,
            Ref.to(quota),
            Said(
                "ResourceQuota {quota} of namespace {namespace} is nearly used up: {resource} {used} of {hard}; pods "
                "beyond it are refused.",
                quota=quota.metadata.name,
                namespace=quota.metadata.namespace,
                resource=resource,
                used=str(quota.status.used[resource]),
                hard=str(hard),
            ),
            Confidence.PROVEN,
            evidence=(field_of(quota, f"status.used[{resource}]", quota.status.used[resource]),),
            remedies=(
                Remedy(
                    Said("Free what is not needed, or ask for more quota before the next rollout."),
                    f"kubectl -n {quota.metadata.namespace} describe resourcequota {quota.metadata.name}",
                    Consent.LOOK,
                ),
            ),
            discriminator=resource,
            severity=Severity.WARNING,
            layer=Layer.HYGIENE,
        )


def _says(refusal: Refusal) -> Said | None:
    name, text = refusal.workload.name, refusal.text
    exceeded = messages.quota_exceeded(text)
    if exceeded:
        return Said(
            "No more pods of {workload} can be created: exceeded quota {quota} of namespace {namespace} (requested "
            "{requested}, used {used}, limited {limited}).",
            workload=name,
            quota=exceeded.quota,
            namespace=refusal.workload.namespace,
            requested=exceeded.requested,
            used=exceeded.used,
            limited=exceeded.limited,
        )
    demands = messages.quota_demands(text)
    if demands:
        return Said(
            "No pod of {workload} can be created: quota {quota} demands that it says {fields}.",
            workload=name,
            quota=demands.quota,
            fields=demands.fields,
        )
    limits = messages.limit_range(text)
    if limits:
        return Said(
            "No pod of {workload} can be created: the namespace's LimitRange refuses it: {limits}.",
            workload=name,
            limits=quoted(limits),
        )
    return None


def _finding(refusal: Refusal, says: Said) -> Finding:
    namespace = refusal.workload.namespace
    return Finding(
        DETECTOR,
        refusal.workload,
        says,
        Confidence.PROVEN,
        evidence=(refusal.evidence,),
        why=Said(
            "A namespace has a share of the cluster (ResourceQuota) and bounds for each container (LimitRange). A pod "
            "beyond them is refused before it exists."
        ),
        remedies=(
            Remedy(
                Said("Lower the requests and limits, free what is not needed, or ask for more quota."),
                f"kubectl -n {namespace} describe resourcequota,limitrange",
                Consent.LOOK,
            ),
        ),
        because=_quota(refusal),
        at=refusal.at,
    )


def _quota(refusal: Refusal) -> tuple[Ref, ...]:
    exceeded = messages.quota_exceeded(refusal.text)
    return (Ref("ResourceQuota", refusal.workload.namespace, exceeded.quota),) if exceeded else ()
