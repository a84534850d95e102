"""The ended runs of containers that a question is about, grouped by workload and container."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from knowledge.facts import messages
from knowledge.facts.changes import Revision, began_with
from knowledge.facts.log_facts import LogFact, facts, lead, plain
from knowledge.facts.restart import Manner, Verdict, finished, lifetime, verdict
from knowledge.finding import Consent, Evidence, Ref, Remedy, field_of, log_of
from knowledge.objects import Container, ContainerStatus, Object, Pod, Terminated
from knowledge.relations import settings_of
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Log, Snapshot

REMEMBERED = timedelta(days=7)
"""Older ends are history, not an answer."""
AROUND = timedelta(hours=2)
"""How far from the instant that was asked about an end may lie."""

_RECENTLY = timedelta(hours=3)


@dataclass(frozen=True)
class Run:
    """One ended run of one container."""

    pod: Pod
    status: ContainerStatus
    verdict: Verdict

    @property
    def end(self) -> Terminated:
        return self.verdict.end

    @property
    def at(self) -> datetime | None:
        return self.verdict.at

    @property
    def container(self) -> Container | None:
        return self.pod.container(self.status.name)

    @property
    def looping(self) -> bool:
        waiting = self.status.state.waiting
        return waiting is not None and waiting.reason == "CrashLoopBackOff"

    @property
    def lifetime(self) -> timedelta | None:
        return lifetime(self.end)

    @property
    def began(self) -> datetime | None:
        """About when the first of its ends can have been: the pod's start for one that never ran for long."""
        short = self.lifetime is not None and self.lifetime < timedelta(minutes=5)
        return self.pod.metadata.creation_timestamp if self.looping or short else self.at


@dataclass(frozen=True)
class Group:
    """The runs of one container of one workload that ended in the same manner, the telling one first."""

    workload: Ref
    container: str
    runs: tuple[Run, ...]

    @property
    def first(self) -> Run:
        return self.runs[0]

    @property
    def pods(self) -> tuple[Ref, ...]:
        return tuple(dict.fromkeys(Ref.to(run.pod) for run in self.runs))

    @property
    def restarts(self) -> int:
        return sum(run.status.restart_count for run in self.runs)

    @property
    def several(self) -> bool:
        """Whether the pod has other containers, so that this one must be named."""
        return len(self.first.pod.spec.containers) > 1

    @property
    def name(self) -> str | Said:
        """The workload, with the container when it is one of several."""
        if not self.several:
            return self.workload.name
        return Said("{workload} (container {container})", workload=self.workload.name, container=self.container)


def groups(seen: Snapshot, *manners: Manner) -> Iterator[Group]:
    """Ended runs in one of these manners (in any, when none is named), a group for each workload and container."""
    found: dict[tuple[Ref, str], list[Run]] = defaultdict(list)
    for run in runs(seen):
        if not manners or run.verdict.manner in manners:
            found[seen.workload(run.pod), run.status.name].append(run)
    for (workload, container), members in found.items():
        yield Group(workload, container, tuple(sorted(members, key=lambda run: _telling(seen, run), reverse=True)))


def runs(seen: Snapshot, pods: Iterable[Pod] | None = None) -> Iterator[Run]:
    """The last end of every lasting container (of these pods, else of all) that can be meant by the question."""
    yield from seen.once(_all) if pods is None else _of(seen, pods)


def _all(seen: Snapshot) -> tuple[Run, ...]:
    return tuple(_of(seen, seen.all(Pod)))


def _of(seen: Snapshot, pods: Iterable[Pod]) -> Iterator[Run]:
    for pod in pods:
        for status in pod.lasting_statuses():
            end = status.last_end
            if end and _meant(seen, pod, status, end):
                yield Run(pod, status, verdict(seen, pod, status, end))


def concerns_asked(seen: Snapshot, at: datetime | None, still: bool) -> bool:
    """Whether an end at this time can be the one asked about. ``still``: it goes on ending like that since before."""
    if at is None or seen.at == seen.now:
        return at is None or seen.now - at <= REMEMBERED
    begin = min(seen.since or seen.at, seen.at)
    return begin - AROUND <= at <= seen.at + AROUND or (still and at > seen.at)


def _meant(seen: Snapshot, pod: Pod, status: ContainerStatus, end: Terminated) -> bool:
    finished_job = pod.spec.restart_policy != "Always" and end.exit_code == 0
    if finished_job or (pod.status.reason == "Evicted"):
        return False
    created = pod.metadata.creation_timestamp
    still = status.restart_count >= 2 and (created is None or created <= seen.at)
    return concerns_asked(seen, finished(end), still)


def _telling(seen: Snapshot, run: Run) -> tuple[float, ...]:
    near = -abs((seen.at - run.at).total_seconds()) if run.at else -1e12
    return (float(run.looping), float(_log(seen, run) is not None), near, float(run.status.restart_count))


def _log(seen: Snapshot, run: Run) -> Log | None:
    """The log of the run that ended: the previous one, unless the container has not been started again."""
    if run.status.state.terminated:
        return seen.log(run.pod, run.status.name) or seen.log(run.pod, run.status.name, previous=True)
    return seen.log(run.pod, run.status.name, previous=True) or (
        seen.log(run.pod, run.status.name) if run.looping else None
    )


def facts_of(seen: Snapshot, run: Run) -> tuple[LogFact, ...]:
    """What the log of an ended run says; the termination message where there is no log."""
    log = _log(seen, run) or (Log(tuple(run.end.message.splitlines())) if run.end.message else None)
    return facts(log) if log else ()


def lead_of(seen: Snapshot, run: Run) -> LogFact | None:
    return lead(facts_of(seen, run))


def last_words(seen: Snapshot, run: Run) -> str:
    """The last line of the log of an ended run, when there is one."""
    log = _log(seen, run)
    lines = [plain(line).strip() for line in log.lines] if log else run.end.message.splitlines()
    return quoted(next((line for line in reversed(lines) if line.strip()), ""))


def proof_of(run: Run, fact: LogFact | None = None) -> tuple[Evidence, ...]:
    """The fields of an end, what preceded it, and the telling line of its log."""
    path = f"status.containerStatuses[{run.status.name}]"
    ended = f"{path}.state.terminated" if run.status.state.terminated else f"{path}.lastState.terminated"
    lines = [
        field_of(run.pod, f"{ended}.exitCode", f"{run.end.exit_code} ({run.end.reason or '-'})", run.at),
        field_of(run.pod, f"{path}.restartCount", run.status.restart_count),
        *run.verdict.proof,
    ]
    waiting = run.status.state.waiting
    if waiting and waiting.reason == "CrashLoopBackOff":
        back_off = messages.back_off(waiting.message)
        pause = f" ({waiting.message.split(' restarting')[0]})" if back_off else ""
        lines.append(field_of(run.pod, f"{path}.state.waiting.reason", waiting.reason + pause))
    if fact:
        lines.insert(1, log_of(run.pod, run.status.name, quoted(fact.line), run.at))
    return tuple(lines)


def change_before(seen: Snapshot, group: Group) -> Revision | None:
    """The revision that a failure began with, when it came shortly before."""
    return began_with(seen, group.workload, group.first.began)


def since(revision: Revision) -> Said:
    """What a revision changed, as a sentence to put behind another."""
    if not revision.changes:
        return Said("It began with revision {number}.", number=revision.number)
    return Said(
        "It began with revision {number}, which changed {change}.",
        number=revision.number,
        change=quoted(str(revision.changes[0])),
    )


def logs_remedy(run: Run) -> Remedy:
    """Reading the log of the run that ended."""
    meta = run.pod.metadata
    previous = "" if run.status.state.terminated else " --previous"
    return Remedy(
        Said("Read the log of the run that ended."),
        f"kubectl -n {meta.namespace} logs {meta.name} -c {run.status.name}{previous} --tail=50",
        Consent.LOOK,
    )


def undo_remedy(workload: Ref) -> Remedy:
    """Going back to the revision before."""
    return Remedy(
        Said("Go back to the revision before, if this one brought the fault."),
        f"kubectl -n {workload.namespace} rollout undo {workload.kind.lower()}/{workload.name}",
        Consent.ASK,
    )


def told_since(seen: Snapshot, group: Group, what: Said) -> Said:
    """A sentence, followed by the revision that it began with when there is one."""
    revision = change_before(seen, group)
    if revision:
        return Said("{what} {since}", what=what, since=since(revision))
    changed = settings_changed(seen, group)
    if changed is None:
        return what
    settings, at = changed
    kind = type(settings).RESOURCE.kind
    reads = Said("{kind} {name}, which it reads, was changed at {at}.", kind=kind, name=settings.metadata.name, at=at)
    return Said("{what} {since}", what=what, since=reads)


def change_proof(seen: Snapshot, group: Group) -> tuple[Evidence, ...]:
    revision = change_before(seen, group)
    if revision:
        return (revision.evidence(),)
    changed = settings_changed(seen, group)
    return (field_of(changed[0], "metadata.managedFields[].time", changed[1], changed[1]),) if changed else ()


def settings_changed(seen: Snapshot, group: Group) -> tuple[Object, datetime] | None:
    """The ConfigMap or Secret that a pod names and that was written last, in the hours before the run ended."""
    run = group.first
    ended = run.at
    if ended is None:
        return None
    found = []
    for kind, name in settings_of(run.pod.spec):
        settings = seen.get(kind, run.pod.metadata.namespace, name)
        fields = settings.metadata.managed_fields if settings else ()
        at = max((f.time for f in fields if f.time and (not f.fields_v1 or "f:data" in f.fields_v1)), default=None)
        made = settings.metadata.creation_timestamp if settings else None
        if settings and at and (made is None or at > made) and timedelta(0) <= ended - at <= _RECENTLY:
            found.append((settings, at))
    return max(found, key=lambda pair: pair[1], default=None)


def remedies_of(seen: Snapshot, group: Group) -> tuple[Remedy, ...]:
    """Reading the log, and going back where a new revision brought the fault."""
    undo = (undo_remedy(group.workload),) if change_before(seen, group) else ()
    return (logs_remedy(group.first), *undo)


def state_of(run: Run) -> str:
    """The end as kubectl shows it: ``exit code 1, CrashLoopBackOff``."""
    return f"exit code {run.end.exit_code}" + (", CrashLoopBackOff" if run.looping else "")
