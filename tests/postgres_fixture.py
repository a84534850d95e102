"""A real PostgreSQL for tests: the server named by GURUMI_TEST_POSTGRES, else one started from Debian's package.

``database_url`` is an empty database of each kind, SQLite and PostgreSQL, for every test that asks for it.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

_HOW = "PostgreSQL: apt-get install -y postgresql, or set GURUMI_TEST_POSTGRES=postgresql://user:password@host/database"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server's maintenance database, for a user who may create databases."""
    if url := os.environ.get("GURUMI_TEST_POSTGRES"):
        yield url
        return
    programs = programs_folder()
    if programs is None:
        if os.environ.get("CI") == "true":
            pytest.fail(_HOW)
        pytest.skip(_HOW)
    folder = Path(tempfile.mkdtemp(prefix="gurumi-postgres-"))
    try:
        yield from served(programs, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    """A database of its own for one test."""
    name = f"gurumi_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    yield make_url(postgres).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The same suite on both databases."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gurumi.db'}"
    return str(request.getfixturevalue("postgres_url"))


def programs_folder() -> Path | None:
    """Where Debian's package put the newest server."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    return found[-1] if found and (found[-1] / "initdb").exists() else None


def served(programs: Path, folder: Path) -> Iterator[str]:
    """A server until the iteration goes on. It refuses to run as root, so root runs it as the user of the package."""
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")
    password = folder / "password"
    password.write_text("not-a-real-password")
    password.chmod(0o644)
    data = folder / "data"
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", "gurumi", "--pwfile", str(password)]
    settled = ["-A", "scram-sha-256", "--no-locale", "-E", "UTF8", "--no-sync"]
    subprocess.run([*as_user, *initdb, *settled], check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
    server = subprocess.Popen(
        [*as_user, str(programs / "postgres"), "-D", str(data), "-p", str(port), *settings],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"postgresql://gurumi:not-a-real-password@127.0.0.1:{port}/postgres"
    try:
        _wait_for(url, server)
        yield url
    finally:
        postmaster = int((data / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGINT)
        server.wait(20)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > end or server.poll() is not None:
                raise
            time.sleep(0.1)
