"""The file that says how a team keeps its tickets."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from knowledge.tickets.desk import Desk, DeskError, parse
from knowledge.tickets.life import Priority

WHOLE = """
channels: [C0HELP]
team: ["@sre", U012ABC, sora@example.com]
call: S0ONCALL
numbers: C0TEAM
hours: {zone: Asia/Seoul, days: [mon, Tuesday, wed], from: 10:30, to: "19:30"}
holidays: [2026-12-25, "2026-12-24"]
take_within: {urgent: 15m, normal: 2d}
remind_after: [4h, 2d]
close_after: 3d
"""


def test_every_field_is_understood() -> None:
    desk = parse(WHOLE)
    assert desk.channels == {"C0HELP"}
    assert (desk.call, desk.numbers) == ("S0ONCALL", "C0TEAM")
    calendar = desk.calendar
    assert (calendar.zone, calendar.days) == (ZoneInfo("Asia/Seoul"), {0, 1, 2})
    assert (calendar.begin, calendar.end) == (time(10, 30), time(19, 30))
    assert calendar.holidays == {date(2026, 12, 24), date(2026, 12, 25)}
    assert desk.remind_after == (timedelta(hours=4), timedelta(hours=18))
    assert desk.close_after == timedelta(hours=27)


def test_a_day_of_an_allowance_is_a_working_day_and_what_is_not_set_is_usual() -> None:
    desk = parse(WHOLE)
    monday = datetime(2026, 11, 23, 10, 30, tzinfo=ZoneInfo("Asia/Seoul"))
    assert desk.take_by(Priority.NORMAL, monday) == monday + timedelta(days=1, hours=9)
    assert desk.take_by(Priority.HIGH, monday) == monday + timedelta(hours=2)


def test_those_who_work_on_tickets_are_known_by_id_group_and_address() -> None:
    desk = parse(WHOLE)
    assert desk.works_here("U012ABC", "", frozenset())
    assert desk.works_here("U1", "", frozenset({"S0X", "@sre"}))
    assert desk.works_here("U1", "Sora@Example.com", frozenset())
    assert not desk.works_here("U1", "", frozenset())
    assert not Desk().works_here("", "", frozenset())
    assert desk.names_groups


@pytest.mark.parametrize(
    "text",
    [
        "channels: C0HELP",
        "channels: [general]",
        "call: http://example.com/hook",
        "hours: {zone: Mars/Olympus}",
        "hours: {days: [someday]}",
        "hours: {from: 25:00}",
        "hours: 9-18",
        "holidays: [2026-13-01]",
        "take_within: {soon: 1h}",
        "take_within: {high: 0h}",
        "close_after: tomorrow",
        "staff: [U1]",
        "- a list",
        "channels: [",
        "",
    ],
)
def test_what_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(DeskError):
        parse(text)
