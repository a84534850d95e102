"""Data that is kept on the disk of one machine (a writable hostPath)."""

from collections.abc import Iterator

from knowledge.detector import Detector, Layer
from knowledge.facts.backends import PLATFORM
from knowledge.finding import Confidence, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="hygiene-hostpath-for-data", severity=Severity.WARNING, needs=(Pod,), layer=Layer.HYGIENE)

_MACHINE = ("/var/log", "/etc", "/proc", "/sys", "/dev", "/run", "/var/run", "/lib/modules", "/var/lib/kubelet")


def detect(seen: Snapshot) -> Iterator[Finding]:
    told: set[tuple[Ref, str]] = set()
    for pod in seen.all(Pod):
        workload = seen.workload(pod)
        if pod.metadata.namespace in PLATFORM or workload.kind == "DaemonSet":
            continue
        written = {m.name for c in pod.spec.containers for m in c.volume_mounts if not m.read_only}
        for volume in pod.spec.volumes:
            path = volume.host_path.path if volume.host_path else ""
            of_machine = any(path == root or path.startswith(f"{root}/") for root in _MACHINE) or path.endswith(".sock")
            if not path or of_machine or volume.name not in written or (workload, path) in told:
                continue
            told.add((workload, path))
            yield Finding(
                DETECTOR,
                workload,
                Said(
                    "{workload} keeps data on one machine's disk (hostPath {path}): when the pod moves or the "
                    "machine is rebuilt, the data is gone.",
                    workload=workload.name,
                    path=path,
                ),
                Confidence.PROVEN,
                evidence=(field_of(pod, f"spec.volumes[{volume.name}].hostPath.path", path),),
                remedies=(Remedy(Said("Keep the data on a PersistentVolumeClaim.")),),
                pods=(Ref.to(pod),),
                discriminator=path,
            )
