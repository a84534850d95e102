"""How much of a node is still free: what its pods have reserved against what it may give away.

Reservations (requests) decide about placement, never what is really used.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.facts.quantity import amount, cpu, memory
from knowledge.objects import Container, Node, Pod, PodSpec
from knowledge.objects.meta import Quantity
from knowledge.snapshot import Snapshot

SLOTS = "pods"


@dataclass(frozen=True)
class Room:
    """``exact``: all pods of the cluster were read. Otherwise the true room may be smaller."""

    node: Node
    allocatable: Mapping[str, float]
    free: Mapping[str, float]
    exact: bool

    def lacks(self, asked: Mapping[str, float]) -> tuple[str, ...]:
        """The resources of which there is not enough, pod slots apart."""
        return tuple(r for r, n in sorted(asked.items()) if n > 0 and n > self.free.get(r, 0.0) + 1e-9)


def room(seen: Snapshot, node: Node) -> Room:
    gives = _numbers(node.status.allocatable)
    free = Counter(gives)
    for pod in seen.on_node(node.metadata.name):
        if pod.status.phase not in ("Succeeded", "Failed"):
            free.subtract({**requests_of(pod.spec), SLOTS: 1})
    return Room(node, gives, dict(free), seen.whole(Pod))


def requests_of(spec: PodSpec) -> dict[str, float]:
    """What a pod reserves: its containers and native sidecars together, or its greediest init step if that is more."""
    running: Counter[str] = Counter()
    for container in spec.containers:
        running.update(_asked(container))
    sidecars: Counter[str] = Counter()
    steps: list[Counter[str]] = []
    for container in spec.init_containers:
        asked = Counter(_asked(container))
        if container.restart_policy == "Always":
            sidecars.update(asked)
        else:
            steps.append(Counter({r: asked[r] + sidecars[r] for r in {*asked, *sidecars}}))
    running.update(sidecars)
    total: dict[str, float] = {
        r: max(c[r] for c in (running, *steps)) for r in {r for c in (running, *steps) for r in c}
    }
    if spec.resources:
        total |= _numbers({**spec.resources.limits, **spec.resources.requests})
    for resource, extra in _numbers(spec.overhead).items():
        total[resource] = total.get(resource, 0.0) + extra
    return total


def worded(resource: str, value: float) -> str:
    """An amount as a manifest would write it."""
    if resource == "cpu":
        return cpu(value)
    if resource in ("memory", "ephemeral-storage") or resource.startswith("hugepages-"):
        return memory(value)
    return f"{value:.0f}"


def _asked(container: Container) -> dict[str, float]:
    """Requests; where only a limit is written the API server makes it the request too."""
    return _numbers({**container.resources.limits, **container.resources.requests})


def _numbers(quantities: Mapping[str, Quantity]) -> dict[str, float]:
    return {resource: n for resource, text in quantities.items() if (n := amount(text)) is not None}
