"""The schema, and what is told when a database cannot be used."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, make_url, text

from integrations.errors import (
    Denied,
    IntegrationError,
    Malformed,
    Misconfigured,
    TimedOut,
    Unauthenticated,
    Unreachable,
)
from integrations.store import Store
from integrations.store.tables import METADATA


def complaint(url: str) -> IntegrationError:
    with pytest.raises(IntegrationError) as caught:
        Store(url).check()
    assert "not-a-real-password" not in f"{caught.value}{caught.value.says}{caught.value.hint}"
    return caught.value


def told(error: IntegrationError) -> str:
    return error.says.template.format(**error.says.values)


def migrated(url: str) -> str:
    store = Store(url)
    store.migrate()
    store.close()
    return url


def engine(url: str):  # type: ignore[no-untyped-def]
    return create_engine(make_url(url).set(drivername="postgresql+psycopg") if "postgresql" in url else url)


def test_the_migrations_make_the_tables_that_the_models_describe(database_url: str) -> None:
    with engine(migrated(database_url)).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    store = Store(database_url)
    store.migrate()
    store.migrate()
    store.check()


def test_an_empty_database_is_made_fit_for_use(database_url: str) -> None:
    store = Store(database_url)
    store.prepare()
    store.prepare()
    store.check()


def test_a_database_that_lost_a_table_is_not_called_up_to_date(database_url: str) -> None:
    with engine(migrated(database_url)).begin() as connection:
        connection.execute(text("DROP TABLE audit"))
    error = complaint(database_url)
    assert told(error).endswith("lacks tables of this Gurumi.")


def test_tables_of_our_names_that_are_not_ours_are_left_alone_and_told(database_url: str) -> None:
    with engine(database_url).begin() as connection:
        connection.execute(text("CREATE TABLE audit (x INTEGER)"))
    with pytest.raises(Misconfigured) as caught:
        Store(database_url).prepare()
    assert "tables that no Gurumi made" in told(caught.value)


def test_a_database_without_tables_says_how_to_make_them(database_url: str) -> None:
    error = complaint(database_url)
    assert isinstance(error, Misconfigured)
    assert told(error).endswith("has no tables yet.")
    assert str(error.hint) == "Run `gurumi migrate`."


def test_a_database_of_a_newer_program_asks_to_upgrade_this_one(database_url: str) -> None:
    with engine(migrated(database_url)).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    error = complaint(database_url)
    assert told(error).startswith("A newer Gurumi wrote the database")
    assert "Upgrade this program" in str(error.hint)
    with pytest.raises(Misconfigured):
        Store(database_url).migrate()


def test_a_lost_table_is_told(database_url: str) -> None:
    with engine(migrated(database_url)).begin() as connection:
        connection.execute(text("DROP TABLE people"))
    with pytest.raises(Misconfigured, match="lacks tables"):
        Store(database_url).preference("U1")


def test_a_locked_file_is_told(tmp_path: Path) -> None:
    url = migrated(f"sqlite:///{tmp_path / 'gurumi.db'}")
    other = sqlite3.connect(tmp_path / "gurumi.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    error = complaint(url)
    other.close()
    assert isinstance(error, TimedOut)
    assert told(error) == f"The database file {tmp_path / 'gurumi.db'} is locked by another program."


def test_a_read_only_file_is_told(tmp_path: Path) -> None:
    migrated(f"sqlite:///{tmp_path / 'gurumi.db'}")
    error = complaint(f"sqlite:///file:{tmp_path / 'gurumi.db'}?mode=ro&uri=true")
    assert isinstance(error, Denied)
    assert told(error).endswith("is read-only.")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    error = complaint(f"sqlite:///{tmp_path / 'nowhere' / 'gurumi.db'}")
    assert isinstance(error, Unreachable)
    assert told(error).endswith("cannot be opened.")


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "gurumi.db").write_text("not a database at all, but long enough to be read as a page" * 20)
    assert isinstance(complaint(f"sqlite:///{tmp_path / 'gurumi.db'}"), Malformed)


def test_a_url_of_another_database_is_told_without_its_password() -> None:
    error = complaint("mysql://shop:not-a-real-password@db/shop")
    assert told(error) == "The database's URL is neither SQLite nor PostgreSQL."
    assert isinstance(complaint("not-a-real-password"), Misconfigured)


def test_nobody_listening_is_told() -> None:
    error = complaint("postgresql://shop:not-a-real-password@127.0.0.1:1/shop")
    assert isinstance(error, Unreachable)
    assert told(error) == "The database at 127.0.0.1:1/shop cannot be reached."


@pytest.mark.postgres
def test_a_wrong_password_is_told(postgres_url: str) -> None:
    error = complaint(make_url(postgres_url).set(password="wrong").render_as_string(hide_password=False))
    assert isinstance(error, Unauthenticated)
    assert told(error).endswith("refuses the user or password.")


@pytest.mark.postgres
def test_a_missing_database_is_told(postgres_url: str) -> None:
    error = complaint(make_url(postgres_url).set(database="nowhere").render_as_string(hide_password=False))
    assert isinstance(error, Misconfigured)
    assert told(error).startswith("There is no database ")


@pytest.mark.postgres
def test_a_read_only_server_is_told(postgres_url: str) -> None:
    migrated(postgres_url)
    with engine(postgres_url).connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        name = make_url(postgres_url).database
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    assert isinstance(complaint(postgres_url), Denied)


def test_the_one_shot_call_does_not_pay_for_a_database_that_it_does_not_use() -> None:
    heavy = ("sqlmodel", "sqlalchemy", "alembic", "psycopg")
    code = f"import sys, bot.wiring; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
