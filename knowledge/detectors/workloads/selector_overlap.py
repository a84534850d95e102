"""A Service, or a controller, whose selector also fits pods of another program.

A canary that says so in an annotation is meant.
"""

from collections import defaultdict
from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import DaemonSet, Deployment, Pod, ReplicaSet, Service, StatefulSet
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="selector-overlap",
    severity=Severity.WARNING,
    needs=(Pod,),
    uses=(Service, Deployment, StatefulSet, DaemonSet, ReplicaSet),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for service in seen.all(Service):
        selector = service.spec.selector
        owners: dict[Ref, list[Pod]] = defaultdict(list)
        for pod in seen.matching(Pod, selector, service.metadata.namespace) if selector else ():
            owners[seen.workload(pod)].append(pod)
        if len(owners) > 1 and not _meant(seen, service, owners):
            yield _service(service, owners)
    yield from _controllers(seen)


def _meant(seen: Snapshot, service: Service, owners: dict[Ref, list[Pod]]) -> bool:
    """Blue/green and canaries carry a name or a mark; a headless discovery Service selects many on purpose."""
    if service.spec.cluster_ip == "None":
        return True
    for owner, pods in owners.items():
        thing = seen.find(owner)
        marks = " ".join((*(thing.metadata.annotations if thing else ()), *pods[0].metadata.labels, owner.name))
        if any(word in marks for word in ("canary", "blue", "green", "stable", "rollouts")):
            return True
    return False


def _service(service: Service, owners: dict[Ref, list[Pod]]) -> Finding:
    ranked = sorted(owners.items(), key=lambda each: (-len(each[1]), each[0]))
    return Finding(
        DETECTOR,
        Ref.to(service),
        Said(
            "Service {service} (selector {selector}) sends its traffic to {n} different workloads: {owners}.",
            service=service.metadata.name,
            selector=tuple(f"{k}={v}" for k, v in sorted(service.spec.selector.items())),
            n=len(owners),
            owners=tuple(Said("{owner} ({pods:|pod|pods})", owner=str(o), pods=len(pods)) for o, pods in ranked[:4]),
        ),
        Confidence.LIKELY,
        evidence=tuple(field_of(pods[0], "metadata.labels", pods[0].metadata.labels) for _, pods in ranked[:3]),
        why=Said("A Service sends to every pod that carries its labels, whatever program it is."),
        remedies=(
            Remedy(
                Said("Give the selector, and the pods that are meant, a label that the others do not carry."),
                f"kubectl -n {service.metadata.namespace} edit service {service.metadata.name}",
                Consent.ASK,
            ),
        ),
        pods=tuple(Ref.to(p) for _, pods in ranked for p in pods),
    )


def _controllers(seen: Snapshot) -> Iterator[Finding]:
    everyone: tuple[Deployment | StatefulSet | DaemonSet, ...] = (
        *seen.all(Deployment),
        *seen.all(StatefulSet),
        *seen.all(DaemonSet),
    )
    carriers: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for i, thing in enumerate(everyone):
        for key, value in thing.spec.template.metadata.labels.items():
            carriers[thing.metadata.namespace, key, value].append(i)
    for i, one in enumerate(everyone):
        wanted = one.spec.selector.match_labels.items()
        # Whoever carries the rarest of the labels that are selected; without any, everybody may.
        carry = [carriers.get((one.metadata.namespace, key, value), []) for key, value in wanted]
        for n in min(carry, key=len) if carry else range(len(everyone)):
            other = everyone[n]
            if n <= i or one.metadata.namespace != other.metadata.namespace:
                continue
            labels = other.spec.template.metadata.labels, one.spec.template.metadata.labels
            if labels[0] and one.spec.selector.matches(labels[0]) and other.spec.selector.matches(labels[1]):
                yield Finding(
                    DETECTOR,
                    Ref.to(one),
                    Said(
                        "{one} and {other} have selectors that match each other's pods ({selector}).",
                        one=str(Ref.to(one)),
                        other=str(Ref.to(other)),
                        selector=one.spec.selector.as_query(),
                    ),
                    Confidence.PROVEN,
                    evidence=(
                        field_of(one, "spec.selector", one.spec.selector.as_query()),
                        field_of(other, "spec.selector", other.spec.selector.as_query()),
                    ),
                    why=Said("Two controllers that select the same pods count and delete each other's."),
                    remedies=(Remedy(Said("Recreate one of them with a selector of its own; it cannot be changed.")),),
                    discriminator=other.metadata.name,
                )
