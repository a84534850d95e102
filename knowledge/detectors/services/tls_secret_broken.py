"""An Ingress whose certificate is missing, is none, or is for another name.

Whether a key fits its certificate is not looked at: keys are never read.
"""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.facts.certificates import certificates
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, absence_of, field_of
from knowledge.objects import Ingress, Secret
from knowledge.objects.service import IngressTls
from knowledge.reading.near import near_names
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="tls-secret-broken", severity=Severity.ERROR, needs=(Ingress, Secret))

_ISSUING = timedelta(minutes=10)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for ingress in seen.all(Ingress):
        made = ingress.metadata.creation_timestamp
        if made is not None and seen.now - made < _ISSUING:
            continue
        for tls in ingress.spec.tls:
            if tls.secret_name:
                yield from _judge(seen, ingress, tls)


def _judge(seen: Snapshot, ingress: Ingress, tls: IngressTls) -> Iterator[Finding]:
    namespace, name = ingress.metadata.namespace, tls.secret_name
    secret = seen.get(Secret, namespace, name)
    if secret is None:
        if seen.absent(Secret, namespace, name):
            near = near_names(name, (s.metadata.name for s in seen.all(Secret, namespace)), 1)
            hint = Said("did you mean {near}?", near=near) if near else Said("visitors get a certificate of another.")
            fault = Said("Secret {secret}, which it names for TLS, does not exist: {hint}", secret=name, hint=hint)
            yield _finding(ingress, tls, fault, absence_of("Secret", namespace, name))
        return
    missing = sorted({"tls.crt", "tls.key"} - secret.keys)
    if missing:
        fault = Said("Secret {secret} has no {missing}.", secret=name, missing=tuple(missing))
        yield _finding(ingress, tls, fault, field_of(secret, "data", ", ".join(sorted(secret.keys)) or "empty"))
        return
    leaf = next(iter(certificates(bytes((secret.data or {})["tls.crt"]))), None)
    if leaf is None:
        fault = Said("{key} of Secret {secret} holds no certificate.", key="tls.crt", secret=name)
        yield _finding(ingress, tls, fault, field_of(secret, "data[tls.crt]", "no PEM certificate"))
        return
    strange = [host for host in tls.hosts if leaf.sans and host and not leaf.covers(host)]
    if strange:
        fault = Said(
            "the certificate in Secret {secret} is not valid for {hosts}, only for {sans}.",
            secret=name,
            hosts=tuple(strange),
            sans=leaf.sans[:6],
        )
        yield _finding(ingress, tls, fault, field_of(secret, "data[tls.crt].subjectAltName", ", ".join(leaf.sans)))


def _finding(ingress: Ingress, tls: IngressTls, fault: Said, proof: Evidence) -> Finding:
    namespace = ingress.metadata.namespace
    return Finding(
        DETECTOR,
        Ref.to(ingress),
        Said(
            "Ingress {ingress} cannot prove that it is {hosts}: {fault}",
            ingress=ingress.metadata.name,
            hosts=tls.hosts or Said("its host"),
            fault=fault,
        ),
        Confidence.PROVEN,
        evidence=(proof, field_of(ingress, "spec.tls[].secretName", tls.secret_name)),
        why=Said(
            "An Ingress controller serves the certificate of the Secret that the Ingress names. Where it cannot, it "
            "serves its own default certificate, which browsers refuse."
        ),
        remedies=(
            Remedy(
                Said("Name the right Secret, or have the certificate issued anew for these hosts."),
                f"kubectl -n {namespace} describe ingress {ingress.metadata.name}",
                Consent.ASK,
            ),
        ),
        pods=(Ref("Secret", namespace, tls.secret_name),),
        discriminator=tls.secret_name,
    )
