"""A program that the Kubernetes API forbids what it wants to do."""

from collections.abc import Iterator

from knowledge.complaints import Complaint, complaints
from knowledge.detector import Detector
from knowledge.finding import Confidence, Finding, Ref, Remedy, Severity
from knowledge.log_patterns import FactKind
from knowledge.objects import Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="config-rbac-denied",
    severity=Severity.WARNING,
    needs=(Pod,),
    logs=True,
    hides=("pod-crashloop-app-exit", "pod-container-restarted"),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for complaint in complaints(seen, FactKind.RBAC):
        yield _finding(complaint)


def _finding(complaint: Complaint) -> Finding:
    fact, workload = complaint.fact, complaint.workload
    account = fact.user.rpartition(":")[2]
    whole = Said("in the whole cluster")
    scope = Said("in namespace {namespace}", namespace=fact.namespace) if fact.namespace else whole
    kind = "role" if fact.namespace else "clusterrole"
    place = f"-n {fact.namespace} " if fact.namespace else ""
    return Finding(
        DETECTOR,
        workload,
        Said(
            "{workload} may not {verb} {resource} {scope}: RBAC forbids it to ServiceAccount {account} (`{line}`).",
            workload=workload.name,
            verb=fact.verb,
            resource=fact.resource,
            scope=scope,
            account=account,
            line=complaint.line,
        ),
        Confidence.PROVEN,
        evidence=(complaint.evidence(),),
        why=Said(
            "A program that talks to the Kubernetes API does so as its ServiceAccount, which may do only what a "
            "Role or ClusterRole that is bound to it allows."
        ),
        remedies=(
            Remedy(
                Said("Have somebody who may grant rights bind the least role that allows it."),
                f"kubectl {place}create {kind} {account}-{fact.resource} --verb={fact.verb} --resource={fact.resource}",
            ),
        ),
        pods=(Ref.to(complaint.pod),),
        discriminator=f"{fact.verb}/{fact.resource}/{fact.namespace}",
        at=complaint.at,
    )
