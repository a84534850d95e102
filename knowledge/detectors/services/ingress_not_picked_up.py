"""An Ingress that no controller feels responsible for.

An Ingress that has an address was picked up, whatever its class says; some controllers never write one.
"""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.facts.backends import is_ready
from knowledge.facts.routes import class_of
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, absence_of, field_of
from knowledge.objects import Ingress, IngressClass, Pod
from knowledge.reading.near import near_names
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="ingress-not-picked-up", severity=Severity.ERROR, needs=(Ingress, IngressClass), uses=(Pod,))

_LEAST = timedelta(minutes=5)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for ingress in seen.all(Ingress):
        named = class_of(seen, ingress)
        known = seen.get(IngressClass, "", named) if named else None
        if named and ingress.spec.ingress_class_name and seen.absent(IngressClass, "", named):
            yield _unknown_class(seen, ingress, named)
        elif not named and seen.whole(IngressClass) and not _address(ingress):
            yield _no_class(seen, ingress)
        elif known and not _address(ingress) and _old_enough(seen, ingress):
            yield from _silent(seen, ingress, known)


def _address(ingress: Ingress) -> bool:
    return bool(ingress.status.load_balancer.ingress)


def _old_enough(seen: Snapshot, ingress: Ingress) -> bool:
    made = ingress.metadata.creation_timestamp
    return made is None or seen.now - made >= seen.least(_LEAST)


def _offered(seen: Snapshot) -> tuple[str, ...]:
    return tuple(sorted(c.metadata.name for c in seen.all(IngressClass)))


def _unknown_class(seen: Snapshot, ingress: Ingress, named: str) -> Finding:
    offered = _offered(seen)
    near = near_names(named, offered, 1) or (offered if len(offered) == 1 else ())
    says = Said(
        "No ingress controller serves Ingress {ingress}: its ingressClassName is {named}, and no IngressClass of that "
        "name exists (this cluster has {offered}).",
        ingress=ingress.metadata.name,
        named=named,
        offered=offered or Said("none"),
    )
    proof = (field_of(ingress, "spec.ingressClassName", named), absence_of("IngressClass", "", named))
    return _finding(ingress, says, Confidence.PROVEN, proof, near)


def _no_class(seen: Snapshot, ingress: Ingress) -> Finding:
    offered = _offered(seen)
    says = Said(
        "No ingress controller serves Ingress {ingress}: it names no ingressClassName, and the cluster has no default "
        "IngressClass (it has {offered}).",
        ingress=ingress.metadata.name,
        offered=offered or Said("none"),
    )
    proof = (field_of(ingress, "spec.ingressClassName", "absent"),)
    return _finding(ingress, says, Confidence.PROVEN, proof, offered if len(offered) == 1 else ())


def _silent(seen: Snapshot, ingress: Ingress, known: IngressClass) -> Iterator[Finding]:
    """A class that exists and whose controller does not act: no running pod, or this Ingress alone is left out."""
    controller = known.spec.controller
    proof = (
        field_of(ingress, "spec.ingressClassName", known.metadata.name),
        field_of(known, "spec.controller", controller),
    )
    short = controller.rpartition("/")[2]
    pods = [p for p in seen.all(Pod) if short and _runs(p, short)]
    if seen.whole(Pod) and short and not any(is_ready(p) for p in pods):
        says = Said(
            "No ingress controller serves Ingress {ingress}: no pod of controller {controller}, which class {named} "
            "belongs to, is running and ready.",
            ingress=ingress.metadata.name,
            controller=controller,
            named=known.metadata.name,
        )
        because = tuple(dict.fromkeys(seen.workload(p) for p in pods))
        yield _finding(ingress, says, Confidence.LIKELY, proof, (), because)
    elif any(_address(other) and class_of(seen, other) == known.metadata.name for other in seen.all(Ingress)):
        says = Said(
            "Ingress {ingress} has had no address since it was made, although other Ingresses of class {named} have "
            "one: its controller ({controller}) left it out.",
            ingress=ingress.metadata.name,
            named=known.metadata.name,
            controller=controller,
        )
        yield _finding(ingress, says, Confidence.LIKELY, proof, ())


def _runs(pod: Pod, controller: str) -> bool:
    names = (pod.metadata.name, *pod.metadata.labels.values(), *(c.image for c in pod.spec.containers))
    return any(controller in name for name in names)


def _finding(
    ingress: Ingress,
    says: Said,
    confidence: Confidence,
    proof: tuple[Evidence, ...],
    meant: tuple[str, ...],
    because: tuple[Ref, ...] = (),
) -> Finding:
    name, namespace = ingress.metadata.name, ingress.metadata.namespace
    remedies = [
        Remedy(Said("See which classes this cluster has."), "kubectl get ingressclass", Consent.LOOK),
    ]
    if meant:
        patch = f'{{"spec":{{"ingressClassName":"{meant[0]}"}}}}'
        command = f"kubectl -n {namespace} patch ingress {name} -p '{patch}'"
        remedies.insert(0, Remedy(Said("Name the class {named}.", named=meant[0]), command, Consent.ASK))
    return Finding(
        DETECTOR,
        Ref.to(ingress),
        says,
        confidence,
        evidence=proof,
        why=Said(
            "An Ingress is only a wish. A controller picks up those of its own class; an Ingress of another class, or "
            "of none, stays a piece of paper and its host is not reachable."
        ),
        remedies=tuple(remedies),
        because=because,
    )
