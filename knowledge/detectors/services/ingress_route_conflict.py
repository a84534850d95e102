"""Two Ingresses that claim the same host and path and send it to different Services.

A canary is meant to share its route.
"""

from collections import defaultdict
from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.routes import Route, class_of, routes
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Ingress, IngressClass
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="ingress-route-conflict", severity=Severity.WARNING, needs=(Ingress,), uses=(IngressClass,))

_CANARY = "nginx.ingress.kubernetes.io/canary"


def detect(seen: Snapshot) -> Iterator[Finding]:
    claims: dict[tuple[str, str, str, str], list[tuple[Ingress, Route]]] = defaultdict(list)
    for ingress in seen.all(Ingress):
        if ingress.metadata.annotations.get(_CANARY) == "true":
            continue
        for route in routes(ingress):
            if route.host or route.path:
                key = (class_of(seen, ingress), route.host, route.path, route.path_type)
                claims[key].append((ingress, route))
    for claimants in claims.values():
        ordered = sorted(
            claimants, key=lambda claim: (claim[0].metadata.creation_timestamp or seen.now, Ref.to(claim[0]))
        )
        (older, first), *others = ordered
        for ingress, route in others:
            if (ingress.metadata.namespace, route.service) != (older.metadata.namespace, first.service):
                yield _finding(older, first, ingress, route)


def _finding(older: Ingress, first: Route, younger: Ingress, route: Route) -> Finding:
    says = Said(
        "Ingress {younger} and Ingress {older} both claim {address}, but send it to different Services "
        "({service} and {first}): usually the older one, {older}, wins.",
        younger=_name(younger),
        older=_name(older),
        address=route.address,
        service=route.service,
        first=first.service,
    )
    return Finding(
        DETECTOR,
        Ref.to(younger),
        says,
        Confidence.PROVEN,
        evidence=(
            field_of(younger, f"{route.where}.service.name", route.service, younger.metadata.creation_timestamp),
            field_of(older, f"{first.where}.service.name", first.service, older.metadata.creation_timestamp),
        ),
        why=Said(
            "A controller merges all Ingresses of its class into one list of routes. When two claim the same host and "
            "path, which of them answers is up to the controller, not to their owners."
        ),
        remedies=(
            Remedy(Said("Agree with the owner of {other} who changes host or path.", other=_name(older))),
            Remedy(Said("See all claims."), "kubectl get ingress -A", Consent.LOOK),
        ),
        pods=(Ref.to(older),),
        discriminator=route.address,
    )


def _name(ingress: Ingress) -> str:
    return f"{ingress.metadata.namespace}/{ingress.metadata.name}"
