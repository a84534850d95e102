"""Where the one message of a topic stands: answers of the topic edit it, and what is said about it goes under it."""

from dataclasses import dataclass

from sqlalchemy import select

from integrations.store.database import Database
from integrations.store.tables import TOPICS


@dataclass(frozen=True)
class Spoken:
    """A message, and the thread that it belongs to."""

    channel: str
    ts: str
    thread: str


class Topics(Database):
    """One place for each topic."""

    def topic(self, topic: str) -> Spoken | None:
        with self._read() as connection:
            row = connection.execute(select(TOPICS).where(TOPICS.c.topic == topic)).first()
        return Spoken(row.channel, row.ts, row.thread) if row else None

    def topic_at(self, topic: str, channel: str, ts: str, thread: str) -> None:
        place = {"channel": channel, "ts": ts, "thread": thread}
        mark = self._insert(TOPICS).values(topic=topic, **place)
        with self._write() as connection:
            connection.execute(mark.on_conflict_do_update(index_elements=["topic"], set_=place))
