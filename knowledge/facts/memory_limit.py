"""The memory limit that really holds for a container: resized, its own, the namespace's default, or the pod's."""

from dataclasses import dataclass

from knowledge.facts.quantity import amount
from knowledge.objects import ContainerStatus, LimitRange, Pod
from knowledge.snapshot import Snapshot


@dataclass(frozen=True)
class MemoryLimit:
    """As written, in bytes, and the path where it stands."""

    text: str
    size: float
    path: str


def memory_limit(seen: Snapshot, pod: Pod, status: ContainerStatus) -> MemoryLimit | None:
    container = pod.container(status.name)
    places = [
        (status.resources, f"status.containerStatuses[{status.name}].resources.limits.memory"),
        (container.resources if container else None, f"spec.containers[{status.name}].resources.limits.memory"),
        (pod.spec.resources, "spec.resources.limits.memory"),
    ]
    for resources, path in places:
        found = resources.limits.get("memory") if resources else None
        size = amount(found)
        if found is not None and size:
            return MemoryLimit(str(found), size, path)
    for limits in seen.all(LimitRange, pod.metadata.namespace):
        for item in limits.spec.limits:
            size = amount(item.default.get("memory"))
            if item.type == "Container" and size:
                return MemoryLimit(str(item.default["memory"]), size, "LimitRange spec.limits[].default.memory")
    return None
