"""A NetworkPolicy that keeps pods from looking up names.

A pod that asks a resolver of its own outside the cluster needs no rule for the cluster's.
"""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.complaints import Complaint, complaints
from knowledge.facts.dns import dns_ends
from knowledge.facts.log_patterns import FactKind
from knowledge.facts.network_policy import Direction, allows_out, selecting
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Namespace, NetworkPolicy, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="net-policy-blocks-dns",
    severity=Severity.ERROR,
    needs=(NetworkPolicy, Pod),
    uses=(Namespace,),
    logs=True,
    hides=("pod-crashloop-app-exit", "pod-container-restarted", "dns-resolution-failing", "net-flow-denied"),
)

_DNS_PORT = 53
_RULE = """egress:
- to:
  - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
    podSelector: {matchLabels: {k8s-app: kube-dns}}
  ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]"""


def detect(seen: Snapshot) -> Iterator[Finding]:
    said = {c.workload: c for c in complaints(seen, FactKind.NO_SUCH_HOST, FactKind.TIMED_OUT)}
    told: set[Ref] = set()
    for pod in seen.all(Pod):
        workload = seen.workload(pod)
        if workload not in told and pod.spec.dns_policy != "None" and _shut(seen, pod):
            told.add(workload)
            yield _finding(seen, pod, workload, said.get(workload))


def _shut(seen: Snapshot, pod: Pod) -> bool:
    policies = selecting(seen, pod, Direction.EGRESS)
    return bool(policies) and not any(allows_out(policies, end, _DNS_PORT, "UDP") for end in dns_ends(seen))


def _finding(seen: Snapshot, pod: Pod, workload: Ref, complaint: Complaint | None) -> Finding:
    policies = selecting(seen, pod, Direction.EGRESS)
    policy = policies[0]
    words = tuple(f"NetworkPolicy {p.metadata.name}" for p in policies[:3])
    if complaint:
        says = Said(
            "{policies} ({direction}) keeps {workload} from looking up names: no rule allows UDP and TCP port 53 to "
            "the cluster's DNS, and its log says `{line}`.",
            policies=words,
            direction="egress",
            workload=workload.name,
            line=complaint.line,
        )
    else:
        says = Said(
            "{policies} ({direction}) allows {workload} no UDP port 53 to the cluster's DNS: every connection by name "
            "fails.",
            policies=words,
            direction="egress",
            workload=workload.name,
        )
    proof: list[Evidence] = [field_of(policy, "spec.egress", "no rule for port 53")]
    if complaint:
        proof.append(complaint.evidence())
    return Finding(
        DETECTOR,
        Ref.to(policy),
        says,
        Confidence.LIKELY if complaint else Confidence.POSSIBLE,
        evidence=tuple(proof),
        why=Said(
            "As soon as a policy restricts what a pod may send, name lookups need a rule of their own. Without it even "
            "allowed destinations cannot be reached by name."
        ),
        remedies=(Remedy(Said("Add a rule that allows name lookups."), _RULE, Consent.ASK),),
        victims=(workload, *map(Ref.to, seen.pods_of(workload))) if complaint else (),
        pods=(workload, *map(Ref.to, seen.pods_of(workload))),
        discriminator=str(workload),
        at=policy.metadata.creation_timestamp,
        severity=None if complaint else Severity.WARNING,
    )
