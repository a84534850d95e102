"""A database that cannot be used: ``ask`` answers without it and says so, everything that needs it ends with a sentence
that says what to do, and no password is printed."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests.e2e.live import Outcome, gurumi
from tests.program.servers import flat, no_accident, silent, speaking
from tests.sandbox_fixtures import rehearse
from tests.worlds import LIMITED, OOM, deployment

QUESTION = "why does checkout keep restarting?"
SECRET = "fake-database-secret"
SLACK = {"SLACK_BOT_TOKEN": "xoxb-fake", "SLACK_APP_TOKEN": "xapp-fake", "SLACK_API_URL": "http://127.0.0.1:1/api/"}


@pytest.fixture(scope="module")
def kubeconfig() -> Iterator[str]:
    with rehearse({"shop-prod": deployment(container=LIMITED, status=OOM)}) as path:
        yield str(path)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good database, to be copied and broken."""
    file = tmp_path_factory.mktemp("good") / "gurumi.db"
    assert gurumi("migrate", environment={"GURUMI_DATABASE_URL": f"sqlite:///{file}"}).status == 0
    return file


def everything(kubeconfig: str, url: str, *commands: tuple[str, ...]) -> dict[str, Outcome]:
    """Each command with that database; nothing goes wrong beside what is told."""
    environment = {"KUBECONFIG": kubeconfig, "GURUMI_DATABASE_URL": url}
    told = {}
    for words in commands or (("ask", QUESTION), ("migrate",), ("journal", "visit"), ("doctor",), ("run",)):
        told[words[0]] = gurumi(*words, environment={**environment, **(SLACK if words[0] == "run" else {})})
        no_accident(told[words[0]], SECRET)
    return told


def refused(told: dict[str, Outcome], says: str, despite: tuple[str, ...] = ()) -> None:
    """``despite``: commands that such a database is no obstacle to."""
    for command, outcome in told.items():
        if command == "ask":
            assert outcome.status == 0
            assert "OOMKilled" in outcome.first
            assert "gurumi: nothing is recorded or remembered." in outcome.complaint
        elif command not in despite:
            assert outcome.status == 1
        if command not in despite:
            assert says in flat(outcome), command


@pytest.mark.parametrize("url", ["frobnicate", f"mysql://u:{SECRET}@h/d", f"postgresql://u:{SECRET}@h:abc/d"])
def test_a_url_that_names_no_database_of_ours(kubeconfig: str, url: str) -> None:
    refused(everything(kubeconfig, url), "Set GURUMI_DATABASE_URL to `sqlite:///path/to/file.db`")


def test_a_folder_that_is_not_there(kubeconfig: str, tmp_path: Path) -> None:
    refused(everything(kubeconfig, f"sqlite:///{tmp_path}/no/such/gurumi.db"), "Make its folder")


def test_a_file_that_is_no_database(kubeconfig: str, tmp_path: Path) -> None:
    (tmp_path / "gurumi.db").write_bytes(b"this is no database at all " * 100)
    refused(everything(kubeconfig, f"sqlite:///{tmp_path}/gurumi.db"), "is no intact SQLite database. ")


def test_a_database_that_another_program_holds(kubeconfig: str, migrated: Path, tmp_path: Path) -> None:
    file = shutil.copy(migrated, tmp_path)
    with sqlite3.connect(file, isolation_level=None) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        told = everything(kubeconfig, f"sqlite:///{file}")
        holder.execute("ROLLBACK")
    refused(told, "is locked by another program")


def test_a_database_that_a_newer_program_wrote_is_not_written(kubeconfig: str, migrated: Path, tmp_path: Path) -> None:
    file = shutil.copy(migrated, tmp_path)
    with sqlite3.connect(file) as database:
        database.execute("UPDATE alembic_version SET version_num = 'zzzz'")
    refused(everything(kubeconfig, f"sqlite:///{file}"), "Upgrade this program")
    with sqlite3.connect(file) as database:
        assert database.execute("SELECT (SELECT count(*) FROM audit) + (SELECT count(*) FROM journal)").fetchone() == (
            0,
        )


def test_a_database_with_tables_of_somebody_else(kubeconfig: str, tmp_path: Path) -> None:
    file = tmp_path / "gurumi.db"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE audit (x INTEGER)")
    told = everything(kubeconfig, f"sqlite:///{file}", ("ask", QUESTION), ("migrate",), ("journal", "visit"), ("run",))
    refused(told, "tables that no Gurumi made")


def test_a_database_that_may_only_be_read(kubeconfig: str, migrated: Path, tmp_path: Path) -> None:
    shutil.copy(migrated, tmp_path)
    url = f"sqlite:///file:{tmp_path}/gurumi.db?mode=ro&uri=true"
    refused(everything(kubeconfig, url), "is read-only", despite=("migrate",))


@pytest.mark.parametrize("way", ["refused", "silent", "unknown host"])
def test_a_server_that_is_not_reached(kubeconfig: str, way: str) -> None:
    with speaking(silent) as url:
        place = {"refused": "127.0.0.1:1", "silent": url.partition("//")[2], "unknown host": "nowhere.invalid"}[way]
        told = everything(kubeconfig, f"postgresql://gurumi:{SECRET}@{place}/gurumi")
    refused(told, "Check GURUMI_DATABASE_URL, and that the server runs")
    assert all(place in flat(outcome) for outcome in told.values())


@pytest.mark.postgres
def test_a_server_that_refuses_us(kubeconfig: str, postgres_url: str) -> None:
    wrong = make_url(postgres_url).set(password=SECRET).render_as_string(hide_password=False)
    refused(everything(kubeconfig, wrong), "Correct the user and password in GURUMI_DATABASE_URL.")
    absent = make_url(postgres_url).set(database="nowhere").render_as_string(hide_password=False)
    refused(everything(kubeconfig, absent), "Make it with `createdb`")


@pytest.mark.postgres
def test_a_team_s_database_of_an_older_program_is_migrated_by_hand_only(kubeconfig: str, postgres_url: str) -> None:
    told = everything(kubeconfig, postgres_url, ("migrate",))
    assert told["migrate"].status == 0
    with psycopg.connect(postgres_url) as database:
        database.execute("UPDATE alembic_version SET version_num = '0001'")
    commands = (("ask", QUESTION), ("journal", "visit"), ("doctor",), ("run",))
    refused(everything(kubeconfig, postgres_url, *commands), "Run `gurumi migrate`.")


@pytest.mark.parametrize("words", [("ask", QUESTION), ("diagnose", "shop-prod"), ("clusters",), ("doctor",)])
def test_every_request_leaves_its_audit_row_where_there_is_a_database(
    kubeconfig: str, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """The file is made by the first that needs it."""
    told = everything(kubeconfig, f"sqlite:///{tmp_path}/gurumi.db", words)
    assert told[words[0]].status == 0
    assert not told[words[0]].complaint
    with sqlite3.connect(tmp_path / "gurumi.db") as database:
        assert database.execute("SELECT command, face FROM audit").fetchall() == [(words[0], "terminal")]


def test_without_a_database_nothing_is_left_behind(kubeconfig: str, tmp_path: Path) -> None:
    environment = {"KUBECONFIG": kubeconfig, "HOME": str(tmp_path)}
    for words in (("ask", QUESTION), ("doctor",), ("clusters",)):
        told = gurumi(*words, environment=environment)
        assert told.status == 0
    assert not list(tmp_path.iterdir())
