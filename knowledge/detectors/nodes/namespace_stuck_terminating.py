"""A namespace that is being deleted and does not go: something in it cannot be cleaned up."""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, Who, field_of
from knowledge.objects import APIService, Namespace
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="namespace-stuck-terminating", severity=Severity.WARNING, needs=(Namespace,), uses=(APIService,))
_REASONS = (
    "NamespaceDeletionDiscoveryFailure",
    "NamespaceDeletionGroupVersionParsingFailure",
    "NamespaceDeletionContentFailure",
    "NamespaceFinalizersRemaining",
    "NamespaceContentRemaining",
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for namespace in seen.all(Namespace):
        since = namespace.metadata.deletion_timestamp
        told = sorted(
            (c for c in namespace.status.conditions if c.type in _REASONS and c.status == "True"),
            key=lambda c: _REASONS.index(c.type),
        )
        if (
            namespace.status.phase != "Terminating"
            or since is None
            or seen.now - since < timedelta(minutes=2)
            or not told
        ):
            continue
        broken = [
            a
            for a in seen.all(APIService)
            if any(c.type == "Available" and c.status == "False" for c in a.status.conditions)
        ]
        yield Finding(
            DETECTOR,
            Ref.to(namespace),
            Said(
                "Namespace {namespace} is Terminating since {since} and does not go ({reason}): {text}",
                namespace=namespace.metadata.name,
                since=since,
                reason=told[0].type,
                text=quoted(told[0].message, 180),
            ),
            Confidence.PROVEN,
            evidence=tuple(
                field_of(namespace, f"status.conditions[{c.type}]", c.message, c.last_transition_time) for c in told
            ),
            why=Said(
                "A namespace goes when everything in it is gone. Objects with a finalizer wait for a controller to "
                "release them; if that one was removed first, they wait for ever."
            ),
            remedies=(
                Remedy(
                    Said("Bring back the controller that owns the finalizer, or the API that cannot be listed."),
                    f"kubectl get namespace {namespace.metadata.name} -o yaml",
                    Consent.LOOK,
                    Who.PLATFORM,
                ),
            ),
            because=tuple(Ref.to(a) for a in broken) if told[0].type.startswith("NamespaceDeletion") else (),
            at=since,
        )
