"""A program that others call and that one machine's maintenance takes away.

Workloads that nobody calls, and those that lead alone and say so, are somebody's intent.
"""

from collections.abc import Iterator

from knowledge.detector import Detector, Layer
from knowledge.facts.backends import PLATFORM, desired, workloads_behind
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, absence_of, field_of
from knowledge.objects import (
    DaemonSet,
    Deployment,
    HorizontalPodAutoscaler,
    Node,
    PodDisruptionBudget,
    Service,
    StatefulSet,
)
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="hygiene-single-replica-or-no-pdb",
    severity=Severity.WARNING,
    needs=(Service, Deployment, StatefulSet),
    uses=(PodDisruptionBudget, HorizontalPodAutoscaler, Node),
    layer=Layer.HYGIENE,
)

_SINGLETON = "gurumi/single-replica"


def detect(seen: Snapshot) -> Iterator[Finding]:
    told: set[Ref] = set()
    for service in seen.all(Service):
        for workload in workloads_behind(seen, service):
            ref, meta = Ref.to(workload), workload.metadata
            meant = isinstance(workload, DaemonSet) or meta.namespace in PLATFORM or _SINGLETON in meta.annotations
            if meant or ref in told:
                continue
            told.add(ref)
            if isinstance(workload, Deployment | StatefulSet):
                yield from _judge(seen, service, workload)


def _judge(seen: Snapshot, service: Service, workload: Deployment | StatefulSet) -> Iterator[Finding]:
    ref, labels, replicas = Ref.to(workload), workload.spec.template.metadata.labels, desired(workload) or 0
    names = {"workload": workload.metadata.name, "service": service.metadata.name}
    if replicas == 1 and not _scaled(seen, ref):
        says = Said(
            "{workload} runs as a single pod behind Service {service}: one machine's maintenance takes it down.",
            **names,
        )
        yield _finding(ref, says, (field_of(workload, "spec.replicas", 1),))
        return
    nodes = {pod.spec.node_name for pod in seen.pods_of(ref) if pod.spec.node_name}
    if replicas >= 2 and len(seen.pods_of(ref)) >= 2 and len(nodes) == 1 and len(seen.all(Node)) > 1:
        node = next(iter(nodes))
        says = Said(
            "All {n:|pod|pods} of {workload} (Service {service}) run on node {node}: that machine takes them all down.",
            n=len(seen.pods_of(ref)),
            node=node,
            **names,
        )
        yield _finding(ref, says, (field_of(seen.pods_of(ref)[0], "spec.nodeName", node),))
    elif replicas >= 2 and seen.whole(PodDisruptionBudget, ref.namespace):
        budgets = seen.all(PodDisruptionBudget, ref.namespace)
        if not any(b.spec.selector and b.spec.selector.matches(labels) for b in budgets):
            says = Said(
                "{workload} (Service {service}) has no PodDisruptionBudget: maintenance may take all of its pods at "
                "once.",
                **names,
            )
            yield _finding(ref, says, (absence_of("PodDisruptionBudget", ref.namespace, workload.metadata.name),))


def _scaled(seen: Snapshot, ref: Ref) -> bool:
    """Whether an autoscaler decides the number of pods and keeps two or more when it can."""
    found = seen.all(HorizontalPodAutoscaler, ref.namespace)
    targets = ((h.spec.scale_target_ref.kind, h.spec.scale_target_ref.name, h.spec.min_replicas) for h in found)
    return any((kind, name) == (ref.kind, ref.name) and least > 1 for kind, name, least in targets)


def _finding(ref: Ref, says: Said, proof: tuple[Evidence, ...]) -> Finding:
    return Finding(
        DETECTOR,
        ref,
        says,
        Confidence.PROVEN,
        evidence=proof,
        remedies=(
            Remedy(Said("Run two or more pods, spread over machines, with a PodDisruptionBudget."), "", Consent.ASK),
        ),
    )
