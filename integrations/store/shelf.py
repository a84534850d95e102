"""Entries that people made out of solved tickets, and how often every known issue was seen and helped."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, select, update

from integrations.errors import Conflict, NotFound
from integrations.store.database import Database
from integrations.store.tables import ENTRIES, USES
from knowledge.decoders import decoder
from knowledge.known_issue import KnownIssue
from knowledge.learning import Entry, EntryState, Use
from knowledge.said import Said
from knowledge.search import READING, Weights, weights_of

_AT_ONCE = 500
_WEIGHTS = msgspec.json.Decoder(dict[str, float])
Mark = tuple[datetime, EntryState]


class Shelf(Database):
    """The shelf's part that lives here: what comes with the product is in files."""

    def entry_draft(self, entry: Entry) -> bool:
        """Keep a draft. False when there is an entry of this id, or one that was learned from the same ticket."""
        values = _values(entry)
        with self._write() as connection:
            if entry.ticket is not None:
                same = select(ENTRIES.c.id).where(ENTRIES.c.ticket == entry.ticket)
                if connection.execute(same).first() is not None:
                    return False
            new = self._insert(ENTRIES).values(values).on_conflict_do_nothing(index_elements=["id"])
            return connection.execute(new.returning(ENTRIES.c.id)).first() is not None

    def entry_decide(self, before: Entry, after: Entry) -> None:
        """Put a decision in force. Raises Conflict when somebody else decided meanwhile."""
        mine = (ENTRIES.c.id == before.issue.id, ENTRIES.c.state == before.state.value)
        with self._write() as connection:
            if not connection.execute(update(ENTRIES).where(*mine).values(_values(after))).rowcount:
                raise Conflict("database", Said("Somebody else has decided on {id} meanwhile.", id=before.issue.id))

    def entry(self, id: str) -> Entry:
        """One entry. Raises NotFound."""
        with self._read() as connection:
            row = connection.execute(select(ENTRIES).where(ENTRIES.c.id == id)).first()
        if row is None:
            raise NotFound("database", Said("There is no entry {id} that was made here.", id=id))
        return _entry(row)

    def entries(self, *states: EntryState) -> Sequence[Entry]:
        """Entries in these states (none named: in all), by the time of their last change."""
        wanted = select(ENTRIES).order_by(ENTRIES.c.changed, ENTRIES.c.id)
        if states:
            wanted = wanted.where(ENTRIES.c.state.in_([state.value for state in states]))
        with self._read() as connection:
            return [_entry(row) for row in connection.execute(wanted)]

    def entries_changed(self, since: datetime | None) -> Mapping[str, Mark]:
        """The marks of entries that changed at or after a time: an entry is the same as long as its mark is."""
        wanted = select(ENTRIES.c.id, ENTRIES.c.changed, ENTRIES.c.state)
        if since:
            wanted = wanted.where(ENTRIES.c.changed >= since)
        with self._read() as connection:
            return {row.id: (row.changed, EntryState(row.state)) for row in connection.execute(wanted)}

    def entries_weighed(self, ids: Collection[str]) -> Iterator[tuple[Entry, Weights | None]]:
        """Entries with their weights for an index, where those are still right."""
        asked = sorted(ids)
        for begin in range(0, len(asked), _AT_ONCE):
            wanted = select(ENTRIES).where(ENTRIES.c.id.in_(asked[begin : begin + _AT_ONCE]))
            with self._read() as connection:
                rows = connection.execute(wanted).all()
            for row in sorted(rows, key=lambda row: str(row.id)):  # databases sort letters each in their own way
                yield _entry(row), _WEIGHTS.decode(row.weights) if row.reading == READING else None

    def issues_seen(self, ids: Collection[str], now: datetime) -> None:
        """Each was shown to somebody as what it may be."""
        self._count(ids, now, seen=1)

    def issue_helped(self, id: str, now: datetime) -> None:
        """Somebody said that it helped."""
        self._count([id], now, helped=1)

    def issue_uses(self, ids: Collection[str]) -> Mapping[str, Use]:
        with self._read() as connection:
            rows = connection.execute(select(USES).where(USES.c.issue.in_(list(ids)))).all()
        return {row.issue: Use(row.seen, row.helped, row.last) for row in rows}

    def _count(self, ids: Collection[str], now: datetime, seen: int = 0, helped: int = 0) -> None:
        with self._write() as connection:
            for id in sorted(set(ids)):  # in one order, so that two processes never wait for each other
                first = self._insert(USES).values(issue=id, seen=seen, helped=helped, last=now)
                more = {"seen": USES.c.seen + seen, "helped": USES.c.helped + helped, "last": now}
                connection.execute(first.on_conflict_do_update(index_elements=["issue"], set_=more))


def _values(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.issue.id,
        "state": entry.state.value,
        "body": msgspec.json.encode(entry.issue).decode(),
        "weights": msgspec.json.encode(weights_of(entry.issue)).decode(),
        "reading": READING,
        "ticket": entry.ticket,
        "drafted_by": entry.drafted_by,
        "decided_by": entry.decided_by,
        "changed": entry.changed,
    }


def _entry(row: Row[Any]) -> Entry:
    issue = decoder(KnownIssue).decode(row.body)
    return Entry(issue, EntryState(row.state), row.drafted_by, row.changed, row.ticket, row.decided_by)
