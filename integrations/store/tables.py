"""The tables. A change here needs a migration beside it; a test compares the two."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Index, Integer, Table, UniqueConstraint
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class UtcTime(TypeDecorator[datetime]):
    """A time with its zone, in both databases: SQLite keeps none, so it is given UTC going in and coming out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


_Time: Any = UtcTime
_Number: Any = BigInteger().with_variant(Integer, "sqlite")
_Json: Any = JSON


class InboxRow(SQLModel, table=True):
    """A delivery, kept when done as long as Slack could bring it again. ``lane``: what is answered in order."""

    __tablename__ = "inbox"
    __table_args__ = (Index("ix_inbox_lane", "done", "lane", "received_at", "seq"),)

    seq: int | None = Field(default=None, primary_key=True, sa_type=_Number)
    id: str = Field(unique=True)
    kind: str
    channel: str
    thread: str
    user: str
    lane: str
    words: str
    payload: dict[str, Any] = Field(sa_type=_Json)
    received_at: datetime = Field(sa_type=_Time)
    done: bool = False
    finished_at: datetime | None = Field(default=None, sa_type=_Time)
    holder: str | None = Field(default=None, index=True)
    lease_until: datetime | None = Field(default=None, sa_type=_Time)


class InboxKey(SQLModel, table=True):
    """Every name under which a delivery may come again."""

    __tablename__ = "inbox_keys"

    key: str = Field(primary_key=True)
    delivery: str = Field(index=True)


class TurnRow(SQLModel, table=True):
    """When each person was last served, as a growing number: whoever waited longest is next."""

    __tablename__ = "turns"

    user: str = Field(primary_key=True)
    turn: int = Field(sa_type=_Number, index=True)


class PostRow(SQLModel, table=True):
    """A post that a delivery led to. Without a ``ts``: it was begun, and nobody knows whether Slack has it."""

    __tablename__ = "posts"

    delivery: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    channel: str | None = None
    ts: str | None = None


class AuditEntry(SQLModel, table=True):
    """Who asked what, and how it ended."""

    __tablename__ = "audit"

    seq: int | None = Field(default=None, primary_key=True, sa_type=_Number)
    at: datetime = Field(sa_type=_Time, index=True)
    asker: str
    face: str
    command: str
    words: str
    cluster: str
    tone: str
    seconds: float
    incident: str


class PersonRow(SQLModel, table=True):
    """What somebody chose for themselves."""

    __tablename__ = "people"

    user: str = Field(primary_key=True)
    language: str
    zone: str


class ThreadRow(SQLModel, table=True):
    """What a thread last talked about."""

    __tablename__ = "threads"

    channel: str = Field(primary_key=True)
    thread: str = Field(primary_key=True)
    context: dict[str, Any] = Field(sa_type=_Json)
    at: datetime = Field(sa_type=_Time, index=True)


class LockRow(SQLModel, table=True):
    """Who does a job, and until when nobody else may."""

    __tablename__ = "locks"

    name: str = Field(primary_key=True)
    holder: str
    until: datetime = Field(sa_type=_Time)


class JournalRow(SQLModel, table=True):
    """One version of one object. ``live``: it is as last seen; else ``until`` says when it changed or was gone."""

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_live", "cluster", "live"),
        Index("ix_journal_workload", "cluster", "namespace", "workload"),
        Index("ix_journal_node", "cluster", "node"),
        Index("ix_journal_until", "cluster", "until"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=_Number)
    cluster: str
    kind: str
    namespace: str
    name: str
    uid: str
    workload: str
    node: str
    began: datetime | None = Field(default=None, sa_type=_Time)
    at: datetime | None = Field(default=None, sa_type=_Time)
    seen: datetime = Field(sa_type=_Time)
    until: datetime | None = Field(default=None, sa_type=_Time)
    gone_after: datetime | None = Field(default=None, sa_type=_Time)
    live: bool
    digest: str
    body: str


class WatchRow(SQLModel, table=True):
    """Since when the journal has watched a cluster, when it last did, and from when on it has kept everything."""

    __tablename__ = "journal_watches"

    cluster: str = Field(primary_key=True)
    visits: int = Field(sa_type=_Number)
    since: datetime | None = Field(default=None, sa_type=_Time)
    kept_since: datetime | None = Field(default=None, sa_type=_Time)
    last: datetime | None = Field(default=None, sa_type=_Time)
    bytes_read: int = Field(sa_type=_Number)


class GapRow(SQLModel, table=True):
    """A time in which a cluster was not watched. ``code``: why; ``until`` is empty while it lasts."""

    __tablename__ = "journal_gaps"

    id: int | None = Field(default=None, primary_key=True, sa_type=_Number)
    cluster: str = Field(index=True)
    since: datetime = Field(sa_type=_Time)
    until: datetime | None = Field(default=None, sa_type=_Time)
    code: str


class TicketRow(SQLModel, table=True):
    """A ticket as it stands. Names in ``clusters`` and ``watchers`` stand between commas, so that one can be found."""

    __tablename__ = "tickets"
    __table_args__ = (Index("ix_tickets_state", "state", "due"),)

    number: int | None = Field(default=None, primary_key=True, sa_type=_Number)
    key: str = Field(unique=True)
    digest: str = Field(index=True)
    asker: str = Field(index=True)
    asker_name: str
    language: str
    kind: str
    topic: str
    title: str
    text: str
    clusters: str
    about: dict[str, Any] = Field(sa_type=_Json)
    channel: str
    thread: str
    direct: bool
    state: str
    waiting: str
    priority: str
    assignee: str
    watchers: str
    by_person: bool
    rounds: int
    reopened: int
    solved: str
    resolution: str
    merged_into: int | None = Field(default=None, sa_type=_Number)
    opened: datetime = Field(sa_type=_Time, index=True)
    answered: datetime | None = Field(default=None, sa_type=_Time)
    called: datetime | None = Field(default=None, sa_type=_Time)
    taken: datetime | None = Field(default=None, sa_type=_Time)
    ended: datetime | None = Field(default=None, sa_type=_Time)
    due: datetime | None = Field(default=None, sa_type=_Time)
    turn: datetime | None = Field(default=None, sa_type=_Time)
    told: dict[str, Any] = Field(sa_type=_Json)
    version: int


class TicketMoveRow(SQLModel, table=True):
    """Every move of every ticket, for good. ``key``: what asked for it; one asking makes one move."""

    __tablename__ = "ticket_moves"
    __table_args__ = (UniqueConstraint("ticket", "key", name="uq_ticket_moves_key"),)

    seq: int | None = Field(default=None, primary_key=True, sa_type=_Number)
    ticket: int = Field(sa_type=_Number, index=True)
    key: str
    move: str
    by: str
    team: bool
    at: datetime = Field(sa_type=_Time)
    note: str


class TicketTermRow(SQLModel, table=True):
    """What a ticket can be found by."""

    __tablename__ = "ticket_terms"

    term: str = Field(primary_key=True)
    ticket: int = Field(sa_type=_Number, primary_key=True)


class TopicRow(SQLModel, table=True):
    """The one message that answers of a topic edit."""

    __tablename__ = "topics"

    topic: str = Field(primary_key=True)
    channel: str
    ts: str
    thread: str


class EntryRow(SQLModel, table=True):
    """A known issue that people made here. ``weights``: what an index of the reading ``reading`` holds of it."""

    __tablename__ = "entries"

    id: str = Field(primary_key=True)
    state: str = Field(index=True)
    body: str
    weights: str
    reading: int
    ticket: int | None = Field(default=None, sa_type=_Number, index=True)
    drafted_by: str
    decided_by: str
    changed: datetime = Field(sa_type=_Time, index=True)


class UseRow(SQLModel, table=True):
    """How often a known issue, of the files or of the table beside, was seen and helped."""

    __tablename__ = "issue_uses"

    issue: str = Field(primary_key=True)
    seen: int
    helped: int
    last: datetime = Field(sa_type=_Time)


def _table(model: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(model.__tablename__)]


INBOX, KEYS, TURNS, POSTS = _table(InboxRow), _table(InboxKey), _table(TurnRow), _table(PostRow)
AUDIT, PEOPLE, THREADS, LOCKS = _table(AuditEntry), _table(PersonRow), _table(ThreadRow), _table(LockRow)
JOURNAL, WATCHES, GAPS = _table(JournalRow), _table(WatchRow), _table(GapRow)
TICKETS, MOVES, TERMS = _table(TicketRow), _table(TicketMoveRow), _table(TicketTermRow)
TOPICS = _table(TopicRow)
ENTRIES, USES = _table(EntryRow), _table(UseRow)
METADATA = SQLModel.metadata
