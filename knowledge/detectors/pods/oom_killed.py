"""A container that was killed because it used more memory than it may.

Not every kill by memory is a matter of the limit: without a limit the node itself ran out.
"""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import ContainerStatus, Event, Node, Pod, Terminated
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="pod-oomkilled",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Event, Node),
    hides=("pod-crashloop-app-exit", "pod-container-restarted", "pod-killed-from-outside"),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for pod in seen.all(Pod):
        for status in pod.lasting_statuses():
            end = status.last_end
            if end and end.reason == "OOMKilled":
                yield _finding(seen, pod, status, end)


def _finding(seen: Snapshot, pod: Pod, status: ContainerStatus, end: Terminated) -> Finding:
    workload = seen.workload(pod)
    limit = _memory_limit(pod, status)
    if limit:
        says = Said(
            "{workload} was killed for using too much memory: container {container} went over its memory limit of "
            "{limit} (OOMKilled, exit code {code}).",
            workload=workload.name,
            container=status.name,
            limit=limit,
            code=end.exit_code,
        )
    else:
        says = Said(
            "{workload} was killed because node {node} ran out of memory: container {container} has no memory limit "
            "(OOMKilled, exit code {code}).",
            workload=workload.name,
            node=pod.spec.node_name,
            container=status.name,
            code=end.exit_code,
        )
    path = f"status.containerStatuses[{status.name}]"
    return Finding(
        DETECTOR,
        workload,
        says,
        Confidence.PROVEN,
        evidence=(
            field_of(pod, f"{path}.lastState.terminated.reason", end.reason, end.finished_at),
            field_of(pod, f"{path}.restartCount", status.restart_count),
            field_of(pod, f"spec.containers[{status.name}].resources.limits.memory", limit or "-"),
        ),
        why=Said(
            "A memory limit is a hard ceiling: when the processes of a container need more, the Linux kernel kills "
            "them at once, without a warning to the program. Kubernetes then starts the container again."
        ),
        remedies=(
            Remedy(
                Said("Raise the memory limit, or lower what the program uses (heap size, caches, a leak)."),
                f"kubectl -n {workload.namespace} set resources {workload.kind.lower()}/{workload.name} "
                f"-c {status.name} --limits=memory=…",
                Consent.ASK,
            ),
        ),
        pods=(Ref.to(pod),),
        discriminator=status.name,
        at=end.finished_at,
    )


def _memory_limit(pod: Pod, status: ContainerStatus) -> str:
    container = pod.container(status.name)
    effective = status.resources or (container.resources if container else None)
    return str(effective.limits.get("memory", "")) if effective else ""
