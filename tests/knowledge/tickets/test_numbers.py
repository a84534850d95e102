"""A week in numbers: each ticket once, in one column."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.reading.ticket_asks import Kind
from knowledge.tickets.life import Solved, State, Ticket
from knowledge.tickets.numbers import week, week_of

BEGIN = datetime(2026, 11, 16, tzinfo=UTC)
END = BEGIN + timedelta(days=7)


def ticket(solved: Solved, topic: str = "restart", first: float = 1, end: float = 60, **more: Any) -> Ticket:
    opened = more.pop("opened", BEGIN + timedelta(hours=5))
    state = State.REQUEST if solved is Solved.NOT else State.DONE
    ended = None if solved is Solved.NOT else opened + timedelta(minutes=end)
    return Ticket(1, "k", "U1", "", "en", Kind.PROBLEM, topic, "", "", opened, state=state, solved=solved,
                  answered=opened + timedelta(minutes=first), ended=ended, **more)  # fmt: skip


def test_each_ticket_is_in_one_column() -> None:
    row = week(
        "w",
        BEGIN,
        END,
        [
            ticket(Solved.BOT),
            ticket(Solved.BOT, rounds=1),
            ticket(Solved.PERSON, rounds=2),
            ticket(Solved.ASKER),
            ticket(Solved.SILENT),
            ticket(Solved.NOT),
            ticket(Solved.MERGED),
        ],
    )
    total = row.total
    assert (total.asked, total.bot, total.after_question, total.person, total.unsaid, total.open) == (6, 1, 1, 1, 2, 1)
    assert row.merged == 1


@given(st.lists(st.tuples(st.sampled_from(Solved), st.integers(0, 3), st.sampled_from("abc")), max_size=40))
def test_every_row_adds_up_and_the_topics_add_up_to_the_total(given: list[tuple[Solved, int, str]]) -> None:
    counted = week("w", BEGIN, END, [ticket(s, topic, rounds=rounds) for s, rounds, topic in given])
    for row in (*counted.topics, counted.total):
        assert row.asked == row.bot + row.after_question + row.person + row.unsaid + row.open
    assert sum(row.asked for row in counted.topics) == counted.total.asked
    assert counted.total.asked + counted.merged == len(given)


def test_only_what_was_asked_in_the_week_counts() -> None:
    edges = [BEGIN - timedelta(seconds=1), BEGIN, END - timedelta(seconds=1), END]
    assert week("w", BEGIN, END, [ticket(Solved.BOT, opened=at) for at in edges]).total.asked == 2


def test_times_are_those_of_tickets_that_there_were() -> None:
    counted = week("w", BEGIN, END, [ticket(Solved.BOT, first=n, end=10 * n) for n in range(1, 11)])
    assert counted.total.first == (timedelta(minutes=5), timedelta(minutes=9))
    assert counted.total.end == (timedelta(minutes=50), timedelta(minutes=90))


def test_a_week_without_an_end_tells_none() -> None:
    assert week("w", BEGIN, END, [ticket(Solved.NOT)]).total.end is None
    assert week("w", BEGIN, END, []).total.first is None


def test_the_worst_answered_topics_come_first() -> None:
    asked = [*[ticket(Solved.PERSON, "storage")] * 3, *[ticket(Solved.BOT, "restart")] * 9, ticket(Solved.NOT, "node")]
    counted = week("w", BEGIN, END, asked)
    assert [row.topic for row in counted.worst] == ["storage", "node"]
    assert [row.topic for row in counted.topics] == ["restart", "storage", "node"]


@pytest.mark.parametrize(
    ("day", "label"), [("2026-11-22", "2026-W47"), ("2026-11-23", "2026-W48"), ("2027-01-01", "2026-W53")]
)
def test_a_week_is_that_of_iso_8601_in_the_teams_zone(day: str, label: str) -> None:
    seoul = ZoneInfo("Asia/Seoul")
    name, begin, end = week_of(date.fromisoformat(day), seoul)
    assert (name, begin.weekday(), begin.hour) == (label, 0, 0)
    assert end - begin == timedelta(days=7)


def test_the_week_in_which_clocks_change_has_an_hour_less() -> None:
    _, begin, end = week_of(date(2026, 3, 29), ZoneInfo("Europe/Berlin"))
    assert end.astimezone(UTC) - begin.astimezone(UTC) == timedelta(days=7) - timedelta(hours=1)
