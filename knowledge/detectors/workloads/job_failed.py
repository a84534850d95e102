"""A Job that has given up, by its retries, its deadline or its failure policy."""

from collections.abc import Iterator

from knowledge.detector import Detector, Layer
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import CronJob, Job, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="job-failed", severity=Severity.ERROR, needs=(Job,), uses=(Pod, CronJob), layer=Layer.SYMPTOM)


def detect(seen: Snapshot) -> Iterator[Finding]:
    newest: dict[Ref, Job] = {}
    for job in seen.all(Job):
        owner = seen.workload(job)
        known = newest.get(owner)
        if known is None or _begun(job, seen) > _begun(known, seen):
            newest[owner] = job
    for owner, job in newest.items():
        # A run of a CronJob that failed before a newer one went well is past.
        failed = job.condition("Failed") or job.condition("FailureTarget")
        if failed and failed.status == "True":
            yield _finding(seen, owner, job)


def _begun(job: Job, seen: Snapshot) -> float:
    return (job.status.start_time or job.metadata.creation_timestamp or seen.now).timestamp()


def _finding(seen: Snapshot, owner: Ref, job: Job) -> Finding:
    failed = job.condition("Failed") or job.condition("FailureTarget")
    reason, at = (failed.reason, failed.last_transition_time) if failed else ("", None)
    pods = [p for p in seen.all(Pod, job.metadata.namespace) if seen.owner(p) == Ref.to(job)]
    ends = [s.last_end for p in pods for s in p.status.container_statuses if s.last_end and s.last_end.exit_code]
    codes = tuple(sorted({e.exit_code for e in ends}))
    return Finding(
        DETECTOR,
        owner,
        Said(
            "Job {job} failed at {at:clock} ({reason}): {what}{codes}.",
            job=job.metadata.name,
            at=at,
            reason=reason,
            what=_what(job, reason),
            codes=Said("; its pods ended with exit code {codes}", codes=codes) if codes else "",
        ),
        Confidence.PROVEN,
        evidence=(
            field_of(job, "status.conditions[Failed].reason", reason, at),
            field_of(job, "status.failed", job.status.failed),
            *(field_of(p, "status.phase", p.status.phase) for p in pods[:3]),
        ),
        why=Said(
            "A Job retries failed pods a few times (backoffLimit) and then stops for good; it does not start again by "
            "itself. Why its last pod failed is the cause."
        ),
        remedies=(
            Remedy(
                Said("Read the log of the last attempt."),
                f"kubectl -n {job.metadata.namespace} logs job/{job.metadata.name} --tail=50",
                Consent.LOOK,
            ),
            Remedy(Said("Run it again as a new Job once the cause is mended."), consent=Consent.ASK),
        ),
        pods=tuple(Ref.to(p) for p in pods),
        discriminator=job.metadata.name if owner.kind != "CronJob" else "",
        at=at,
    )


def _what(job: Job, reason: str) -> Said:
    if reason == "BackoffLimitExceeded":
        return Said(
            "{n:|attempt|attempts} failed and its backoffLimit of {limit} is used up",
            n=job.status.failed,
            limit=6 if job.spec.backoff_limit is None else job.spec.backoff_limit,
        )
    if reason == "DeadlineExceeded":
        return Said(
            "it ran longer than its {seconds} s (activeDeadlineSeconds)", seconds=job.spec.active_deadline_seconds
        )
    return Said("{n:|attempt|attempts} failed", n=job.status.failed)
