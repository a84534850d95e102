"""Containers whose image cannot be had, with the cause as the registry or the runtime said it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from knowledge.facts import messages
from knowledge.facts.changes import Revision, began_with, revisions
from knowledge.finding import Confidence, Consent, Evidence, Ref, Remedy, event_of, field_of
from knowledge.objects import ContainerStatus, Pod, ReplicaSet
from knowledge.said import Said
from knowledge.snapshot import Snapshot

WAITING = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "ErrImageNeverPull",
        "ImageInspectError",
        "RegistryUnavailable",
        "SignatureValidationFailed",
    }
)


@dataclass(frozen=True)
class Pull:
    """One container of a workload that waits for its image. ``cause`` is empty where nobody remembers it."""

    workload: Ref
    pod: Pod
    container: str
    image: str
    reason: str
    cause: str
    pods: tuple[Ref, ...]
    evidence: tuple[Evidence, ...]

    @property
    def at(self) -> datetime | None:
        return self.pod.metadata.creation_timestamp

    @property
    def nodes(self) -> str:
        return self.pod.spec.node_name

    @property
    def confidence(self) -> Confidence:
        return Confidence.PROVEN if self.cause else Confidence.POSSIBLE


def pulls(seen: Snapshot) -> Iterator[Pull]:
    """Every workload's container that waits for its image, once; the pod that knows the cause is the telling one."""
    found: dict[tuple[Ref, str, str], list[Pull]] = defaultdict(list)
    for pod in seen.all(Pod):
        for status in (*pod.status.init_container_statuses, *pod.status.container_statuses):
            waiting = status.state.waiting
            if waiting and waiting.reason in WAITING:
                pull = _pull(seen, pod, status, waiting.reason, waiting.message)
                found[pull.workload, pull.container, pull.image].append(pull)
    for members in found.values():
        telling = max(members, key=lambda pull: bool(pull.cause))
        pods = tuple(Ref.to(member.pod) for member in members)
        yield Pull(**{**{f: getattr(telling, f) for f in telling.__dataclass_fields__}, "pods": pods})


def _pull(seen: Snapshot, pod: Pod, status: ContainerStatus, reason: str, text: str) -> Pull:
    container = pod.container(status.name)
    image = (container.image if container else "") or status.image
    said = messages.pull_failure(text)
    cause = said.cause if said else ("" if text.startswith("Back-off pulling") else text)
    evidence = [field_of(pod, f"status.containerStatuses[{status.name}].state.waiting.reason", reason)]
    if cause:
        evidence.append(field_of(pod, f"status.containerStatuses[{status.name}].state.waiting.message", cause[:300]))
    for event in reversed(seen.events(pod, "Failed")):
        told = messages.pull_failure(event.message)
        if told and told.cause and told.image == image:
            cause = cause or told.cause
            evidence.append(event_of(event))
            break
    evidence.append(field_of(pod, f"spec.containers[{status.name}].image", image))
    return Pull(seen.workload(pod), pod, status.name, image, reason, " ".join(cause.split()), (), tuple(evidence))


def former_image(seen: Snapshot, pull: Pull) -> str:
    """The image of the newest older revision that differs: the one that could still be pulled."""
    sets: tuple[ReplicaSet, ...] = seen.replica_sets(pull.workload) if pull.workload.kind == "Deployment" else ()
    for known in sets[1:]:
        spec = known.spec.template.spec
        for container in (*spec.containers, *spec.init_containers):
            if container.name == pull.container and container.image != pull.image:
                return container.image
    return ""


def revision_of(seen: Snapshot, pull: Pull) -> Revision | None:
    return began_with(seen, pull.workload, pull.at) or next(iter(revisions(seen, pull.workload)[:-1]), None)


def set_image(pull: Pull, image: str) -> Remedy:
    """Naming an image that can be had."""
    workload = pull.workload
    return Remedy(
        Said("Name an image that exists, or go back to the one before."),
        f"kubectl -n {workload.namespace} set image {workload.kind.lower()}/{workload.name} {pull.container}={image}",
        Consent.ASK,
    )
