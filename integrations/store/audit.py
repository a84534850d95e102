"""Who asked what, when, of which cluster, and how it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select

from integrations.store.database import Database
from integrations.store.tables import AUDIT
from knowledge.secrets.redaction import redact


@dataclass(frozen=True)
class AuditRow:
    """One request that was answered, refused or failed. ``incident``: the id that a failure was told under."""

    at: datetime
    asker: str
    face: str
    command: str
    words: str
    cluster: str
    tone: str
    seconds: float
    incident: str = ""


class Audits(Database):
    """The audit; rows are added and, after their time, pruned, never changed."""

    def record(self, row: AuditRow) -> None:
        """Store a row; secrets in its words are not."""
        with self._write() as connection:
            connection.execute(AUDIT.insert().values(asdict(row) | {"words": redact(row.words)}))

    def audits(self, limit: int) -> Sequence[Mapping[str, object]]:
        """The newest rows, newest first."""
        columns = [column for column in AUDIT.c if column.name != "seq"]
        with self._read() as connection:
            rows = connection.execute(select(*columns).order_by(AUDIT.c.at.desc(), AUDIT.c.seq.desc()).limit(limit))
            return [dict(row) for row in rows.mappings()]

    def asked(self, asker: str, limit: int) -> Sequence[tuple[str, datetime]]:
        """What somebody asked in their own words, newest first, with its time."""
        mine = select(AUDIT.c.words, AUDIT.c.at).where(AUDIT.c.asker == asker, AUDIT.c.command == "ask")
        with self._read() as connection:
            rows = connection.execute(mine.order_by(AUDIT.c.at.desc(), AUDIT.c.seq.desc()).limit(limit))
            return [(row.words, row.at) for row in rows]
