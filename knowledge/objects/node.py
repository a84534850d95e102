"""Nodes, and the Leases by which kubelets and control loops show that they live."""

from datetime import datetime
from typing import ClassVar

from msgspec import field

from knowledge.objects.meta import Condition, Object, Part, Quantity, Resource


class Taint(Part):
    key: str = ""
    value: str = ""
    effect: str = ""
    time_added: datetime | None = None


class NodeSpec(Part):
    unschedulable: bool = False
    taints: tuple[Taint, ...] = ()
    provider_id: str = field(default="", name="providerID")
    pod_cidr: str = field(default="", name="podCIDR")


class NodeSystemInfo(Part):
    boot_id: str = field(default="", name="bootID")
    system_uuid: str = field(default="", name="systemUUID")
    kernel_version: str = ""
    os_image: str = ""
    container_runtime_version: str = ""
    kubelet_version: str = ""
    architecture: str = ""


class NodeAddress(Part):
    type: str = ""
    address: str = ""


class NodeStatus(Part):
    conditions: tuple[Condition, ...] = ()
    capacity: dict[str, Quantity] = {}
    allocatable: dict[str, Quantity] = {}
    node_info: NodeSystemInfo = field(default_factory=NodeSystemInfo)
    addresses: tuple[NodeAddress, ...] = ()


class Node(Object):
    RESOURCE: ClassVar[Resource] = Resource("Node", "", "v1", "nodes", namespaced=False)
    spec: NodeSpec = field(default_factory=NodeSpec)
    status: NodeStatus = field(default_factory=NodeStatus)

    def condition(self, kind: str) -> Condition | None:
        return next((c for c in self.status.conditions if c.type == kind), None)


class LeaseSpec(Part):
    holder_identity: str = ""
    renew_time: datetime | None = None
    lease_duration_seconds: int = 0


class Lease(Object):
    RESOURCE: ClassVar[Resource] = Resource("Lease", "coordination.k8s.io", "v1", "leases")
    spec: LeaseSpec = field(default_factory=LeaseSpec)
