"""A program that the Kubernetes API forbids what it wants to do."""

from collections.abc import Iterator

from knowledge.detector import Detector, Layer
from knowledge.facts.complaints import Complaint, complaints
from knowledge.facts.log_patterns import FactKind
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, absence_of, field_of
from knowledge.objects import ClusterRole, Pod, Role, RoleBinding
from knowledge.reading.near import near_names
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="config-rbac-denied",
    severity=Severity.WARNING,
    needs=(Pod,),
    logs=True,
    uses=(Role, ClusterRole, RoleBinding),
    hides=("config-rbac-denied", "pod-crashloop-app-exit", "pod-container-restarted"),
)

_KINDS: dict[str, type[Role | ClusterRole]] = {"Role": Role, "ClusterRole": ClusterRole}


def detect(seen: Snapshot) -> Iterator[Finding]:
    for complaint in complaints(seen, FactKind.RBAC):
        yield _finding(complaint)
    for binding in seen.all(RoleBinding):
        role = binding.role_ref
        kind = _KINDS.get(role.kind)
        if kind and role.name and seen.absent(kind, binding.metadata.namespace, role.name):
            yield _dangling(seen, binding, kind)


def _dangling(seen: Snapshot, binding: RoleBinding, kind: type[Role | ClusterRole]) -> Finding:
    """A binding to a Role or ClusterRole that does not exist grants nothing."""
    namespace, role = binding.metadata.namespace, binding.role_ref.name
    accounts = tuple(s.name for s in binding.subjects if s.kind == "ServiceAccount")
    users = {seen.workload(p) for p in seen.all(Pod, namespace) if p.spec.service_account_name in accounts}
    refused = tuple(sorted(users & {c.workload for c in complaints(seen, FactKind.RBAC)}))
    near = near_names(role, (r.metadata.name for r in seen.all(kind, namespace if kind is Role else None)), 1)
    return Finding(
        DETECTOR,
        Ref.to(binding),
        Said(
            "RoleBinding {binding} in namespace {namespace} names {kind} {role}, which does not exist{hint}: it "
            "grants {accounts} nothing.",
            binding=binding.metadata.name,
            namespace=namespace,
            kind=kind.RESOURCE.kind,
            role=role,
            hint=Said(" (did you mean {near}?)", near=near) if near else "",
            accounts=accounts or Said("nobody"),
        ),
        Confidence.PROVEN,
        evidence=(
            field_of(binding, "roleRef.name", role),
            absence_of(kind.RESOURCE.kind, namespace if kind is Role else "", role),
        ),
        why=Said("A RoleBinding only ties an account to a Role. When the Role is missing, the account has no rights."),
        remedies=(
            Remedy(
                Said("Create the Role, or bind the one that was meant; a binding's roleRef cannot be changed."),
                f"kubectl -n {namespace} get role,rolebinding",
                Consent.LOOK,
            ),
        ),
        victims=refused,
        pods=refused,
        layer=None if refused else Layer.HYGIENE,
    )


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
