"""A program that needs longer to start than its probe allows, and is restarted before it is ready.

One that ran well for a while before its probe failed is not slow to start.
"""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.facts.probing import failures, patience, terms
from knowledge.facts.restart import Manner
from knowledge.facts.runs import Group, change_before, groups, proof_of, since
from knowledge.finding import Confidence, Consent, Finding, Remedy, Severity, event_of, field_of
from knowledge.objects import Event, Pod, Probe
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="probe-startup-too-slow",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Event,),
    logs=True,
    hides=(
        "probe-liveness-killed",
        "probe-readiness-failing",
        "pod-crashloop-app-exit",
        "pod-container-restarted",
        "pod-killed-from-outside",
        "pod-main-process-exits-zero",
        "shutdown-term-ignored",
    ),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for group in groups(seen, Manner.LIVENESS, Manner.STARTUP_PROBE):
        container = group.first.container
        if container is None:
            continue
        if group.first.verdict.manner is Manner.STARTUP_PROBE and container.startup_probe:
            yield _finding(seen, group, container.startup_probe, "startupProbe")
        elif container.liveness_probe and not container.startup_probe and _slow(seen, group, container.liveness_probe):
            yield _finding(seen, group, container.liveness_probe, "livenessProbe")


def _slow(seen: Snapshot, group: Group, probe: Probe) -> bool:
    return _never_ready(seen, group) and _ends_with_patience(group, probe)


def _never_ready(seen: Snapshot, group: Group) -> bool:
    """A program that does not listen yet refuses; one that hangs or answers with an error has started."""
    status = group.first.status
    found = [f for run in group.runs for f in failures(seen, run.pod, group.container, "Liveness")]
    return not status.ready and (not found or any(f.refused or f.timed_out or f.status == 503 for f in found))


def _ends_with_patience(group: Group, probe: Probe) -> bool:
    """Whether every run lasts about as long as the probe waits: one period more or less, and the time to stop."""
    slack = timedelta(seconds=probe.period_seconds + probe.timeout_seconds)
    grace = group.first.pod.spec.termination_grace_period_seconds
    stop = timedelta(seconds=30 if grace is None else grace)
    lives = [run.lifetime for run in group.runs if run.lifetime is not None]
    allowed = patience(probe)
    return bool(lives) and all(allowed - slack <= life <= allowed + slack + stop for life in lives)


def _finding(seen: Snapshot, group: Group, probe: Probe, field: str) -> Finding:
    run = group.first
    kind = "Startup" if field == "startupProbe" else "Liveness"
    failure = next(failures(seen, run.pod, group.container, kind), None)
    revision = change_before(seen, group)
    says = Said(
        "{workload} needs longer to start than its {probe} allows: it ({terms}) gives the program {allowed} after the "
        "start, then Kubernetes restarts it before it is ready ({n:|restart|restarts}; last failure: {failure}). "
        "{more}",
        workload=group.name,
        probe=Said("startup probe") if kind == "Startup" else Said("liveness probe"),
        terms=terms(probe),
        allowed=patience(probe),
        n=group.restarts,
        failure=failure.short if failure else "-",
        more=since(revision) if revision else "",
    )
    likely = Confidence.LIKELY if failure is None or run.status.restart_count < 2 else run.verdict.confidence
    return Finding(
        DETECTOR,
        group.workload,
        says,
        likely,
        evidence=(
            *proof_of(run),
            field_of(run.pod, f"spec.containers[{group.container}].{field}", f"{patience(probe).total_seconds():.0f}s"),
            *((event_of(failure.event),) if failure else ()),
        ),
        why=Said(
            "Until a program answers its probe for the first time, every question counts as a failure. A startupProbe "
            "holds the liveness probe back until the program is up, however long that may take."
        ),
        remedies=(_remedy(group, probe, field),),
        pods=group.pods,
        discriminator=group.container,
        at=run.at,
    )


def _remedy(group: Group, probe: Probe, field: str) -> Remedy:
    where = f"{group.workload.kind.lower()}/{group.workload.name}"
    if field == "startupProbe":
        says = Said(
            "Raise failureThreshold of the startupProbe ({threshold} now), or make the start faster.",
            threshold=probe.failure_threshold,
        )
    else:
        says = Said(
            "Add a startupProbe that asks the same and waits longer, for example failureThreshold 30 with "
            "periodSeconds {period}.",
            period=probe.period_seconds,
        )
    return Remedy(says, f"kubectl -n {group.workload.namespace} edit {where}", Consent.ASK)
