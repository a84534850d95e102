"""An admission webhook whose trusted certificate (caBundle) has expired or soon will."""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.facts.certificates import certificates
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, Who, field_of
from knowledge.objects import MutatingWebhookConfiguration, ValidatingWebhookConfiguration
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="webhook-ca-expired",
    severity=Severity.CRITICAL,
    needs=(ValidatingWebhookConfiguration, MutatingWebhookConfiguration),
)
_SOON = timedelta(days=30)


def detect(seen: Snapshot) -> Iterator[Finding]:
    configurations: tuple[ValidatingWebhookConfiguration | MutatingWebhookConfiguration, ...] = (
        *seen.all(ValidatingWebhookConfiguration),
        *seen.all(MutatingWebhookConfiguration),
    )
    for configuration in configurations:
        for hook in configuration.webhooks:
            # One authority that is still valid suffices, so the one that lasts longest decides.
            bundle = certificates(hook.client_config.ca_bundle)
            last = max(bundle, key=lambda c: c.not_after, default=None)
            if last is None or last.not_after - seen.now > _SOON:
                continue
            expired = last.not_after <= seen.now
            yield Finding(
                DETECTOR,
                Ref.to(configuration),
                Said(
                    "The certificate that the API server trusts for webhook {hook} ({subject}) {state} {at}; calls to "
                    "it then fail with x509: certificate has expired.",
                    hook=hook.name,
                    subject=last.subject or "-",
                    state=Said("expired") if expired else Said("expires"),
                    at=last.not_after,
                ),
                Confidence.PROVEN,
                evidence=(
                    field_of(
                        configuration, f"webhooks[{hook.name}].clientConfig.caBundle", last.not_after, last.not_after
                    ),
                ),
                why=Said(
                    "The API server talks to a webhook only over a connection that it trusts. Without a valid "
                    "certificate every change the webhook guards is refused."
                ),
                remedies=(
                    Remedy(
                        Said("The platform team has to issue the certificate anew and inject its CA."),
                        consent=Consent.ASK,
                        who=Who.PLATFORM,
                    ),
                ),
                discriminator=hook.name,
                at=last.not_after,
                severity=None if expired and hook.failure_policy == "Fail" else Severity.WARNING,
            )
