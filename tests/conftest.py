"""Session fixtures of real servers: where one is not there, one line says how to get it. In CI that is a failure."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.control_plane.plane import ControlPlane, build, program_folder
from tests.postgres_fixture import database_url, postgres, postgres_url  # noqa: F401 - fixtures for all tests


@pytest.fixture(scope="session", autouse=True)
def own_data(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No program that a test starts finds or changes the database of whoever runs the tests."""
    os.environ["XDG_DATA_HOME"] = str(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def control_plane_program() -> None:
    """The built program, or a skip. GURUMI_CONTROL_PLANE=1 builds it (some 15 minutes, once a machine)."""
    if (program_folder() / "control-plane").exists():
        return
    if os.environ.get("GURUMI_CONTROL_PLANE") == "1":
        build()
        return
    missing = "no Kubernetes control plane: build it with tests/control_plane/build.sh"
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture(scope="session")
def control_plane(control_plane_program: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A whole control plane with two nodes that kwok plays; every test of the session shares it."""
    yield from _running(ControlPlane(_folder(tmp_path_factory)))


@pytest.fixture(scope="module")
def lone_control_plane(control_plane_program: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A bare one for the tests of one module, which may stop it; its old revisions are dropped every 2 s."""
    arguments = ("CP_APISERVER_ARGS", "--etcd-compaction-interval=2s")
    yield from _running(ControlPlane(_folder(tmp_path_factory), bare=True, environment=(arguments,)))


def _running(plane: ControlPlane) -> Iterator[ControlPlane]:
    plane.up()
    yield plane
    plane.down(wipe=True)


def _folder(factory: pytest.TempPathFactory) -> Path:
    return factory.mktemp("control-plane")


_skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and os.environ.get("GURUMI_NO_SKIP") == "1":
        _skipped.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where every real part is there, a skipped test is a test that was lost."""
    if _skipped and session.exitstatus == 0:
        print(f"\nskipped although GURUMI_NO_SKIP=1: {', '.join(_skipped)}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
