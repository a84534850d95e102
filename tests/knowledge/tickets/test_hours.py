"""Working time: nights, weekends, holidays and days of 23 or 25 hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from knowledge.tickets.hours import Calendar

SEOUL, BERLIN = ZoneInfo("Asia/Seoul"), ZoneInfo("Europe/Berlin")
OFFICE = Calendar(SEOUL, holidays=frozenset({date(2026, 12, 25)}))
H = timedelta(hours=1)


def seoul(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("since", "hours", "due"),
    [
        ("2026-11-24 10:00", 2, "2026-11-24 12:00"),
        ("2026-11-24 17:00", 2, "2026-11-25 10:00"),
        ("2026-11-24 03:00", 2, "2026-11-24 11:00"),
        ("2026-11-27 17:30", 2, "2026-11-30 10:30"),
        ("2026-11-28 12:00", 9, "2026-11-30 18:00"),
        ("2026-12-24 17:00", 2, "2026-12-28 10:00"),
    ],
    ids=["today", "over a night", "before work", "over a weekend", "a whole day from Saturday on", "over a holiday"],
)
def test_it_is_due_after_so_many_hours_of_work(since: str, hours: int, due: str) -> None:
    assert OFFICE.due(seoul(since), hours * H) == seoul(due)


def test_what_is_due_after_some_work_was_worked_so_long() -> None:
    since = seoul("2026-11-26 16:40")
    for hours in (1, 5, 9, 30, 100):
        assert OFFICE.worked(since, OFFICE.due(since, hours * H)) == hours * H


def test_nothing_is_worked_before_it_began() -> None:
    assert OFFICE.worked(seoul("2026-11-24 12:00"), seoul("2026-11-24 11:00")) == timedelta()


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)], ids=["spring", "autumn"])
def test_a_day_on_which_clocks_change_has_its_own_length(day: str, hours: int) -> None:
    whole = Calendar(BERLIN, frozenset(range(7)), time(0), time(0))
    begin = datetime.fromisoformat(day).replace(tzinfo=BERLIN)
    end = (begin + timedelta(days=1)).astimezone(UTC)
    assert whole.worked(begin, end) == hours * H


def test_work_ends_at_the_same_clock_time_before_and_after_a_change_of_clocks() -> None:
    office = Calendar(BERLIN)
    friday = datetime(2026, 10, 23, 17, tzinfo=BERLIN)
    assert office.due(friday, 2 * H) == datetime(2026, 10, 26, 10, tzinfo=BERLIN)


def test_a_shift_over_midnight_belongs_to_the_day_on_which_it_began() -> None:
    nights = Calendar(SEOUL, frozenset({4}), time(22), time(6))
    assert nights.works_at(seoul("2026-11-28 05:00"))
    assert not nights.works_at(seoul("2026-11-28 23:00"))
    assert nights.due(seoul("2026-11-27 23:00"), 5 * H) == seoul("2026-11-28 04:00")


def test_whether_somebody_is_at_work_now() -> None:
    assert OFFICE.works_at(seoul("2026-11-24 09:00"))
    assert not OFFICE.works_at(seoul("2026-11-24 18:00"))
    assert not OFFICE.works_at(seoul("2026-12-25 12:00"))


def test_a_calendar_without_a_working_day_counts_around_the_clock() -> None:
    since = seoul("2026-11-24 10:00")
    assert Calendar(SEOUL, frozenset()).due(since, 2 * H) == since + 2 * H
