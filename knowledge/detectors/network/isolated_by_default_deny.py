"""A workload that is there to be called and that NetworkPolicies let nobody call.

A policy that denies everything is in order where another one opens what is needed.
"""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.backends import services_for
from knowledge.facts.network_policy import Direction, rules, selecting
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import NetworkPolicy, Pod, Service
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="net-isolated-by-default-deny", severity=Severity.WARNING, needs=(NetworkPolicy, Service, Pod))


def detect(seen: Snapshot) -> Iterator[Finding]:
    told: set[Ref] = set()
    for pod in seen.all(Pod):
        workload = seen.workload(pod)
        policies = selecting(seen, pod, Direction.INGRESS)
        services = services_for(seen, pod) if policies and workload not in told else ()
        if services and not any(rules(policy, Direction.INGRESS) for policy in policies):
            told.add(workload)
            yield _finding(seen, workload, policies[0], services)


def _finding(seen: Snapshot, workload: Ref, policy: NetworkPolicy, services: tuple[Service, ...]) -> Finding:
    return Finding(
        DETECTOR,
        Ref.to(policy),
        Said(
            "NetworkPolicy {policy} selects {workload} and allows no ingress, and no other policy opens it: nobody can "
            "reach Service {services} in namespace {namespace}.",
            policy=policy.metadata.name,
            workload=workload.name,
            services=tuple(s.metadata.name for s in services),
            namespace=workload.namespace,
        ),
        Confidence.POSSIBLE,
        evidence=(
            field_of(policy, "spec.ingress", "[]", policy.metadata.creation_timestamp),
            field_of(services[0], "spec.selector", services[0].spec.selector),
        ),
        why=Said(
            "As soon as any policy selects a pod, everything that no rule allows is refused; here no rule allows "
            "anything. Whether it is enforced depends on the cluster's network plugin."
        ),
        remedies=(
            Remedy(
                Said("Add the smallest rule that lets its callers in."),
                f"kubectl -n {workload.namespace} describe networkpolicy {policy.metadata.name}",
                Consent.ASK,
            ),
        ),
        pods=(workload, *(Ref.to(s) for s in services), *map(Ref.to, seen.pods_of(workload))),
        discriminator=str(workload),
        at=policy.metadata.creation_timestamp,
    )
