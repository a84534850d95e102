"""Which posts a delivery led to, so that whoever takes it over edits what stands there instead of posting again."""

from sqlalchemy import select

from integrations.store.database import Database
from integrations.store.tables import POSTS


class Outbox(Database):
    """One mark for each delivery and key (``answer``): begun before the post, confirmed after it."""

    def posting(self, delivery_id: str, key: str) -> None:
        """A post is about to be made, in place of one before it that is no longer there."""
        mark = self._insert(POSTS).values(delivery=delivery_id, key=key)
        nowhere = {"channel": None, "ts": None}
        with self._write() as connection:
            connection.execute(mark.on_conflict_do_update(index_elements=["delivery", "key"], set_=nowhere))

    def posted(self, delivery_id: str, key: str, channel: str, ts: str) -> None:
        """The post stands there."""
        place = {"channel": channel, "ts": ts}
        mark = self._insert(POSTS).values(delivery=delivery_id, key=key, **place)
        with self._write() as connection:
            connection.execute(mark.on_conflict_do_update(index_elements=["delivery", "key"], set_=place))

    def posted_before(self, delivery_id: str, key: str) -> tuple[str, str] | None:
        """Channel and ts of the post, when there is one for certain."""
        found = self._mark(delivery_id, key)
        return (found[0], found[1]) if found and found[0] and found[1] else None

    def unsure(self, delivery_id: str, key: str) -> bool:
        """Whether a post was begun and never confirmed."""
        found = self._mark(delivery_id, key)
        return found is not None and found[1] is None

    def _mark(self, delivery_id: str, key: str) -> tuple[str | None, str | None] | None:
        marks = select(POSTS.c.channel, POSTS.c.ts).where(POSTS.c.delivery == delivery_id, POSTS.c.key == key)
        with self._read() as connection:
            row = connection.execute(marks).first()
        return (row.channel, row.ts) if row else None
