"""A Service of type LoadBalancer that has no outside address.

The cloud gets some minutes; a cluster without any cloud provider never gives one.
"""

import re
from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, Who, event_of, field_of
from knowledge.objects import Event, Service
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="svc-loadbalancer-pending", severity=Severity.ERROR, needs=(Service,), uses=(Event,))

_LEAST = timedelta(minutes=5)
_WRAPPING = re.compile(
    r"^(?:Error syncing load balancer: )?(?:failed to ensure load balancer: )?(?P<cause>.*)$", re.DOTALL
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for service in seen.all(Service):
        if service.spec.type != "LoadBalancer" or service.status.load_balancer.ingress:
            continue
        failures = seen.events(service, "SyncLoadBalancerFailed")
        made = service.metadata.creation_timestamp
        if failures:
            yield _refused(service, failures[-1])
        elif made is None or seen.now - made >= seen.least(_LEAST):
            yield _waiting(seen, service)


def _refused(service: Service, failure: Event) -> Finding:
    match = _WRAPPING.match(failure.message)
    cause = match["cause"].strip() if match else failure.message
    says = Said(
        "Service {service} of type LoadBalancer has no outside address because the cloud refuses to make one: {cause}",
        service=service.metadata.name,
        cause=cause,
    )
    return _finding(service, says, Confidence.PROVEN, failure)


def _waiting(seen: Snapshot, service: Service) -> Finding:
    others = [s for s in seen.all(Service) if s.status.load_balancer.ingress]
    wanted = service.spec.load_balancer_class
    if wanted:
        reason = Said("nobody serves its loadBalancerClass {wanted}", wanted=wanted)
    elif others:
        reason = Said("other Services of this cluster have one, and no event says why this one has none")
    else:
        reason = Said("no Service of this cluster has one, so it probably has no load balancer provider")
    says = Said(
        "Service {service} of type LoadBalancer has had no outside address (EXTERNAL-IP <pending>) since {since}: "
        "{reason}.",
        service=service.metadata.name,
        since=service.metadata.creation_timestamp,
        reason=reason,
    )
    return _finding(service, says, Confidence.POSSIBLE if others and not wanted else Confidence.LIKELY, None)


def _finding(service: Service, says: Said, confidence: Confidence, failure: Event | None) -> Finding:
    proof = [field_of(service, "status.loadBalancer.ingress", "empty", service.metadata.creation_timestamp)]
    if failure:
        proof.append(event_of(failure))
    return Finding(
        DETECTOR,
        Ref.to(service),
        says,
        confidence,
        evidence=tuple(proof),
        why=Said(
            "An outside address is not made by Kubernetes itself: a cloud controller asks the cloud for a load "
            "balancer and a public address. Without them the Service works inside the cluster only."
        ),
        remedies=(
            Remedy(Said("Free or raise the quota that the cloud names, or ask the platform team."), who=Who.PLATFORM),
            Remedy(Said("Use the shared Ingress instead of an address of its own."), "", Consent.ASK),
        ),
        at=failure.last_seen if failure else service.metadata.creation_timestamp,
    )
