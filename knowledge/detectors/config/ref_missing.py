"""A container that names a ConfigMap, a Secret, or a key of one that does not exist."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts import messages
from knowledge.facts.changes import began_with
from knowledge.facts.messages import MissingRef
from knowledge.finding import (
    Confidence,
    Consent,
    Evidence,
    Finding,
    Ref,
    Remedy,
    Severity,
    absence_of,
    event_of,
    field_of,
)
from knowledge.objects import ConfigMap, Event, Object, Pod, ReplicaSet, Secret
from knowledge.reading.near import near_names
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="config-ref-missing",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Event, ConfigMap, Secret, ReplicaSet),
    hides=("storage-mount-failed", "pod-init-blocked"),
)

_KINDS: dict[str, type[ConfigMap] | type[Secret]] = {"ConfigMap": ConfigMap, "Secret": Secret}


def detect(seen: Snapshot) -> Iterator[Finding]:
    told: set[tuple[Ref, MissingRef]] = set()
    for pod in seen.all(Pod):
        workload = seen.workload(pod)
        for missing, proof in _missing(seen, pod):
            there = (
                missing.name and not missing.key and seen.get(_KINDS[missing.kind], workload.namespace, missing.name)
            )
            if (workload, missing) not in told and not there:
                told.add((workload, missing))
                yield _finding(seen, pod, workload, missing, proof)


def _missing(seen: Snapshot, pod: Pod) -> Iterator[tuple[MissingRef, Evidence]]:
    """What the kubelet says is missing, while the pod waits for it."""
    waits = False
    for status in (*pod.status.init_container_statuses, *pod.status.container_statuses):
        waiting = status.state.waiting
        waits = waits or waiting is not None
        missing = messages.missing_ref(waiting.message) if waiting else None
        if waiting and missing and waiting.reason == "CreateContainerConfigError":
            path = f"status.containerStatuses[{status.name}].state.waiting"
            yield missing, field_of(pod, path, f"{waiting.reason}: {waiting.message}")
    if not waits or pod.status.phase != "Pending":
        return
    for event in seen.events(pod, "FailedMount"):
        failure = messages.mount_failure(event.message)
        missing = messages.missing_ref(event.message)
        if missing and not missing.name and failure:
            missing = MissingRef(missing.kind, "", _object_of(pod, failure.volume), missing.key)
        if missing and missing.name and "not registered" not in event.message:
            yield missing, event_of(event)


def _object_of(pod: Pod, volume: str) -> str:
    found = next((v for v in pod.spec.volumes if v.name == volume), None)
    if found is None:
        return ""
    return (found.config_map.name if found.config_map else "") or (found.secret.secret_name if found.secret else "")


def _finding(seen: Snapshot, pod: Pod, workload: Ref, missing: MissingRef, proof: Evidence) -> Finding:
    revision = began_with(seen, workload, pod.metadata.creation_timestamp)
    kind, namespace = _KINDS[missing.kind], workload.namespace
    absent = () if missing.key else (absence_of(missing.kind, namespace, missing.name),)
    return Finding(
        DETECTOR,
        workload,
        _says(seen, workload, missing, kind),
        Confidence.PROVEN,
        evidence=(proof, *absent, *((revision.evidence(),) if revision else ())),
        why=Said(
            "A container is created only when every ConfigMap and Secret that it names exists in its own namespace, "
            "with every key that it names. Until then it waits."
        ),
        remedies=(
            Remedy(
                Said("Create the object or the key, or correct the name in the pod template."),
                f"kubectl -n {namespace} get {missing.kind.lower()}s",
                Consent.ASK,
            ),
        ),
        because=() if missing.key else (Ref(missing.kind, namespace, missing.name),),
        pods=tuple(Ref.to(p) for p in seen.pods_of(workload)) or (Ref.to(pod),),
        discriminator=f"{missing.kind}/{missing.name}/{missing.key}",
        at=pod.metadata.creation_timestamp,
    )


def _says(seen: Snapshot, workload: Ref, missing: MissingRef, kind: type[ConfigMap] | type[Secret]) -> Said:
    if missing.key:
        held = seen.get(kind, workload.namespace, missing.name)
        near = near_names(missing.key, held.keys, 2) if held else ()
        return Said(
            "{workload} cannot start (CreateContainerConfigError): {kind} {name} has no key `{key}`{near}.",
            workload=workload.name,
            kind=missing.kind,
            name=missing.name,
            key=missing.key,
            near=Said("; it has {keys}", keys=near) if near else "",
        )
    return Said(
        "{workload} cannot start: it needs {kind} {name}, which does not exist in namespace {namespace}{near}.",
        workload=workload.name,
        kind=missing.kind,
        name=missing.name,
        namespace=workload.namespace,
        near=_near(seen, workload, missing, kind),
    )


def _near(seen: Snapshot, workload: Ref, missing: MissingRef, kind: type[Object]) -> Said | str:
    here = [o.metadata.name for o in seen.all(kind, workload.namespace)]
    near = near_names(missing.name, here, 1)
    if near:
        return Said("; {name} does", name=near[0])
    other = next((o.metadata.namespace for o in seen.all(kind) if o.metadata.name == missing.name), "")
    return Said("; namespace {namespace} has one", namespace=other) if other else ""
