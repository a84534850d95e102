"""A program that does not react to the polite stop signal and is killed when its grace period is over.

A program that really needs the whole time to drain looks the same; its log would show progress until the end.
"""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.facts.restart import finished, grace
from knowledge.facts.runs import Run, proof_of, runs
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, event_of
from knowledge.objects import Container, Event, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="shutdown-term-ignored",
    severity=Severity.WARNING,
    needs=(Pod,),
    uses=(Event,),
    hides=("pod-killed-from-outside",),
)

_SHELLS = frozenset({"sh", "bash", "ash", "/bin/sh", "/bin/bash", "/bin/ash"})


def detect(seen: Snapshot) -> Iterator[Finding]:
    told: set[tuple[Ref, str]] = set()
    for run in runs(seen):
        key = (seen.workload(run.pod), run.status.name)
        used = _grace_used(seen, run)
        if used and key not in told:
            told.add(key)
            yield _finding(seen, run, used)
    for pod in seen.all(Pod):
        for event in seen.events(pod, "ExceededGracePeriod", "FailedPreStopHook"):
            key = (seen.workload(pod), event.container)
            if key not in told:
                told.add(key)
                yield _told_by_event(seen, pod, event)


def _grace_used(seen: Snapshot, run: Run) -> tuple[timedelta, Event] | None:
    """The time between the stop signal and the kill, when it is the whole grace period."""
    at = finished(run.end)
    if run.end.exit_code != 137 or run.end.reason == "OOMKilled" or at is None:
        return None
    for event in seen.events(run.pod, "Killing"):
        if event.last_seen and run.status.name in (event.container or event.message.split()):
            used = at - event.last_seen
            if grace(run.pod) - timedelta(seconds=1) <= used <= grace(run.pod) + timedelta(seconds=10):
                return used, event
    return None


def _finding(seen: Snapshot, run: Run, used: tuple[timedelta, Event]) -> Finding:
    says = Said(
        "{workload} does not react to SIGTERM: container {container} was killed (SIGKILL, exit code 137) after using "
        "up "
        "its whole terminationGracePeriodSeconds of {grace}s. {shell}",
        workload=seen.workload(run.pod).name,
        container=run.status.name,
        grace=int(grace(run.pod).total_seconds()),
        shell=_shell(run.container),
    )
    return _make(seen, run.pod, run.status.name, says, (*proof_of(run), event_of(used[1])), Confidence.LIKELY)


def _told_by_event(seen: Snapshot, pod: Pod, event: Event) -> Finding:
    says = Said(
        "{workload} did not stop in time: {message}",
        workload=seen.workload(pod).name,
        message=event.message or event.reason,
    )
    return _make(seen, pod, event.container, says, (event_of(event),), Confidence.PROVEN)


def _shell(container: Container | None) -> Said | str:
    command = container.command if container else ()
    if command and command[0] in _SHELLS:
        return Said("Its command runs under a shell ({shell}), which does not pass signals on.", shell=command[0])
    return ""


def _make(
    seen: Snapshot, pod: Pod, container: str, says: Said, proof: tuple[Evidence, ...], confidence: Confidence
) -> Finding:
    workload = seen.workload(pod)
    return Finding(
        DETECTOR,
        workload,
        says,
        confidence,
        evidence=proof,
        why=Said(
            "To stop a container Kubernetes sends SIGTERM, waits for the grace period (preStop included) and then "
            "kills "
            "it. A first process without a handler ignores SIGTERM, so work in hand is lost."
        ),
        remedies=(
            Remedy(
                Said("Start the program with exec (or a small init such as tini) and let it handle SIGTERM."),
                f"kubectl -n {workload.namespace} edit {workload.kind.lower()}/{workload.name}",
                Consent.ASK,
            ),
        ),
        pods=(Ref.to(pod),),
        discriminator=container,
        at=proof[-1].at,
    )
