"""A Job that is suspended: it makes no pods until somebody, or a queue, lets it go on."""

from collections.abc import Iterator
from datetime import datetime

from knowledge.detector import Detector
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Job
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="job-suspended", severity=Severity.WARNING, needs=(Job,))

_QUEUE = "kueue.x-k8s.io/queue-name"


def detect(seen: Snapshot) -> Iterator[Finding]:
    for job in seen.all(Job):
        if job.spec.suspend and not job.status.active and not _over(job):
            yield _finding(job)


def _over(job: Job) -> bool:
    return any(c.type in ("Complete", "Failed") and c.status == "True" for c in job.status.conditions)


def _since(job: Job) -> datetime | None:
    told = (c.last_transition_time for c in job.status.conditions if c.type == "Suspended" and c.status == "True")
    return next(told, None)


def _finding(job: Job) -> Finding:
    ref, since = Ref.to(job), _since(job)
    queue = job.metadata.labels.get(_QUEUE, "")
    proof: tuple[Evidence, ...] = (field_of(job, "spec.suspend", "true", since),)
    if queue:
        proof += (field_of(job, f"metadata.labels[{_QUEUE}]", queue),)
    return Finding(
        DETECTOR,
        ref,
        Said(
            "Job {job} is suspended (spec.suspend: true){since}, so it makes no pods{queue}.",
            job=ref.name,
            since=Said(" since {at}", at=since) if since else "",
            queue=Said("; it waits in the queue {name}", name=queue) if queue else "",
        ),
        Confidence.PROVEN,
        evidence=proof,
        why=Said("A suspended Job waits: somebody set it so, or a queue holds it until there is room."),
        remedies=()
        if queue
        else (
            Remedy(
                Said("Let it go on, if it is meant to run."),
                f'kubectl -n {ref.namespace} patch job {ref.name} -p \'{{"spec":{{"suspend":false}}}}\'',
                Consent.ASK,
            ),
        ),
        at=since,
    )
