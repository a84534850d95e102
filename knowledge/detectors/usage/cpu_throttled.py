"""A container that runs against its CPU limit, so that the kernel pauses it again and again.

What it uses shows that it is at the limit; only probes that time out show that somebody suffers from it. A Job may
well use all that it is given.
"""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.facts.probing import Failure, failures
from knowledge.facts.quantity import cpu
from knowledge.facts.usage import Usage, worst_of_each
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, event_of
from knowledge.objects import Event, Pod, PodMetrics
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="res-cpu-throttled",
    severity=Severity.WARNING,
    needs=(Pod, PodMetrics),
    uses=(Event,),
    hides=("probe-liveness-killed", "probe-readiness-failing", "probe-startup-too-slow"),
)

_AT_LIMIT = 0.9
_STARTING = timedelta(minutes=2)
_LATELY = timedelta(hours=1)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for workload, some in worst_of_each(seen, "cpu", _AT_LIMIT):
        settled = [usage for usage in some if not _starting(seen, usage)]
        if settled:
            yield from _judged(seen, workload, settled)


def _starting(seen: Snapshot, usage: Usage) -> bool:
    """Nearly every program needs much to start."""
    running = usage.status.state.running
    began = running.started_at if running else None
    return began is not None and (usage.at or seen.now) - began < _STARTING


def _judged(seen: Snapshot, workload: Ref, some: list[Usage]) -> Iterator[Finding]:
    late = next((failure for usage in some if (failure := _late(seen, usage))), None)
    if late is None and workload.kind in ("Job", "CronJob"):
        return
    worst = some[0]
    words = {
        "container": worst.status.name,
        "workload": workload.name,
        "used": cpu(worst.used),
        "limit": worst.limit.text,
    }
    yield Finding(
        DETECTOR,
        workload,
        Said(
            "Container {container} of {workload} runs against its CPU limit: it uses {used} of {limit}, and its "
            "{probe} probe gets no answer in time. The kernel pauses it (throttling), so it answers slowly.",
            probe=late.text.probe.lower(),
            **words,
        )
        if late
        else Said(
            "Container {container} of {workload} runs against its CPU limit: it uses {used} of {limit}. The kernel "
            "pauses it (throttling), which makes it slow.",
            **words,
        ),
        Confidence.LIKELY if late else Confidence.POSSIBLE,
        evidence=(*worst.evidence, *((event_of(late.event),) if late else ())),
        why=Said(
            "A CPU limit is a share of each 100 ms: what has used its share waits for the next, even on an idle "
            "machine. Answers, probes and garbage collection wait with it."
        ),
        remedies=(
            Remedy(
                Said("Raise the CPU limit or remove it; the request keeps the program's place beside others."),
                f"kubectl -n {workload.namespace} set resources {workload.kind.lower()}/{workload.name} "
                f"-c {worst.status.name} --limits=cpu=<more than {worst.limit.text}>",
                Consent.ASK,
            ),
            Remedy(
                Said("See what each container uses now."),
                f"kubectl -n {workload.namespace} top pod --containers",
                Consent.LOOK,
            ),
        ),
        pods=tuple(Ref.to(usage.pod) for usage in some),
        discriminator=worst.status.name,
        at=late.event.last_seen if late else worst.at,
    )


def _late(seen: Snapshot, usage: Usage) -> Failure | None:
    """A probe of the container that got no answer in time, lately."""
    for failure in failures(seen, usage.pod, usage.status.name, "Liveness", "Readiness", "Startup"):
        when = failure.event.last_seen
        if failure.timed_out and (when is None or abs(seen.at - when) <= _LATELY):
            return failure
    return None
