"""What somebody in front of a terminal sees: a sign of life after a second, completion, a pipe that closes."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.live import gurumi
from tests.program.servers import kubeconfig, silent, speaking
from tests.sandbox_fixtures import rehearse
from tests.worlds import LIMITED, OOM, deployment

QUESTION = "why does checkout keep restarting?"
WORLD = {"shop-prod": deployment(container=LIMITED, status=OOM), "shop-dev": deployment(ready=True)}
PROGRAM = [sys.executable, "-m", "bot"]


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    with rehearse(WORLD) as path:
        yield {**os.environ, "KUBECONFIG": str(path), "TERM": "xterm"}


def seen_on_a_terminal(words: tuple[str, ...], environment: dict[str, str]) -> tuple[str, str]:
    """Standard output, a pipe, and standard error, a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([*PROGRAM, *words], stdout=subprocess.PIPE, stderr=theirs, env=environment) as program:
        os.close(theirs)
        shown = b""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if not select.select([ours], [], [], 1)[0]:
                continue
            try:
                read = os.read(ours, 65536)
            except OSError:  # the program has closed its side
                break
            if not read:
                break
            shown += read
        assert program.stdout
        out = program.stdout.read().decode()
    os.close(ours)
    return out, shown.decode()


SHOWN, HIDDEN = "\x1b[?25l", "\x1b[?25h"


@pytest.mark.parametrize(
    "words",
    [
        ("ask", QUESTION),
        ("diagnose", "shop-prod"),
        ("clusters", "--check"),
        ("doctor",),
        ("doctor", "--format", "json"),
    ],
    ids=" ".join,
)
def test_what_takes_longer_than_a_second_shows_that_it_is_under_way(tmp_path: Path, words: tuple[str, ...]) -> None:
    with speaking(silent) as url:
        environment = {**os.environ, **kubeconfig(tmp_path, url), "TERM": "xterm"}
        out, shown = seen_on_a_terminal(words, environment)
    assert SHOWN in shown, "the cursor is hidden while something turns"
    assert shown.rindex(HIDDEN) > shown.rindex(SHOWN), "and is there again at the end"
    assert "shop-prod" in shown
    assert "\x1b" not in out


def test_what_is_piped_shows_no_sign_of_life(tmp_path: Path) -> None:
    with speaking(silent) as url:
        told = gurumi("clusters", "--check", environment=kubeconfig(tmp_path, url))
    assert told.seconds > 1
    assert told.complaint == "gurumi: 1 cluster, of which 1 did not answer as they should\n"
    assert "did not answer within 8 s" in told.text


def test_what_is_quick_shows_none(environment: dict[str, str]) -> None:
    out, shown = seen_on_a_terminal(("--version",), environment)
    assert out.startswith("gurumi ")
    assert not shown


def completed(line: str, environment: dict[str, str]) -> list[str]:
    """What bash offers at the end of a line, as the installed completion asks for it."""
    asked = {"_GURUMI_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
    done = subprocess.run(PROGRAM, env={**environment, **asked}, capture_output=True, text=True, check=False)
    assert not done.stderr
    return done.stdout.split()


def test_the_shell_completes_commands_options_clusters_and_languages(environment: dict[str, str]) -> None:
    assert "diagnose" in completed("gurumi di", environment)
    assert "--cluster" in completed("gurumi ask --cl", environment)
    assert completed("gurumi ask --cluster shop-p", environment) == ["shop-prod"]
    assert completed("gurumi diagnose shop-", environment) == ["shop-prod", "shop-dev"]
    assert completed("gurumi doctor shop-d", environment) == ["shop-dev"]
    assert completed("gurumi ask --lang k", environment) == ["ko"]


def test_completion_is_silent_where_no_cluster_is_known(environment: dict[str, str]) -> None:
    assert completed("gurumi diagnose s", {**environment, "KUBECONFIG": "/nonexistent/kubeconfig"}) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_of_each_shell_can_be_printed(environment: dict[str, str], shell: str) -> None:
    done = subprocess.run(
        [*PROGRAM, "--show-completion", shell], env=environment, capture_output=True, text=True, check=False
    )
    assert "_GURUMI_COMPLETE" in done.stdout, done.stderr


def test_a_pipe_that_closes_early_is_no_accident(environment: dict[str, str]) -> None:
    with subprocess.Popen(
        [*PROGRAM, "ask", QUESTION], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as program:
        assert program.stdout
        assert program.stderr
        program.stdout.close()
        assert b"Traceback" not in program.stderr.read()


def test_a_terminal_that_knows_no_korean_gets_what_it_can_show(environment: dict[str, str]) -> None:
    told = gurumi("ask", "checkout이 왜 재시작해요?", environment={**environment, "PYTHONIOENCODING": "ascii"})
    assert told.status == 0
    assert "OOMKilled" in told.text


def test_what_the_program_warns_of_is_a_sentence_unless_a_log_is_asked_for(environment: dict[str, str]) -> None:
    quiet = gurumi("ask", QUESTION, environment=environment)
    assert not quiet.complaint
    loud = gurumi("ask", QUESTION, environment={**environment, "GURUMI_LOG_LEVEL": "INFO"})
    assert "INFO bot.assistant asked: command=ask" in loud.complaint
    assert QUESTION not in loud.complaint
