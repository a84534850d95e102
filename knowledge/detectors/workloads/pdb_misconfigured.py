"""A PodDisruptionBudget that protects nothing, or two that claim the same pod so that every eviction fails."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Deployment, Pod, PodDisruptionBudget, StatefulSet
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="pdb-misconfigured",
    severity=Severity.WARNING,
    needs=(PodDisruptionBudget, Pod),
    uses=(Deployment, StatefulSet),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for budget in seen.all(PodDisruptionBudget):
        namespace, selector = budget.metadata.namespace, budget.spec.selector
        if selector is None:
            continue
        pods = tuple(seen.matching(Pod, selector, namespace))
        if not pods and seen.whole(Pod, namespace) and not _asleep(seen, budget):
            yield _finding(
                budget,
                Said(
                    "PodDisruptionBudget {budget} protects nothing: no pod matches its selector {selector}.",
                    budget=budget.metadata.name,
                    selector=selector.as_query(),
                ),
                (),
            )
        for other in seen.all(PodDisruptionBudget, namespace):
            rival = other.spec.selector
            both = [p for p in pods if rival and rival.matches(p.metadata.labels)]
            if other.metadata.name > budget.metadata.name and both:
                yield _finding(
                    budget,
                    Said(
                        "PodDisruptionBudgets {budget} and {other} both match pod {pod}; the API then refuses every "
                        "eviction, and a drain fails.",
                        budget=budget.metadata.name,
                        other=other.metadata.name,
                        pod=both[0].metadata.name,
                    ),
                    tuple(Ref.to(p) for p in both),
                )


def _asleep(seen: Snapshot, budget: PodDisruptionBudget) -> bool:
    """Whether a workload whose template matches exists and merely has no pods now."""
    selector, namespace = budget.spec.selector, budget.metadata.namespace
    owners: tuple[Deployment | StatefulSet, ...] = (*seen.all(Deployment, namespace), *seen.all(StatefulSet, namespace))
    return selector is not None and any(selector.matches(o.spec.template.metadata.labels) for o in owners)


def _finding(budget: PodDisruptionBudget, says: Said, pods: tuple[Ref, ...]) -> Finding:
    selector = budget.spec.selector
    return Finding(
        DETECTOR,
        Ref.to(budget),
        says,
        Confidence.PROVEN,
        evidence=(field_of(budget, "spec.selector", selector.as_query() if selector else "-"),),
        why=Said("A budget counts the pods that its selector fits, and each pod may belong to one budget only."),
        remedies=(
            Remedy(
                Said("Correct the selector, or make one budget of the two."),
                f"kubectl -n {budget.metadata.namespace} edit pdb {budget.metadata.name}",
                Consent.ASK,
            ),
        ),
        pods=pods,
    )
