"""A dependency that refuses the user or password that a program was given."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.complaints import Complaint, complaints
from knowledge.facts.dependency import mentions, service_of
from knowledge.facts.log_patterns import FactKind
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Pod, Secret, Service
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="dep-credentials-refused",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Secret, Service),
    logs=True,
    hides=("pod-crashloop-app-exit", "pod-container-restarted", "pod-init-blocked"),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for complaint in complaints(seen, FactKind.AUTH_REFUSED):
        if not complaint.fact.mild:
            yield _finding(seen, complaint)


def _finding(seen: Snapshot, complaint: Complaint) -> Finding:
    secrets = _secrets(complaint)
    target = _target(seen, complaint)
    proof: list[Evidence] = [complaint.evidence()]
    for name in secrets:
        held = seen.get(Secret, complaint.workload.namespace, name)
        times = [f.time for f in held.metadata.managed_fields if f.time] if held else []
        if held and times:
            proof.append(field_of(held, "metadata.managedFields[].time", max(times), max(times)))
        elif held:
            proof.append(field_of(held, "metadata.creationTimestamp", held.metadata.creation_timestamp))
    return Finding(
        DETECTOR,
        complaint.workload,
        Said(
            "{caller} is refused by {target}: the user{user} or password that it was given{source} is not accepted. "
            "Its log says `{line}`.",
            caller=complaint.workload.name,
            target=target,
            user=f" {complaint.fact.user}" if complaint.fact.user else "",
            source=Said(" (from Secret {secrets})", secrets=tuple(secrets)) if secrets else "",
            line=complaint.line,
        ),
        Confidence.PROVEN if complaint.fact.user or complaint.fact.fatal else Confidence.LIKELY,
        evidence=tuple(proof),
        why=Said(
            "The connection works, and the other side says no to the login. The password was changed on one side only, "
            "or the program was given another one. Running pods read variables from a Secret only at their start."
        ),
        remedies=(
            Remedy(
                Said("Correct the Secret and restart the workload."),
                f"kubectl -n {complaint.workload.namespace} rollout restart "
                f"{complaint.workload.kind.lower()}/{complaint.workload.name}",
                Consent.ASK,
            ),
        ),
        because=tuple(Ref("Secret", complaint.workload.namespace, name) for name in secrets),
        pods=(Ref.to(complaint.pod),),
        discriminator=complaint.fact.host or complaint.fact.user,
        at=complaint.at,
    )


def _secrets(complaint: Complaint) -> list[str]:
    """The Secrets from which the container takes its variables."""
    container = complaint.container
    keys = [e.value_from.secret_key_ref.name for e in container.env if e.value_from and e.value_from.secret_key_ref]
    whole = [source.secret_ref.name for source in container.env_from if source.secret_ref]
    return list(dict.fromkeys((*keys, *whole)))


def _target(seen: Snapshot, complaint: Complaint) -> Said | str:
    """Who refused: named in the line, else the only host that the container is told of."""
    service = service_of(seen, complaint.pod, complaint.fact)
    if service:
        return Said("Service {service}", service=service.metadata.name)
    if complaint.fact.host:
        return complaint.fact.host
    known = {m.address.host for m in mentions(seen, complaint.container, complaint.pod.metadata.namespace)}
    return known.pop() if len(known) == 1 else Said("what it depends on")
