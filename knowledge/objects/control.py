"""What guards and extends the API: admission webhooks, aggregated APIs, RBAC, requests for certificates."""

from typing import ClassVar

from msgspec import field

from knowledge.objects.meta import Condition, LabelSelector, Object, ObjectReference, Part, Resource


class WebhookService(Part):
    namespace: str = ""
    name: str = ""
    path: str = ""
    port: int = 443


class WebhookClientConfig(Part):
    service: WebhookService | None = None
    url: str = ""
    ca_bundle: str = ""


class WebhookRule(Part):
    operations: tuple[str, ...] = ()
    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()


class Webhook(Part):
    name: str = ""
    client_config: WebhookClientConfig = field(default_factory=WebhookClientConfig)
    rules: tuple[WebhookRule, ...] = ()
    failure_policy: str = "Fail"
    timeout_seconds: int = 10
    namespace_selector: LabelSelector | None = None
    object_selector: LabelSelector | None = None


class ValidatingWebhookConfiguration(Object):
    RESOURCE: ClassVar[Resource] = Resource(
        "ValidatingWebhookConfiguration",
        "admissionregistration.k8s.io",
        "v1",
        "validatingwebhookconfigurations",
        namespaced=False,
    )
    webhooks: tuple[Webhook, ...] = ()


class MutatingWebhookConfiguration(Object):
    RESOURCE: ClassVar[Resource] = Resource(
        "MutatingWebhookConfiguration",
        "admissionregistration.k8s.io",
        "v1",
        "mutatingwebhookconfigurations",
        namespaced=False,
    )
    webhooks: tuple[Webhook, ...] = ()


class ApiServiceBackend(Part):
    namespace: str = ""
    name: str = ""


class ApiServiceSpec(Part):
    group: str = ""
    version: str = ""
    service: ApiServiceBackend | None = None


class ApiServiceStatus(Part):
    conditions: tuple[Condition, ...] = ()


class APIService(Object):
    RESOURCE: ClassVar[Resource] = Resource(
        "APIService", "apiregistration.k8s.io", "v1", "apiservices", namespaced=False
    )
    spec: ApiServiceSpec = field(default_factory=ApiServiceSpec)
    status: ApiServiceStatus = field(default_factory=ApiServiceStatus)


class PolicyRule(Part):
    verbs: tuple[str, ...] = ()
    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()


class Role(Object):
    RESOURCE: ClassVar[Resource] = Resource("Role", "rbac.authorization.k8s.io", "v1", "roles")
    rules: tuple[PolicyRule, ...] | None = None


class ClusterRole(Object):
    """Read by name only, to know whether it exists."""

    RESOURCE: ClassVar[Resource] = Resource(
        "ClusterRole", "rbac.authorization.k8s.io", "v1", "clusterroles", namespaced=False
    )


class RoleBinding(Object):
    RESOURCE: ClassVar[Resource] = Resource("RoleBinding", "rbac.authorization.k8s.io", "v1", "rolebindings")
    role_ref: ObjectReference = field(default_factory=ObjectReference)
    subjects: tuple[ObjectReference, ...] = ()


class SigningRequestSpec(Part):
    signer_name: str = ""
    username: str = ""


class SigningRequestStatus(Part):
    conditions: tuple[Condition, ...] = ()


class CertificateSigningRequest(Object):
    RESOURCE: ClassVar[Resource] = Resource(
        "CertificateSigningRequest", "certificates.k8s.io", "v1", "certificatesigningrequests", namespaced=False
    )
    spec: SigningRequestSpec = field(default_factory=SigningRequestSpec)
    status: SigningRequestStatus = field(default_factory=SigningRequestStatus)

    def condition(self, kind: str) -> Condition | None:
        return next((c for c in self.status.conditions if c.type == kind and c.status in ("True", "")), None)
