"""Pods that a rule of the cluster refuses: PodSecurity, a policy or an admission webhook."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts import messages
from knowledge.facts.refusals import Refusal, refusals
from knowledge.finding import Confidence, Consent, Finding, Remedy, Severity
from knowledge.objects import Event, ReplicaSet
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="admission-denied",
    severity=Severity.ERROR,
    needs=(ReplicaSet,),
    uses=(Event,),
    hides=("replicas-not-created",),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for refusal in refusals(seen):
        denial = messages.denial(refusal.text)
        if denial:
            yield _finding(refusal, denial.by, denial.cause)


def _finding(refusal: Refusal, by: str, cause: str) -> Finding:
    workload = refusal.workload
    return Finding(
        DETECTOR,
        workload,
        Said(
            "No pod of {workload} can be created: {rule} refuses it: {cause}.",
            workload=workload.name,
            rule=by,
            cause=quoted(cause).rstrip("."),
        ),
        Confidence.PROVEN,
        evidence=(refusal.evidence,),
        why=Said(
            "Before a pod is stored, the rules of the cluster look at it. One of them said no, so the pod never "
            "existed and there is neither a log nor an event of a pod."
        ),
        remedies=(
            Remedy(
                Said("Change the fields that the rule names in the pod template."),
                f"kubectl -n {workload.namespace} edit {workload.kind.lower()}/{workload.name}",
                Consent.ASK,
            ),
        ),
        at=refusal.at,
    )
