"""ConfigMaps, Secrets, ServiceAccounts, Namespaces and the limits that a namespace sets.

A Secret's values are not declared, so they never enter the process as text: only its keys and, for certificates,
``tls.crt`` (public) are read. A ConfigMap's values stay raw until a detector asks for one key.
"""

from typing import ClassVar

from msgspec import Raw, field

from knowledge.objects.meta import Condition, LocalReference, Object, Part, Quantity, Resource


class ConfigMap(Object):
    RESOURCE: ClassVar[Resource] = Resource("ConfigMap", "", "v1", "configmaps")
    data: dict[str, str] | None = None
    binary_data: dict[str, Raw] | None = None
    immutable: bool = False

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(self.data or ()) | frozenset(self.binary_data or ())


class Secret(Object):
    RESOURCE: ClassVar[Resource] = Resource("Secret", "", "v1", "secrets")
    type: str = ""
    data: dict[str, Raw] | None = None
    immutable: bool = False

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(self.data or ())


class ServiceAccount(Object):
    RESOURCE: ClassVar[Resource] = Resource("ServiceAccount", "", "v1", "serviceaccounts")
    image_pull_secrets: tuple[LocalReference, ...] = ()


class NamespaceStatus(Part):
    phase: str = ""
    conditions: tuple[Condition, ...] = ()


class Namespace(Object):
    RESOURCE: ClassVar[Resource] = Resource("Namespace", "", "v1", "namespaces", namespaced=False)
    status: NamespaceStatus = field(default_factory=NamespaceStatus)


class QuotaStatus(Part):
    hard: dict[str, Quantity] = {}
    used: dict[str, Quantity] = {}


class ResourceQuota(Object):
    RESOURCE: ClassVar[Resource] = Resource("ResourceQuota", "", "v1", "resourcequotas")
    status: QuotaStatus = field(default_factory=QuotaStatus)


class LimitRangeItem(Part):
    type: str = ""
    max: dict[str, Quantity] = {}
    min: dict[str, Quantity] = {}
    default: dict[str, Quantity] = {}
    default_request: dict[str, Quantity] = {}


class LimitRangeSpec(Part):
    limits: tuple[LimitRangeItem, ...] = ()


class LimitRange(Object):
    RESOURCE: ClassVar[Resource] = Resource("LimitRange", "", "v1", "limitranges")
    spec: LimitRangeSpec = field(default_factory=LimitRangeSpec)


class PriorityClass(Object):
    RESOURCE: ClassVar[Resource] = Resource(
        "PriorityClass", "scheduling.k8s.io", "v1", "priorityclasses", namespaced=False
    )
    value: int = 0
    global_default: bool = False
