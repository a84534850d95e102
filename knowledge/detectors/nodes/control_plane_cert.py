"""The cluster's own certificates: an authority that ends, or kubelets that wait for a certificate or were refused one.

What components serve is seen by nobody but their callers; the API shows the authorities and the requests.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.facts.certificates import Certificate, certificates
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, Who, field_of
from knowledge.objects import CertificateSigningRequest, ConfigMap
from knowledge.relations import TRUSTED
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="cert-control-plane-expiring",
    severity=Severity.WARNING,
    needs=(CertificateSigningRequest,),
    uses=(ConfigMap,),
)

_SOON, _VERY_SOON = timedelta(days=30), timedelta(days=7)
_WAITING = timedelta(minutes=10)
_KUBELET = "kubernetes.io/kube"
"""``kubernetes.io/kubelet-serving``, ``kubernetes.io/kube-apiserver-client-kubelet`` and the like."""


def detect(seen: Snapshot) -> Iterator[Finding]:
    for name in TRUSTED:
        kept = seen.get(ConfigMap, "kube-system", name)
        for key, text in sorted((kept.data or {}).items()) if kept else ():
            # An authority is renewed by adding the new one to the bundle: the one that lasts longest decides.
            last = max(certificates(text), key=lambda c: c.not_after, default=None)
            if kept and last and last.not_after - seen.now < _SOON:
                yield _ending(seen, kept, key, last)
    yield from _requests(seen)


def _ending(seen: Snapshot, kept: ConfigMap, key: str, last: Certificate) -> Finding:
    left = last.not_after - seen.now
    return Finding(
        DETECTOR,
        Ref.to(kept),
        Said(
            "The certificate authority {subject} of {cluster} {state} {at}: what it signed is then refused, kubelets "
            "and kubectl first.",
            subject=last.subject,
            cluster=seen.cluster,
            state=Said("expired on") if left <= timedelta(0) else Said("expires on"),
            at=last.not_after,
        ),
        Confidence.PROVEN,
        evidence=(field_of(kept, f"data[{key}].notAfter", last.not_after.isoformat(), last.not_after),),
        why=Said(
            "The parts of a cluster know each other by certificates that its own authority signed. When it ends, none "
            "of them trusts another."
        ),
        remedies=(
            Remedy(
                Said("The platform team has to rotate the authority; this takes several steps and restarts."),
                "kubeadm certs check-expiration",
                Consent.LOOK,
                Who.PLATFORM,
            ),
        ),
        discriminator=key,
        at=last.not_after,
        severity=Severity.CRITICAL if left < _VERY_SOON else None,
    )


def _requests(seen: Snapshot) -> Iterator[Finding]:
    """Requests of kubelets that nobody approved, or that were refused, told together for each signer."""
    groups: dict[tuple[str, str], list[CertificateSigningRequest]] = defaultdict(list)
    for request in seen.all(CertificateSigningRequest):
        made = request.metadata.creation_timestamp
        if not request.spec.signer_name.startswith(_KUBELET):
            continue
        if request.condition("Denied") or request.condition("Failed"):
            groups["refused", request.spec.signer_name].append(request)
        elif not request.condition("Approved") and (made is None or seen.now - made > _WAITING):
            groups["waiting", request.spec.signer_name].append(request)
    for (state, signer), requests in sorted(groups.items()):
        yield _unanswered(state == "refused", signer, requests)


def _unanswered(refused: bool, signer: str, requests: list[CertificateSigningRequest]) -> Finding:
    first = min(requests, key=lambda r: r.metadata.name)
    who = tuple(sorted({request.spec.username.removeprefix("system:node:") for request in requests}))
    return Finding(
        DETECTOR,
        Ref.to(first),
        Said(
            "{n:|certificate request|certificate requests} of {who} for {signer}: {state}. When the certificate in use "
            "ends, connections with these nodes fail.",
            n=len(requests),
            who=who,
            signer=signer,
            state=Said("refused") if refused else Said("waiting for approval"),
        ),
        Confidence.PROVEN,
        evidence=tuple(
            field_of(r, "status.conditions", "Denied" if refused else "Pending", r.metadata.creation_timestamp)
            for r in requests[:5]
        ),
        why=Said(
            "A kubelet renews its certificates by itself, but somebody has to approve the request: a controller for "
            "client certificates, mostly a person or an approver of one's own for serving ones. Without a serving "
            "certificate that is valid, logs and metrics of the node fail."
        ),
        remedies=(
            Remedy(
                Said("The platform team looks at who asks, then approves the requests or repairs the approver."),
                "kubectl get csr",
                Consent.ASK,
                Who.PLATFORM,
            ),
        ),
        discriminator=f"{signer}/{'refused' if refused else 'waiting'}",
        at=first.metadata.creation_timestamp,
    )
