"""A week's tickets in numbers: each is counted once, in exactly one column, so that a row adds up. Pure."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from knowledge.tickets.life import Solved, Ticket


@dataclass(frozen=True)
class Row:
    """``bot``: the asker confirmed the bot's first answer. ``after_question``: confirmed after it was asked back or
    corrected. ``person``: somebody of the team had a hand in it. ``unsaid``: ended, and nobody said whether it helped.
    ``open``: not at its end yet. ``first`` and ``end``: median and 90th percentile of the time since it was asked."""

    topic: str
    asked: int
    bot: int
    after_question: int
    person: int
    unsaid: int
    open: int
    first: tuple[timedelta, timedelta] | None
    end: tuple[timedelta, timedelta] | None

    @property
    def unanswered(self) -> int:
        """Tickets that the bot's answer did not settle, as far as is known."""
        return self.asked - self.bot - self.after_question


@dataclass(frozen=True)
class Week:
    """``label``: as ISO 8601 names it, ``2026-W47``. ``merged``: posted twice, counted with the ticket they belong to.
    ``worst``: topics by how many of their tickets the bot did not settle, the most first."""

    label: str
    begin: datetime
    end: datetime
    total: Row
    topics: tuple[Row, ...]
    worst: tuple[Row, ...]
    merged: int


WORST = 3


def week_of(day: date, zone: tzinfo) -> tuple[str, datetime, datetime]:
    """The ISO week of a day: its name, its first instant, and that of the next. Seven days of the wall clock."""
    year, number, weekday = day.isocalendar()
    monday = day - timedelta(days=weekday - 1)
    begin = datetime(monday.year, monday.month, monday.day, tzinfo=zone)
    after = monday + timedelta(days=7)
    return f"{year}-W{number:02}", begin, datetime(after.year, after.month, after.day, tzinfo=zone)


def week(label: str, begin: datetime, end: datetime, tickets: Iterable[Ticket]) -> Week:
    """The numbers of those tickets that were asked in the week."""
    asked = [t for t in tickets if begin <= t.opened < end]
    counted = [t for t in asked if t.solved is not Solved.MERGED]
    topics = sorted({t.topic for t in counted})
    rows = tuple(_row(topic, [t for t in counted if t.topic == topic]) for topic in topics)
    worst = sorted((r for r in rows if r.unanswered), key=lambda r: (-r.unanswered, -r.unanswered / r.asked, r.topic))
    return Week(
        label,
        begin,
        end,
        _row("", counted),
        tuple(sorted(rows, key=lambda r: (-r.asked, r.topic))),
        tuple(worst[:WORST]),
        len(asked) - len(counted),
    )


def _row(topic: str, tickets: Sequence[Ticket]) -> Row:
    def count(fits: Callable[[Ticket], bool]) -> int:
        return sum(map(fits, tickets))

    return Row(
        topic,
        len(tickets),
        count(lambda t: t.solved is Solved.BOT and not t.rounds),
        count(lambda t: t.solved is Solved.BOT and t.rounds > 0),
        count(lambda t: t.solved is Solved.PERSON),
        count(lambda t: t.solved in (Solved.ASKER, Solved.SILENT)),
        count(lambda t: t.open),
        _middle([t.answered - t.opened for t in tickets if t.answered]),
        _middle([t.ended - t.opened for t in tickets if t.ended]),
    )


def _middle(spans: list[timedelta]) -> tuple[timedelta, timedelta] | None:
    """Median and 90th percentile by nearest rank: each is the time of a ticket that there was."""
    if not spans:
        return None
    spans.sort()
    return spans[math.ceil(0.5 * len(spans)) - 1], spans[math.ceil(0.9 * len(spans)) - 1]
