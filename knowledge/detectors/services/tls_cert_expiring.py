"""A certificate that an Ingress serves and that has ended or soon will.

Secrets that no Ingress names are nobody's door.
"""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.facts.certificates import Certificate, certificates
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Ingress, Secret
from knowledge.said import Said, Value
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="tls-cert-expiring", severity=Severity.WARNING, needs=(Ingress, Secret))

_SOON, _VERY_SOON = timedelta(days=30), timedelta(days=7)


def detect(seen: Snapshot) -> Iterator[Finding]:
    told: set[Ref] = set()
    for ingress in seen.all(Ingress):
        for tls in ingress.spec.tls:
            secret = seen.get(Secret, ingress.metadata.namespace, tls.secret_name)
            raw = (secret.data or {}).get("tls.crt") if secret else None
            leaf = next(iter(certificates(bytes(raw))), None) if raw is not None else None
            if secret and leaf and leaf.not_after - seen.now < _SOON and Ref.to(secret) not in told:
                told.add(Ref.to(secret))
                yield _finding(seen, ingress, secret, leaf, tls.hosts or leaf.sans)


def _finding(seen: Snapshot, ingress: Ingress, secret: Secret, leaf: Certificate, hosts: tuple[str, ...]) -> Finding:
    left = leaf.not_after - seen.now
    expired = left <= timedelta(0)
    words: dict[str, Value] = {
        "hosts": hosts,
        "secret": secret.metadata.name,
        "date": leaf.not_after,
        "ingress": ingress.metadata.name,
    }
    if expired:
        says = Said(
            "The certificate of {hosts} (Secret {secret}, Ingress {ingress}) expired on {date}: clients refuse it.",
            **words,
        )
    else:
        says = Said(
            "The certificate of {hosts} (Secret {secret}, Ingress {ingress}) expires on {date}; clients will then "
            "refuse it.",
            **words,
        )
    return Finding(
        DETECTOR,
        Ref.to(secret),
        says,
        Confidence.PROVEN,
        evidence=(field_of(secret, "data[tls.crt].notAfter", leaf.not_after.isoformat(), leaf.not_after),),
        why=Said("A certificate proves a host's name until its last day. It is not renewed unless somebody does it."),
        remedies=(
            Remedy(
                Said("Renew it through its issuer ({issuer}).", issuer=leaf.issuer),
                f"kubectl -n {secret.metadata.namespace} describe secret {secret.metadata.name}",
                Consent.ASK,
            ),
        ),
        pods=(Ref.to(ingress),),
        at=leaf.not_after,
        severity=Severity.CRITICAL if expired else Severity.ERROR if left < _VERY_SOON else None,
    )
