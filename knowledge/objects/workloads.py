"""Deployments, ReplicaSets, StatefulSets, DaemonSets, and what scales or protects them."""

from datetime import datetime
from typing import ClassVar

from msgspec import DecodeError, Raw, field
from msgspec.json import decode

from knowledge.objects.meta import Condition, LabelSelector, Object, ObjectMeta, ObjectReference, Part, Resource
from knowledge.objects.pod import PodSpec


class PodTemplate(Part):
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    spec: PodSpec = field(default_factory=PodSpec)


class RollingUpdate(Part):
    max_unavailable: int | str | None = None
    max_surge: int | str | None = None
    partition: int = 0


class Strategy(Part):
    type: str = ""
    rolling_update: RollingUpdate | None = None


class DeploymentSpec(Part):
    replicas: int | None = None
    """``None`` means one: the API server fills it in, a recorded manifest may not."""
    selector: LabelSelector = field(default_factory=LabelSelector)
    template: PodTemplate = field(default_factory=PodTemplate)
    strategy: Strategy = field(default_factory=Strategy)
    paused: bool = False
    min_ready_seconds: int = 0
    progress_deadline_seconds: int | None = None
    revision_history_limit: int | None = None


class DeploymentStatus(Part):
    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    unavailable_replicas: int = 0
    collision_count: int = 0
    conditions: tuple[Condition, ...] = ()


class Deployment(Object):
    RESOURCE: ClassVar[Resource] = Resource("Deployment", "apps", "v1", "deployments")
    spec: DeploymentSpec = field(default_factory=DeploymentSpec)
    status: DeploymentStatus = field(default_factory=DeploymentStatus)

    def condition(self, kind: str) -> Condition | None:
        return next((c for c in self.status.conditions if c.type == kind), None)


class ReplicaSetSpec(Part):
    replicas: int | None = None
    selector: LabelSelector = field(default_factory=LabelSelector)
    template: PodTemplate = field(default_factory=PodTemplate)


class ReplicaSetStatus(Part):
    replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    conditions: tuple[Condition, ...] = ()


class ReplicaSet(Object):
    RESOURCE: ClassVar[Resource] = Resource("ReplicaSet", "apps", "v1", "replicasets")
    spec: ReplicaSetSpec = field(default_factory=ReplicaSetSpec)
    status: ReplicaSetStatus = field(default_factory=ReplicaSetStatus)

    @property
    def revision(self) -> int:
        """``deployment.kubernetes.io/revision``, 0 when it is absent or no number."""
        text = self.metadata.annotations.get("deployment.kubernetes.io/revision", "")
        return int(text) if text.isdecimal() else 0


class ClaimTemplate(Part):
    metadata: ObjectMeta = field(default_factory=ObjectMeta)


class StatefulSetSpec(Part):
    replicas: int | None = None
    selector: LabelSelector = field(default_factory=LabelSelector)
    template: PodTemplate = field(default_factory=PodTemplate)
    service_name: str = ""
    pod_management_policy: str = "OrderedReady"
    update_strategy: Strategy = field(default_factory=Strategy)
    volume_claim_templates: tuple[ClaimTemplate, ...] = ()


class StatefulSetStatus(Part):
    replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    current_replicas: int = 0
    updated_replicas: int = 0
    current_revision: str = ""
    update_revision: str = ""
    conditions: tuple[Condition, ...] = ()


class StatefulSet(Object):
    RESOURCE: ClassVar[Resource] = Resource("StatefulSet", "apps", "v1", "statefulsets")
    spec: StatefulSetSpec = field(default_factory=StatefulSetSpec)
    status: StatefulSetStatus = field(default_factory=StatefulSetStatus)


class DaemonSetSpec(Part):
    selector: LabelSelector = field(default_factory=LabelSelector)
    template: PodTemplate = field(default_factory=PodTemplate)
    update_strategy: Strategy = field(default_factory=Strategy)


class DaemonSetStatus(Part):
    current_number_scheduled: int = 0
    desired_number_scheduled: int = 0
    updated_number_scheduled: int = 0
    number_available: int = 0
    number_misscheduled: int = 0
    number_ready: int = 0
    number_unavailable: int = 0
    conditions: tuple[Condition, ...] = ()


class DaemonSet(Object):
    RESOURCE: ClassVar[Resource] = Resource("DaemonSet", "apps", "v1", "daemonsets")
    spec: DaemonSetSpec = field(default_factory=DaemonSetSpec)
    status: DaemonSetStatus = field(default_factory=DaemonSetStatus)


class ControllerRevision(Object):
    RESOURCE: ClassVar[Resource] = Resource("ControllerRevision", "apps", "v1", "controllerrevisions")
    revision: int = 0
    data: Raw = Raw()
    """What the owner looked like, in a form of its own; ``template`` reads that of StatefulSets and DaemonSets."""

    @property
    def template(self) -> "PodTemplate | None":
        try:
            return decode(self.data, type=_RevisionData).spec.template if bytes(self.data) else None
        except DecodeError:
            return None


class _RevisionSpec(Part):
    template: PodTemplate = field(default_factory=PodTemplate)


class _RevisionData(Part):
    spec: _RevisionSpec = field(default_factory=_RevisionSpec)


class MetricTarget(Part):
    type: str = ""
    average_utilization: int | None = None


class ResourceMetric(Part):
    name: str = ""
    container: str = ""
    target: MetricTarget = field(default_factory=MetricTarget)
    current: "MetricValue | None" = None


class MetricValue(Part):
    average_utilization: int | None = None


class Metric(Part):
    type: str = ""
    resource: ResourceMetric | None = None
    container_resource: ResourceMetric | None = None


class HpaSpec(Part):
    scale_target_ref: ObjectReference = field(default_factory=ObjectReference)
    min_replicas: int = 1
    max_replicas: int = 0
    metrics: tuple[Metric, ...] = ()


class HpaStatus(Part):
    current_replicas: int = 0
    desired_replicas: int = 0
    last_scale_time: datetime | None = None
    conditions: tuple[Condition, ...] = ()
    current_metrics: tuple[Metric, ...] = ()


class HorizontalPodAutoscaler(Object):
    RESOURCE: ClassVar[Resource] = Resource(
        "HorizontalPodAutoscaler",
        "autoscaling",
        "v2",
        "horizontalpodautoscalers",
        older=("autoscaling/v2beta2", "autoscaling/v1"),
    )
    spec: HpaSpec = field(default_factory=HpaSpec)
    status: HpaStatus = field(default_factory=HpaStatus)


class PdbSpec(Part):
    selector: LabelSelector | None = None
    min_available: int | str | None = None
    max_unavailable: int | str | None = None
    unhealthy_pod_eviction_policy: str = ""


class PdbStatus(Part):
    disruptions_allowed: int = 0
    current_healthy: int = 0
    desired_healthy: int = 0
    expected_pods: int = 0
    conditions: tuple[Condition, ...] = ()


class PodDisruptionBudget(Object):
    RESOURCE: ClassVar[Resource] = Resource(
        "PodDisruptionBudget", "policy", "v1", "poddisruptionbudgets", older=("policy/v1beta1",)
    )
    spec: PdbSpec = field(default_factory=PdbSpec)
    status: PdbStatus = field(default_factory=PdbStatus)
