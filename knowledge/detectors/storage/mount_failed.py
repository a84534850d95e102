"""A volume that the node cannot mount for a pod.

A missing ConfigMap or Secret is told elsewhere, and a single failure may be a driver that restarts.
"""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.messages import missing_ref, mount_failure, mount_wait
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, Who, event_of
from knowledge.objects import Event, Pod
from knowledge.said import Said
from knowledge.secrets.quoting import ends
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="storage-mount-failed", severity=Severity.ERROR, needs=(Pod, Event))


def detect(seen: Snapshot) -> Iterator[Finding]:
    for pod in seen.all(Pod):
        if pod.status.phase != "Pending":
            continue
        for event in reversed(seen.events(pod, "FailedMount")):
            text = mount_failure(event.message)
            if text and event.count >= 2 and missing_ref(event.message) is None:
                yield _finding(seen, pod, event, text.volume, text.cause)
                break
        else:
            yield from _waits(seen, pod)


def _waits(seen: Snapshot, pod: Pod) -> Iterator[Finding]:
    """The kubelet names only the volumes that it waited for: those that never came to the node, or that it has."""
    if any(missing_ref(event.message) for event in seen.events(pod, "FailedMount")):
        return
    for event in reversed(seen.events(pod, "FailedMount")):
        text = mount_wait(event.message)
        stuck = text.unmounted.split() if text else []
        if text and stuck and event.count >= 2:
            away = stuck[0] in text.unattached.split()
            where = Said("it has not been attached to the node ({cause})", cause=text.cause)
            here = Said("it is attached, but not mounted ({cause})", cause=text.cause)
            yield _finding(seen, pod, event, stuck[0], where if away else here)
            return


def _finding(seen: Snapshot, pod: Pod, event: Event, volume: str, cause: Said | str) -> Finding:
    workload = seen.workload(pod)
    return Finding(
        DETECTOR,
        workload,
        Said(
            "Pod {pod} cannot start: node {node} cannot mount its volume {volume}: {cause}",
            pod=pod.metadata.name,
            node=pod.spec.node_name,
            volume=volume,
            cause=ends(cause) if isinstance(cause, str) else cause,
        ),
        Confidence.PROVEN,
        evidence=(event_of(event),),
        why=Said("The kubelet must mount every volume of a pod before it starts the first container."),
        remedies=(
            Remedy(
                Said("Look at the events of the pod and at the storage driver's pod on that node."),
                f"kubectl -n {pod.metadata.namespace} describe pod {pod.metadata.name}",
                Consent.LOOK,
                Who.PLATFORM,
            ),
        ),
        pods=(Ref.to(pod),),
        discriminator=volume,
        at=event.last_seen,
    )
