"""What all Kubernetes objects share: metadata, owners, selectors, conditions, and how a kind is addressed.

Partial on purpose: a struct declares only the fields that somebody reads. Every field has a default, since an API
server leaves out what is empty.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from msgspec import Struct, field

Quantity = str | int | float
"""A Kubernetes quantity as written: ``500m``, ``512Mi``, ``2``. ``knowledge.facts.quantity`` reads it."""


@dataclass(frozen=True)
class Resource:
    """How the API addresses a kind: ``/api/v1/pods`` or ``/apis/apps/v1/namespaces/NS/deployments``."""

    kind: str
    group: str
    version: str
    plural: str
    namespaced: bool = True
    older: tuple[str, ...] = ()
    """API versions under which old servers serve the kind in nearly the same form, the newest first."""

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def spoken(self) -> str:
        """The plural as ``kubectl`` takes it: with its group where a built-in kind has the same one."""
        return f"{self.plural}.{self.group}" if self.group == "metrics.k8s.io" else self.plural

    def before(self) -> Iterator["Resource"]:
        """The kind as older servers know it."""
        for api_version in self.older:
            group, _, version = api_version.rpartition("/")
            yield Resource(self.kind, group, version, self.plural, self.namespaced)

    def path(self, namespace: str | None = None, name: str | None = None) -> str:
        """The URL path of one object, of a namespace's objects, or (both absent) of all of them."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        scope = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{root}{scope}/{self.plural}" + (f"/{name}" if name else "")


class Part(Struct, rename="camel", gc=False, omit_defaults=True):
    """A piece of an object: snake_case here, camelCase on the wire.

    Decoded trees hold no cycles, so the collector need not walk them: 10,000 pods decode 2.7 times as fast.
    """


class OwnerReference(Part):
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False
    api_version: str = ""


class ManagedFields(Part):
    """Who wrote fields last, through which API version. ``fields_v1`` holds keys such as ``f:spec``, never values."""

    manager: str = ""
    api_version: str = ""
    operation: str = ""
    subresource: str = ""
    time: datetime | None = None
    fields_v1: dict[str, object] = field(default_factory=dict, name="fieldsV1")


class ObjectMeta(Part):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    generate_name: str = ""
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    deletion_grace_period_seconds: int | None = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    owner_references: tuple[OwnerReference, ...] = ()
    finalizers: tuple[str, ...] = ()
    managed_fields: tuple[ManagedFields, ...] = ()


class Object(Part):
    """A Kubernetes object. Each kind says in ``RESOURCE`` how it is addressed."""

    RESOURCE: ClassVar[Resource]
    metadata: ObjectMeta = field(default_factory=ObjectMeta)


class Condition(Part):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_transition_time: datetime | None = None
    last_update_time: datetime | None = None
    last_heartbeat_time: datetime | None = None
    observed_generation: int = 0


class LabelSelectorRequirement(Part):
    key: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether some labels fit; an operator that is not known fits nothing."""
        value = labels.get(self.key)
        match self.operator:
            case "In":
                return value in self.values
            case "NotIn":
                return value not in self.values
            case "Exists":
                return value is not None
            case "DoesNotExist":
                return value is None
        return False


class LabelSelector(Part):
    """``{}`` selects everything; an absent selector (``None`` where it is held) selects nothing."""

    match_labels: dict[str, str] = {}
    match_expressions: tuple[LabelSelectorRequirement, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        return all(labels.get(key) == value for key, value in self.match_labels.items()) and all(
            wanted.holds(labels) for wanted in self.match_expressions
        )

    def as_query(self) -> str:
        """The ``labelSelector`` parameter that means the same."""
        terms = [f"{key}={value}" for key, value in sorted(self.match_labels.items())]
        for wanted in self.match_expressions:
            values = ",".join(wanted.values)
            match wanted.operator:
                case "In":
                    terms.append(f"{wanted.key} in ({values})")
                case "NotIn":
                    terms.append(f"{wanted.key} notin ({values})")
                case "Exists":
                    terms.append(wanted.key)
                case "DoesNotExist":
                    terms.append(f"!{wanted.key}")
        return ",".join(terms)


class LocalReference(Part):
    name: str = ""


class ObjectReference(Part):
    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""
    api_version: str = ""
    api_group: str = ""
    field_path: str = ""
