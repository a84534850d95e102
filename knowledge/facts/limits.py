"""The limit that really holds for a container: resized, its own, the namespace's default, or the pod's."""

from dataclasses import dataclass

from knowledge.facts.quantity import amount
from knowledge.objects import ContainerStatus, LimitRange, Pod
from knowledge.snapshot import Snapshot


@dataclass(frozen=True)
class Limit:
    """As written, in bytes or cores, and the path where it stands. ``default``: nobody wrote it, a LimitRange of the
    namespace gives it to every container that names none."""

    text: str
    size: float
    path: str
    default: bool = False


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
            return Limit(str(found), size, path, _given(pod, status.name, resource))
    for limits in seen.all(LimitRange, pod.metadata.namespace):
        for item in limits.spec.limits:
            size = amount(item.default.get(resource))
            if item.type == "Container" and size:
                return Limit(str(item.default[resource]), size, f"LimitRange spec.limits[].default.{resource}", True)
    return None


def _given(pod: Pod, container: str, resource: str) -> bool:
    """Whether the admission plugin notes that it filled in the limit."""
    noted = pod.metadata.annotations.get("kubernetes.io/limit-ranger", "").split(";")
    return any(part.endswith(f"limit for container {container}") and resource in part for part in noted)
