"""A container whose program could not even be started."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts import messages
from knowledge.facts.log_patterns import FactKind
from knowledge.facts.restart import Manner
from knowledge.facts.runs import Group, change_proof, facts_of, groups, last_words, proof_of, remedies_of, told_since
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of, log_of
from knowledge.objects import ContainerStatus, Event, Pod, ReplicaSet
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="pod-start-command-failed",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Event, ReplicaSet),
    logs=True,
    hides=("pod-crashloop-app-exit", "pod-container-restarted", "pod-killed-from-outside"),
)

_WAITING = frozenset({"RunContainerError", "CreateContainerError"})
_RUNTIME = ("context deadline exceeded", "is reserved for")
"""The runtime's own trouble, not the command's."""


def detect(seen: Snapshot) -> Iterator[Finding]:
    told: set[tuple[Ref, str]] = set()
    for group in groups(seen, Manner.NOT_STARTED):
        if not _of_architecture(seen, group):
            told.add((group.workload, group.container))
            yield _ended(seen, group)
    for pod in seen.all(Pod):
        for status in pod.status.container_statuses:
            waiting = status.state.waiting
            key = (seen.workload(pod), status.name)
            if waiting and waiting.reason in _WAITING and key not in told:
                if any(text in waiting.message for text in (*_RUNTIME, "exec format error")):
                    continue
                told.add(key)
                yield _waiting(seen, pod, status, waiting.reason, waiting.message)


def _of_architecture(seen: Snapshot, group: Group) -> bool:
    return "exec format error" in group.first.end.message or any(
        fact.kind is FactKind.EXEC_FORMAT for fact in facts_of(seen, group.first)
    )


def _ended(seen: Snapshot, group: Group) -> Finding:
    run = group.first
    reason = run.end.reason or "Error"
    waiting = run.status.state.waiting
    text = run.end.message or (waiting.message if waiting else "")
    words = last_words(seen, run)
    said = messages.start_failure(text)
    what, why = (said.what, said.why) if said else ("", quoted(text if "exec" in text else words or text))
    fact = next((f for f in facts_of(seen, run) if f.kind in (FactKind.MISSING_FILE, FactKind.PERMISSION)), None)
    lines = (log_of(run.pod, run.status.name, quoted(fact.line)),) if fact else ()
    return Finding(
        DETECTOR,
        group.workload,
        told_since(seen, group, _says(group.name, reason, run.end.exit_code, what, why)),
        Confidence.PROVEN if said or fact else Confidence.LIKELY,
        evidence=(
            *proof_of(run),
            field_of(run.pod, f"spec.containers[{group.container}].command", _command(run.pod, run.status)),
            *([field_of(run.pod, "message", quoted(text))] if text else []),
            *lines,
            *change_proof(seen, group),
        ),
        why=_why(),
        remedies=(*_remedies(group.workload, group.container), *remedies_of(seen, group)),
        pods=group.pods,
        discriminator=group.container,
        at=run.at,
    )


def _waiting(seen: Snapshot, pod: Pod, status: ContainerStatus, reason: str, text: str) -> Finding:
    workload = seen.workload(pod)
    said = messages.start_failure(text)
    what, why = (said.what, said.why) if said else ("", quoted(text))
    name: str | Said = workload.name
    return Finding(
        DETECTOR,
        workload,
        _says(name, reason, 128, what, why),
        Confidence.PROVEN if said else Confidence.LIKELY,
        evidence=(
            field_of(pod, f"status.containerStatuses[{status.name}].state.waiting", f"{reason}: {quoted(text)}"),
            field_of(pod, f"spec.containers[{status.name}].command", _command(pod, status)),
        ),
        why=_why(),
        remedies=_remedies(workload, status.name),
        pods=(Ref.to(pod),),
        discriminator=status.name,
        at=pod.status.start_time,
    )


def _says(name: str | Said, reason: str, code: int, what: str, why: str) -> Said:
    if what:
        return Said(
            "{workload} cannot start ({reason}, exit code {code}): its command `{what}` failed: {why}.",
            workload=name,
            reason=reason,
            code=code,
            what=what,
            why=why,
        )
    return Said(
        "{workload} cannot start ({reason}, exit code {code}): {why}.",
        workload=name,
        reason=reason,
        code=code,
        why=why or "-",
    )


def _command(pod: Pod, status: ContainerStatus) -> str:
    container = pod.container(status.name)
    given = " ".join((*container.command, *container.args)) if container else ""
    return quoted(given) or "-"


def _why() -> Said:
    return Said(
        "The container ended before the program ran a single line: the file that it shall run is not in the image, is "
        "not executable, or its folder is covered by a volume. There is no log of the program to look at."
    )


def _remedies(workload: Ref, container: str) -> tuple[Remedy, ...]:
    return (
        Remedy(
            Said(
                "Correct command, args or the image in the pod template of container {container}.", container=container
            ),
            f"kubectl -n {workload.namespace} edit {workload.kind.lower()}/{workload.name}",
            Consent.ASK,
        ),
    )
