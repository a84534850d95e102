"""``pip install .`` into an empty environment of every Python promised: the program and all it reads are there."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox_fixtures import rehearse

ROOT = Path(__file__).parent.parent
PROMISED = ("3.11", "3.12", "3.13")
NEEDED = "3.11"
WORLD = ROOT / "integrations" / "sandbox" / "worlds" / "demo"


def interpreter(version: str) -> str | None:
    """A Python of this version that starts: of the path, or of pyenv, whose shims may point nowhere."""
    managed = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
    for candidate in (*map(str, managed), shutil.which(f"python{version}")):
        if candidate and subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode == 0:
            return candidate
    return None


FOUND = {version: found for version in PROMISED if (found := interpreter(version))}


def test_the_oldest_promised_python_is_there() -> None:
    assert NEEDED in FOUND


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clone would hold, without what work on it leaves behind."""
    folder = tmp_path_factory.mktemp("clone") / "gurumi"
    folder.mkdir()
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in listed.splitlines():
        if (ROOT / name).is_file() and not name.startswith(("tests/", "docs/")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module", params=FOUND.items(), ids=lambda item: item[0])
def installed(
    request: pytest.FixtureRequest, source: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The environment of a person who just installed it: its program first on the path, an empty home."""
    version, python = request.param
    home = tmp_path_factory.mktemp(f"python-{version}")
    there = home / "venv"
    run([python, "-m", "venv", str(there)], dict(os.environ))
    install = [str(there / "bin" / "pip"), "install", "-q", "--disable-pip-version-check"]
    uv = Path(sys.executable).parent / "uv"
    if uv.exists():  # the same installation, from its cache
        install = [str(uv), "pip", "install", "-q", "--python", str(there / "bin" / "python")]
    run([*install, str(source)], dict(os.environ))
    mine = {k: v for k, v in os.environ.items() if not k.startswith(("GURUMI_", "SLACK_", "XDG_", "PYTHON"))}
    mine = {k: v for k, v in mine.items() if "proxy" not in k.lower()}
    yield mine | {"HOME": str(home), "PATH": f"{there / 'bin'}{os.pathsep}{os.environ['PATH']}", "KUBECONFIG": ""}
    shutil.rmtree(there)


def run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd="/", env=environment, capture_output=True, text=True, timeout=600, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_program_starts_and_explains_itself(installed: dict[str, str]) -> None:
    assert run(["gurumi", "--version"], installed).startswith("gurumi 0.")
    assert "ask" in run(["gurumi", "--help"], installed)
    assert json.loads(run(["gurumi", "manifest"], installed))["settings"]["socket_mode_enabled"] is True


def test_a_question_in_korean_is_answered_in_korean(installed: dict[str, str]) -> None:
    with rehearse(WORLD) as kubeconfig:
        answer = run(["gurumi", "ask", "왜 checkout이 계속 재시작해?"], installed | {"KUBECONFIG": str(kubeconfig)})
    assert "OOMKilled" in answer
    assert "메모리" in answer


def test_the_database_is_made_by_the_migrations_within(installed: dict[str, str]) -> None:
    assert run(["gurumi", "migrate"], installed)
    assert [*Path(installed["HOME"]).rglob("gurumi.db")]


def test_the_rehearsed_clusters_are_within(installed: dict[str, str]) -> None:
    count = (
        "import importlib.resources as r; "
        "print(len([*(r.files('integrations.sandbox') / 'worlds' / 'demo').iterdir()]))"
    )
    assert int(run(["python", "-c", count], installed)) >= 3
