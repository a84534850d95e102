"""What the metrics API (metrics-server) says of containers: how much they used just now."""

from datetime import datetime
from typing import ClassVar

from knowledge.objects.meta import Object, Part, Quantity, Resource


class ContainerMetrics(Part):
    """``usage``: ``cpu`` in cores, averaged over the window; ``memory`` is the working set."""

    name: str = ""
    usage: dict[str, Quantity] = {}


class PodMetrics(Object):
    """Its plural is that of pods; only the group tells them apart."""

    RESOURCE: ClassVar[Resource] = Resource("PodMetrics", "metrics.k8s.io", "v1beta1", "pods")
    timestamp: datetime | None = None
    containers: tuple[ContainerMetrics, ...] = ()
