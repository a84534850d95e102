"""The connection to the database, its schema's revision, and the transactions that the rest is made of."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import nullcontext as no_lock
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, inspect, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from integrations.errors import Misconfigured
from integrations.store.complaints import no_table, our_error
from integrations.store.tables import METADATA
from knowledge.said import Said

CONNECT_S = 5
BUSY_S = 5
STATEMENT_S = 15
CONNECTIONS = 32
_MIGRATIONS = Path(__file__).parent.parent / "migrations"
_MIGRATING = 0x677572756D69
"""The key of PostgreSQL's advisory lock while a schema is changed."""


class Database:
    """One database by its SQLAlchemy URL. Raises Misconfigured at once for a URL that is none; connects when used.
    ``place``: where it is, for people; never with a password."""

    def __init__(self, url: str) -> None:
        self._url = _understood(url)
        self._is_sqlite = self._url.get_backend_name() == "sqlite"
        self.place = self._url.database or "" if self._is_sqlite else _place(self._url)
        self._engine = _engine(self._url, self._is_sqlite)
        self._writing = threading.Lock() if self._is_sqlite else no_lock()

    def migrate(self) -> None:
        """Bring the schema up to date; one process at a time."""
        with self._write() as connection:
            if not self._is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
            current = _revision(connection)
            if current is not None and current not in _known_revisions():
                raise self._newer()
            config = _alembic()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @property
    def file(self) -> Path | None:
        """The file that SQLite keeps; ``None`` where a server or the memory does."""
        kept = self._is_sqlite and self.place not in ("", ":memory:")
        return Path(self.place).absolute() if kept else None

    def prepare(self) -> None:
        """Fit for use, or an IntegrationError: a SQLite file and an empty database are migrated, a team's by hand."""
        with self._read() as connection:
            current = _revision(connection)
        if current is None or (self._is_sqlite and current != _known_revisions()[0]):
            self.migrate()
        self.check()

    def check(self) -> None:
        """Raises an IntegrationError unless the database can be written and has exactly the schema of this program."""
        with self._read() as connection:
            current = _revision(connection)
            tables = set(inspect(connection).get_table_names())
        if current is None:
            raise Misconfigured(
                "database", Said("The database {place} has no tables yet.", place=self.place), _RUN_MIGRATE
            )
        known = _known_revisions()
        if current not in known:
            raise self._newer()
        if current != known[0]:
            raise Misconfigured(
                "database",
                Said("The database {place} has the tables of an older Gurumi.", place=self.place),
                _RUN_MIGRATE,
            )
        if not tables.issuperset(METADATA.tables):
            raise no_table(self.place)
        with self._write() as connection:  # only a write shows that writing is possible
            connection.execute(text("UPDATE alembic_version SET version_num = version_num"))

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise our_error(error, self.place) from error

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        """A transaction that writes. SQLite has one writer: threads queue here instead of polling its lock."""
        try:
            with self._writing, self._engine.connect() as connection:
                connection.execution_options(writes=True)
                with connection.begin():
                    yield connection
        except SQLAlchemyError as error:
            raise our_error(error, self.place) from error

    def _insert(self, table: Table) -> Any:
        """An INSERT that can say ON CONFLICT; both databases spell it alike, SQLAlchemy has one for each."""
        return sqlite.insert(table) if self._is_sqlite else postgresql.insert(table)

    def _newer(self) -> Misconfigured:
        return Misconfigured(
            "database",
            Said("A newer Gurumi wrote the database {place}.", place=self.place),
            Said("Upgrade this program to the version of the others."),
        )


_RUN_MIGRATE = Said("Run `gurumi migrate`.")


def _understood(url: str) -> URL:
    try:
        made = make_url(url)
        backend = made.get_backend_name()
    except (ArgumentError, ValueError):
        backend = ""
    if backend == "postgresql":
        return made.set(drivername="postgresql+psycopg")
    if backend == "sqlite":
        return made
    raise Misconfigured(
        "database",
        Said("The database's URL is neither SQLite nor PostgreSQL."),
        Said("Set GURUMI_DATABASE_URL to `sqlite:///path/to/file.db` or `postgresql://user@host/database`."),
    )


def _place(url: URL) -> str:
    port = f":{url.port}" if url.port else ""
    return f"{url.host or 'localhost'}{port}/{url.database or ''}"


def _engine(url: URL, is_sqlite: bool) -> Engine:
    if is_sqlite:
        engine = create_engine(url, hide_parameters=True, pool_size=CONNECTIONS, connect_args={"timeout": BUSY_S})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    asked = {"connect_timeout": CONNECT_S, "tcp_user_timeout": STATEMENT_S * 1000, "application_name": "gurumi"}
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=8,
        max_overflow=CONNECTIONS - 8,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args=asked,
    )
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # our BEGINs, not the driver's
    connection.execute("PRAGMA foreign_keys=ON")
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")  # what Slack was told that we have survives a power cut


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later could not be upgraded while another one writes.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_postgresql(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = '{STATEMENT_S}s'")
        cursor.execute(f"SET lock_timeout = '{BUSY_S}s'")
        cursor.execute("SET timezone = 'UTC'")
    connection.commit()


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def _known_revisions() -> list[str]:
    """Newest first."""
    return [script.revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions()]


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(row) if row else None
