"""A week's tickets in numbers: the table, what stands under it, CSV, and the post of Monday."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from commands.dialogue import Code, Person, Table
from tests.commands.ticket_office import JUNHO, SEOUL, SORA, TEXT, Office, office

TUESDAY = datetime(2026, 11, 24, 10, tzinfo=SEOUL)


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Office]:
    with office(tmp_path, database_url, now=TUESDAY) as opened:
        opened.open()
        opened.ask("tickets helped 1")
        opened.open(who=JUNHO)
        opened.ask("tickets done 2 restarted it by hand", SORA)
        opened.open("shop-prod 네임스페이스 쿼터를 두 배로 늘려 주세요")
        opened.open(f"{TEXT} once more", JUNHO)
        opened.ask("tickets merge 4 into 2", SORA)
        yield opened


def test_every_ticket_of_the_week_is_in_one_column(desk: Office) -> None:
    answer = desk.ask("report")
    (table,) = [p for p in answer.parts if isinstance(p, Table)]
    assert [[str(getattr(c, "template", c)) for c in row[:7]] for row in table.rows] == [
        ["restarts", "2", "1", "0", "1", "0", "0"],
        ["requests", "1", "0", "0", "0", "0", "1"],
        ["all", "3", "1", "0", "1", "0", "1"],
    ]
    assert answer.data["merged"] == 1
    assert answer.data["worst"] == ["request", "restart"]


def test_what_was_counted_and_how_stands_under_the_table_in_both_languages(desk: Office) -> None:
    answer = desk.ask("report")
    for said in (desk.text(answer), desk.text(answer, "ko")):
        assert "2026-11-23" in said
        assert "90" in said
    assert "each in exactly one column" in desk.text(answer)


def test_a_bar_is_as_long_as_its_tickets_are_many(desk: Office) -> None:
    (bars,) = [p.body for p in desk.ask("report").parts if isinstance(p, Code)]
    first, second = bars.splitlines()
    assert (first.count("█"), first.count("▒")) == (20, 20)
    assert second.count("·") == 20


def test_the_csv_is_the_table(desk: Office) -> None:
    answer = desk.ask("report")
    rows = list(csv.DictReader(io.StringIO(str(answer.data["csv"]))))
    assert [(row["topic"], row["asked"]) for row in rows] == [("restart", "2"), ("request", "1"), ("all", "3")]
    assert {row["week"] for row in rows} == {"2026-W48"}


@pytest.mark.parametrize(
    ("word", "week"), [("", "2026-W48"), ("last", "2026-W47"), ("2026-W40", "2026-W40"), ("2026-11-01", "2026-W44")]
)
def test_a_week_is_named_by_number_day_or_word(desk: Office, word: str, week: str) -> None:
    assert desk.ask(f"report {word}").data["week"] == week


def test_on_monday_the_clock_posts_the_last_week_once(desk: Office) -> None:
    desk.later(days=6)
    (notice,) = desk.ask("report last", Person("clock"), face="clock").notices
    assert (notice.to, notice.receipt) == ("C0NUMBERS", "report/2026-W48")
    assert "3 tickets" in desk.text(notice.answer)


def test_a_week_without_tickets_says_so(desk: Office) -> None:
    assert "no ticket" in desk.text(desk.ask("report 2026-W01"))
