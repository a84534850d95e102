"""A program that finishes without an error where it is expected to run for ever."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.restart import Manner
from knowledge.facts.runs import Group, change_proof, groups, last_words, logs_remedy, proof_of, told_since
from knowledge.finding import Confidence, Finding, Remedy, Severity, field_of
from knowledge.objects import Pod, ReplicaSet
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="pod-main-process-exits-zero",
    severity=Severity.WARNING,
    needs=(Pod,),
    uses=(ReplicaSet,),
    logs=True,
    hides=("pod-container-restarted",),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for group in groups(seen, Manner.DONE):
        run = group.first
        if run.pod.spec.restart_policy == "Always" and run.status.restart_count >= 2:
            yield _finding(seen, group)


def _finding(seen: Snapshot, group: Group) -> Finding:
    run = group.first
    container = run.container
    command = quoted(" ".join((*container.command, *container.args))) if container else ""
    says = Said(
        "{workload} ends by itself without an error (Completed, exit code 0) and is started again each time, "
        "{n:|time|times} so far: a {kind} expects its main process to run for ever.",
        workload=group.name,
        n=run.status.restart_count,
        kind=group.workload.kind,
    )
    words = last_words(seen, run)
    if words:
        says = Said("{what} The last words of its log: `{line}`.", what=says, line=words)
    return Finding(
        DETECTOR,
        group.workload,
        told_since(seen, group, says),
        Confidence.PROVEN,
        evidence=(
            *proof_of(run),
            field_of(run.pod, f"spec.containers[{group.container}].command", command or "-"),
            *change_proof(seen, group),
        ),
        why=Said(
            "A container lives as long as its first process. When that process starts another in the background and "
            "returns, or was written as a task with an end, Kubernetes takes the end for a failure and starts it again."
        ),
        remedies=(
            Remedy(Said("Run the program in the foreground, or make it a Job or CronJob if it is a task with an end.")),
            logs_remedy(run),
        ),
        pods=group.pods,
        discriminator=group.container,
        at=run.at,
    )
