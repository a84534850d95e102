"""Pods and their containers, as ``v1`` serves them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import ClassVar

from msgspec import field

from knowledge.objects.meta import (
    Condition,
    LabelSelector,
    LabelSelectorRequirement,
    LocalReference,
    Object,
    Part,
    Quantity,
    Resource,
)


class KeyRef(Part):
    """One key of a ConfigMap or Secret."""

    name: str = ""
    key: str = ""
    optional: bool = False


class FieldRef(Part):
    field_path: str = ""


class ResourceFieldRef(Part):
    resource: str = ""
    container_name: str = ""


class EnvVarSource(Part):
    config_map_key_ref: KeyRef | None = None
    secret_key_ref: KeyRef | None = None
    field_ref: FieldRef | None = None
    resource_field_ref: ResourceFieldRef | None = None


class EnvVar(Part):
    """``value`` may hold a secret: it is never shown as it is."""

    name: str = ""
    value: str = ""
    value_from: EnvVarSource | None = None


class WholeRef(Part):
    name: str = ""
    optional: bool = False


class EnvFrom(Part):
    prefix: str = ""
    config_map_ref: WholeRef | None = None
    secret_ref: WholeRef | None = None


class ContainerPort(Part):
    name: str = ""
    container_port: int = 0
    host_port: int = 0
    protocol: str = "TCP"


class ResourceRequirements(Part):
    requests: dict[str, Quantity] = {}
    limits: dict[str, Quantity] = {}


class HttpGet(Part):
    path: str = ""
    port: int | str = 0
    scheme: str = "HTTP"
    host: str = ""


class TcpSocket(Part):
    port: int | str = 0


class Exec(Part):
    command: tuple[str, ...] = ()


class Grpc(Part):
    port: int = 0
    service: str = ""


class Sleep(Part):
    seconds: int = 0


class Probe(Part):
    http_get: HttpGet | None = None
    tcp_socket: TcpSocket | None = None
    exec: Exec | None = None
    grpc: Grpc | None = None
    initial_delay_seconds: int = 0
    timeout_seconds: int = 1
    period_seconds: int = 10
    success_threshold: int = 1
    failure_threshold: int = 3
    termination_grace_period_seconds: int | None = None


class Handler(Part):
    exec: Exec | None = None
    http_get: HttpGet | None = None
    sleep: Sleep | None = None


class Lifecycle(Part):
    pre_stop: Handler | None = None
    post_start: Handler | None = None


class VolumeMount(Part):
    name: str = ""
    mount_path: str = ""
    sub_path: str = ""
    sub_path_expr: str = ""
    read_only: bool = False


class Capabilities(Part):
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


class SecurityContext(Part):
    """Of a container, and (``fs_group``) of a pod."""

    run_as_user: int | None = None
    run_as_group: int | None = None
    run_as_non_root: bool | None = None
    read_only_root_filesystem: bool | None = None
    privileged: bool | None = None
    allow_privilege_escalation: bool | None = None
    capabilities: Capabilities | None = None
    fs_group: int | None = None


class Container(Part):
    name: str = ""
    image: str = ""
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    working_dir: str = ""
    env: tuple[EnvVar, ...] = ()
    env_from: tuple[EnvFrom, ...] = ()
    ports: tuple[ContainerPort, ...] = ()
    resources: ResourceRequirements = field(default_factory=ResourceRequirements)
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None
    startup_probe: Probe | None = None
    lifecycle: Lifecycle | None = None
    volume_mounts: tuple[VolumeMount, ...] = ()
    image_pull_policy: str = ""
    security_context: SecurityContext | None = None
    restart_policy: str = ""
    """``Always`` on an init container makes it a native sidecar (stable in 1.33)."""


class KeyToPath(Part):
    key: str = ""
    path: str = ""


class ConfigMapVolume(Part):
    name: str = ""
    optional: bool = False
    items: tuple[KeyToPath, ...] = ()


class SecretVolume(Part):
    secret_name: str = ""
    optional: bool = False
    items: tuple[KeyToPath, ...] = ()


class ClaimVolume(Part):
    claim_name: str = ""
    read_only: bool = False


class EmptyDir(Part):
    medium: str = ""
    size_limit: Quantity | None = None


class HostPath(Part):
    path: str = ""
    type: str = ""


class ProjectedSource(Part):
    config_map: ConfigMapVolume | None = None
    secret: ConfigMapVolume | None = None


class Projected(Part):
    sources: tuple[ProjectedSource, ...] = ()


class CsiVolume(Part):
    driver: str = ""
    volume_attributes: dict[str, str] = {}


class NfsVolume(Part):
    server: str = ""
    path: str = ""


class Volume(Part):
    name: str = ""
    config_map: ConfigMapVolume | None = None
    secret: SecretVolume | None = None
    persistent_volume_claim: ClaimVolume | None = None
    empty_dir: EmptyDir | None = None
    host_path: HostPath | None = None
    projected: Projected | None = None
    csi: CsiVolume | None = None
    nfs: NfsVolume | None = None


class Toleration(Part):
    key: str = ""
    operator: str = "Equal"
    value: str = ""
    effect: str = ""
    toleration_seconds: int | None = None


class NodeSelectorRequirement(LabelSelectorRequirement):
    """Knows two operators more than other selectors: ``Gt`` and ``Lt``, for labels that are integers."""

    def holds(self, labels: Mapping[str, str]) -> bool:
        if self.operator not in ("Gt", "Lt"):
            return super().holds(labels)
        value = labels.get(self.key, "")
        if not self.values or not (value.lstrip("-").isdecimal() and self.values[0].isdecimal()):
            return False
        return int(value) > int(self.values[0]) if self.operator == "Gt" else int(value) < int(self.values[0])


class NodeSelectorTerm(Part):
    match_expressions: tuple[NodeSelectorRequirement, ...] = ()
    match_fields: tuple[NodeSelectorRequirement, ...] = ()


class NodeSelector(Part):
    node_selector_terms: tuple[NodeSelectorTerm, ...] = ()


class NodeAffinity(Part):
    required_during_scheduling_ignored_during_execution: NodeSelector | None = None


class PodAffinityTerm(Part):
    label_selector: LabelSelector | None = None
    topology_key: str = ""
    namespaces: tuple[str, ...] = ()


class PodAffinity(Part):
    required_during_scheduling_ignored_during_execution: tuple[PodAffinityTerm, ...] = ()


class Affinity(Part):
    node_affinity: NodeAffinity | None = None
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAffinity | None = None


class TopologySpreadConstraint(Part):
    max_skew: int = 1
    topology_key: str = ""
    when_unsatisfiable: str = ""
    label_selector: LabelSelector | None = None


class PodDnsConfig(Part):
    nameservers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()


class HostAlias(Part):
    ip: str = ""
    hostnames: tuple[str, ...] = ()


class PodSpec(Part):
    node_name: str = ""
    service_account_name: str = ""
    restart_policy: str = "Always"
    priority: int | None = None
    priority_class_name: str = ""
    scheduler_name: str = "default-scheduler"
    termination_grace_period_seconds: int | None = None
    active_deadline_seconds: int | None = None
    host_network: bool = False
    host_pid: bool = field(default=False, name="hostPID")
    dns_policy: str = "ClusterFirst"
    dns_config: PodDnsConfig | None = None
    host_aliases: tuple[HostAlias, ...] = ()
    hostname: str = ""
    subdomain: str = ""
    runtime_class_name: str = ""
    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    ephemeral_containers: tuple[Container, ...] = ()
    volumes: tuple[Volume, ...] = ()
    tolerations: tuple[Toleration, ...] = ()
    node_selector: dict[str, str] = {}
    affinity: Affinity | None = None
    topology_spread_constraints: tuple[TopologySpreadConstraint, ...] = ()
    image_pull_secrets: tuple[LocalReference, ...] = ()
    scheduling_gates: tuple[LocalReference, ...] = ()
    readiness_gates: tuple["ReadinessGate", ...] = ()
    security_context: SecurityContext | None = None
    overhead: dict[str, Quantity] = {}
    resources: ResourceRequirements | None = None


class ReadinessGate(Part):
    condition_type: str = ""


class Terminated(Part):
    exit_code: int = 0
    signal: int = 0
    reason: str = ""
    message: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None


class Waiting(Part):
    reason: str = ""
    message: str = ""


class Running(Part):
    started_at: datetime | None = None


class ContainerState(Part):
    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Terminated | None = None


class ContainerStatus(Part):
    name: str = ""
    image: str = ""
    image_id: str = field(default="", name="imageID")
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0
    state: ContainerState = field(default_factory=ContainerState)
    last_state: ContainerState = field(default_factory=ContainerState)
    resources: ResourceRequirements | None = None

    @property
    def last_end(self) -> Terminated | None:
        """The most recent end that the API still remembers: the present one, else the previous run's."""
        return self.state.terminated or self.last_state.terminated


class PodStatus(Part):
    phase: str = ""
    reason: str = ""
    message: str = ""
    pod_ip: str = field(default="", name="podIP")
    host_ip: str = field(default="", name="hostIP")
    nominated_node_name: str = ""
    qos_class: str = ""
    start_time: datetime | None = None
    conditions: tuple[Condition, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] = ()
    init_container_statuses: tuple[ContainerStatus, ...] = ()
    ephemeral_container_statuses: tuple[ContainerStatus, ...] = ()


class Pod(Object):
    RESOURCE: ClassVar[Resource] = Resource("Pod", "", "v1", "pods")
    spec: PodSpec = field(default_factory=PodSpec)
    status: PodStatus = field(default_factory=PodStatus)

    def condition(self, kind: str) -> Condition | None:
        for condition in self.status.conditions:  # a generator takes twice as long, over all pods of a cluster
            if condition.type == kind:
                return condition
        return None

    def lasting_containers(self) -> Iterator[Container]:
        """Main containers and native sidecars: those that are meant to run as long as the pod does."""
        yield from self.spec.containers
        yield from (c for c in self.spec.init_containers if c.restart_policy == "Always")

    def lasting_statuses(self) -> Iterator[ContainerStatus]:
        """Status of main containers and of native sidecars; ephemeral containers never decide a verdict."""
        yield from self.status.container_statuses
        if not self.status.init_container_statuses:
            return
        sidecars = {c.name for c in self.spec.init_containers if c.restart_policy == "Always"}
        yield from (s for s in self.status.init_container_statuses if s.name in sidecars)

    def container(self, name: str) -> Container | None:
        for group in (self.spec.containers, self.spec.init_containers, self.spec.ephemeral_containers):
            for container in group:
                if container.name == name:
                    return container
        return None
