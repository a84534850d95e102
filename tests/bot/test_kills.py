"""Processes that are killed or stopped: what was acknowledged is answered, once, by whoever is left."""

import signal
import time
from collections.abc import Iterator

import pytest

from bot.slack.intake import ASKS
from tests.bot.office import QUESTION
from tests.bot.programs import STEPS, Programs, Step, killed_at, programs


@pytest.fixture
def ran() -> Iterator[Programs]:
    with programs() as opened:
        yield opened


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_process_killed_at_any_step_is_followed_by_one_answer(ran: Programs, step: Step) -> None:
    first = ran.start()
    ran.room.connected(20)
    killed_at(step, ran, first)
    assert len(ran.said()) == 1


def test_a_command_that_was_accepted_before_a_kill_is_answered_after_it(ran: Programs) -> None:
    ran.hang()
    first = ran.start()
    ran.room.connected(20)
    ran.room.command("minji", "random", "/k8s", "why does checkout restart?")
    ran.kill_when(first, ran.acknowledged)
    ran.heal()
    ran.start()
    ran.room.wait_for(lambda: ran.room.ephemerals("minji", "random"), 60)
    ran.settled()
    assert len(ran.room.ephemerals("minji", "random")) == 1


def test_a_command_whose_form_was_not_opened_before_a_kill_is_answered_in_words(ran: Programs) -> None:
    ran.room.faults.answer("views.open", "hang")
    first = ran.start()
    ran.room.connected(20)
    ran.room.command("alex", "random", "/k8s", "diagnose")
    ran.kill_when(first, ran.acknowledged)
    ran.start()
    (answer,) = ran.room.wait_for(lambda: ran.room.ephemerals("alex", "random"), 60)
    ran.settled()
    assert "diagnose needs cluster" in answer.text
    assert ran.room.modal("alex") is None


def test_a_form_that_was_sent_before_a_kill_is_answered_after_it(ran: Programs) -> None:
    first = ran.start()
    ran.room.connected(20)
    ran.room.shortcut("alex", f"{ASKS}ask")
    view = ran.room.wait_for(lambda: ran.room.modal("alex"))
    ran.hang()
    ran.room.submit(view, {"field:question": {"value": "why does checkout restart?"}})
    ran.kill_when(first, lambda: ran.room.modal("alex") is None)
    ran.heal()
    ran.start()
    direct = ran.room.place("dm", "alex").id
    ran.room.wait_for(lambda: [m for m in ran.said(direct) if "OOMKilled" in m.text], 60)
    ran.settled()
    assert len(ran.said(direct)) == 1


@pytest.mark.postgres
def test_what_one_of_two_processes_had_in_hand_is_finished_by_the_other(postgres_url: str) -> None:
    with programs(postgres_url) as ran:
        both = [ran.start(), ran.start()]
        ran.room.wait_for(lambda: len(ran.room.sockets.live) == 2, 30)
        ran.hang()
        for n in range(6):
            ran.room.say("minji", "k8s-help", f"{QUESTION} {n}")
        ran.kill_when(both[0], lambda: len(ran.said()) >= 6)
        ran.heal()
        ran.room.wait_for(lambda: all("OOMKilled" in m.text for m in ran.said()), 60)
        ran.settled()
        assert len(ran.said()) == 6


def test_sigterm_gives_back_what_a_dead_cluster_holds_up_and_ends_in_time(ran: Programs) -> None:
    ran.hang()
    first = ran.start()
    ran.room.connected(20)
    ran.room.say("minji", "k8s-help", QUESTION)
    ran.room.wait_for(ran.said)
    began = time.monotonic()
    first.send_signal(signal.SIGTERM)
    assert first.wait(15) == 0
    assert time.monotonic() - began < 15
    ran.heal()
    ran.start()
    ran.room.wait_for(lambda: ran.said()[0].edited, 20)
    ran.settled()
    assert len(ran.said()) == 1


def test_sigterm_while_slack_does_not_answer_yet_ends_with_status_0(ran: Programs) -> None:
    ran.room.faults.answer("auth.test", 503, 100)
    program = ran.start()
    time.sleep(4)
    program.send_signal(signal.SIGTERM)
    assert program.wait(15) == 0
