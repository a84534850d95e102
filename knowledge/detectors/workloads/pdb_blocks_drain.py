"""A PodDisruptionBudget that allows no pod to be taken away, so that its nodes can never be emptied."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Node, Pod, PodDisruptionBudget
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="pdb-blocks-drain", severity=Severity.WARNING, needs=(PodDisruptionBudget,), uses=(Pod, Node))


def detect(seen: Snapshot) -> Iterator[Finding]:
    for budget in seen.all(PodDisruptionBudget):
        status = budget.status
        if status.disruptions_allowed > 0 or status.expected_pods == 0 or budget.spec.selector is None:
            continue
        pods = tuple(seen.matching(Pod, budget.spec.selector, budget.metadata.namespace))
        draining = sorted(
            {n.metadata.name for p in pods if (n := seen.get(Node, "", p.spec.node_name)) and n.spec.unschedulable}
        )
        never = status.desired_healthy >= status.expected_pods
        if never or draining:
            yield _finding(budget, pods, tuple(draining), never)


def _finding(budget: PodDisruptionBudget, pods: tuple[Pod, ...], draining: tuple[str, ...], never: bool) -> Finding:
    status, spec = budget.status, budget.spec
    rule = (
        f"maxUnavailable {spec.max_unavailable}"
        if spec.max_unavailable is not None
        else f"minAvailable {spec.min_available}"
    )
    if never:
        says = Said(
            "PodDisruptionBudget {budget} never lets a pod go ({rule}, {expected:|pod|pods}: ALLOWED DISRUPTIONS "
            "0), so a "
            "drain of their nodes cannot end{nodes}.",
            budget=budget.metadata.name,
            rule=rule,
            expected=status.expected_pods,
            nodes=_waiting(draining),
        )
    else:
        says = Said(
            "PodDisruptionBudget {budget} blocks a drain now: {healthy} of {expected} pods are healthy and it needs "
            "{desired} ({rule}){nodes}.",
            budget=budget.metadata.name,
            healthy=status.current_healthy,
            expected=status.expected_pods,
            desired=status.desired_healthy,
            rule=rule,
            nodes=_waiting(draining),
        )
    return Finding(
        DETECTOR,
        Ref.to(budget),
        says,
        Confidence.PROVEN,
        evidence=(
            field_of(budget, "status.disruptionsAllowed", status.disruptions_allowed),
            field_of(budget, "status.desiredHealthy", status.desired_healthy),
            field_of(budget, "status.expectedPods", status.expected_pods),
        ),
        why=Said(
            "A drain asks before it takes a pod away, and this budget always says no. Upgrades of the nodes then wait "
            "for a person."
        ),
        remedies=(
            Remedy(
                Said("Run one replica more than the budget needs, or allow one pod to be away (maxUnavailable: 1)."),
                f"kubectl -n {budget.metadata.namespace} edit pdb {budget.metadata.name}",
                Consent.ASK,
            ),
        ),
        pods=(*(Ref.to(p) for p in pods), *(Ref("Node", "", name) for name in draining)),
    )


def _waiting(draining: tuple[str, ...]) -> Said | str:
    return Said("; cordoned and waiting: {nodes}", nodes=draining) if draining else ""
