"""A process killed between any two steps of a ticket's life: no step is lost, and none is made or told twice."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from integrations.sandbox.slack.state import Message
from integrations.store import Store
from knowledge.tickets.life import Move, State
from tests.bot.programs import STEPS, Programs, Step, programs

POST = "checkout in shop-prod keeps restarting, exit code 137"
DESK = "channels: [C0HELP]\nteam: [U0ALEX]\ncall: S0PLATFORM\n"


@dataclass
class Ran:
    """Programs that keep tickets, and their database."""

    programs: Programs
    desk: Path

    def start(self) -> "subprocess.Popen[str]":
        return self.programs.start(GURUMI_TICKETS=str(self.desk))

    def opened(self) -> tuple["subprocess.Popen[str]", Message]:
        """A first process that has told a ticket, and its one message."""
        first = self.start()
        self.programs.room.connected(20)
        self.programs.room.say("minji", "k8s-help", POST)
        self.programs.room.wait_for(lambda: self.programs.said() and "OOMKilled" in self.programs.said()[-1].text, 30)
        self.programs.settled()
        return first, self.programs.said()[-1]

    def press(self, user: str, card: Message, says: str) -> None:
        button = next(e for b in card.blocks for e in b.get("elements", ()) if e.get("value") == says)
        self.programs.room.click(user, card, button["action_id"])

    def moves(self) -> list[Move]:
        store = Store(self.programs.database)
        steps = [step.move for step in store.ticket_steps(1)]
        tickets = len(store.tickets())
        store.close()
        assert tickets == 1
        return steps


@pytest.fixture
def ran(tmp_path: Path) -> Iterator[Ran]:
    desk = tmp_path / "tickets.yaml"
    desk.write_text(DESK)
    with programs() as opened:
        yield Ran(opened, desk)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_post_is_one_ticket_with_one_answer_whenever_its_process_is_killed(ran: Ran, step: Step) -> None:
    first = ran.start()
    ran.programs.room.connected(20)
    if step.hang:
        ran.programs.hang()
    ran.programs.room.say("minji", "k8s-help", POST)
    ran.programs.kill_when(first, lambda: step.seen(ran.programs))
    ran.programs.heal()
    ran.start()
    ran.programs.room.wait_for(lambda: ran.programs.said() and "OOMKilled" in ran.programs.said()[-1].text, 60)
    ran.programs.settled()
    assert len(ran.programs.said()) == 1
    assert ran.moves() == [Move.OPEN, Move.ANSWER]


def acknowledged(programs: Programs, _card: Message) -> bool:
    return programs.acknowledged()


def edited(programs: Programs, card: Message) -> bool:
    return "tickets call" not in str(programs.said()[0].blocks) and programs.said()[0].ts == card.ts


def called(programs: Programs, _card: Message) -> bool:
    return any("subteam" in m.text for m in programs.said())


@pytest.mark.parametrize("seen", [acknowledged, edited, called])
def test_a_person_is_called_once_whenever_the_process_that_calls_is_killed(
    ran: Ran, seen: Callable[[Programs, Message], bool]
) -> None:
    first, card = ran.opened()
    ran.press("minji", card, "tickets call 1")
    ran.programs.kill_when(first, lambda: seen(ran.programs, card))
    ran.start()
    ran.programs.room.wait_for(lambda: called(ran.programs, card), 60)
    ran.programs.settled()
    assert sum("subteam" in m.text for m in ran.programs.said()) == 1
    assert len(ran.programs.said()) == 2
    assert ran.moves() == [Move.OPEN, Move.ANSWER, Move.CALL]


@pytest.mark.postgres
def test_of_two_processes_each_takes_a_part_and_every_ticket_is_told_once(tmp_path: Path, postgres_url: str) -> None:
    desk = tmp_path / "tickets.yaml"
    desk.write_text(DESK)
    with programs(postgres_url) as opened:
        ran = Ran(opened, desk)
        both = [ran.start(), ran.start()]
        opened.room.wait_for(lambda: len(opened.room.sockets.live) == 2, 30)
        for n in range(8):
            opened.room.say("minji", "k8s-help", f"{POST}, case {n}")
        opened.kill_when(both[0], lambda: len(opened.said()) >= 3)
        opened.room.wait_for(lambda: sum("OOMKilled" in m.text for m in opened.said()) == 8, 60)
        opened.settled()
        store = Store(postgres_url)
        tickets = store.tickets()
        store.close()
        assert len(opened.said()) == len(tickets) == 8
        assert all(t.answered and t.state is State.REQUEST for t in tickets)
