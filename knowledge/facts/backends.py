"""What stands behind a Service: the pods it selects, how many of them are ready, and the workloads meant for it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from knowledge.finding import Ref
from knowledge.objects import (
    Container,
    DaemonSet,
    Deployment,
    EndpointSlice,
    Pod,
    Service,
    StatefulSet,
)
from knowledge.objects.service import Endpoint, ServicePort
from knowledge.said import Said
from knowledge.snapshot import Snapshot

Workload = Deployment | StatefulSet | DaemonSet
PLATFORM = frozenset({"kube-system", "kube-public", "kube-node-lease", "ingress-nginx", "cilium", "cert-manager"})
"""Namespaces of the platform team, where a developer's habits do not apply."""


@dataclass(frozen=True)
class Readiness:
    """How many pods of a Service get traffic. ``sure``: told by EndpointSlices, not guessed from the pods."""

    ready: int
    total: int
    sure: bool


def labels_text(labels: Iterable[tuple[str, str]]) -> str:
    """Labels as people write them: ``app=web,tier=front``."""
    return ",".join(f"{key}={value}" for key, value in labels)


def selects_by_labels(service: Service) -> bool:
    """Whether a Service finds its pods by a selector at all."""
    return bool(service.spec.selector) and service.spec.type != "ExternalName"


def selected(seen: Snapshot, service: Service) -> tuple[Pod, ...]:
    """The pods that a Service selects and that are not finished."""
    if not selects_by_labels(service):
        return ()
    found = seen.matching(Pod, service.spec.selector, service.metadata.namespace)
    return tuple(pod for pod in found if pod.status.phase not in ("Succeeded", "Failed"))


def services_for(seen: Snapshot, pod: Pod) -> tuple[Service, ...]:
    """The Services that select a pod."""
    return tuple(service for service in seen.services_for(pod) if selects_by_labels(service))


def workloads(seen: Snapshot, namespace: str | None = None) -> Iterator[Workload]:
    """Deployments, StatefulSets and DaemonSets that were read."""
    yield from seen.all(Deployment, namespace)
    yield from seen.all(StatefulSet, namespace)
    yield from seen.all(DaemonSet, namespace)


def workloads_behind(seen: Snapshot, service: Service) -> tuple[Workload, ...]:
    """The workloads whose pod template carries the labels that a Service selects, pods or no pods."""
    return seen.workloads_behind(service) if selects_by_labels(service) else ()


def owners(seen: Snapshot, pods: Iterable[Pod]) -> tuple[Ref, ...]:
    """The workloads of pods, each once."""
    return tuple(dict.fromkeys(seen.workload(pod) for pod in pods))


def desired(workload: Workload) -> int | None:
    """How many pods a workload shall have; ``None`` for a DaemonSet, which has as many as there are nodes."""
    if isinstance(workload, DaemonSet):
        return None
    return 1 if workload.spec.replicas is None else workload.spec.replicas


def is_ready(pod: Pod) -> bool:
    ready = pod.condition("Ready")
    return ready is not None and ready.status == "True" and pod.metadata.deletion_timestamp is None


def readiness(seen: Snapshot, service: Service, pods: tuple[Pod, ...]) -> Readiness:
    """From the EndpointSlices where there are any, else from the Ready conditions of the pods."""
    known = endpoints(seen, service)
    if known:
        addresses = {_identity(e): False for e in known}
        for endpoint in known:
            addresses[_identity(endpoint)] |= endpoint.ready
        return Readiness(sum(addresses.values()), max(len(addresses), len(pods)), True)
    return Readiness(sum(map(is_ready, pods)), len(pods), seen.unread(EndpointSlice) is None)


def endpoints(seen: Snapshot, service: Service) -> tuple[Endpoint, ...]:
    return tuple(e for s in slices(seen, service) for e in s.endpoints or ())


def slices(seen: Snapshot, service: Service) -> tuple[EndpointSlice, ...]:
    return seen.slices_of(service)


def _identity(endpoint: Endpoint) -> str:
    return endpoint.target_ref.name if endpoint.target_ref else ",".join(endpoint.addresses)


def not_ready_since(pod: Pod) -> datetime | None:
    """Since when a pod has not been ready. A container that crashed keeps the time of the pod's start: its Ready
    condition flips with every attempt and would look young for ever."""
    ready = pod.condition("Ready")
    if any(status.restart_count for status in pod.lasting_statuses()):
        return pod.status.start_time or pod.metadata.creation_timestamp
    since = ready.last_transition_time if ready else None
    return since or pod.metadata.creation_timestamp


def unready_for(seen: Snapshot, pods: Iterable[Pod], least: timedelta) -> bool:
    """Whether all of these pods have been without readiness for at least so long."""
    return all((since := not_ready_since(pod)) is None or seen.now - since >= seen.least(least) for pod in pods)


def complaint(pod: Pod) -> str | Said:
    """Why a pod is not ready, in the shortest words the API has for it."""
    if pod.metadata.deletion_timestamp:
        return "Terminating"
    for status in (*pod.status.init_container_statuses, *pod.lasting_statuses()):
        waiting, end = status.state.waiting, status.last_end
        if waiting and waiting.reason not in ("", "PodInitializing"):
            return f"{waiting.reason} ({end.reason}, exit code {end.exit_code})" if end else waiting.reason
        if status.state.terminated and status.state.terminated.exit_code:
            return f"{status.state.terminated.reason}, exit code {status.state.terminated.exit_code}"
    scheduled = pod.condition("PodScheduled")
    if scheduled and scheduled.status == "False":
        return f"Pending, {scheduled.reason}"
    if pod.status.phase == "Running":
        return Said("running but not Ready")
    return pod.status.phase


def complaints(pods: Iterable[Pod]) -> tuple[Said | str, ...]:
    """Why pods are not ready, each reason once with the number of pods."""
    counted: dict[Said | str, int] = {}
    for pod in pods:
        words = complaint(pod)
        counted[words] = counted.get(words, 0) + 1
    return tuple(Said("{n}x {reason}", n=n, reason=reason) for reason, n in counted.items())


def target_of(port: ServicePort) -> int | str:
    """The port, by number or name, that a Service's port forwards to."""
    return port.target_port or port.port


def declares(container: Container, target: int | str, protocol: str | None = None) -> bool:
    """Whether a container declares a port of this number or name (and protocol)."""
    return any(
        (target == p.name if isinstance(target, str) else target == p.container_port)
        and (protocol is None or p.protocol == protocol)
        for p in container.ports
    )
