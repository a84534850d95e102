"""An admission webhook that guards every pod of every namespace, its own and kube-system too."""

from collections.abc import Iterator

from knowledge.detector import Detector, Layer
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, Who, field_of
from knowledge.objects import MutatingWebhookConfiguration, ValidatingWebhookConfiguration, Webhook
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="webhook-too-broad",
    severity=Severity.WARNING,
    needs=(ValidatingWebhookConfiguration, MutatingWebhookConfiguration),
    layer=Layer.HYGIENE,
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    configurations: tuple[ValidatingWebhookConfiguration | MutatingWebhookConfiguration, ...] = (
        *seen.all(ValidatingWebhookConfiguration),
        *seen.all(MutatingWebhookConfiguration),
    )
    for configuration in configurations:
        for hook in configuration.webhooks:
            if hook.failure_policy == "Fail" and hook.client_config.service and _broad(hook):
                yield Finding(
                    DETECTOR,
                    Ref.to(configuration),
                    Said(
                        "Webhook {hook} guards pods in every namespace, kube-system and its own too (failurePolicy: "
                        "Fail, timeout {seconds} s): when it is down, nothing can be started to repair it.",
                        hook=hook.name,
                        seconds=hook.timeout_seconds,
                    ),
                    Confidence.PROVEN,
                    evidence=(field_of(configuration, f"webhooks[{hook.name}].namespaceSelector", "-"),),
                    why=Said("A guard that also guards its own pods locks itself out when they fail."),
                    remedies=(
                        Remedy(
                            Said("Exclude kube-system and the webhook's own namespace by a namespaceSelector."),
                            consent=Consent.ASK,
                            who=Who.PLATFORM,
                        ),
                    ),
                    discriminator=hook.name,
                )


def _broad(hook: Webhook) -> bool:
    pods = any({"pods", "*", "*/*"} & set(rule.resources) for rule in hook.rules)
    selector = hook.namespace_selector
    limited = selector is not None and (selector.match_labels or selector.match_expressions)
    chosen = hook.object_selector is not None and (
        hook.object_selector.match_labels or hook.object_selector.match_expressions
    )
    return pods and not limited and not chosen
