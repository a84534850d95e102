"""An admission webhook whose backend is down, so that what it guards cannot be created or changed."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, Who, absence_of, field_of
from knowledge.objects import (
    EndpointSlice,
    MutatingWebhookConfiguration,
    Service,
    ValidatingWebhookConfiguration,
    Webhook,
)
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="webhook-backend-down",
    severity=Severity.CRITICAL,
    needs=(ValidatingWebhookConfiguration, MutatingWebhookConfiguration),
    uses=(Service, EndpointSlice),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    configurations: tuple[ValidatingWebhookConfiguration | MutatingWebhookConfiguration, ...] = (
        *seen.all(ValidatingWebhookConfiguration),
        *seen.all(MutatingWebhookConfiguration),
    )
    for configuration in configurations:
        for hook in configuration.webhooks:
            trouble = _trouble(seen, hook)
            if trouble:
                yield _finding(configuration, hook, *trouble)


def _trouble(seen: Snapshot, hook: Webhook) -> tuple[Said, Evidence] | None:
    backend = hook.client_config.service
    if backend is None:
        return None
    if seen.absent(Service, backend.namespace, backend.name):
        return Said("does not exist"), absence_of("Service", backend.namespace, backend.name)
    service = seen.get(Service, backend.namespace, backend.name)
    if service is None or not seen.whole(EndpointSlice, backend.namespace):
        return None
    slices = [s for s in seen.all(EndpointSlice, backend.namespace) if s.service == backend.name]
    if any(endpoint.ready for s in slices for endpoint in s.endpoints or ()):
        return None
    return Said("has no ready endpoint"), field_of(service, "endpointslices.endpoints[ready]", 0)


def _finding(
    configuration: ValidatingWebhookConfiguration | MutatingWebhookConfiguration,
    hook: Webhook,
    state: Said,
    proof: Evidence,
) -> Finding:
    backend = hook.client_config.service
    place = f"{backend.namespace}/{backend.name}" if backend else "-"
    fails = hook.failure_policy == "Fail"
    guarded = tuple(sorted({resource for rule in hook.rules for resource in rule.resources}))
    return Finding(
        DETECTOR,
        Ref.to(configuration),
        Said(
            "Webhook {hook} is down: its Service {service} {state}; {effect} (failurePolicy: {policy}).",
            hook=hook.name,
            service=place,
            state=state,
            effect=Said("every change of {guarded} that it guards is refused", guarded=guarded or "*")
            if fails
            else Said("changes of {guarded} go through unchecked and slower", guarded=guarded or "*"),
            policy=hook.failure_policy,
        ),
        Confidence.PROVEN,
        evidence=(proof, field_of(configuration, f"webhooks[{hook.name}].failurePolicy", hook.failure_policy)),
        why=Said(
            "The API server asks this webhook before it accepts a change. When it does not answer, the API refuses the "
            "change: not your fault, the platform team has to act."
        ),
        remedies=(
            Remedy(
                Said("The platform team has to bring the webhook's pods back."),
                f"kubectl -n {backend.namespace} get pods,endpointslices" if backend else "",
                Consent.LOOK,
                Who.PLATFORM,
            ),
            Remedy(
                Said("As a last resort the platform team sets failurePolicy: Ignore until it runs again."),
                consent=Consent.ASK,
                who=Who.PLATFORM,
            ),
        ),
        because=(Ref("Service", backend.namespace, backend.name),) if backend else (),
        discriminator=hook.name,
        severity=None if fails else Severity.WARNING,
    )
