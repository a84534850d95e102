"""A preparation step (init container) that fails or never ends, so that the program is never started."""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.facts.dependency import dependency_refs
from knowledge.facts.log_facts import LogFact, facts, lead, plain
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, field_of, log_of
from knowledge.objects import ContainerStatus, Event, Pod, ReplicaSet, Service
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Log, Snapshot

DETECTOR = Detector(
    id="pod-init-blocked",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Event, Service, ReplicaSet),
    logs=True,
)

_LONG = timedelta(minutes=5)
_PULL = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError"}
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    told: set[tuple[Ref, str]] = set()
    for pod in seen.all(Pod):
        status = _blocked(seen, pod)
        key = (seen.workload(pod), status.name) if status else None
        if status and key and key not in told:
            told.add(key)
            yield _finding(seen, pod, status)


def _blocked(seen: Snapshot, pod: Pod) -> ContainerStatus | None:
    """The init container that holds a pending pod up; one whose image or settings are missing is another matter."""
    initialized = pod.condition("Initialized")
    if pod.status.phase not in ("Pending", "Failed") or (initialized and initialized.status == "True"):
        return None
    sidecars = {c.name for c in pod.spec.init_containers if c.restart_policy == "Always"}
    for status in pod.status.init_container_statuses:
        if status.name in sidecars:
            continue
        state = status.state
        if state.waiting and state.waiting.reason in _PULL:
            return None
        end = status.last_end
        if end and end.exit_code:
            return status
        began = state.running.started_at if state.running else None
        if began and seen.now - began > seen.least(_LONG):
            return status
    return None


def _finding(seen: Snapshot, pod: Pod, status: ContainerStatus) -> Finding:
    workload = seen.workload(pod)
    log = _log(seen, pod, status)
    found = facts(log) if log else ()
    fact = lead(found)
    lines = [line for raw in (log.lines if log else ()) if (line := plain(raw).strip())]
    line = quoted(fact.line if fact else lines[-1] if lines else "")
    pods = tuple(Ref.to(p) for p in seen.pods_of(workload) if _blocked(seen, p))
    return Finding(
        DETECTOR,
        workload,
        _says(pod, status, workload, line),
        Confidence.PROVEN,
        evidence=tuple(_proof(pod, status, line)),
        why=Said(
            "Init containers run one after the other before the program, and each must end without an error. Until "
            "then the program is not started, so it has no log."
        ),
        remedies=(
            Remedy(
                Said("Read the log of the preparation step."),
                f"kubectl -n {pod.metadata.namespace} logs {pod.metadata.name} -c {status.name}",
                Consent.LOOK,
            ),
        ),
        because=tuple(dict.fromkeys(ref for f in _with_awaited(found, lines) for ref in dependency_refs(seen, pod, f))),
        pods=pods or (Ref.to(pod),),
        discriminator=status.name,
        at=status.last_end.finished_at if status.last_end else pod.metadata.creation_timestamp,
    )


def _log(seen: Snapshot, pod: Pod, status: ContainerStatus) -> Log | None:
    ended_before = status.state.waiting is not None
    return (seen.log(pod, status.name, previous=True) if ended_before else None) or seen.log(pod, status.name)


def _with_awaited(found: tuple[LogFact, ...], lines: list[str]) -> Iterator[LogFact]:
    """Facts of the log; a step that only says ``waiting for db:5432`` names its dependency as well."""
    yield from found
    if not found and lines:
        yield from facts(Log(tuple(f"connection refused {line}" for line in lines[-3:])))


def _says(pod: Pod, status: ContainerStatus, workload: Ref, line: str) -> Said:
    names = [s.name for s in pod.status.init_container_statuses]
    end = status.last_end
    waiting = status.state.waiting
    place: dict[str, str | int] = {
        "n": names.index(status.name) + 1,
        "total": len(names),
        "step": status.name,
        "workload": workload.name,
    }
    tail: Said | str = Said(": its log says `{line}`", line=line) if line else ""
    if end and end.exit_code:
        return Said(
            "{workload} was never started: its init container `{step}` ({n} of {total}) fails with exit code {code}"
            "{loop}{tail}.",
            **place,
            code=end.exit_code,
            loop=f" ({waiting.reason})" if waiting else "",
            tail=tail,
        )
    began = status.state.running.started_at if status.state.running else None
    return Said(
        "{workload} was never started: its init container `{step}` ({n} of {total}) has been running since {since} and "
        "does not end{tail}.",
        **place,
        since=began,
        tail=tail,
    )


def _proof(pod: Pod, status: ContainerStatus, line: str) -> Iterator[Evidence]:
    path = f"status.initContainerStatuses[{status.name}]"
    end = status.last_end
    if end:
        yield field_of(pod, f"{path}.lastState.terminated.exitCode", f"{end.exit_code} ({end.reason})", end.finished_at)
    if status.state.running:
        yield field_of(pod, f"{path}.state.running.startedAt", status.state.running.started_at)
    if line:
        yield log_of(pod, status.name, line)
    condition = pod.condition("Initialized")
    if condition:
        yield field_of(pod, "status.conditions[Initialized].status", condition.status, condition.last_transition_time)
    container = pod.container(status.name)
    if container:
        yield field_of(
            pod,
            f"spec.initContainers[{status.name}].command",
            quoted(" ".join((*container.command, *container.args))) or "-",
        )
