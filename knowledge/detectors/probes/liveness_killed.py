"""A container that Kubernetes restarts on purpose because its liveness probe fails.

A probe that knocks at the wrong door, and a program that is only slow to start, are told by their own detectors.
"""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.probing import Failure, failures, terms
from knowledge.facts.restart import Manner
from knowledge.facts.runs import Group, change_before, facts_of, groups, proof_of, since
from knowledge.finding import Consent, Finding, Ref, Remedy, Severity, event_of
from knowledge.objects import Event, Pod, Probe
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="probe-liveness-killed",
    severity=Severity.ERROR,
    needs=(Pod, Event),
    logs=True,
    hides=(
        "pod-crashloop-app-exit",
        "pod-container-restarted",
        "pod-killed-from-outside",
        "pod-main-process-exits-zero",
        "shutdown-term-ignored",
    ),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for group in groups(seen, Manner.LIVENESS):
        container = group.first.container
        if container and container.liveness_probe:
            yield _finding(seen, group, container.liveness_probe)


def _finding(seen: Snapshot, group: Group, probe: Probe) -> Finding:
    run = group.first
    failure = next(failures(seen, run.pod, group.container, "Liveness"), None)
    says = Said(
        "Kubernetes restarted {workload} on purpose: its liveness probe ({terms}) failed: {failure} "
        "({n:|restart|restarts}, exit code {code}). {more}",
        workload=group.name,
        terms=terms(probe),
        failure=_failure(failure, probe),
        n=group.restarts,
        code=run.end.exit_code,
        more=_more(seen, group),
    )
    return Finding(
        DETECTOR,
        group.workload,
        says,
        run.verdict.confidence,
        evidence=(*proof_of(run), *((event_of(failure.event),) if failure else ())),
        why=_why(failure),
        remedies=tuple(_remedies(group, failure)),
        because=_dependencies(seen, group),
        pods=group.pods,
        discriminator=group.container,
        at=run.at,
    )


def _failure(failure: Failure | None, probe: Probe) -> Said | str:
    if failure is None:
        return Said("the failure itself is no longer recorded")
    if failure.timed_out:
        return Said("no answer within timeoutSeconds {timeout}s", timeout=probe.timeout_seconds)
    return failure.short or Said("its command failed without a word")


def _more(seen: Snapshot, group: Group) -> Said | str:
    revision = change_before(seen, group)
    return since(revision) if revision else ""


def _why(failure: Failure | None) -> Said:
    if failure and failure.timed_out:
        return Said(
            "A liveness probe asks the program whether it still lives. It answered too slowly as often as the "
            "threshold allows, so Kubernetes took it for dead. A busy, throttled or waiting program looks the same as "
            "a dead one."
        )
    return Said(
        "A liveness probe asks the program whether it still lives. After failureThreshold failures in a row "
        "Kubernetes stops the container and starts it again; nothing crashed by itself."
    )


def _remedies(group: Group, failure: Failure | None) -> Iterator[Remedy]:
    meta = group.first.pod.metadata
    yield Remedy(
        Said("Read what the program did before it was stopped."),
        f"kubectl -n {meta.namespace} logs {meta.name} -c {group.container} --previous --tail=50",
        Consent.LOOK,
    )
    if failure is None or failure.timed_out or failure.status >= 500:
        yield Remedy(
            Said(
                "Give the probe more patience (timeoutSeconds, failureThreshold), and let it ask nothing that depends "
                "on other services."
            ),
            f"kubectl -n {group.workload.namespace} edit {group.workload.kind.lower()}/{group.workload.name}",
            Consent.ASK,
        )


def _dependencies(seen: Snapshot, group: Group) -> tuple[Ref, ...]:
    """Services that the program could not reach before it was stopped: a probe that asks them fails with them."""
    namespace = group.workload.namespace
    found = []
    for fact in facts_of(seen, group.first):
        name, _, rest = fact.host.partition(".")
        if fact.about_dependency and name:
            found.append(Ref("Service", rest.partition(".")[0] or namespace, name))
    return tuple(dict.fromkeys(found))
