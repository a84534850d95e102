"""What Slack brought: stored before it is acknowledged, handed out in order and fairly, finished once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, or_, select, update

from integrations.store.database import Database
from integrations.store.tables import INBOX, KEYS, TURNS, UtcTime
from knowledge.secrets.redaction import redact

_SHORT_LIVED = frozenset({"response_url", "trigger_id"})
"""Needed to answer, worthless after half an hour; stored as they are and removed when the delivery is finished."""
_SHOWN = 10


@dataclass(frozen=True)
class Delivery:
    """One question, click or form as it came in. ``id`` is the same when Slack brings it again."""

    id: str
    kind: str
    channel: str
    thread: str
    user: str
    words: str
    received_at: datetime
    payload: Mapping[str, Any]


class Inbox(Database):
    """The deliveries. Who takes one holds it under a lease: when its process dies, the lease ends, others take it."""

    def accept(self, delivery: Delivery, also: Sequence[str] = (), ready_at: datetime | None = None) -> bool:
        """Store it durably, without secrets. False when it is known already, under its id or another of its keys.

        ``ready_at``: nobody takes it, or a later one of its lane, before; an earlier one may still be on its way.
        """
        keys = sorted({delivery.id, *also})  # one order for all: two processes must not wait for each other crosswise
        clean = replace(delivery, words=redact(delivery.words), payload=_clean(delivery.payload))
        with self._write() as connection:
            names = [{"key": key, "delivery": delivery.id} for key in keys]
            new = self._insert(KEYS).values(names).on_conflict_do_nothing().returning(KEYS.c.key)
            if len(connection.execute(new).all()) < len(keys):
                connection.rollback()
                return False
            row = INBOX.insert().values(lane=_lane(clean), done=False, lease_until=ready_at, **vars(clean))
            connection.execute(row)
        return True

    def claim(self, worker: str, now: datetime, lease_s: float) -> Delivery | None:
        """Take the next delivery in hand; None when all that waits is behind something in hand.

        Of one lane only the oldest may be taken. Among lanes comes first who has least in hand, then who waited longest
        for their turn.
        """
        with self._write() as connection:
            row = connection.execute(_NEXT, {"now": now}).first()
            if row is None:
                return None
            held = update(INBOX).where(INBOX.c.seq == row.seq)
            connection.execute(held.values(holder=worker, lease_until=now + timedelta(seconds=lease_s)))
            self._take_turn(connection, row.user)
        return _delivery(row)

    def renew(self, worker: str, now: datetime, lease_s: float) -> int:
        """Hold on to what is in hand. How many that is."""
        until = now + timedelta(seconds=lease_s)
        with self._write() as connection:
            return int(connection.execute(_held_by(worker).values(lease_until=until)).rowcount)

    def release(self, worker: str) -> int:
        """Give back what is in hand, for others to take at once. How many that was."""
        with self._write() as connection:
            return int(connection.execute(_held_by(worker).values(holder=None, lease_until=None)).rowcount)

    def postpone(self, worker: str, until: datetime) -> int:
        """Give back what is in hand, for anybody to take at that time; its lane waits for it. How many that was."""
        with self._write() as connection:
            return int(connection.execute(_held_by(worker).values(holder=None, lease_until=until)).rowcount)

    def finish(self, delivery_id: str, now: datetime) -> None:
        """It is answered. Its id stays known; the ways to answer it are forgotten."""
        with self._write() as connection:
            payload = connection.execute(select(INBOX.c.payload).where(INBOX.c.id == delivery_id)).scalar()
            kept = {key: value for key, value in (payload or {}).items() if key not in _SHORT_LIVED}
            ended = update(INBOX).where(INBOX.c.id == delivery_id)
            connection.execute(ended.values(done=True, finished_at=now, holder=None, lease_until=None, payload=kept))

    def waiting(self) -> int:
        """Deliveries that are not finished, in hand or not."""
        with self._read() as connection:
            return int(connection.execute(select(func.count()).where(INBOX.c.done.is_(False))).scalar_one())

    def waiting_of(self, asker: str) -> Sequence[tuple[str, datetime]]:
        """What somebody asked that nobody has answered yet, oldest first, with its time."""
        mine = select(INBOX.c.words, INBOX.c.received_at).where(INBOX.c.done.is_(False), INBOX.c.user == asker)
        with self._read() as connection:
            rows = connection.execute(mine.order_by(INBOX.c.received_at, INBOX.c.seq).limit(_SHOWN))
            return [(row.words, row.received_at) for row in rows]

    def _take_turn(self, connection: Connection, user: str) -> None:
        turn = select(func.coalesce(func.max(TURNS.c.turn), 0) + 1).scalar_subquery()
        mine = self._insert(TURNS).values(user=user, turn=turn)
        connection.execute(mine.on_conflict_do_update(index_elements=["user"], set_={"turn": mine.excluded.turn}))


def _next() -> Select[Any]:
    now = bindparam("now", type_=UtcTime())
    older, held = INBOX.alias("older"), INBOX.alias("held")
    before = or_(
        older.c.received_at < INBOX.c.received_at,
        and_(older.c.received_at == INBOX.c.received_at, older.c.seq < INBOX.c.seq),
    )
    behind = select(older.c.seq).where(older.c.done.is_(False), older.c.lane == INBOX.c.lane, before)
    # A late commit may put an older one into a lane whose next is in hand already.
    busy = select(held.c.seq).where(held.c.done.is_(False), held.c.lane == INBOX.c.lane, held.c.lease_until > now)
    in_hand = (
        select(held.c.user, func.count().label("count"))
        .where(held.c.done.is_(False), held.c.holder.is_not(None), held.c.lease_until > now)
        .group_by(held.c.user)
        .subquery()
    )
    # Said of the row itself too: PostgreSQL looks at this again when the row changed while it was being locked.
    free = or_(INBOX.c.lease_until.is_(None), INBOX.c.lease_until <= now)
    return (
        select(INBOX)
        .outerjoin(in_hand, in_hand.c.user == INBOX.c.user)
        .outerjoin(TURNS, TURNS.c.user == INBOX.c.user)
        .where(INBOX.c.done.is_(False), free, ~behind.exists(), ~busy.exists())
        .order_by(func.coalesce(in_hand.c.count, 0), func.coalesce(TURNS.c.turn, 0), INBOX.c.received_at, INBOX.c.seq)
        .limit(1)
        .with_for_update(of=INBOX, skip_locked=True)
    )


_NEXT = _next()


def _held_by(worker: str) -> Any:
    return update(INBOX).where(INBOX.c.holder == worker, INBOX.c.done.is_(False))


def _lane(delivery: Delivery) -> str:
    """What is answered in order: a thread; where there is none, what one person asks in one place."""
    return f"{delivery.channel}/{delivery.thread or delivery.user}"


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(row.id, row.kind, row.channel, row.thread, row.user, row.words, row.received_at, row.payload)


def _clean(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value if key in _SHORT_LIVED else _redacted(value) for key, value in payload.items()}


def _redacted(value: Any) -> Any:
    match value:
        case str():
            return redact(value)
        case Mapping():
            return _clean(value)
        case list() | tuple():
            return [_redacted(item) for item in value]
        case _:
            return value
