"""A workload that shall run as a ServiceAccount which does not exist."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts import messages
from knowledge.facts.refusals import Refusal, refusals
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, absence_of
from knowledge.objects import Event, ReplicaSet, ServiceAccount
from knowledge.reading.near import near_names
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="config-serviceaccount-missing",
    severity=Severity.ERROR,
    needs=(ReplicaSet,),
    uses=(Event, ServiceAccount),
    hides=("replicas-not-created",),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for refusal in refusals(seen):
        name = messages.missing_service_account(refusal.text)
        if name and seen.get(ServiceAccount, refusal.workload.namespace, name) is None:
            yield _finding(seen, refusal, name)


def _finding(seen: Snapshot, refusal: Refusal, name: str) -> Finding:
    workload = refusal.workload
    near = near_names(name, (a.metadata.name for a in seen.all(ServiceAccount, workload.namespace)), 1)
    return Finding(
        DETECTOR,
        workload,
        Said(
            "No pod of {workload} can be created: ServiceAccount {account} does not exist in namespace "
            "{namespace}{near}.",
            workload=workload.name,
            account=name,
            namespace=workload.namespace,
            near=Said("; {name} does", name=near[0]) if near else "",
        ),
        Confidence.PROVEN,
        evidence=(refusal.evidence, absence_of("ServiceAccount", workload.namespace, name)),
        why=Said("A pod runs under the identity of a ServiceAccount of its namespace. Without it the pod is refused."),
        remedies=(
            Remedy(
                Said("Create the ServiceAccount, or correct serviceAccountName in the pod template."),
                f"kubectl -n {workload.namespace} create serviceaccount {name}",
                Consent.ASK,
            ),
        ),
        because=(Ref("ServiceAccount", workload.namespace, name),),
        at=refusal.at,
    )
