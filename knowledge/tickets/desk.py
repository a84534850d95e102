"""How a team keeps its tickets: channels, who works on them, whom to call, hours, holidays, how long it may take.

channels: [C0HELP]            # a post there opens a ticket
team: ["@sre", U012ABC]       # who works on tickets; user groups, people, e-mail addresses
call: S0ONCALL                # a user group, a person, or a webhook that begins with https://
numbers: C0TEAM               # where the week's numbers are posted
hours: {zone: Asia/Seoul, days: [mon, tue, wed, thu, fri], from: "09:00", to: "18:00"}
holidays: [2026-12-25]
take_within: {urgent: 30m, high: 2h, normal: 1d, low: 3d}     # working time; 1d is a working day
solve_within: {urgent: 4h, high: 1d, normal: 3d, low: 10d}
remind_after: [1d, 3d]        # of an asker's silence
close_after: 5d
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from knowledge.said import Said
from knowledge.tickets.hours import Calendar
from knowledge.tickets.life import Priority

_FIELDS = (
    "channels",
    "team",
    "call",
    "numbers",
    "hours",
    "holidays",
    "take_within",
    "solve_within",
    "remind_after",
    "close_after",
)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"(\d+)\s?([mhd])")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)|24:00")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,}", re.ASCII)
_GROUP = re.compile(r"S[A-Z0-9]{2,}|@[\w.-]+", re.ASCII)
_CALLED = re.compile(r"[SUW][A-Z0-9]{2,}|https://\S+", re.ASCII)


_H = timedelta(hours=1)
_TAKE: Mapping[Priority, timedelta] = {
    Priority.URGENT: _H / 2,
    Priority.HIGH: 2 * _H,
    Priority.NORMAL: 9 * _H,
    Priority.LOW: 27 * _H,
}
_SOLVE: Mapping[Priority, timedelta] = {
    Priority.URGENT: 4 * _H,
    Priority.HIGH: 9 * _H,
    Priority.NORMAL: 27 * _H,
    Priority.LOW: 90 * _H,
}


class DeskError(Exception):
    """The file cannot be read. ``says`` names the field and what is wrong there."""

    def __init__(self, says: Said) -> None:
        super().__init__(says.template.format(**says.values))
        self.says = says


@dataclass(frozen=True)
class Desk:
    """The rules as they are in force; without a file those of an ordinary week."""

    channels: frozenset[str] = frozenset()
    team: tuple[str, ...] = ()
    call: str = ""
    numbers: str = ""
    calendar: Calendar = field(default_factory=Calendar)
    take_within: Mapping[Priority, timedelta] = field(default_factory=lambda: _TAKE)
    solve_within: Mapping[Priority, timedelta] = field(default_factory=lambda: _SOLVE)
    remind_after: tuple[timedelta, ...] = (timedelta(hours=9), timedelta(hours=27))
    close_after: timedelta = timedelta(hours=45)

    @property
    def names_groups(self) -> bool:
        return any(_GROUP.fullmatch(name) for name in self.team)

    def works_here(self, person: str, email: str, groups: frozenset[str]) -> bool:
        """Whether somebody belongs to those who work on tickets; nobody does where the file names none."""
        names = {person, email.lower(), *groups} - {""}
        return any((name.lower() if "@" in name[1:] else name) in names for name in self.team)

    def take_by(self, priority: Priority, now: datetime) -> datetime:
        return self.calendar.due(now, self.take_within[priority])

    def solve_by(self, priority: Priority, now: datetime) -> datetime:
        return self.calendar.due(now, self.solve_within[priority])


def parse(text: str) -> Desk:
    """The rules of a YAML text. Raises DeskError."""
    try:
        root = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        raise DeskError(Said("This is not a text file in YAML.")) from None
    if not isinstance(root, dict):
        raise DeskError(Said("Expected fields: {known}.", known=", ".join(_FIELDS)))
    for name in root:
        if name not in _FIELDS:
            raise DeskError(
                Said("`{field}` is not known; known are {known}.", field=str(name), known=", ".join(_FIELDS))
            )
    calendar = _calendar(root.get("hours"), root.get("holidays"))
    day = _a_day(calendar)
    ours = Desk()
    return Desk(
        channels=frozenset(_names(root, "channels", _CHANNEL)),
        team=tuple(_names(root, "team", re.compile(r"\S+"))),
        call=_name(root, "call", _CALLED),
        numbers=_name(root, "numbers", _CHANNEL),
        calendar=calendar,
        take_within=_by_priority(root, "take_within", day, ours.take_within),
        solve_within=_by_priority(root, "solve_within", day, ours.solve_within),
        remind_after=tuple(_span(v, "remind_after", day) for v in _list(root, "remind_after")) or (day, 3 * day),
        close_after=_span(root.get("close_after", "5d"), "close_after", day),
    )


def _calendar(hours: object, holidays: object) -> Calendar:
    given = hours if isinstance(hours, dict) else {}
    if hours is not None and not isinstance(hours, dict):
        raise _unfit("hours", hours)
    for name in given:
        if name not in ("zone", "days", "from", "to"):
            raise _unfit("hours", name)
    try:
        zone = ZoneInfo(str(given["zone"])) if given.get("zone") else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _unfit("zone", given["zone"]) from None
    days = _list(given, "days") or list(_DAYS[:5])
    if not all(str(day).lower()[:3] in _DAYS for day in days):
        raise _unfit("days", days)
    free = holidays or []
    if not isinstance(free, list):
        raise _unfit("holidays", free)
    return Calendar(
        zone,
        frozenset(_DAYS.index(str(day).lower()[:3]) for day in days),
        _clock(given.get("from", "09:00"), "from"),
        _clock(given.get("to", "18:00"), "to"),
        frozenset(_day(day) for day in free),
    )


def _a_day(calendar: Calendar) -> timedelta:
    """How long a working day is."""
    begin, end = (timedelta(hours=at.hour, minutes=at.minute) for at in (calendar.begin, calendar.end))
    return end - begin if end > begin else end - begin + timedelta(days=1)


def _by_priority(
    root: Mapping[str, object], name: str, day: timedelta, usual: Mapping[Priority, timedelta]
) -> Mapping[Priority, timedelta]:
    given = root.get(name) or {}
    if not isinstance(given, dict) or not set(map(str, given)) <= set(Priority):
        raise _unfit(name, given)
    return {**usual, **{Priority(str(key)): _span(value, name, day) for key, value in given.items()}}


def _span(value: object, name: str, day: timedelta) -> timedelta:
    match = _SPAN.fullmatch(str(value).strip())
    if not match or not int(match[1]):
        raise _unfit(name, value)
    unit = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": day}[match[2]]
    return int(match[1]) * unit


def _clock(value: object, name: str) -> time:
    if isinstance(value, int):  # YAML reads an unquoted 09:30 as a number of minutes
        value = f"{value // 60}:{value % 60:02}"
    if not _CLOCK.fullmatch(str(value)):
        raise _unfit(name, value)
    hour, minute = map(int, str(value).split(":"))
    return time(hour % 24, minute)


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise _unfit("holidays", value) from None


def _list(root: Mapping[str, object], name: str) -> list[object]:
    value = root.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise _unfit(name, value)
    return value


def _names(root: Mapping[str, object], name: str, form: re.Pattern[str]) -> list[str]:
    for value in (given := _list(root, name)):
        if not isinstance(value, str) or not form.fullmatch(value):
            raise _unfit(name, value)
    return [str(value) for value in given]


def _name(root: Mapping[str, object], name: str, form: re.Pattern[str]) -> str:
    value = root.get(name) or ""
    if value and (not isinstance(value, str) or not form.fullmatch(value)):
        raise _unfit(name, value)
    return str(value)


def _unfit(name: str, value: object) -> DeskError:
    return DeskError(Said("`{value}` does not fit in `{field}`.", value=str(value)[:60], field=name))
