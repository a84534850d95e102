"""A week's tickets in numbers, and under the table what was counted and how."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from commands.card import TOPICS
from commands.command import Command, UsageError
from commands.dialogue import Answer, Bullets, Code, Context, Notice, Part, Request, Table, Text, Tone
from commands.ticket_life import shelf
from commands.tools import Tools
from knowledge.said import Said
from knowledge.tickets.numbers import Row, Week, week, week_of

COMMAND = Command(
    name="report",
    takes="[week]",
    says=Said("A week's tickets in numbers, by topic: who answered them and how long it took."),
    schedule="0 0 * * 1",
    example="report last",
)
MOST = 100_000
_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE)


def handle(request: Request, tools: Tools) -> Answer:
    chosen = _week(request.args["week"], request, tools)
    answer = tell(chosen)
    if request.place.face != "clock":
        return answer
    if not tools.desk.numbers:
        return answer
    posted = Answer(answer.headline, answer.tone, answer.parts, data=answer.data)
    return Answer(answer.headline, Tone.INFO, notices=(Notice(tools.desk.numbers, posted, f"report/{chosen.label}"),))


def _week(word: str, request: Request, tools: Tools) -> Week:
    zone = tools.desk.calendar.zone
    today = request.at.astimezone(zone).date()
    label, begin, end = week_of(_day(word, today), zone)
    return week(label, begin, end, shelf(tools).tickets(since=begin, until=end, limit=MOST))


def _day(word: str, today: date) -> date:
    """A day of the week that is meant: this one, the last, or one by its name."""
    if not word or word.lower() == "this":
        return today
    if word.lower() == "last":
        return today - timedelta(days=7)
    match = _WEEK.fullmatch(word)
    try:
        return date.fromisocalendar(int(match[1]), int(match[2]), 1) if match else date.fromisoformat(word)
    except ValueError:
        raise UsageError(Said("A week is named like 2026-W47, or by one of its days, or as last.")) from None


def tell(counted: Week) -> Answer:
    total = counted.total
    headline = Said(
        "Week {week}: {n:|ticket|tickets}, {bot} answered by the bot alone, {person} by a person.",
        week=counted.label,
        n=total.asked,
        bot=total.bot + total.after_question,
        person=total.person,
    )
    if not total.asked:
        return Answer(Said("Week {week}: no ticket was asked.", week=counted.label), Tone.INFO, data=as_data(counted))
    parts: list[Part] = [_table(counted), Code(_bars(counted))]
    if counted.worst:
        worst = tuple(
            Said("{topic}: {n} of {asked} not settled by the bot", topic=_topic(r), n=r.unanswered, asked=r.asked)
            for r in counted.worst
        )
        parts.append(Bullets(worst, Said("Answered worst")))
    parts += _how(counted)
    return Answer(headline, Tone.INFO, tuple(parts), data=as_data(counted))


def as_data(counted: Week) -> Mapping[str, object]:
    topics = [_row_data(row) for row in counted.topics]
    total = _row_data(counted.total)
    return {
        "week": counted.label,
        "from": counted.begin,
        "to": counted.end,
        "merged": counted.merged,
        "total": total,
        "topics": topics,
        "csv": _csv([{"week": counted.label, **row} for row in (*topics, total)]),
        "worst": [row.topic for row in counted.worst],
    }


def _csv(rows: Sequence[Mapping[str, object]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _row_data(row: Row) -> dict[str, object]:
    first, end = row.first or (None, None), row.end or (None, None)
    return {
        "topic": row.topic or "all",
        "asked": row.asked,
        "bot_alone": row.bot,
        "after_question": row.after_question,
        "person": row.person,
        "unsaid": row.unsaid,
        "open": row.open,
        **{f"first_answer_{name}_s": _seconds(span) for name, span in zip(("median", "p90"), first, strict=True)},
        **{f"end_{name}_s": _seconds(span) for name, span in zip(("median", "p90"), end, strict=True)},
    }


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else round(span.total_seconds(), 1)


def _table(counted: Week) -> Table:
    columns = (
        Said("Topic"),
        Said("Asked"),
        Said("Bot alone"),
        Said("After a question"),
        Said("Person"),
        Said("Nobody said"),
        Said("Open"),
        Said("First answer"),
        Said("End"),
    )
    return Table(columns, tuple(_row(row) for row in (*counted.topics, counted.total)))


BAR = 40
_SHADES = "█▓▒░·"
"""Of a bar, in the order of the table's columns: the bot alone, after a question, a person, nobody said, open."""


def _bars(counted: Week) -> str:
    """The table as a picture that every face can show: a bar a topic, as long as its tickets are many."""
    most = max(row.asked for row in counted.topics)
    widest = max(len(row.topic) for row in counted.topics)
    return "\n".join(f"{row.topic:<{widest}} {_bar(row, most)} {row.asked}" for row in counted.topics)


def _bar(row: Row, most: int) -> str:
    counts = (row.bot, row.after_question, row.person, row.unsaid, row.open)
    ends = [round(BAR * sum(counts[: n + 1]) / most) for n in range(len(counts))]
    return "".join(shade * (end - begin) for shade, begin, end in zip(_SHADES, (0, *ends), ends, strict=False))


def _row(row: Row) -> tuple[Said | str, ...]:
    counts: Sequence[int] = (row.asked, row.bot, row.after_question, row.person, row.unsaid, row.open)
    return (_topic(row), *map(str, counts), _spans(row.first), _spans(row.end))


def _spans(spans: tuple[timedelta, timedelta] | None) -> Said | str:
    return Said("{median} / {p90}", median=spans[0], p90=spans[1]) if spans else ""


def _topic(row: Row) -> Said:
    return TOPICS.get(row.topic, Said("{topic}", topic=row.topic)) if row.topic else Said("all")


def _how(counted: Week) -> list[Part]:
    """What was counted and how, in small print."""
    told: list[Said] = [
        Said("Counted: tickets asked from {begin:date} to {end:date}, each in exactly one column, as they stand now.",
             begin=counted.begin, end=counted.end - timedelta(seconds=1)),
        Said("Bot alone and after a question: the asker confirmed that it helped, and no person had a hand in it."),
        Said("Bars: █ bot alone, ▓ after a question, ▒ person, ░ nobody said, · open."),
        Said("Nobody said: closed by the asker without a word, or for silence."),
        Said("Times are median / 90th percentile by nearest rank, around the clock."),
    ]  # fmt: skip
    if counted.merged:
        told.append(Said("{n:|ticket was|tickets were} merged and not counted twice.", n=counted.merged))
    return [Text(Said("How it was counted"), strong=True), Context(tuple(told))]
