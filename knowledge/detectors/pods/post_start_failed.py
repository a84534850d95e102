"""A container that was killed because its postStart hook failed: the program itself may be well."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.restart import Manner
from knowledge.facts.runs import Group, change_proof, groups, proof_of, told_since
from knowledge.finding import Confidence, Consent, Evidence, Finding, Remedy, Severity, event_of, field_of
from knowledge.objects import Event, Pod, ReplicaSet
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="pod-post-start-failed",
    severity=Severity.ERROR,
    needs=(Pod, Event),
    uses=(ReplicaSet,),
    hides=("pod-crashloop-app-exit", "pod-container-restarted", "pod-killed-from-outside"),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for group in groups(seen, Manner.POST_START):
        yield _finding(seen, group)


def _finding(seen: Snapshot, group: Group) -> Finding:
    run, workload = group.first, group.workload
    hook, proof = _hook(group)
    failed = [e for e in seen.events(run.pod, "FailedPostStartHook") if e.container in ("", group.container)]
    says = Said(
        "{workload} is killed right after each start because its postStart hook{hook} fails ({n:|restart|restarts}); "
        "exit code {code} is the kill, not an error of the program.",
        workload=group.name,
        hook=hook,
        n=group.restarts,
        code=run.end.exit_code,
    )
    return Finding(
        DETECTOR,
        workload,
        told_since(seen, group, says),
        Confidence.PROVEN,
        evidence=(*proof_of(run), *(event_of(e) for e in failed[-1:]), *proof, *change_proof(seen, group)),
        why=Said(
            "A postStart hook runs beside the program as soon as the container exists. When it fails, Kubernetes kills "
            "the container, often before the program has logged anything."
        ),
        remedies=(
            Remedy(
                Said("Run the hook's command in the container's image and see what it says, or take it out."),
                f"kubectl -n {workload.namespace} edit {workload.kind.lower()}/{workload.name}",
                Consent.ASK,
            ),
        ),
        pods=group.pods,
        discriminator=group.container,
        at=run.at,
    )


def _hook(group: Group) -> tuple[Said | str, tuple[Evidence, ...]]:
    """What the hook runs, where it is a command, and the field that says so."""
    container = group.first.container
    handler = container.lifecycle.post_start if container and container.lifecycle else None
    command = " ".join(handler.exec.command) if handler and handler.exec else ""
    if not command:
        return "", ()
    path = f"spec.containers[{group.container}].lifecycle.postStart.exec.command"
    return Said(" `{command}`", command=quoted(command)), (field_of(group.first.pod, path, quoted(command)),)
