"""What opening a ticket and moving it have in common: its reading, its half answer, and one move made once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from commands.dialogue import Request
from commands.half_answer import Half, half_answer, readable
from commands.kept import plain
from commands.tools import TicketShelf, Tools
from commands.understanding import as_data, fields
from integrations.errors import Conflict, Denied, IntegrationError, Misconfigured, NotFound
from knowledge.reading.question import Topic
from knowledge.reading.question import read as question_of
from knowledge.reading.ticket import Ticket as Reading
from knowledge.reading.ticket import read
from knowledge.reading.ticket_asks import Kind
from knowledge.reading.ticket_form import fields_of
from knowledge.reading.ticket_form import plain as unescaped
from knowledge.said import Said
from knowledge.secrets.redaction import redact
from knowledge.tickets.life import NOTHING, Move, Refused, Step, Ticket, moved

TRIES = 5
LONGEST_TITLE = 110
TWICE_WITHIN = timedelta(days=7)
_MERGED = (
    "clusters",
    "cluster_candidates",
    "unknown_clusters",
    "namespaces",
    "workloads",
    "pods",
    "nodes",
    "account",
    "times",
    "error_lines",
)
_POLICY, _REQUEST = "policy", "request"


def shelf(tools: Tools) -> TicketShelf:
    """The tickets. Raises Misconfigured where no database keeps them."""
    if tools.tickets is None:
        raise Misconfigured(
            "database", Said("Tickets need a database."), Said("Set GURUMI_DATABASE_URL, then run `gurumi migrate`.")
        )
    return tools.tickets


def key_of(request: Request) -> str:
    """What asked: the same when it is asked again because a process died over it."""
    return f"{request.place.face}/{request.place.channel}/{request.asker.id}/{request.at.isoformat()}"


def is_team(request: Request, tools: Tools) -> bool:
    """Whether somebody works on tickets; at the terminal whoever may use the database does."""
    asker = request.asker
    return request.place.face in ("terminal", "clock") or tools.desk.works_here(asker.id, asker.email, asker.groups)


def find(number: int, request: Request, tools: Tools) -> Ticket:
    """A ticket that the asker may read. Raises NotFound, in the same words for one that is not there."""
    none = NotFound("tickets", Said("There is no ticket {number} that you may read.", number=number))
    try:
        ticket = shelf(tools).ticket(number)
    except NotFound:
        raise none from None
    entries = {entry.name: entry for entry in tools.fleet.clusters()} if ticket.clusters else {}
    if not readable(ticket, request, tools, entries):
        raise none
    return ticket


def make(move: Move, ticket: Ticket, request: Request, tools: Tools, note: str = "") -> Ticket:
    """One move, made once however often it is asked. Raises Denied where it makes no sense or is not theirs."""
    step = Step(move, request.asker.id, request.at, note, is_team(request, tools), f"{move.value} {key_of(request)}")
    return _stored(ticket, step, tools, people=_people(ticket, request))


def heard(request: Request, tools: Tools) -> Ticket | None:
    """The ticket of this thread, after a word of its asker or of whoever works on tickets; ``None`` where there is
    none, or where it was anybody else's word. Whoever can write there can read it."""
    number = request.context.get("ticket", "")
    if not number.isdecimal() or tools.tickets is None:
        return None
    try:
        ticket = shelf(tools).ticket(int(number))
        known = request.asker.id in (ticket.asker, ticket.assignee) or is_team(request, tools)
        return make(Move.REPLY, ticket, request, tools) if known else None
    except IntegrationError:  # a question is answered whether or not its ticket could note it
        return None


def _people(ticket: Ticket, request: Request) -> Mapping[str, str]:
    """What those are called who had a hand in it: a card tells names, not ids."""
    known = ticket.about.get("people")
    names = dict(known) if isinstance(known, Mapping) else {}
    return {**names, request.asker.id: request.asker.name} if request.asker.name else names


def _made(number: int, key: str, tools: Tools) -> bool:
    return any(step.key == key for step in shelf(tools).ticket_steps(number))


def _stored(
    ticket: Ticket, step: Step, tools: Tools, people: Mapping[str, str] | None = None, **found: object
) -> Ticket:
    tickets = shelf(tools)
    if _made(ticket.number, step.key, tools):
        return tickets.ticket(ticket.number)
    for tried in range(TRIES):
        try:
            after = moved(ticket, step, tools.desk)
            after = replace(after, about={**after.about, "people": people}) if people else after
            return tickets.ticket_move(replace(after, **found), step)  # type: ignore[arg-type]
        except Refused as refused:
            raise Denied("tickets", refused.says) from None
        except Conflict:
            if tried + 1 == TRIES:
                raise
            ticket = tickets.ticket(ticket.number)
    return ticket


def draft(text: str, request: Request, tools: Tools) -> Ticket:
    """A ticket that is not stored yet."""
    reading, _ = understood(text, (), request, tools, request.asker.zone)
    own = fields_of(redact(unescaped(text)), frozenset()).text
    topic = question_of(own, now=request.at, zone=request.asker.zone, clusters=()).topic
    return Ticket(
        number=0,
        key=key_of(request),
        asker=request.asker.id,
        asker_name=request.asker.name,
        language=reading.language,
        kind=reading.kind,
        topic=_topic(reading, topic),
        title=_title(own, reading),
        text=text,
        opened=request.at,
        clusters=reading.clusters,
        about={
            **_as_kept(reading),
            "files": request.context.get("files", ""),
            "zone": getattr(request.asker.zone, "key", ""),
            "corrections": [],
        },
        channel=request.place.channel,
        thread=request.place.thread,
        direct=request.place.direct,
        turn=request.at,
    )


def answered(ticket: Ticket, request: Request, tools: Tools) -> Ticket:
    """Look, and store what was found as the bot's answer. One that is answered already is left as it is."""
    corrections = ticket.about.get("corrections")
    said = tuple(map(str, corrections)) if isinstance(corrections, Sequence) else ()
    key = f"answer {len(said)}"
    if _made(ticket.number, key, tools):
        return shelf(tools).ticket(ticket.number)
    began = tools.clock()
    reading, hidden = understood(ticket.text, said, request, tools, _zone(ticket, request))
    half = half_answer(ticket, reading, hidden, request, tools)
    note = "" if half.helps else NOTHING
    at = (request.begun or request.at) + timedelta(seconds=tools.clock() - began)
    step = Step(Move.ANSWER, "gurumi", at, note, key=key)
    about = {**ticket.about, **_as_kept(reading)}
    return _stored(ticket, step, tools, told=_told(half, reading), about=about, clusters=reading.clusters)


def correct(ticket: Ticket, words: str, request: Request, tools: Tools) -> Ticket:
    """Take in what the ticket was meant to say, then look again."""
    corrections = ticket.about.get("corrections")
    before = list(corrections) if isinstance(corrections, Sequence) else []
    note = redact(words)
    step = Step(Move.CORRECT, request.asker.id, request.at, note, is_team(request, tools), f"correct {key_of(request)}")
    about = {**ticket.about, "corrections": [*before, note]}
    return answered(_stored(ticket, step, tools, about=about), request, tools)


def understood(
    text: str, corrections: Sequence[str], request: Request, tools: Tools, zone: tzinfo
) -> tuple[Reading, tuple[str, ...]]:
    """The reading with its corrections, over the clusters that the asker may ask about; and what it calls a cluster
    beside them. One that is hidden is told in the same words as one that is not there."""
    every = tools.fleet.clusters()
    people = {p for entry in every for p in (entry.owner, *entry.members) if p}

    def one(names: Sequence[str]) -> Reading:
        reading = read(text, now=request.at, zone=zone, clusters=names, people=people)
        for words in corrections:
            reading = _merged(reading, read(words, now=request.at, zone=zone, clusters=names, people=people))
        return reading

    full = one([e.name for e in every])
    seen = [e.name for e in every if any(tools.may_see(e, n) for n in ("", *full.namespaces))]
    if len(seen) == len(every):
        return full, ()
    said = "\n".join((text, *corrections)).lower()
    hidden = tuple(name for name in full.clusters if name not in seen and name.lower() in said)
    reading = one(seen)
    return replace(reading, workloads=tuple(name for name in reading.workloads if name not in hidden)), hidden


def _merged(reading: Reading, correction: Reading) -> Reading:
    """What a correction names stands in place of what was read before."""
    named: dict[str, object] = {name: value for name in _MERGED if (value := getattr(correction, name))}
    if {"clusters", "cluster_candidates", "unknown_clusters"} & set(named):
        named = {"clusters": (), "cluster_candidates": (), "unknown_clusters": (), **named}
    if {"workloads", "pods"} & set(named):
        named = {"workloads": (), "pods": (), "nodes": (), **named}
    return replace(reading, **named)  # type: ignore[arg-type]


def _as_kept(reading: Reading) -> Mapping[str, object]:
    data = as_data(reading)
    times = [{"from": w.start.isoformat(), "to": w.end.isoformat()} for w in reading.times]
    return {**{key: list(v) if isinstance(v, tuple) else v for key, v in data.items()}, "times": times}


def _told(half: Half, reading: Reading) -> Mapping[str, object]:
    return {
        "headline": plain(half.headline),
        "tone": half.tone.value,
        "understood": plain((fields(reading),)),
        "parts": plain(half.parts),
        "data": plain(half.data),
        "about": plain(half.about),
    }


def _topic(reading: Reading, topic: Topic) -> str:
    if reading.kind is Kind.QUESTION:
        return _POLICY
    return _REQUEST if reading.kind is Kind.REQUEST else topic.value


def _title(own: str, reading: Reading) -> str:
    """The first line that says something, else the first error."""
    lines = (line.strip(" \t*_`>-•") for line in own.split("\n"))
    said = [line for line in lines if len(line) > 7 and not line.lower().startswith("cluster:")]
    title = next(iter(said), "") or next(iter(reading.error_lines), "") or own.strip()
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"


def _zone(ticket: Ticket, request: Request) -> tzinfo:
    """The zone of whoever asked: another person may correct a ticket."""
    name = str(ticket.about.get("zone") or "")
    try:
        return ZoneInfo(name) if name else request.asker.zone
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return request.asker.zone
