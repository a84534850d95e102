"""The clock's round: what is due is called for once, who went silent is reminded, and nobody is bothered at night."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.notices import as_delivery, as_told
from commands.dialogue import Notice
from commands.paging import stamp
from knowledge.tickets.life import Move, Solved, State, Waiting
from tests.commands.ticket_office import JUNHO, MINJI, SEOUL, SORA, Office, office

MONDAY = datetime(2026, 11, 23, 10, tzinfo=SEOUL)
REQUEST = "shop-prod 네임스페이스 쿼터를 두 배로 늘려 주세요"


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Office]:
    with office(tmp_path, database_url, now=MONDAY) as opened:
        yield opened


def receipts(notices: tuple[Notice, ...]) -> list[str]:
    return [n.receipt for n in notices]


def test_nothing_is_said_of_what_is_not_due(desk: Office) -> None:
    desk.open(REQUEST)
    assert desk.round() == ()


def test_what_nobody_took_in_time_calls_a_person_with_the_same_receipt_each_round(desk: Office) -> None:
    ticket = desk.open(REQUEST)
    assert ticket.due
    assert timedelta(days=1) < ticket.due - MONDAY < timedelta(days=1, minutes=1)
    desk.later(days=1, hours=1)
    first, again = desk.round(), desk.round()
    assert receipts(first) == receipts(again) == [f"ticket/1/due/{stamp(ticket.due)}"]
    assert first[0].calls == ("S0SRE",)
    assert not desk.store.accept(as_delivery(first[0], desk.now)), "the door has told it already"


def test_at_night_and_on_a_holiday_only_what_is_urgent_calls_somebody(desk: Office) -> None:
    desk.open(REQUEST)
    desk.now = datetime(2026, 12, 25, 11, tzinfo=SEOUL)
    assert desk.round() == ()
    desk.ask("tickets priority 1 urgent", SORA)
    desk.later(days=2)
    assert len(desk.round()) == 1


def test_whoever_works_on_it_is_called_when_it_is_due(desk: Office) -> None:
    desk.open(REQUEST)
    desk.ask("tickets take 1", SORA)
    desk.later(days=8)
    assert [n.calls for n in desk.round()] == [(SORA.id,)]


def test_a_silent_asker_is_reminded_twice_and_then_it_is_closed(desk: Office) -> None:
    desk.open()
    desk.later(days=1, hours=1)
    first = desk.round()
    assert first[0].calls == (MINJI.id,)
    assert [o.says for o in first[0].answer.offers] == ["tickets helped 1", "tickets notyet 1", "tickets call 1"]
    assert receipts(desk.round()) == receipts(first)
    desk.later(days=2)
    second = desk.round()
    assert receipts(second) != receipts(first)
    desk.later(days=4)
    assert [n.again for n in desk.round()] == ["tickets card 1"]
    assert (desk.ticket().state, desk.ticket().solved) == (State.DONE, Solved.SILENT)
    assert desk.round() == ()


def test_a_word_of_the_asker_begins_the_silence_anew(desk: Office) -> None:
    desk.open()
    desk.later(days=1, hours=1)
    desk.ask("tickets notyet 1")
    assert desk.round() == ()


def test_a_weekend_is_no_silence(desk: Office) -> None:
    desk.now = datetime(2026, 11, 27, 17, tzinfo=SEOUL)
    desk.open()
    desk.now = datetime(2026, 11, 30, 10, tzinfo=SEOUL)
    assert desk.round() == ()


def test_the_ticket_of_an_assignee_who_left_goes_back_and_calls_the_team(desk: Office, tmp_path: Path) -> None:
    desk.open(REQUEST)
    desk.ask("tickets take 1", SORA)
    left = replace(desk, house=_without(desk, SORA.id))
    notices = left.round()
    assert [n.again or n.calls for n in notices] == ["tickets card 1", ("S0SRE",)]
    assert (desk.ticket().assignee, desk.ticket().waiting) == ("", Waiting.PERSON)
    assert left.round() == ()
    assert left.ask("tickets transfer 1 to @U0SORA", JUNHO).tone.value == "ask"


def test_two_rounds_at_once_close_a_ticket_once(desk: Office) -> None:
    desk.open()
    desk.later(days=9)
    at = desk.now
    for _ in range(2):
        desk.round()
    assert [s.move for s in desk.store.ticket_steps(1)].count(Move.EXPIRE) == 1
    assert at == desk.now


def test_a_notice_comes_out_of_the_inbox_as_it_went_in(desk: Office) -> None:
    desk.open()
    desk.later(days=1, hours=1)
    (notice,) = desk.round()
    held = desk.store.claim("w", desk.now, 60)
    assert held
    found = as_told(held)
    assert (found.topic, found.calls, found.language) == ("ticket/1", (MINJI.id,), "en")
    assert found.answer.headline == notice.answer.headline
    assert found.answer.offers == notice.answer.offers


def _without(desk: Office, person: str):  # type: ignore[no-untyped-def]
    """The same house in a workspace that somebody has left."""
    from bot.assistant import Assistant

    built = desk.house.assistant
    gone = Assistant(
        lambda request: replace(built._tools(request), is_here=lambda who: who != person), built._roles, None, None
    )
    return replace(desk.house, assistant=gone)
