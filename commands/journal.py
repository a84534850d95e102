"""One visit to every cluster: what of it perishes is written to the journal, and what is there no more is noticed."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from commands.command import Command
from commands.dialogue import Answer, Bullets, Request, Text, Tone
from commands.tools import ClusterEntry, Journal, Kube, Listing, Tools
from integrations.errors import IntegrationError, NotFound
from knowledge.journal import (
    LOG,
    LOG_LINES,
    QUIET_EVENTS,
    REMEMBERED,
    SETTINGS,
    Changes,
    Known,
    Record,
    compare,
    fresh_ends,
    keeps,
    log_record,
    record,
    uid_of,
)
from knowledge.objects import Event, Object, Pod, ReplicaSet
from knowledge.said import Said
from knowledge.snapshot import Snapshot

COMMAND = Command(
    name="journal",
    takes="<visit>",
    says=Said("Visit every cluster now, and remember what Kubernetes forgets within the hour: ends, events, changes."),
    example="journal visit",
    schedule="*/5 * * * *",
    slow=True,
)
METADATA_ONLY: tuple[type[Object], ...] = (*SETTINGS, ReplicaSet)
AT_ONCE = 6
"""Requests under way at once for one cluster: a visit has time."""
LOGS = 200
"""Logs read in one visit, those of the newest ends."""
FEW = 40
"""ReplicaSets that are asked for one by one; for more the whole list is cheaper."""
OLDEST_LOG = timedelta(days=7)
_EVENTS = ",".join(f"reason!={reason}" for reason in QUIET_EVENTS)


@dataclass(frozen=True)
class Visit:
    """How one visit went. ``unread``: kinds that may not be read, without which it still counts."""

    cluster: str
    rows: int = 0
    bytes_read: int = 0
    pods: int = 0
    error: Said | None = None
    by_another: bool = False
    unread: tuple[str, ...] = ()


def handle(request: Request, tools: Tools) -> Answer:
    if request.args["visit"] != "visit":
        return Answer(Said("The journal knows one word: journal visit."), Tone.ASK)
    if tools.journal is None:
        headline = Said("The journal needs a database: set GURUMI_DATABASE_URL, then run `gurumi migrate`.")
        return Answer(headline, Tone.FAILED)
    entries = [e for e in tools.fleet.clusters() if tools.may_see(e, "") and request.cluster in ("", e.name)]
    if not entries:
        return Answer(Said("There is no cluster that you may ask about."), Tone.REFUSED)
    return _tell(_visit_all(entries, request.at, tools, tools.journal))


def _visit_all(entries: Sequence[ClusterEntry], now: datetime, tools: Tools, journal: Journal) -> list[Visit]:
    """Every cluster at the same time; who has not answered by the deadline is missed and holds up no other."""
    before = {entry.name: journal.journal_known(entry.name) for entry in entries}
    ends = tools.clock() + tools.deadline_s
    jobs: dict[Future[Visit], str] = {
        tools.pool.submit(_visit, e.name, tools, journal, before[e.name], now): e.name for e in entries
    }
    waiting = set(jobs)
    while waiting and tools.clock() < ends:
        _done, waiting = wait(waiting, timeout=min(1.0, max(0.0, ends - tools.clock())))
        tools.progress(len(jobs) - len(waiting), len(jobs), "")
    visits = []
    for job, cluster in jobs.items():
        if job in waiting:
            job.cancel()
            journal.journal_missed(cluster, before[cluster][0], now, "timed-out")
            visits.append(Visit(cluster, error=Said("{cluster} did not answer in time.", cluster=cluster)))
        else:
            visits.append(job.result())
    return visits


def _visit(
    cluster: str,
    tools: Tools,
    journal: Journal,
    before: tuple[int, Mapping[tuple[str, str], Known]],
    now: datetime,
) -> Visit:
    visits, known = before
    try:
        kube = tools.fleet.open(cluster)
        seen, read, size, unread = _look(cluster, kube, now)
    except IntegrationError as error:
        journal.journal_missed(cluster, visits, now, error.code)
        return Visit(cluster, error=error.says)
    changes, log_bytes = _changes(kube, journal, seen, known, read, now)
    size += log_bytes
    mine = journal.journal_keep(cluster, visits, changes, now, size, tools.journal_days)
    rows = changes.rows if mine else 0
    return Visit(cluster, rows, size, len(seen.all(Pod)), by_another=not mine, unread=unread)


def _look(cluster: str, kube: Kube, now: datetime) -> tuple[Snapshot, frozenset[str], int, tuple[str, ...]]:
    """Everything that is remembered, in one list a kind. Raises what kept the pods from being read."""
    listings: dict[type[Object], Listing] = {Pod: kube.list(Pod)}  # first: a cluster that hangs is waited for once
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"journal-{cluster}") as pool:
        jobs = {
            kind: pool.submit(kube.list, kind, fields=_EVENTS if kind is Event else "")
            for kind in REMEMBERED
            if kind not in (Pod, ReplicaSet)
        }
        jobs |= {kind: pool.submit(kube.metadata, kind) for kind in METADATA_ONLY}
    unread = []
    for kind, job in jobs.items():
        try:
            listings[kind] = job.result()
        except NotFound:
            continue
        except IntegrationError as error:
            if error.code not in ("denied", "malformed"):
                raise
            unread.append(kind.RESOURCE.plural)
    things = tuple(thing for listing in listings.values() for thing in listing.items)
    read = frozenset(kind.RESOURCE.kind for kind in listings)
    size = sum(listing.bytes_read for listing in listings.values())
    return Snapshot(cluster, now, now, things), read, size, tuple(unread)


def _changes(
    kube: Kube,
    journal: Journal,
    seen: Snapshot,
    known: Mapping[tuple[str, str], Known],
    read: frozenset[str],
    now: datetime,
) -> tuple[Changes, int]:
    """What a visit adds to what is known, and the bytes of the logs that it read for it."""
    new, changed, gone = compare(seen.objects, known, read)
    templates, size = _templates(kube, [*new, *(thing for _was, thing in changed)])
    new = [templates.get(uid_of(thing), thing) for thing in new]
    changed = [(was, templates.get(uid_of(thing), thing)) for was, thing in changed]
    owners = {uid: was.workload for (kind, uid), was in known.items() if kind == "Pod"}
    older = journal.journal_records([was.id for was, thing in changed if not isinstance(thing, Event)])
    added = [record(thing, seen, owners, now) for thing in new]
    ends = [(r, end, False) for r, thing in zip(added, new, strict=True) for end in fresh_ends(None, thing)]
    replaced, superseded = dict[int, Record](), dict[int, Record]()
    for was, thing in changed:
        fresh = record(thing, seen, owners, now)
        old = older[was.id].thing() if was.id in older else None
        kept = old is not None and keeps(old, fresh.thing())
        if not kept and was.began and fresh.began:
            fresh = replace(fresh, began=min(was.began, fresh.began))
        (superseded if kept else replaced)[was.id] = fresh
        ends += [(fresh, end, kept) for end in fresh_ends(old, thing)]
    ends = [e for e in ends if now - e[1][2] <= OLDEST_LOG]
    ends = sorted(ends, key=lambda e: e[1][2], reverse=True)[:LOGS]
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"journal-{seen.cluster}") as pool:
        logs = list(pool.map(lambda e: _log(kube, e[0], *e[1]), ends))
    for (_pod, _end, kept), told in zip(ends, logs, strict=True):
        if told is None:
            continue
        size += len(told.body)
        was_log = known.get((LOG, told.uid))
        if was_log is None:
            added.append(told)
        else:
            (superseded if kept else replaced)[was_log.id] = told
    return Changes(tuple(added), replaced, superseded, gone), size


def _templates(kube: Kube, things: Sequence[Object]) -> tuple[Mapping[str, Object], int]:
    """The ReplicaSets among them with their templates, which never change: most of a cluster's are old and known."""
    wanted = {uid_of(thing): thing.metadata for thing in things if isinstance(thing, ReplicaSet)}
    try:
        if len(wanted) > FEW:
            listing = kube.list(ReplicaSet)
            return {uid: t for t in listing.items if (uid := uid_of(t)) in wanted}, listing.bytes_read
        found, size = dict[str, Object](), 0
        for uid, meta in wanted.items():
            listing = kube.list(ReplicaSet, meta.namespace, fields=f"metadata.name={meta.name}", limit=1)
            found.update((uid, thing) for thing in listing.items if uid_of(thing) == uid)
            size += listing.bytes_read
        return found, size
    except IntegrationError:  # without a template a revision still has its number and its time
        return {}, 0


def _log(kube: Kube, pod: Record, container: str, previous: bool, at: datetime) -> Record | None:
    """The log of a run that ended; nothing where it is gone or may not be read."""
    try:
        log = kube.log(pod.namespace, pod.name, container, previous=previous, tail=LOG_LINES)
    except IntegrationError:
        return None
    return log_record(pod, container, log, at) if any(log.lines) else None


def _tell(visits: Sequence[Visit]) -> Answer:
    failed = [v for v in visits if v.error]
    good = [v for v in visits if not v.error]
    lines = [_line(v) for v in good]
    lines += [Said("{cluster}: not visited: {why}", cluster=v.cluster, why=v.error) for v in failed]
    limits = [
        Said(
            "I may not read {kinds} in {cluster}, so nothing of them is remembered.", kinds=v.unread, cluster=v.cluster
        )
        for v in good
        if v.unread
    ]
    data = {
        "visits": [
            {"cluster": v.cluster, "ok": v.error is None, "rows": v.rows, "bytes": v.bytes_read, "pods": v.pods}
            for v in visits
        ]
    }
    parts = [Bullets(tuple(lines))]
    if limits:
        parts.append(Bullets(tuple(limits)))
    if failed:
        headline = Said("The journal visited {good} of {n} clusters.", good=len(good), n=len(visits))
        note = Text(Said("For the others a gap is recorded: it is told when somebody asks about that time."))
        return Answer(headline, Tone.FAILED, (*parts, note), data=data)
    headline = Said("The journal visited {n:|cluster|clusters}.", n=len(visits))
    return Answer(headline, Tone.INFO, tuple(parts), data=data)


def _line(visit: Visit) -> Said:
    if visit.by_another:
        return Said("{cluster}: another process made this visit at the same time.", cluster=visit.cluster)
    return Said(
        "{cluster}: {n:|pod|pods}, {rows:|new row|new rows}, {kilobytes} KB read",
        cluster=visit.cluster,
        n=visit.pods,
        rows=visit.rows,
        kilobytes=-(-visit.bytes_read // 1024),
    )
