"""Settings that were changed after the pods which read them had started."""

from collections.abc import Iterator
from datetime import datetime

from knowledge.detector import Detector
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import ConfigMap, Pod, Secret
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="config-changed-not-reloaded",
    severity=Severity.WARNING,
    needs=(Pod, ConfigMap),
    uses=(Secret,),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    told: set[tuple[Ref, Ref]] = set()
    for pod in seen.all(Pod):
        workload = seen.workload(pod)
        reloads = any("checksum" in key or "reload" in key for key in pod.metadata.annotations)
        started = pod.status.start_time
        if pod.status.phase != "Running" or started is None or reloads:
            continue
        for settings in _read_at_start(seen, pod):
            changed = _changed(settings)
            key = (workload, Ref.to(settings))
            if changed and changed > started and key not in told:
                told.add(key)
                yield _finding(pod, workload, settings, started, changed)


def _changed(settings: ConfigMap | Secret) -> datetime | None:
    if settings.immutable:
        return None
    return max((f.time for f in settings.metadata.managed_fields if f.time), default=None)


def _read_at_start(seen: Snapshot, pod: Pod) -> Iterator[ConfigMap | Secret]:
    """What the pod takes as variables or through subPath; a plain volume is refreshed by the kubelet."""
    namespace = pod.metadata.namespace
    names: list[tuple[type[ConfigMap] | type[Secret], str]] = []
    subpaths = {m.name for c in pod.spec.containers for m in c.volume_mounts if m.sub_path}
    for container in pod.spec.containers:
        for env in container.env:
            source = env.value_from
            if source and source.config_map_key_ref:
                names.append((ConfigMap, source.config_map_key_ref.name))
            if source and source.secret_key_ref:
                names.append((Secret, source.secret_key_ref.name))
        names.extend((ConfigMap, s.config_map_ref.name) for s in container.env_from if s.config_map_ref)
        names.extend((Secret, s.secret_ref.name) for s in container.env_from if s.secret_ref)
    for volume in pod.spec.volumes:
        if volume.name in subpaths and volume.config_map:
            names.append((ConfigMap, volume.config_map.name))
        if volume.name in subpaths and volume.secret:
            names.append((Secret, volume.secret.secret_name))
    for kind, name in dict.fromkeys(names):
        found = seen.get(kind, namespace, name)
        if found is not None:
            yield found


def _finding(pod: Pod, workload: Ref, settings: ConfigMap | Secret, started: datetime, changed: datetime) -> Finding:
    kind = type(settings).RESOURCE.kind
    return Finding(
        DETECTOR,
        workload,
        Said(
            "{workload} still runs with old settings: {kind} {name} was changed at {changed}, and its pods, which "
            "read it only at their start, run since {started}.",
            workload=workload.name,
            kind=kind,
            name=settings.metadata.name,
            changed=changed,
            started=started,
        ),
        Confidence.PROVEN,
        evidence=(
            field_of(settings, "metadata.managedFields[].time", changed, changed),
            field_of(pod, "status.startTime", started, started),
        ),
        why=Said("Variables and subPath mounts are copied when a container starts. A later change does not reach it."),
        remedies=(
            Remedy(
                Said("Restart the workload, so that it reads the new settings."),
                f"kubectl -n {workload.namespace} rollout restart {workload.kind.lower()}/{workload.name}",
                Consent.ASK,
            ),
        ),
        pods=(Ref.to(pod),),
        discriminator=f"{kind}/{settings.metadata.name}",
        at=changed,
    )
