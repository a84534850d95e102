"""What a new revision changed in a workload's pod template, and when.

Of an environment variable the value is told only where it can be no secret: a number, a size, a switch, an address.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from knowledge.finding import Evidence, Ref, Source
from knowledge.objects import Container, ControllerRevision, PodTemplate, Probe, ReplicaSet
from knowledge.objects.pod import EnvVar, Volume
from knowledge.snapshot import Snapshot

SOON_AFTER = timedelta(minutes=30)
"""A failure that begins within this time of a new revision is taken to have begun with it."""

_RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
_SECRET_NAME = re.compile(r"(?i)pass|secret|token|key|cred|auth|dsn|salt")
_HARMLESS = re.compile(
    r"^(?:[+-]?\d+(?:\.\d+)?(?:[a-zA-Z%]{1,3})?|(?i:true|false|yes|no|on|off|debug|info|warn|error)|"
    r"(?:[a-z][a-z0-9+.-]*://)?(?=[^@]*$)[A-Za-z][\w.-]*(?::\d{1,5})(?:/[\w./-]*)?|[a-z][a-z0-9.-]{0,40}|/[\w./-]*|)$"
)


@dataclass(frozen=True)
class Change:
    """One difference. ``what``: ``image``, ``env DB_HOST``, ``limits.memory`` …; empty ``container``: of the pod."""

    what: str
    container: str = ""
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        place = f"{self.container}: " if self.container else ""
        return f"{place}{self.what} {self.before or '-'} → {self.after or '-'}"


@dataclass(frozen=True)
class Revision:
    """A revision of a workload, with what differs from the one before it."""

    number: int
    at: datetime
    kept_in: Ref
    changes: tuple[Change, ...]
    restart_only: bool = False
    """Nothing differs but the annotation that ``kubectl rollout restart`` writes."""

    def evidence(self) -> Evidence:
        told = "; ".join(str(change) for change in self.changes[:4])
        if self.restart_only:
            told = _RESTARTED_AT
        return Evidence(Source.FIELD, self.kept_in, "metadata.creationTimestamp", told, self.at)


def revisions(seen: Snapshot, workload: Ref) -> tuple[Revision, ...]:
    """The revisions of a workload that are still kept, newest first: ReplicaSets, or ControllerRevisions."""
    if workload.kind == "Deployment":
        kept = [(rs, rs.revision, rs.spec.template) for rs in seen.replica_sets(workload)]
        return _compared(kept)
    if workload.kind not in ("StatefulSet", "DaemonSet"):
        return ()
    owned = [r for r in seen.all(ControllerRevision, workload.namespace) if seen.owner(r) == workload]
    ordered = sorted(owned, key=lambda r: r.revision, reverse=True)
    return _compared([(r, r.revision, r.template or PodTemplate()) for r in ordered])


def _compared(kept: Sequence[tuple[ReplicaSet | ControllerRevision, int, PodTemplate]]) -> tuple[Revision, ...]:
    found = []
    for i, (holder, number, template) in enumerate(kept):
        before = kept[i + 1][2] if i + 1 < len(kept) else None
        at = holder.metadata.creation_timestamp
        if at is None:
            continue
        changed = differences(before, template) if before else ()
        only_restarted = before is not None and _restart_only(before, template, changed)
        found.append(Revision(number, at, Ref.to(holder), changed, only_restarted))
    return tuple(found)


def began_with(seen: Snapshot, workload: Ref, when: datetime | None, within: timedelta = SOON_AFTER) -> Revision | None:
    """The newest revision, when it came at most so long before ``when`` and was not the first one."""
    known = revisions(seen, workload)
    if when is None or len(known) < 2:
        return None
    newest = known[0]
    return newest if timedelta(seconds=-5) <= when - newest.at <= within else None


def differences(old: PodTemplate, new: PodTemplate) -> tuple[Change, ...]:
    """What differs between two pod templates, in the order in which people ask: image first."""
    before = {c.name: c for c in (*old.spec.containers, *old.spec.init_containers)}
    after = {c.name: c for c in (*new.spec.containers, *new.spec.init_containers)}
    found: list[Change] = []
    for name, container in after.items():
        known = before.get(name)
        if known is None:
            found.append(Change("container", name, "", container.image))
        else:
            found.extend(_of_container(known, container))
    found.extend(Change("container", name, gone.image, "") for name, gone in before.items() if name not in after)
    found.extend(_of_pod(old, new))
    return tuple(found)


def _of_container(old: Container, new: Container) -> Iterator[Change]:
    name = new.name
    pairs: tuple[tuple[str, object, object], ...] = (
        ("image", old.image, new.image),
        ("command", " ".join(old.command), " ".join(new.command)),
        ("args", " ".join(old.args), " ".join(new.args)),
        ("workingDir", old.working_dir, new.working_dir),
        ("imagePullPolicy", old.image_pull_policy, new.image_pull_policy),
        ("securityContext", _security(old), _security(new)),
    )
    yield from (Change(what, name, str(a), str(b)) for what, a, b in pairs if a != b)
    yield from _of_env(old, new)
    for group in ("requests", "limits"):
        a, b = getattr(old.resources, group), getattr(new.resources, group)
        for resource in sorted({*a, *b}):
            if a.get(resource) != b.get(resource):
                yield Change(f"{group}.{resource}", name, str(a.get(resource, "")), str(b.get(resource, "")))
    for what, one, other in (
        ("livenessProbe", old.liveness_probe, new.liveness_probe),
        ("readinessProbe", old.readiness_probe, new.readiness_probe),
        ("startupProbe", old.startup_probe, new.startup_probe),
    ):
        if one != other:
            yield Change(what, name, probe_text(one), probe_text(other))
    ports = [",".join(f"{p.container_port}/{p.protocol}" for p in c.ports) for c in (old, new)]
    if ports[0] != ports[1]:
        yield Change("ports", name, *ports)
    mounts = [",".join(f"{m.name}:{m.mount_path}" for m in c.volume_mounts) for c in (old, new)]
    if mounts[0] != mounts[1]:
        yield Change("volumeMounts", name, *mounts)


def _of_env(old: Container, new: Container) -> Iterator[Change]:
    before, after = {e.name: e for e in old.env}, {e.name: e for e in new.env}
    for name in dict.fromkeys((*after, *before)):
        a, b = before.get(name), after.get(name)
        if a != b:
            yield Change(f"env {name}", new.name, env_text(a), env_text(b))
    sources = [",".join(_source_names(c)) for c in (old, new)]
    if sources[0] != sources[1]:
        yield Change("envFrom", new.name, *sources)


def env_text(env: EnvVar | None) -> str:
    """A variable's value as far as it may be shown: its source by name, a harmless value, else that it is set."""
    if env is None:
        return ""
    source = env.value_from
    if source and source.config_map_key_ref:
        return f"ConfigMap {source.config_map_key_ref.name}/{source.config_map_key_ref.key}"
    if source and source.secret_key_ref:
        return f"Secret {source.secret_key_ref.name}/{source.secret_key_ref.key}"
    if source:
        return "valueFrom"
    shown = not _SECRET_NAME.search(env.name) and _HARMLESS.match(env.value)
    return f'"{env.value}"' if shown else "…"


def _source_names(container: Container) -> Iterator[str]:
    for source in container.env_from:
        if source.config_map_ref:
            yield f"ConfigMap {source.config_map_ref.name}"
        if source.secret_ref:
            yield f"Secret {source.secret_ref.name}"


def probe_text(probe: Probe | None) -> str:
    """A probe in a few words: what it asks and how patient it is."""
    if probe is None:
        return ""
    if probe.http_get:
        asks = f"GET :{probe.http_get.port}{probe.http_get.path}"
    elif probe.tcp_socket:
        asks = f"tcp :{probe.tcp_socket.port}"
    elif probe.grpc:
        asks = f"grpc :{probe.grpc.port}"
    else:
        asks = "exec"
    return (
        f"{asks} delay={probe.initial_delay_seconds}s timeout={probe.timeout_seconds}s "
        f"period={probe.period_seconds}s failures={probe.failure_threshold}"
    )


def _of_pod(old: PodTemplate, new: PodTemplate) -> Iterator[Change]:
    a, b = old.spec, new.spec
    pairs: tuple[tuple[str, object, object], ...] = (
        ("serviceAccountName", a.service_account_name, b.service_account_name),
        ("nodeSelector", _labels(a.node_selector), _labels(b.node_selector)),
        ("volumes", ",".join(map(_volume, a.volumes)), ",".join(map(_volume, b.volumes))),
        (
            "imagePullSecrets",
            ",".join(s.name for s in a.image_pull_secrets),
            ",".join(s.name for s in b.image_pull_secrets),
        ),
        ("priorityClassName", a.priority_class_name, b.priority_class_name),
        ("terminationGracePeriodSeconds", a.termination_grace_period_seconds, b.termination_grace_period_seconds),
        ("hostNetwork", a.host_network, b.host_network),
    )
    yield from (Change(what, "", str(x), str(y)) for what, x, y in pairs if x != y)
    if a.affinity != b.affinity:
        yield Change("affinity")
    if a.tolerations != b.tolerations:
        yield Change("tolerations")
    one, other = old.metadata.annotations, new.metadata.annotations
    for key in sorted({*one, *other} - {_RESTARTED_AT}):
        if one.get(key) != other.get(key):
            yield Change(f"annotation {key}")
    labels = [_labels({k: v for k, v in t.metadata.labels.items() if k != "pod-template-hash"}) for t in (old, new)]
    if labels[0] != labels[1]:
        yield Change("labels", "", *labels)


def _volume(volume: Volume) -> str:
    """A volume by its name and where it comes from."""
    sources = (
        volume.config_map and f"ConfigMap {volume.config_map.name}",
        volume.secret and f"Secret {volume.secret.secret_name}",
        volume.persistent_volume_claim and f"PVC {volume.persistent_volume_claim.claim_name}",
        volume.host_path and f"hostPath {volume.host_path.path}",
        volume.nfs and f"nfs {volume.nfs.server}:{volume.nfs.path}",
        volume.csi and f"csi {volume.csi.driver}",
        volume.empty_dir and "emptyDir",
        volume.projected and "projected",
    )
    return f"{volume.name} ({next(filter(None, sources), '?')})"


def _labels(labels: dict[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def _security(container: Container) -> str:
    context = container.security_context
    if context is None:
        return ""
    pairs = (
        ("runAsUser", context.run_as_user),
        ("runAsNonRoot", context.run_as_non_root),
        ("readOnlyRootFilesystem", context.read_only_root_filesystem),
        ("privileged", context.privileged),
    )
    return ",".join(f"{key}={value}" for key, value in pairs if value is not None)


def _restart_only(old: PodTemplate, new: PodTemplate, changed: tuple[Change, ...]) -> bool:
    stamps = [template.metadata.annotations.get(_RESTARTED_AT) for template in (old, new)]
    return not changed and stamps[0] != stamps[1]
