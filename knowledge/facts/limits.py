"""The limit that really holds for a container: resized, its own, the namespace's default, or the pod's."""

from dataclasses import dataclass

from knowledge.facts.quantity import amount
from knowledge.objects import ContainerStatus, LimitRange, Pod
from knowledge.snapshot import Snapshot


@dataclass(frozen=True)
class Limit:
    """As written, in bytes or cores, and the path where it stands."""

    text: str
    size: float
    path: str


def memory_limit(seen: Snapshot, pod: Pod, status: ContainerStatus) -> Limit | None:
    return limit_of(seen, pod, status, "memory")


def limit_of(seen: Snapshot, pod: Pod, status: ContainerStatus, resource: str) -> Limit | None:
    container = pod.container(status.name)
    places = [
        (status.resources, f"status.containerStatuses[{status.name}].resources.limits.{resource}"),
        (container.resources if container else None, f"spec.containers[{status.name}].resources.limits.{resource}"),
        (pod.spec.resources, f"spec.resources.limits.{resource}"),
    ]
    for resources, path in places:
        found = resources.limits.get(resource) if resources else None
        size = amount(found)
        if found is not None and size:
            return Limit(str(found), size, path)
    for limits in seen.all(LimitRange, pod.metadata.namespace):
        for item in limits.spec.limits:
            size = amount(item.default.get(resource))
            if item.type == "Container" and size:
                return Limit(str(item.default[resource]), size, f"LimitRange spec.limits[].default.{resource}")
    return None
