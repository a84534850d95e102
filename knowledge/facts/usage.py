"""How much of their limits containers use just now, by the metrics API. One look: an average over half a minute."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from knowledge.facts.limits import Limit, limit_of
from knowledge.facts.quantity import amount
from knowledge.finding import Evidence, Ref, field_of
from knowledge.objects import ContainerStatus, Pod, PodMetrics
from knowledge.snapshot import Snapshot

_FRESH = timedelta(minutes=15)
"""A look says nothing about another time."""


@dataclass(frozen=True)
class Usage:
    """What one container uses of one resource that it may use only so much of."""

    metrics: PodMetrics
    pod: Pod
    status: ContainerStatus
    resource: str
    used: float
    limit: Limit

    @property
    def share(self) -> float:
        return self.used / self.limit.size

    @property
    def at(self) -> datetime | None:
        return self.metrics.timestamp

    @property
    def evidence(self) -> tuple[Evidence, Evidence]:
        written = next(c.usage[self.resource] for c in self.metrics.containers if c.name == self.status.name)
        return (
            field_of(self.metrics, f"containers[{self.status.name}].usage.{self.resource}", written, self.at),
            field_of(self.pod, self.limit.path, self.limit.text),
        )


def usages(seen: Snapshot, resource: str) -> Iterator[Usage]:
    """What the running containers use that have a limit, about the time asked about."""
    for metrics in seen.all(PodMetrics):
        pod = seen.get(Pod, metrics.metadata.namespace, metrics.metadata.name)
        if pod is None or (metrics.timestamp and abs(seen.at - metrics.timestamp) > _FRESH):
            continue
        used = {container.name: amount(container.usage.get(resource)) for container in metrics.containers}
        for status in pod.lasting_statuses():
            limit, mine = limit_of(seen, pod, status, resource), used.get(status.name)
            if limit and mine is not None and status.state.running:
                yield Usage(metrics, pod, status, resource, mine, limit)


def worst_of_each(seen: Snapshot, resource: str, least: float) -> Iterator[tuple[Ref, tuple[Usage, ...]]]:
    """The workloads with a container that uses that share of its limit or more, each with its pods, the worst first."""
    found: dict[tuple[Ref, str], list[Usage]] = {}
    for usage in usages(seen, resource):
        if usage.share >= least:
            found.setdefault((seen.workload(usage.pod), usage.status.name), []).append(usage)
    for (workload, _), some in found.items():
        yield workload, tuple(sorted(some, key=lambda usage: -usage.share))
