"""An image that its registry refuses to hand out without a valid login."""

import re
from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.image_ref import image_ref
from knowledge.facts.pulls import Pull, pulls
from knowledge.finding import Consent, Evidence, Finding, Ref, Remedy, Severity, absence_of, event_of, field_of
from knowledge.objects import Event, Pod, ReplicaSet, Secret, ServiceAccount
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="image-pull-denied",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Event, Secret, ServiceAccount, ReplicaSet),
    hides=("image-pull-not-found",),
)

_DENIED = re.compile(
    r"(?i)unauthorized|pull access denied|insufficient_scope|\b40[13]\b|no basic auth credentials|\bdenied\b|"
    r"authentication required|authorization failed"
)
_TYPES = frozenset({"kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"})


def detect(seen: Snapshot) -> Iterator[Finding]:
    for pull in pulls(seen):
        lost = seen.events(pull.pod, "FailedToRetrieveImagePullSecret")
        if _DENIED.search(pull.cause) or (lost and not pull.cause):
            yield _finding(seen, pull)


def _finding(seen: Snapshot, pull: Pull) -> Finding:
    names = _secrets(seen, pull)
    gone = [name for name in names if seen.absent(Secret, pull.workload.namespace, name)]
    wrong = [
        name
        for name in names
        if (held := seen.get(Secret, pull.workload.namespace, name)) and held.type and held.type not in _TYPES
    ]
    host = image_ref(pull.image).host
    return Finding(
        DETECTOR,
        pull.workload,
        Said(
            "{workload} cannot start ({reason}): registry {host} refuses to hand out the image `{image}`; {link}.",
            workload=pull.workload.name,
            reason=pull.reason,
            host=host,
            image=pull.image,
            link=_link(names, gone, wrong),
        ),
        pull.confidence,
        evidence=(*pull.evidence, *_proof(seen, pull, gone)),
        why=Said(
            "Private registries want a login. It is kept in a Secret of the type kubernetes.io/dockerconfigjson, in "
            "the same namespace, which the pod or its ServiceAccount names under imagePullSecrets. (A public "
            "registry says the same of a repository that does not exist.)"
        ),
        remedies=(
            Remedy(
                Said("Create the login and name it under imagePullSecrets."),
                f"kubectl -n {pull.workload.namespace} create secret docker-registry {(gone or ['registry-login'])[0]} "
                f"--docker-server={host} --docker-username=<user> --docker-password=<token>",
                Consent.ASK,
            ),
        ),
        because=tuple(Ref("Secret", pull.workload.namespace, name) for name in gone),
        pods=pull.pods,
        discriminator=pull.container,
        at=pull.at,
    )


def _secrets(seen: Snapshot, pull: Pull) -> list[str]:
    """The logins that the pod and its ServiceAccount name."""
    spec = pull.pod.spec
    account = seen.get(ServiceAccount, pull.workload.namespace, spec.service_account_name or "default")
    named = (*spec.image_pull_secrets, *(account.image_pull_secrets if account else ()))
    return list(dict.fromkeys(secret.name for secret in named))


def _link(names: list[str], gone: list[str], wrong: list[str]) -> Said:
    """Which link of the chain is missing."""
    if not names:
        return Said("neither the pod nor its ServiceAccount names an imagePullSecret")
    if gone:
        return Said("the imagePullSecret {secret} does not exist in this namespace", secret=gone[0])
    if wrong:
        return Said("Secret {secret} is not of the type kubernetes.io/dockerconfigjson", secret=wrong[0])
    return Said(
        "the login in Secret {secret} is not accepted (expired, or for another host or repository)", secret=names[0]
    )


def _proof(seen: Snapshot, pull: Pull, gone: list[str]) -> Iterator[Evidence]:
    named = ", ".join(secret.name for secret in pull.pod.spec.image_pull_secrets)
    yield field_of(pull.pod, "spec.imagePullSecrets", named or "-")
    for name in gone:
        yield absence_of("Secret", pull.workload.namespace, name)
    for event in seen.events(pull.pod, "FailedToRetrieveImagePullSecret")[-1:]:
        yield event_of(event)
