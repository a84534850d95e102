"""A helper container (sidecar) that holds its pod up, or that keeps a finished Job alive."""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Event, Job, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="pod-sidecar-problem",
    severity=Severity.WARNING,
    needs=(Pod,),
    uses=(Job, Event),
)

_SLOW = timedelta(minutes=2)
_LEFT_OVER = timedelta(minutes=5)


def detect(seen: Snapshot) -> Iterator[Finding]:
    told: set[Ref] = set()
    for pod in seen.all(Pod):
        workload = seen.workload(pod)
        if workload in told:
            continue
        for finding in (_not_up(seen, pod), _keeps_job(seen, pod)):
            if finding:
                told.add(workload)
                yield finding


def _not_up(seen: Snapshot, pod: Pod) -> Finding | None:
    """A native sidecar that is not started while later containers wait for it."""
    sidecars = {c.name: c for c in pod.spec.init_containers if c.restart_policy == "Always"}
    waiting = [s.name for s in pod.status.container_statuses if s.state.waiting]
    created = pod.metadata.creation_timestamp
    if pod.status.phase != "Pending" or not waiting or created is None or seen.now - created <= _SLOW:
        return None
    for status in pod.status.init_container_statuses:
        if status.name not in sidecars or status.started or status.state.terminated:
            continue
        reason = status.state.waiting.reason if status.state.waiting else "running"
        workload = seen.workload(pod)
        path = f"status.initContainerStatuses[{status.name}]"
        return Finding(
            DETECTOR,
            workload,
            Said(
                "{workload} waits for its sidecar `{sidecar}`, which is not up ({reason}): {containers} may not start "
                "before it.",
                workload=workload.name,
                sidecar=status.name,
                reason=reason,
                containers=tuple(waiting),
            ),
            Confidence.PROVEN,
            evidence=(
                field_of(pod, f"{path}.started", status.started),
                field_of(pod, f"{path}.state", reason),
                field_of(pod, f"{path}.restartCount", status.restart_count),
            ),
            why=Said(
                "A sidecar among the init containers (restartPolicy: Always) must be started, and pass its "
                "startupProbe where it has one, before the containers after it are started."
            ),
            remedies=(
                Remedy(
                    Said("Read the sidecar's log and check its startupProbe."),
                    f"kubectl -n {pod.metadata.namespace} logs {pod.metadata.name} -c {status.name}",
                    Consent.LOOK,
                ),
            ),
            pods=(Ref.to(pod),),
            discriminator=status.name,
            at=created,
        )
    return None


def _keeps_job(seen: Snapshot, pod: Pod) -> Finding | None:
    """A Job's pod whose work is done while another main container still runs."""
    owner = seen.owner(pod)
    if owner is None or owner.kind != "Job" or pod.status.phase != "Running":
        return None
    statuses = pod.status.container_statuses
    done = [s for s in statuses if s.state.terminated and s.state.terminated.exit_code == 0]
    left = [s for s in statuses if s.state.running]
    ends = [s.state.terminated.finished_at for s in done if s.state.terminated and s.state.terminated.finished_at]
    if not done or not left or not ends or seen.now - max(ends) <= _LEFT_OVER:
        return None
    return Finding(
        DETECTOR,
        owner,
        Said(
            "Job {job} is done but does not end: container {done} completed at {at}, and container {left} "
            "keeps running.",
            job=owner.name,
            done=done[0].name,
            at=max(ends),
            left=left[0].name,
        ),
        Confidence.PROVEN,
        evidence=(
            field_of(pod, f"status.containerStatuses[{done[0].name}].state.terminated.exitCode", 0, max(ends)),
            field_of(pod, f"status.containerStatuses[{left[0].name}].state", "running"),
        ),
        why=Said(
            "A Job's pod ends when all of its main containers have ended. A helper that serves for ever keeps it "
            "alive, unless it is a native sidecar."
        ),
        remedies=(
            Remedy(
                Said(
                    "Move {left} to initContainers with restartPolicy: Always (Kubernetes 1.29 and newer).",
                    left=left[0].name,
                ),
                f"initContainers:\n- name: {left[0].name}\n  restartPolicy: Always",
                Consent.ASK,
            ),
        ),
        pods=(Ref.to(pod),),
        discriminator=left[0].name,
        at=max(ends),
    )
