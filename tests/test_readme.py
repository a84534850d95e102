"""README is true: every command in it is run, every word of the program stands in it."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from bot.__main__ import app
from commands.registry import registry
from integrations.sandbox.slack.room import SlackRoom
from tests.sandbox_fixtures import rehearse

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
DEMO_WORLD = ROOT / "integrations" / "sandbox" / "worlds" / "demo"
COMMANDS = [
    line
    for block in re.findall(r"^```(?:sh|console)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
LONG_RUNNING = ("make demo", "gurumi run")
ELSEWHERE = {"pip install .": "test_install.py", "kubectl apply -f deploy/rbac.yaml": "test_deploy.py"}
"""Commands that other tests run, on an empty environment and on a real API server."""
ONE_SHOT = [c for c in COMMANDS if c.startswith(("gurumi ", "echo ")) and c not in LONG_RUNNING]
MAKE = [c for c in COMMANDS if c.startswith("make ")]


@pytest.fixture(scope="module")
def kubeconfig() -> Iterator[Path]:
    with rehearse(DEMO_WORLD) as path:
        yield path


@pytest.fixture
def environment(kubeconfig: Path, tmp_path: Path) -> dict[str, str]:
    """A person's terminal: an empty home, the program on the path, the demo's clusters, no proxy on loopback."""
    foreign = ("GURUMI_", "SLACK_", "XDG_")
    mine = {k: v for k, v in os.environ.items() if not k.startswith(foreign) and "proxy" not in k.lower()}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return mine | {"HOME": str(tmp_path), "PATH": path, "KUBECONFIG": str(kubeconfig)}


def test_every_command_is_of_a_kind_that_is_run() -> None:
    assert set(COMMANDS) == {*ONE_SHOT, *MAKE, *LONG_RUNNING, *ELSEWHERE}
    assert all((ROOT / "tests" / file).exists() for file in ELSEWHERE.values())


@pytest.mark.parametrize("command", ONE_SHOT)
def test_a_command_does_what_it_promises(command: str, environment: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.strip()


@pytest.mark.parametrize("command", MAKE)
def test_make_knows_its_targets(command: str) -> None:
    plan = subprocess.run([*shlex.split(command), "-n"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert plan.returncode == 0, plan.stderr
    assert ".venv/bin/" in plan.stdout


def test_the_demo_opens_and_closes(environment: dict[str, str]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line, status = _until("http://127.0.0.1:", ["gurumi", "demo", "--no-browser", "--port", str(port)], environment)
    assert f":{port}" in line
    assert status == 0


def test_the_bot_connects_and_stops(environment: dict[str, str]) -> None:
    with SlackRoom() as room:
        line, status = _until("connected to Slack", ["gurumi", "run"], environment | room.environment)
    assert "gurumi" in line or "U0" in line
    assert status == 0


def test_every_word_stands_in_readme() -> None:
    words = {*registry(), *get_command(app).commands}  # type: ignore[attr-defined]
    assert {word for word in words if f"`{word}" not in README and f"`gurumi {word}" not in README} == set()


def _until(sign: str, command: list[str], environment: dict[str, str]) -> tuple[str, int]:
    """Start a program, wait for a line of its output that holds the sign, stop it: that line and the exit status."""
    program = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    late = threading.Timer(60, program.kill)
    late.start()
    assert program.stdout is not None
    line = next((line for line in program.stdout if sign in line), "")
    program.send_signal(signal.SIGTERM)
    program.communicate(timeout=20)
    late.cancel()
    return line, program.returncode
