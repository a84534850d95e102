"""What Kubernetes forgets: versions of objects by cluster, since when each was watched, and the gaps between."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from integrations.store.database import Database
from integrations.store.tables import GAPS, JOURNAL, WATCHES
from knowledge.facts.watching import Missed, Watch
from knowledge.journal import Changes, Known, Record

ROWS = 50_000
"""Versions of the past that are kept of one cluster; what is there now is bounded by the cluster itself."""
BODIES_AT_ONCE = 500
UNWATCHED = timedelta(hours=1)
"""Between visits further apart than this, events came and went: that is a gap of our own."""
NOT_VISITED = "not-visited"
_COLUMNS = [field.name for field in fields(Record)]


class Journals(Database):
    """The journal. A visit is written whole or not at all, and of two visits at one time the first one counts."""

    def journal_known(self, cluster: str) -> tuple[int, Mapping[tuple[str, str], Known]]:
        """How many visits were written, and what is remembered as being there."""
        c = JOURNAL.c
        rows = select(c.id, c.kind, c.uid, c.digest, c.workload, c.began).where(c.cluster == cluster, c.live.is_(True))
        with self._read() as connection:
            visits = connection.execute(select(WATCHES.c.visits).where(WATCHES.c.cluster == cluster)).scalar() or 0
            found = connection.execute(rows).all()
        return visits, {(r.kind, r.uid): Known(r.id, r.digest, r.workload, r.began) for r in found}

    def journal_records(self, ids: Sequence[int]) -> Mapping[int, Record]:
        """Versions by their rows."""
        found: dict[int, Record] = {}
        with self._read() as connection:
            for start in range(0, len(ids), BODIES_AT_ONCE):
                some = JOURNAL.c.id.in_(ids[start : start + BODIES_AT_ONCE])
                for row in connection.execute(select(JOURNAL).where(some)):
                    found[row.id] = _record(row)
        return found

    def journal_keep(
        self, cluster: str, visits: int, changes: Changes, now: datetime, bytes_read: int, keep_days: int
    ) -> bool:
        """Write a visit. False when another one was written since ``visits`` were: nothing is written then."""
        with self._write() as connection:
            mine, last = self._turn(connection, cluster, visits)
            if not mine:
                return False
            _apply(connection, cluster, changes, now, last)
            _close_gaps(connection, cluster, now, last)
            watch = {"last": now, "bytes_read": bytes_read}
            connection.execute(update(WATCHES).where(WATCHES.c.cluster == cluster).values(watch))
            first = and_(WATCHES.c.cluster == cluster, WATCHES.c.since.is_(None))
            connection.execute(update(WATCHES).where(first).values(since=now, kept_since=now))
            _prune(connection, cluster, now - timedelta(days=keep_days))
        return True

    def journal_missed(self, cluster: str, visits: int, now: datetime, code: str) -> None:
        """A visit failed: nobody knows what happened from the last one on until the next."""
        with self._write() as connection:
            mine, last = self._turn(connection, cluster, visits)
            if not mine:
                return
            lasting = select(GAPS.c.id).where(GAPS.c.cluster == cluster, GAPS.c.until.is_(None))
            if connection.execute(lasting).first() is None:
                connection.execute(insert(GAPS).values(cluster=cluster, since=last or now, code=code))

    def journal_watch(self, cluster: str) -> Watch | None:
        """How a cluster has been watched; ``None`` when no visit was ever tried."""
        c = GAPS.c
        gaps = select(c.since, c.until, c.code).where(c.cluster == cluster).order_by(c.since)
        with self._read() as connection:
            row = connection.execute(select(WATCHES).where(WATCHES.c.cluster == cluster)).first()
            if row is None:
                return None
            missed = tuple(Missed(g.since, g.until, g.code) for g in connection.execute(gaps))
        return Watch(row.since, row.kept_since, row.last, row.bytes_read, missed)

    def journal_recall(
        self,
        cluster: str,
        *,
        namespace: str = "",
        workloads: Collection[str] = (),
        pods: Collection[str] = (),
        nodes: Collection[str] = (),
        settings: Collection[str] = (),
        on_nodes: Collection[str] = (),
    ) -> Sequence[Record]:
        """Versions, oldest first: of what belongs to workloads (``Deployment/cart``), of pods and nodes by name, of
        ConfigMaps and Secrets by name, of pods on nodes. ``namespace=""``: in any."""
        c = JOURNAL.c
        place = c.namespace == namespace if namespace else c.cluster == cluster
        wanted = or_(
            and_(place, c.workload.in_(list(workloads))),
            and_(place, c.kind == "Pod", c.name.in_(list(pods))),
            and_(c.kind == "Node", c.name.in_(list(nodes))),
            c.workload.in_([f"Node/{name}" for name in nodes]),
            and_(place, c.kind.in_(["ConfigMap", "Secret"]), c.name.in_(list(settings))),
            and_(c.kind == "Pod", c.node.in_(list(on_nodes))),
        )
        with self._read() as connection:
            rows = connection.execute(select(JOURNAL).where(c.cluster == cluster, wanted).order_by(c.seen, c.id))
            return [_record(row) for row in rows]

    def journal_size(self) -> int:
        """How many versions are kept, of all clusters."""
        with self._read() as connection:
            return connection.execute(select(func.count()).select_from(JOURNAL)).scalar() or 0

    def _turn(self, connection: Connection, cluster: str, visits: int) -> tuple[bool, datetime | None]:
        """Take the next visit's number. Whether it was still free, and when the last good visit was."""
        fresh = self._insert(WATCHES).values(cluster=cluster, visits=0, bytes_read=0).on_conflict_do_nothing()
        connection.execute(fresh)
        mine = and_(WATCHES.c.cluster == cluster, WATCHES.c.visits == visits)
        row = connection.execute(
            update(WATCHES).where(mine).values(visits=visits + 1).returning(WATCHES.c.last)
        ).first()
        return row is not None, row.last if row else None


def _apply(connection: Connection, cluster: str, changes: Changes, now: datetime, last: datetime | None) -> None:
    for id, newer in changes.replaced.items():
        connection.execute(update(JOURNAL).where(JOURNAL.c.id == id).values(_row(cluster, newer)))
    ended = {"live": False, "until": now, "gone_after": None}
    for ids, values in (
        (list(changes.superseded), ended),
        (list(changes.gone), ended | {"gone_after": last or now}),
    ):
        for start in range(0, len(ids), BODIES_AT_ONCE):
            some = JOURNAL.c.id.in_(ids[start : start + BODIES_AT_ONCE])
            connection.execute(update(JOURNAL).where(some).values(values))
    rows = [_row(cluster, newer) for newer in (*changes.added, *changes.superseded.values())]
    if rows:
        connection.execute(insert(JOURNAL), rows)


def _close_gaps(connection: Connection, cluster: str, now: datetime, last: datetime | None) -> None:
    lasting = and_(GAPS.c.cluster == cluster, GAPS.c.until.is_(None))
    closed = connection.execute(update(GAPS).where(lasting).values(until=now)).rowcount
    if not closed and last and now - last > UNWATCHED:
        connection.execute(insert(GAPS).values(cluster=cluster, since=last, until=now, code=NOT_VISITED))


def _prune(connection: Connection, cluster: str, limit: datetime) -> None:
    """Forget what is older, then, oldest first, what is too much; from when on all is kept is remembered."""
    c = JOURNAL.c
    past = and_(c.cluster == cluster, c.live.is_(False))
    connection.execute(delete(JOURNAL).where(past, c.until < limit))
    connection.execute(delete(GAPS).where(GAPS.c.cluster == cluster, GAPS.c.until < limit))
    early = and_(WATCHES.c.cluster == cluster, WATCHES.c.kept_since < limit)
    connection.execute(update(WATCHES).where(early).values(kept_since=limit))
    over = (connection.execute(select(func.count()).select_from(JOURNAL).where(past)).scalar() or 0) - ROWS
    if over > 0:
        oldest = select(c.id).where(past).order_by(c.until, c.id).limit(over)
        cut = connection.execute(select(func.max(c.until)).where(c.id.in_(oldest))).scalar()
        connection.execute(delete(JOURNAL).where(c.id.in_(oldest)))
        connection.execute(update(WATCHES).where(WATCHES.c.cluster == cluster).values(kept_since=cut))


def _row(cluster: str, record: Record) -> dict[str, Any]:
    return {"cluster": cluster, **asdict(record)}


def _record(row: Any) -> Record:
    return Record(**{name: getattr(row, name) for name in _COLUMNS})
