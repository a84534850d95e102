"""The installed program as a bot in a rehearsed workspace, over Socket Mode, with a rehearsed cluster."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from integrations.sandbox.slack.room import SlackRoom
from integrations.sandbox.slack.state import Message
from tests.sandbox_fixtures import rehearse
from tests.worlds import LIMITED, OOM, deployment, noise

ILL = deployment(container=LIMITED, status=OOM) + noise()
QUESTION = "@gurumi why does checkout keep restarting?"


@pytest.fixture(scope="module")
def kubeconfig() -> Iterator[Path]:
    with rehearse({"shop-prod": ILL}) as path:
        yield path


@pytest.fixture
def room() -> Iterator[SlackRoom]:
    with SlackRoom(retry_scale=0.01) as opened:
        yield opened


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(room: SlackRoom, kubeconfig: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts ``gurumi run``; whatever still runs at the end is stopped."""
    running: list[subprocess.Popen[str]] = []

    def run(**changed: str) -> subprocess.Popen[str]:
        database = f"sqlite:///{tmp_path / 'gurumi.db'}"
        mine = {"KUBECONFIG": str(kubeconfig), "GURUMI_DATABASE_URL": database, **room.environment, **changed}
        environment = {k: v for k, v in {**os.environ, **mine}.items() if v and "proxy" not in k.lower()}
        program = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"], env=environment, stderr=subprocess.PIPE, text=True
        )
        running.append(program)
        return program

    yield run
    for program in running:
        if program.poll() is None:
            program.kill()
        program.communicate()


def answers(room: SlackRoom, channel: str, word: str = "OOMKilled") -> list[Message]:
    return [m for m in room.messages(channel) if m.bot_id and word in m.text]


def acknowledged(room: SlackRoom, event: str) -> bool:
    mine = [d for d in room.deliveries if d.payload.get("event", {}).get("type") == event]
    return any(attempt.acked_at for d in mine for attempt in d.attempts)


@contextmanager
def connected(room: SlackRoom, start: Start) -> Iterator[subprocess.Popen[str]]:
    program = start()
    room.connected(20)
    yield program


def test_a_mention_is_answered_in_its_thread_with_the_cause(room: SlackRoom, start: Start) -> None:
    with connected(room, start):
        asked = room.say("minji", "k8s-help", QUESTION)
        room.wait_for(lambda: answers(room, "k8s-help"))
    (answer,) = answers(room, "k8s-help")
    assert answer.thread_ts == asked.ts
    assert "128Mi" in answer.text
    assert answer.blocks


def test_the_bot_answers_in_korean_when_it_is_asked_in_korean(room: SlackRoom, start: Start) -> None:
    with connected(room, start):
        room.say("minji", "k8s-help", "@gurumi 왜 checkout이 계속 재시작해?")
        room.wait_for(lambda: answers(room, "k8s-help"))
    assert "메모리" in answers(room, "k8s-help")[0].text


def test_a_direct_message_is_answered_there(room: SlackRoom, start: Start) -> None:
    with connected(room, start):
        room.say("minji", "dm", "why does checkout restart?")
        channel = room.place("dm", room.person("minji").id).id
        room.wait_for(lambda: answers(room, channel))
    assert not answers(room, channel)[0].thread_ts


def test_a_slash_command_is_answered_to_the_asker_alone_also_where_the_bot_is_no_member(
    room: SlackRoom, start: Start
) -> None:
    with connected(room, start):
        minji = room.person("minji").id
        room.place("random").members.discard("U0GURUMI")
        room.command(minji, "random", "/k8s", "why does checkout restart?")
        room.wait_for(lambda: room.ephemerals(minji, "random"))
    assert "OOMKilled" in room.ephemerals(minji, "random")[0].text


def test_nothing_after_the_command_lists_the_words(room: SlackRoom, start: Start) -> None:
    with connected(room, start):
        minji = room.person("minji").id
        room.command(minji, "k8s-help", "/k8s", "")
        room.wait_for(lambda: room.ephemerals(minji, "k8s-help"))
    assert any("diagnose" in str(block) for block in room.ephemerals(minji, "k8s-help")[0].blocks)


def test_every_delivery_is_acknowledged_within_a_second_whatever_it_is(room: SlackRoom, start: Start) -> None:
    with connected(room, start):
        room.say("minji", "k8s-help", "nobody is meant")
        room.say("minji", "k8s-help", QUESTION)
        room.open_home("minji")
        room.shortcut("minji", "of_another_time")
        room.command("minji", "k8s-help", "/k8s", "help")
        room.wait_for(lambda: answers(room, "k8s-help"))
        room.wait_for(lambda: all(a.acked_at for d in room.deliveries for a in d.attempts))
    assert not [d for d in room.deliveries if d.seen_error]
    assert max(a.acked_at - a.sent_at for d in room.deliveries for a in d.attempts if a.acked_at) < 1.0


def test_what_was_acknowledged_before_a_kill_is_answered_by_the_next_process_once(
    room: SlackRoom, start: Start
) -> None:
    with connected(room, start) as first:
        room.say("minji", "k8s-help", QUESTION)
        room.wait_for(lambda: acknowledged(room, "app_mention"))
        first.kill()
        first.wait()
        start()
        room.wait_for(lambda: answers(room, "k8s-help"), 60)
    time.sleep(1.5)
    assert len(answers(room, "k8s-help")) == 1


def test_two_processes_over_one_database_answer_once(room: SlackRoom, start: Start) -> None:
    with connected(room, start):
        start()
        room.wait_for(lambda: len(room.sockets.live) == 2, 20)
        for n in range(4):
            room.say("minji", "k8s-help", f"{QUESTION} ({n})")
        room.wait_for(lambda: len(answers(room, "k8s-help")) == 4, 30)
        time.sleep(1.0)
    assert len(answers(room, "k8s-help")) == 4


def test_a_stranger_is_refused_in_a_sentence(room: SlackRoom, start: Start) -> None:
    stranger = next(m for m in room.workspace.members.values() if m.kind == "stranger")
    with connected(room, start):
        room.say(stranger.id, "shared-partner", QUESTION)
        room.wait_for(lambda: room.ephemerals(stranger.id, "shared-partner"))
        time.sleep(0.5)
    assert not answers(room, "shared-partner")


def test_sigterm_ends_with_status_0_within_15_seconds(room: SlackRoom, start: Start) -> None:
    with connected(room, start) as program:
        room.say("minji", "k8s-help", QUESTION)
        began = time.monotonic()
        program.send_signal(signal.SIGTERM)
        assert program.wait(15) == 0
    assert time.monotonic() - began < 15


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SLACK_BOT_TOKEN", ""),
        ("SLACK_APP_TOKEN", ""),
        ("SLACK_BOT_TOKEN", "xoxb-wrong-and-fake"),
        ("SLACK_APP_TOKEN", "xapp-wrong-and-fake"),
        ("SLACK_BOT_TOKEN", "xapp-of-the-other-kind"),
    ],
)
def test_a_missing_or_wrong_token_ends_the_start_with_the_variables_name(
    start: Start, variable: str, value: str
) -> None:
    program = start(**{variable: value})
    _, complaint = program.communicate(timeout=30)
    assert program.returncode not in (0, None)
    assert variable in complaint
    assert "Traceback" not in complaint
    assert not value or value not in complaint
