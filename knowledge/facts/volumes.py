"""Which disk stands behind which path of which pod."""

from collections.abc import Iterator

from knowledge.finding import Ref
from knowledge.objects import PersistentVolumeClaim, Pod
from knowledge.objects.pod import Volume
from knowledge.relations import spec_of
from knowledge.snapshot import Snapshot


def claim_names(pod: Pod) -> tuple[str, ...]:
    """The claims that a pod mounts."""
    return tuple(v.persistent_volume_claim.claim_name for v in pod.spec.volumes if v.persistent_volume_claim)


def users(seen: Snapshot, namespace: str, claim: str) -> tuple[Pod, ...]:
    """The pods that mount a claim and have not finished."""
    found = (pod for pod in seen.all(Pod, namespace) if claim in claim_names(pod))
    return tuple(pod for pod in found if pod.status.phase not in ("Succeeded", "Failed"))


def templates_using(seen: Snapshot, namespace: str, claim: str) -> Iterator[Ref]:
    """The workloads whose pod template mounts a claim, pods or no pods."""
    for thing in seen.objects:
        spec = spec_of(thing)
        if spec and thing.metadata.namespace == namespace and not isinstance(thing, Pod):
            named = (v.persistent_volume_claim for v in spec.volumes)
            if any(source and source.claim_name == claim for source in named):
                yield Ref.to(thing)


def claims_of_volume(seen: Snapshot, volume: str) -> tuple[PersistentVolumeClaim, ...]:
    """The claims that are bound to a PersistentVolume."""
    return tuple(c for c in seen.all(PersistentVolumeClaim) if volume and c.spec.volume_name == volume)


def volume_at(pod: Pod, container: str, path: str) -> Volume | None:
    """The volume that a container sees at a path: the one mounted deepest above it."""
    named = pod.container(container)
    mounts = [m for m in (named.volume_mounts if named else ()) if _below(path, m.mount_path)]
    deepest = max(mounts, key=lambda m: len(m.mount_path), default=None)
    return next((v for v in pod.spec.volumes if deepest and v.name == deepest.name), None)


def _below(path: str, mount: str) -> bool:
    return bool(mount) and (path + "/").startswith(mount.rstrip("/") + "/")
