"""Services, EndpointSlices, Ingresses and their classes, NetworkPolicies."""

from typing import ClassVar

from msgspec import field

from knowledge.objects.meta import Condition, LabelSelector, Object, ObjectReference, Part, Resource


class ServicePort(Part):
    name: str = ""
    protocol: str = "TCP"
    app_protocol: str = ""
    port: int = 0
    target_port: int | str = 0
    """0 when absent: it then equals ``port``."""
    node_port: int = 0


class ServiceSpec(Part):
    type: str = "ClusterIP"
    selector: dict[str, str] = {}
    ports: tuple[ServicePort, ...] = ()
    cluster_ip: str = field(default="", name="clusterIP")
    external_name: str = ""
    publish_not_ready_addresses: bool = False
    external_traffic_policy: str = ""
    internal_traffic_policy: str = ""
    load_balancer_class: str = ""


class LoadBalancerIngress(Part):
    ip: str = ""
    hostname: str = ""


class LoadBalancerStatus(Part):
    ingress: tuple[LoadBalancerIngress, ...] = ()


class ServiceStatus(Part):
    load_balancer: LoadBalancerStatus = field(default_factory=LoadBalancerStatus)
    conditions: tuple[Condition, ...] = ()


class Service(Object):
    RESOURCE: ClassVar[Resource] = Resource("Service", "", "v1", "services")
    spec: ServiceSpec = field(default_factory=ServiceSpec)
    status: ServiceStatus = field(default_factory=ServiceStatus)


class EndpointConditions(Part):
    ready: bool | None = None
    """``None`` means ready."""
    serving: bool | None = None
    terminating: bool | None = None


class Endpoint(Part):
    addresses: tuple[str, ...] = ()
    conditions: EndpointConditions = field(default_factory=EndpointConditions)
    target_ref: ObjectReference | None = None
    node_name: str = ""

    @property
    def ready(self) -> bool:
        return self.conditions.ready is not False


class EndpointPort(Part):
    name: str = ""
    port: int | None = None
    protocol: str = "TCP"


class EndpointSlice(Object):
    RESOURCE: ClassVar[Resource] = Resource(
        "EndpointSlice", "discovery.k8s.io", "v1", "endpointslices", older=("discovery.k8s.io/v1beta1",)
    )
    endpoints: tuple[Endpoint, ...] | None = None
    ports: tuple[EndpointPort, ...] | None = None

    @property
    def service(self) -> str:
        return self.metadata.labels.get("kubernetes.io/service-name", "")


class BackendPort(Part):
    name: str = ""
    number: int = 0


class IngressServiceBackend(Part):
    name: str = ""
    port: BackendPort = field(default_factory=BackendPort)


class IngressBackend(Part):
    service: IngressServiceBackend | None = None
    resource: ObjectReference | None = None
    service_name: str = ""
    service_port: int | str = 0

    def __post_init__(self) -> None:
        """Until 1.22 a backend named its Service and port side by side."""
        if self.service is None and self.service_name:
            port = self.service_port
            named = BackendPort(port, 0) if isinstance(port, str) else BackendPort("", port)
            self.service = IngressServiceBackend(self.service_name, named)


class IngressPath(Part):
    path: str = ""
    path_type: str = ""
    backend: IngressBackend = field(default_factory=IngressBackend)


class IngressHttp(Part):
    paths: tuple[IngressPath, ...] = ()


class IngressRule(Part):
    host: str = ""
    http: IngressHttp | None = None


class IngressTls(Part):
    hosts: tuple[str, ...] = ()
    secret_name: str = ""


class IngressSpec(Part):
    ingress_class_name: str | None = None
    default_backend: IngressBackend | None = None
    rules: tuple[IngressRule, ...] = ()
    tls: tuple[IngressTls, ...] = ()


class IngressStatus(Part):
    load_balancer: LoadBalancerStatus = field(default_factory=LoadBalancerStatus)


class Ingress(Object):
    RESOURCE: ClassVar[Resource] = Resource(
        "Ingress", "networking.k8s.io", "v1", "ingresses", older=("networking.k8s.io/v1beta1", "extensions/v1beta1")
    )
    spec: IngressSpec = field(default_factory=IngressSpec)
    status: IngressStatus = field(default_factory=IngressStatus)


class IngressClassSpec(Part):
    controller: str = ""


class IngressClass(Object):
    RESOURCE: ClassVar[Resource] = Resource(
        "IngressClass", "networking.k8s.io", "v1", "ingressclasses", namespaced=False
    )
    spec: IngressClassSpec = field(default_factory=IngressClassSpec)


class PolicyPort(Part):
    protocol: str = "TCP"
    port: int | str | None = None
    end_port: int | None = None


class IpBlock(Part):
    cidr: str = ""
    excepted: tuple[str, ...] = field(default=(), name="except")


class PolicyPeer(Part):
    pod_selector: LabelSelector | None = None
    namespace_selector: LabelSelector | None = None
    ip_block: IpBlock | None = None


class IngressPolicyRule(Part):
    ports: tuple[PolicyPort, ...] = ()
    peers: tuple[PolicyPeer, ...] = field(default=(), name="from")


class EgressPolicyRule(Part):
    ports: tuple[PolicyPort, ...] = ()
    peers: tuple[PolicyPeer, ...] = field(default=(), name="to")


class NetworkPolicySpec(Part):
    pod_selector: LabelSelector = field(default_factory=LabelSelector)
    policy_types: tuple[str, ...] = ()
    ingress: tuple[IngressPolicyRule, ...] = ()
    egress: tuple[EgressPolicyRule, ...] = ()


class NetworkPolicy(Object):
    RESOURCE: ClassVar[Resource] = Resource("NetworkPolicy", "networking.k8s.io", "v1", "networkpolicies")
    spec: NetworkPolicySpec = field(default_factory=NetworkPolicySpec)
