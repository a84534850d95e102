"""Claims, volumes, classes and attachments."""

from typing import ClassVar

from msgspec import field

from knowledge.objects.meta import Condition, Object, ObjectReference, Part, Quantity, Resource
from knowledge.objects.pod import NodeSelector, ResourceRequirements


class ClaimSpec(Part):
    storage_class_name: str | None = None
    """``None``: the default class; empty: no class, only a volume made by hand."""
    volume_name: str = ""
    volume_mode: str = "Filesystem"
    access_modes: tuple[str, ...] = ()
    resources: ResourceRequirements = field(default_factory=ResourceRequirements)


class ClaimStatus(Part):
    phase: str = ""
    capacity: dict[str, Quantity] = {}
    conditions: tuple[Condition, ...] = ()
    allocated_resource_statuses: dict[str, str] = {}


class PersistentVolumeClaim(Object):
    RESOURCE: ClassVar[Resource] = Resource("PersistentVolumeClaim", "", "v1", "persistentvolumeclaims")
    spec: ClaimSpec = field(default_factory=ClaimSpec)
    status: ClaimStatus = field(default_factory=ClaimStatus)


class CsiSource(Part):
    driver: str = ""
    volume_handle: str = ""


class NfsSource(Part):
    server: str = ""
    path: str = ""


class PathSource(Part):
    path: str = ""


class VolumeNodeAffinity(Part):
    required: NodeSelector | None = None


class PersistentVolumeSpec(Part):
    capacity: dict[str, Quantity] = {}
    access_modes: tuple[str, ...] = ()
    storage_class_name: str = ""
    claim_ref: ObjectReference | None = None
    persistent_volume_reclaim_policy: str = ""
    csi: CsiSource | None = None
    nfs: NfsSource | None = None
    host_path: PathSource | None = None
    local: PathSource | None = None
    node_affinity: VolumeNodeAffinity | None = None


class PersistentVolumeStatus(Part):
    phase: str = ""
    reason: str = ""
    message: str = ""


class PersistentVolume(Object):
    RESOURCE: ClassVar[Resource] = Resource("PersistentVolume", "", "v1", "persistentvolumes", namespaced=False)
    spec: PersistentVolumeSpec = field(default_factory=PersistentVolumeSpec)
    status: PersistentVolumeStatus = field(default_factory=PersistentVolumeStatus)


class StorageClass(Object):
    RESOURCE: ClassVar[Resource] = Resource("StorageClass", "storage.k8s.io", "v1", "storageclasses", namespaced=False)
    provisioner: str = ""
    reclaim_policy: str = ""
    volume_binding_mode: str = "Immediate"
    allow_volume_expansion: bool = False

    @property
    def is_default(self) -> bool:
        return self.metadata.annotations.get("storageclass.kubernetes.io/is-default-class") == "true"


class AttachmentSource(Part):
    persistent_volume_name: str = ""


class VolumeAttachmentSpec(Part):
    attacher: str = ""
    node_name: str = ""
    source: AttachmentSource = field(default_factory=AttachmentSource)


class AttachmentError(Part):
    message: str = ""


class VolumeAttachmentStatus(Part):
    attached: bool = False
    attach_error: AttachmentError | None = None
    detach_error: AttachmentError | None = None


class VolumeAttachment(Object):
    RESOURCE: ClassVar[Resource] = Resource(
        "VolumeAttachment", "storage.k8s.io", "v1", "volumeattachments", namespaced=False
    )
    spec: VolumeAttachmentSpec = field(default_factory=VolumeAttachmentSpec)
    status: VolumeAttachmentStatus = field(default_factory=VolumeAttachmentStatus)
