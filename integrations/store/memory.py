"""What is remembered between requests: people's choices, what a thread is about, who does a job; and forgetting."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select

from integrations.records import Preference as Preference
from integrations.store.database import Database
from integrations.store.tables import AUDIT, INBOX, KEYS, LOCKS, PEOPLE, POSTS, THREADS
from knowledge.secrets.redaction import redact

_KEPT = "kept words"
"""In place of a channel."""


class Memory(Database):
    """Small things by their names."""

    def preference(self, user: str) -> Preference:
        with self._read() as connection:
            row = connection.execute(select(PEOPLE).where(PEOPLE.c.user == user)).first()
        return Preference(row.language, row.zone) if row else Preference()

    def prefer(self, user: str, chosen: Preference) -> None:
        values = {"language": chosen.language, "zone": chosen.zone}
        new = self._insert(PEOPLE).values(user=user, **values)
        with self._write() as connection:
            connection.execute(new.on_conflict_do_update(index_elements=["user"], set_=values))

    def remember(self, channel: str, thread: str, context: Mapping[str, Any], now: datetime) -> None:
        """What a thread talks about (cluster, namespace, workload), in place of what it talked about before."""
        values = {"context": dict(context), "at": now}
        new = self._insert(THREADS).values(channel=channel, thread=thread, **values)
        with self._write() as connection:
            connection.execute(new.on_conflict_do_update(index_elements=["channel", "thread"], set_=values))

    def recall(self, channel: str, thread: str) -> Mapping[str, Any] | None:
        place = (THREADS.c.channel == channel, THREADS.c.thread == thread)
        with self._read() as connection:
            context: Mapping[str, Any] | None = connection.execute(select(THREADS.c.context).where(*place)).scalar()
        return context

    def keep_words(self, kept: Mapping[str, str], now: datetime) -> None:
        """Words that no button holds, by the names that stand there instead; without secrets, and for as long as a
        thread's context."""
        for name, words in kept.items():
            self.remember(_KEPT, name, {"words": redact(words)}, now)

    def kept_words(self, name: str) -> str:
        """The words of that name; empty when they are forgotten."""
        return str((self.recall(_KEPT, name) or {}).get("words", ""))

    def lock(self, name: str, worker: str, now: datetime, lease_s: float) -> bool:
        """Whether the worker has the job now: it was free, its holder's lease ran out, or it had it already."""
        values = {"holder": worker, "until": now + timedelta(seconds=lease_s)}
        new = self._insert(LOCKS).values(name=name, **values)
        free = or_(LOCKS.c.until <= now, LOCKS.c.holder == worker)
        with self._write() as connection:
            taken = new.on_conflict_do_update(index_elements=["name"], set_=values, where=free).returning(LOCKS.c.name)
            return connection.execute(taken).first() is not None

    def unlock(self, name: str, worker: str) -> None:
        """Give the job back, if it is still the worker's."""
        with self._write() as connection:
            connection.execute(delete(LOCKS).where(LOCKS.c.name == name, LOCKS.c.holder == worker))

    def prune(self, now: datetime, keep_days: int) -> int:
        """Forget finished deliveries, audit rows and threads that are older. How many rows that was."""
        limit = now - timedelta(days=keep_days)
        old = select(INBOX.c.id).where(INBOX.c.done.is_(True), INBOX.c.finished_at < limit)
        with self._write() as connection:
            gone = [
                delete(KEYS).where(KEYS.c.delivery.in_(old)),
                delete(POSTS).where(POSTS.c.delivery.in_(old)),
                delete(INBOX).where(INBOX.c.done.is_(True), INBOX.c.finished_at < limit),
                delete(AUDIT).where(AUDIT.c.at < limit),
                delete(THREADS).where(THREADS.c.at < limit),
            ]
            return sum(connection.execute(statement).rowcount for statement in gone)
