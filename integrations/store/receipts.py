"""Which reminders were delivered, and where the one message of a topic stands."""

from datetime import datetime

from sqlalchemy import select

from integrations.store.database import Database
from integrations.store.tables import RECEIPTS, TOPICS


class Receipts(Database):
    """One mark for each reminder, begun before it is delivered and confirmed after it; one place for each topic."""

    def receipt_begin(self, receipt: str, now: datetime) -> None:
        """It is about to be delivered."""
        with self._write() as connection:
            connection.execute(
                self._insert(RECEIPTS).values(receipt=receipt, at=now, channel="", ts="").on_conflict_do_nothing()
            )

    def receipt(self, receipt: str, channel: str, ts: str, now: datetime) -> None:
        """It was delivered there."""
        place = {"channel": channel, "ts": ts}
        mark = self._insert(RECEIPTS).values(receipt=receipt, at=now, **place)
        with self._write() as connection:
            connection.execute(mark.on_conflict_do_update(index_elements=["receipt"], set_=place))

    def receipt_known(self, receipt: str) -> bool | None:
        """Whether it was delivered; None: it was begun, and nobody knows."""
        with self._read() as connection:
            row = connection.execute(select(RECEIPTS.c.ts).where(RECEIPTS.c.receipt == receipt)).first()
        return False if row is None else bool(row.ts) or None

    def topic(self, topic: str) -> tuple[str, str] | None:
        """Channel and ts of the message that answers of a topic edit."""
        with self._read() as connection:
            row = connection.execute(select(TOPICS.c.channel, TOPICS.c.ts).where(TOPICS.c.topic == topic)).first()
        return (row.channel, row.ts) if row else None

    def topic_at(self, topic: str, channel: str, ts: str) -> None:
        place = {"channel": channel, "ts": ts}
        mark = self._insert(TOPICS).values(topic=topic, **place)
        with self._write() as connection:
            connection.execute(mark.on_conflict_do_update(index_elements=["topic"], set_=place))
