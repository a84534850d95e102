"""A Service whose selector fits no pod: it sends its traffic nowhere.

A Service without a selector is somebody's intent, and one whose workload is scaled to zero has the right selector.
"""

import json
from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.backends import (
    Workload,
    desired,
    labels_text,
    selected,
    selects_by_labels,
    workloads,
    workloads_behind,
)
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import DaemonSet, Deployment, Pod, Service, StatefulSet
from knowledge.reading.near import nearest_labels
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="svc-selector-matches-nothing",
    severity=Severity.ERROR,
    needs=(Service, Pod),
    uses=(Deployment, StatefulSet, DaemonSet),
    hides=("svc-no-ready-endpoints",),
)

_LEADERS = frozenset({"master", "primary", "leader", "standby", "replica"})


def detect(seen: Snapshot) -> Iterator[Finding]:
    for service in seen.all(Service):
        if not selects_by_labels(service) or selected(seen, service):
            continue
        if seen.unread(Pod, service.metadata.namespace):
            continue
        meant = workloads_behind(seen, service)
        if meant:
            yield from _without_pods(seen, service, meant)
        elif seen.whole(Pod, service.metadata.namespace) and not _kept_by_an_operator(service):
            yield _mismatch(seen, service)


def _kept_by_an_operator(service: Service) -> bool:
    """A leader Service follows a role label that an operator moves; between two leaders it selects nobody."""
    return any("role" in key.lower() and value in _LEADERS for key, value in service.spec.selector.items())


def _mismatch(seen: Snapshot, service: Service) -> Finding:
    namespace, selector = service.metadata.namespace, labels_text(service.spec.selector.items())
    nearest = _nearest(seen, service)
    if nearest is None:
        says = Said(
            "Service {service} selects pods labelled {selector}, and no pod or workload in {namespace} has these "
            "labels: it has no endpoints, so every connection to it fails.",
            service=service.metadata.name,
            selector=selector,
            namespace=namespace,
        )
        return _finding(service, says, (), ())
    owner, labels = nearest
    pods = tuple(Ref.to(pod) for pod in seen.pods_of(owner))
    says = Said(
        "Service {service} selects {selector}, but the pods of {workload} carry {labels}: the labels do not match, so "
        "the Service has no endpoints and every connection to it fails.",
        service=service.metadata.name,
        selector=selector,
        workload=owner.name,
        labels=labels_text(labels.items()),
    )
    patch = [{"op": "replace", "path": "/spec/selector", "value": labels}]
    remedy = Remedy(
        Said("Make the Service's selector equal to the labels of the pods (or the other way round)."),
        f"kubectl -n {namespace} patch service {service.metadata.name} --type=json -p '{json.dumps(patch)}'",
        Consent.ASK,
    )
    return _finding(service, says, (remedy,), (owner, *pods))


def _nearest(seen: Snapshot, service: Service) -> tuple[Ref, dict[str, str]] | None:
    """The workload whose pod labels the selector misses by the least, with the labels it may have meant."""
    candidates: dict[str, tuple[Ref, dict[str, str]]] = {}
    taken = _served_elsewhere(seen, service)
    for workload in workloads(seen, service.metadata.namespace):
        ref = Ref.to(workload)
        candidates[f"{ref in taken}{ref}"] = (ref, workload.spec.template.metadata.labels)
    for pod in seen.all(Pod, service.metadata.namespace):
        ref = seen.workload(pod)
        candidates.setdefault(f"{ref in taken}{ref}", (ref, pod.metadata.labels))
    ordered = [candidates[key] for key in sorted(candidates)]
    labels = nearest_labels(service.spec.selector, [labels for _, labels in ordered])
    if labels is None:
        return None
    return next((ref, labels) for ref, held in ordered if labels.items() <= held.items())


def _served_elsewhere(seen: Snapshot, service: Service) -> set[Ref]:
    """Workloads that another Service already selects: less likely to be the one that was meant."""
    others = (s for s in seen.all(Service, service.metadata.namespace) if s is not service)
    return {Ref.to(w) for other in others for w in workloads_behind(seen, other)}


def _without_pods(seen: Snapshot, service: Service, meant: tuple[Workload, ...]) -> Iterator[Finding]:
    workload = meant[0]
    wished = desired(workload)
    kind, name = type(workload).RESOURCE.kind, workload.metadata.name
    if wished == 0:
        says = Said(
            "Service {service} has no endpoints because {kind} {workload}, whose pods it selects ({selector}), is "
            "scaled to 0 replicas.",
            service=service.metadata.name,
            kind=kind,
            workload=name,
            selector=labels_text(service.spec.selector.items()),
        )
        remedy = Remedy(
            Said("Scale the workload up again if it was not switched off on purpose."),
            f"kubectl -n {service.metadata.namespace} scale {kind.lower()}/{name} --replicas=1",
            Consent.ASK,
        )
        yield _finding(service, says, (remedy,), (Ref.to(workload),), (Ref.to(workload),), workload)
    elif wished and not seen.pods_of(Ref.to(workload)):
        says = Said(
            "Service {service} has no endpoints because {kind} {workload}, which should have {n:|pod|pods}, has none.",
            service=service.metadata.name,
            kind=kind,
            workload=name,
            n=wished,
        )
        yield _finding(service, says, (), (Ref.to(workload),), (Ref.to(workload),), workload)


def _finding(
    service: Service,
    says: Said,
    remedies: tuple[Remedy, ...],
    concerned: tuple[Ref, ...],
    because: tuple[Ref, ...] = (),
    workload: Workload | None = None,
) -> Finding:
    evidence = [field_of(service, "spec.selector", labels_text(service.spec.selector.items()))]
    if workload is not None and (wished := desired(workload)) is not None:
        evidence.append(field_of(workload, "spec.replicas", wished))
    return Finding(
        DETECTOR,
        Ref.to(service),
        says,
        Confidence.PROVEN,
        evidence=tuple(evidence),
        why=Said(
            "A Service finds its pods by their labels alone: it forwards to every ready pod in its namespace that "
            "carries all labels of its selector. When none does, there is nobody to forward to."
        ),
        remedies=remedies,
        because=because,
        pods=concerned,
    )
