"""A workload that has fewer pods than it shall because the API refuses to create them."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from knowledge.detector import Detector, Layer
from knowledge.facts.messages import denial, missing_service_account, quota_exceeded, webhook_failure
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, event_of, field_of
from knowledge.objects import (
    DaemonSet,
    Deployment,
    Event,
    Job,
    MutatingWebhookConfiguration,
    Object,
    Pod,
    ReplicaSet,
    StatefulSet,
    ValidatingWebhookConfiguration,
)
from knowledge.relations import lacking, refused, wished
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="replicas-not-created",
    severity=Severity.ERROR,
    needs=(Deployment, StatefulSet, DaemonSet, Job),
    uses=(Pod, ReplicaSet, Event, MutatingWebhookConfiguration, ValidatingWebhookConfiguration),
    layer=Layer.SYMPTOM,
)

_REQUEST = re.compile(r'^(?:Post|Get) "[^"]*": ')
"""Says what was asked, which the webhook's name tells already."""


def detect(seen: Snapshot) -> Iterator[Finding]:
    owners: list[Object] = [*seen.all(Deployment), *seen.all(StatefulSet), *seen.all(DaemonSet), *seen.all(Job)]
    for owner in owners:
        told = _refusal(seen, owner)
        if told and (lacking(seen, owner) or refused(seen, owner) or _says_so(owner)):
            yield _finding(seen, owner, *told)


def _says_so(owner: Object) -> bool:
    condition = owner.condition("ReplicaFailure") if isinstance(owner, Deployment) else None
    return condition is not None and condition.status == "True"


def _refusal(seen: Snapshot, owner: Object) -> tuple[str, Evidence, datetime | None] | None:
    if isinstance(owner, Deployment):
        condition = owner.condition("ReplicaFailure")
        if condition and condition.status == "True":
            at = condition.last_transition_time
            return (
                condition.message,
                field_of(owner, "status.conditions[ReplicaFailure].message", condition.message, at),
                at,
            )
    makers = (owner, *seen.replica_sets(Ref.to(owner))[:1]) if isinstance(owner, Deployment) else (owner,)
    events = [e for maker in makers for e in seen.events(maker, "FailedCreate")]
    fresh = [e for e in events if not e.last_seen or seen.now - e.last_seen <= timedelta(hours=1)]
    if not fresh:
        return None
    newest = fresh[-1]
    return newest.message.removeprefix("Error creating: "), event_of(newest), newest.last_seen


def _finding(seen: Snapshot, owner: Object, text: str, proof: Evidence, at: datetime | None) -> Finding:
    ref = Ref.to(owner)
    return Finding(
        DETECTOR,
        seen.workload(owner),
        Said(
            "{workload} has {have} of {wanted} pods: the API refuses to create more since {since:clock} "
            "(FailedCreate): "
            "{reason}",
            workload=ref.name,
            have=len(seen.pods_of(ref)),
            wanted=wished(owner),
            since=at,
            reason=_reason(text),
        ),
        Confidence.PROVEN,
        evidence=(proof,),
        why=Said(
            "The controller asks the API for each pod, and the API said no before any node was involved: a quota, a "
            "rule, a webhook or an identity is in the way. The text says which."
        ),
        remedies=(
            Remedy(
                Said("See the refusals in full."),
                f"kubectl -n {ref.namespace} get events --field-selector=reason=FailedCreate",
                Consent.LOOK,
            ),
        ),
        because=tuple(_because(seen, ref.namespace, text)),
        at=at,
    )


def _reason(text: str) -> str | Said:
    quota = quota_exceeded(text)
    if quota:
        return Said(
            "exceeded quota {quota} (requested {requested}, used {used}, limited {limited}).",
            quota=quota.quota,
            requested=quota.requested,
            used=quota.used,
            limited=quota.limited,
        )
    hook = webhook_failure(text)
    if hook:
        return Said(
            "webhook {hook} cannot be called: {cause}. This is the platform's fault.",
            hook=hook.hook,
            cause=quoted(_REQUEST.sub("", hook.cause), 160),
        )
    account = missing_service_account(text)
    if account:
        return Said("ServiceAccount {account} does not exist.", account=account)
    rule = denial(text)
    if rule:
        return Said("{by} says no: {cause}", by=rule.by, cause=quoted(rule.cause))
    return text[:200]


def _because(seen: Snapshot, namespace: str, text: str) -> Iterator[Ref]:
    quota, hook, account = quota_exceeded(text), webhook_failure(text), missing_service_account(text)
    if quota:
        yield Ref("ResourceQuota", namespace, quota.quota)
    if account:
        yield Ref("ServiceAccount", namespace, account)
    if hook:
        configurations: list[ValidatingWebhookConfiguration | MutatingWebhookConfiguration] = [
            *seen.all(ValidatingWebhookConfiguration),
            *seen.all(MutatingWebhookConfiguration),
        ]
        yield from (Ref.to(c) for c in configurations if any(w.name == hook.hook for w in c.webhooks))
