"""A CronJob that does not run: suspended, held up by its own earlier run, or missing its times."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from knowledge.detector import Detector
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, event_of, field_of
from knowledge.objects import CronJob, Event, Job
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="cronjob-not-running", severity=Severity.WARNING, needs=(CronJob,), uses=(Job, Event))
_REASONS = ("TooManyMissedTimes", "MissSchedule", "UnparseableSchedule", "InvalidSchedule", "FailedNeedsStart")


def detect(seen: Snapshot) -> Iterator[Finding]:
    for cron in seen.all(CronJob):
        last = cron.status.last_schedule_time
        if cron.spec.suspend:
            yield _finding(
                cron,
                Said(
                    "CronJob {cron} does not run because it is suspended (spec.suspend: true); it last ran {last}.",
                    cron=cron.metadata.name,
                    last=last or Said("never"),
                ),
                (field_of(cron, "spec.suspend", True),),
                Remedy(
                    Said("If it shall run again, take the suspension away."),
                    f"kubectl -n {cron.metadata.namespace} patch cronjob {cron.metadata.name} "
                    '-p \'{"spec":{"suspend":false}}\'',
                    Consent.ASK,
                ),
                last,
                Severity.INFO,
            )
            continue
        yield from _held(seen, cron) or _missed(seen, cron)


def _held(seen: Snapshot, cron: CronJob) -> list[Finding]:
    """One run that does not end, and a rule that forbids two at once."""
    jobs = (seen.get(Job, cron.metadata.namespace, ref.name) for ref in cron.status.active)
    running = [j for j in jobs if j and not j.status.completion_time]
    since = running[0].status.start_time if running else None
    late = since is not None and seen.now - since > 2 * _period(cron.spec.schedule) + timedelta(minutes=5)
    if cron.spec.concurrency_policy != "Forbid" or not late:
        return []
    job = running[0]
    return [
        _finding(
            cron,
            Said(
                "CronJob {cron} starts no new run: Job {job} runs since {since} and concurrencyPolicy: Forbid allows "
                "only one at a time.",
                cron=cron.metadata.name,
                job=job.metadata.name,
                since=since,
            ),
            (
                field_of(job, "status.active", job.status.active, since),
                field_of(cron, "spec.concurrencyPolicy", "Forbid"),
            ),
            Remedy(
                Said("Find out why that Job does not end; delete it to let the next run start."),
                f"kubectl -n {job.metadata.namespace} delete job {job.metadata.name}",
                Consent.ASK,
            ),
            since,
        )
    ]


def _missed(seen: Snapshot, cron: CronJob) -> list[Finding]:
    events = [e for e in seen.events(cron, *_REASONS) if not e.last_seen or seen.now - e.last_seen < timedelta(hours=1)]
    last = cron.status.last_schedule_time or cron.metadata.creation_timestamp
    period = _period(cron.spec.schedule)
    late = last is not None and period < timedelta(days=32) and seen.now - last > 2 * period + timedelta(minutes=5)
    if not events and not late:
        return []
    proof: tuple[Evidence, ...] = (field_of(cron, "status.lastScheduleTime", last, last),)
    return [
        _finding(
            cron,
            Said(
                "CronJob {cron} (schedule {schedule}) misses its times: its last start was {last}{reason}.",
                cron=cron.metadata.name,
                schedule=cron.spec.schedule,
                last=cron.status.last_schedule_time or Said("never"),
                reason=Said("; {reason}: {text}", reason=events[-1].reason, text=quoted(events[-1].message, 120))
                if events
                else "",
            ),
            (*(event_of(e) for e in events[-1:]), *proof),
            Remedy(
                Said("See what the CronJob's events say."),
                f"kubectl -n {cron.metadata.namespace} describe cronjob {cron.metadata.name}",
                Consent.LOOK,
            ),
            last,
        )
    ]


def _period(schedule: str) -> timedelta:
    """The longest time between two runs, generously; a form that is not understood counts as a year."""
    names = {"@hourly": 1 / 24, "@daily": 1.0, "@midnight": 1.0, "@weekly": 7.0, "@monthly": 31.0}
    if schedule.strip() in names:
        return timedelta(days=names[schedule.strip()])
    fields = schedule.split()
    if len(fields) != 5:
        return timedelta(days=366)
    minute, hour, day, month, weekday = fields
    if month != "*":
        return timedelta(days=366)
    if day != "*" or weekday != "*":
        return timedelta(days=31 if day != "*" else _longest_gap(weekday, 7))
    if hour != "*":
        return timedelta(hours=_longest_gap(hour, 24))
    return timedelta(minutes=_longest_gap(minute, 60))


def _longest_gap(field: str, around: int) -> int:
    """The longest distance between two values of a field that begins anew after ``around``: ``6,18`` of 24 is 12."""
    values = sorted({value % around for part in field.split(",") for value in _values(part, around)})
    if not values:
        return around
    following = [*values[1:], values[0] + around]
    return max(after - value for value, after in zip(values, following, strict=True))


def _values(part: str, around: int) -> range:
    """``*/15``, ``9-17``, ``9-17/2`` and ``5`` as the values that they mean; nothing where it is none of these."""
    match = re.fullmatch(r"(?:\*|(?P<first>\d+)(?:-(?P<last>\d+))?)(?:/(?P<step>[1-9]\d*))?", part)
    if match is None:
        return range(0)
    step = int(match["step"] or 1)
    if match["first"] is None:
        return range(0, around, step)
    first = int(match["first"])
    last = int(match["last"]) if match["last"] else around - 1 if match["step"] else first
    return range(first, last + 1, step)


def _finding(
    cron: CronJob,
    says: Said,
    evidence: tuple[Evidence, ...],
    remedy: Remedy,
    at: datetime | None,
    severity: Severity | None = None,
) -> Finding:
    return Finding(
        DETECTOR,
        Ref.to(cron),
        says,
        Confidence.PROVEN,
        evidence=evidence,
        why=Said("A CronJob makes a Job at each of its times, unless it is suspended or its own rules forbid it."),
        remedies=(remedy,),
        at=at,
        severity=severity,
    )
