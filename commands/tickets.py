"""A team's tickets: the board, one of them, and every move that it can make."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from commands.card import (
    CALL,
    PRIORITIES,
    STATES,
    as_data,
    called,
    card,
    history,
    is_late,
    topic_of,
)
from commands.command import Command, UsageError
from commands.dialogue import Answer, Bullets, Code, Notice, Offer, Part, Pick, Request, Table, Text, Tone
from commands.half_answer import readable
from commands.learning import helped, learned
from commands.paging import paged, refreshed, stamp
from commands.ticket_life import find, make, shelf
from commands.ticket_words import number_of, person_of, priority_of
from commands.tools import Tools
from knowledge.said import Said
from knowledge.tickets.life import Move, Priority, State, Ticket, Waiting

SHOWN = 30
MOST = 10_000
AT_HOME = 8
COMMAND = Command(
    name="tickets",
    takes="[words...]",
    says=Said("The board, one ticket, and its moves: show, take, done, reopen, merge, transfer, priority, watch."),
    example="tickets queue",
)
_USAGE = Said(
    "tickets [mine|queue|open|done|all] [cluster NAME] [late] · show|take|return|done|reopen|watch|unwatch N · "
    "merge N into M · transfer N to WHO · priority N urgent|high|normal|low · export csv|json"
)


def handle(request: Request, tools: Tools) -> Answer:
    words = request.args["words"].split()
    verb = words[0].lower() if words else ""
    if verb in _VERBS and (len(words) > 1 or verb not in _STATES):
        if len(words) < 2:
            raise UsageError(Said("{verb} needs a ticket's number: {usage}", verb=verb, usage=_USAGE))
        ticket = find(number_of(words[1]), request, tools)
        return _VERBS[verb](ticket, words[2:], request, tools)
    if verb == "export":
        return _export(words[1:], request, tools)
    return _board(_Filter.of(words), request, tools)


@dataclass(frozen=True)
class _Filter:
    """Which tickets a list holds."""

    view: str = "open"
    cluster: str = ""
    late: bool = False

    @staticmethod
    def of(words: Sequence[str]) -> "_Filter":
        chosen = _Filter()
        rest = iter(words)
        for word in rest:
            lower = word.lower()
            if lower in ("mine", "queue", "open", "done", "all"):
                chosen = replace(chosen, view=lower)
            elif lower == "late":
                chosen = replace(chosen, late=True)
            elif lower == "cluster" and (name := next(rest, "")):
                chosen = replace(chosen, cluster=name)
            else:
                raise UsageError(Said("tickets does not know {word}: {usage}", word=word, usage=_USAGE))
        return chosen


def queue(request: Request, tools: Tools) -> list[Ticket]:
    """Open tickets that wait for a person, what is due soonest first."""
    waiting = [t for t in _readable(_Filter(), request, tools) if t.waiting is Waiting.PERSON]
    return sorted(waiting, key=lambda t: (_RANK[t.priority], t.due or t.opened))


def mine(request: Request, tools: Tools) -> list[Ticket]:
    """Open tickets that somebody asked, watches or works on."""
    return _readable(_Filter("mine"), request, tools)


def home(request: Request, tools: Tools) -> tuple[Part, ...]:
    """What somebody's own page shows: their tickets, and the queue for those who work on tickets."""
    if tools.tickets is None:
        return ()
    asker = request.asker
    own = mine(request, tools)
    parts: list[Part] = []
    if own:
        parts += [Text(Said("Your tickets"), strong=True), *_listed(own, request.at)]
    if tools.desk.works_here(asker.id, asker.email, asker.groups):
        waiting = queue(request, tools)
        parts.append(Text(Said("The queue: {n:|ticket waits|tickets wait} for a person", n=len(waiting)), strong=True))
        parts += _listed(waiting, request.at)
    return tuple(parts)


def _listed(tickets: Sequence[Ticket], now: datetime) -> list[Part]:
    """One line a ticket, and a way to open each."""
    if not tickets:
        return []
    shown = tickets[:AT_HOME]
    told = tuple(
        Said("#{number} {title} ({state})", number=t.number, title=t.title, state=_standing(t, now)) for t in shown
    )
    offers = tuple(Offer(Said("#{number} {title}", number=t.number, title=t.title[:60]), f"tickets show {t.number}")
                   for t in shown)  # fmt: skip
    return [Bullets(told), Pick(Said("Open a ticket"), offers)]


def _standing(ticket: Ticket, now: datetime) -> Said:
    if ticket.due and is_late(ticket, now):
        return Said("{state}, late since {due}", state=STATES[ticket.state], due=ticket.due)
    if ticket.due:
        return Said("{state}, due {due}", state=STATES[ticket.state], due=ticket.due)
    return STATES[ticket.state]


def lines(tickets: Iterable[Ticket], now: datetime) -> Table:
    """A row a ticket."""
    columns = (Said("No."), Said("State"), Said("Priority"), Said("Due"), Said("Who"), Said("Title"))
    return Table(columns, tuple(_row(t, now) for t in tickets))


_RANK = {priority: rank for rank, priority in enumerate(Priority)}
_STATES = {
    "open": (State.REQUEST.value, State.IN_PROGRESS.value),
    "mine": (State.REQUEST.value, State.IN_PROGRESS.value),
    "queue": (State.REQUEST.value, State.IN_PROGRESS.value),
    "done": (State.DONE.value,),
    "all": (),
}


def _readable(chosen: _Filter, request: Request, tools: Tools, limit: int = MOST) -> list[Ticket]:
    person = request.asker.id if chosen.view == "mine" else ""
    found = shelf(tools).tickets(states=_STATES[chosen.view], person=person, cluster=chosen.cluster, limit=limit)
    entries = {entry.name: entry for entry in tools.fleet.clusters()} if any(t.clusters for t in found) else {}
    kept = [t for t in found if readable(t, request, tools, entries)]
    return [t for t in kept if is_late(t, request.at)] if chosen.late else kept


def _board(chosen: _Filter, request: Request, tools: Tools) -> Answer:
    found = queue(request, tools) if chosen.view == "queue" else _readable(chosen, request, tools)
    if chosen.view == "queue":
        found = [t for t in found if not chosen.cluster or chosen.cluster in t.clusters]
        found = [t for t in found if not chosen.late or is_late(t, request.at)]
    counts = {state: sum(t.state is state for t in found) for state in State}
    headline = Said(
        "{n:|ticket|tickets}: {request} requested, {progress} in progress, {done} done.",
        n=len(found),
        request=counts[State.REQUEST],
        progress=counts[State.IN_PROGRESS],
        done=counts[State.DONE],
    )
    if not found:
        return Answer(Said("No ticket fits."), Tone.INFO, data={"tickets": []})
    shown = found[:SHOWN] if chosen.view == "queue" else found[-SHOWN:]
    parts = [lines(shown, request.at)]
    more = [Text(Said("{n} more are not shown.", n=len(found) - len(shown)))] if len(found) > len(shown) else []
    offers = [Offer(Said("#{number}", number=t.number), f"tickets show {t.number}") for t in shown[:5]]
    return Answer(headline, Tone.INFO, (*parts, *more), tuple(offers), data={"tickets": [as_data(t) for t in found]})


def _row(ticket: Ticket, now: datetime) -> tuple[Said | str, ...]:
    due: Said | str = ""
    if ticket.open and ticket.due:
        due = Said("late since {due}", due=ticket.due) if is_late(ticket, now) else Said("{due}", due=ticket.due)
    who = called(ticket.assignee or ticket.asker, ticket)
    return (f"#{ticket.number}", STATES[ticket.state], PRIORITIES[ticket.priority], due, who, ticket.title)


def _export(words: Sequence[str], request: Request, tools: Tools) -> Answer:
    """Everything that the asker may read, as a file."""
    form = words[0].lower() if words else "csv"
    if form not in ("csv", "json") or len(words) > 1:
        raise UsageError(Said("An export is csv or json."))
    found = _readable(_Filter("all"), request, tools)
    rows = [as_data(t) for t in found]
    headline = Said("{n:|ticket|tickets}, as of {now}.", n=len(found), now=request.at)
    if form == "json":
        return Answer(headline, Tone.INFO, data={"tickets": rows}, private=True)
    return Answer(headline, Tone.INFO, (Code(_csv(rows), "tickets.csv"),), data={"csv": _csv(rows)}, private=True)


def _csv(rows: Sequence[Mapping[str, object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if rows:
        writer.writerow(rows[0])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return out.getvalue()


def _cell(value: object) -> str:
    """A value as a spreadsheet takes it; what it would take for a formula begins with a quote."""
    text = " ".join(value) if isinstance(value, tuple) else value.isoformat() if isinstance(value, datetime) else value
    said = "" if text is None else str(text)
    return f"'{said}" if said[:1] in ("=", "+", "-", "@", "\t") else said


def _show(ticket: Ticket, _words: Sequence[str], request: Request, tools: Tools) -> Answer:
    shown = card(ticket)
    steps = shelf(tools).ticket_steps(ticket.number)
    told = [{"at": s.at, "by": s.by, "move": s.move, "note": s.note} for s in steps]
    parts = (*shown.parts, history(ticket, steps))
    return replace(shown, parts=parts, topic="", data={**shown.data, "moves": told})


def _card(ticket: Ticket, _words: Sequence[str], _request: Request, _tools: Tools) -> Answer:
    return card(ticket)


def _simple(move: Move) -> "_Verb":
    def verb(ticket: Ticket, words: Sequence[str], request: Request, tools: Tools) -> Answer:
        if words:
            raise UsageError(Said("{word} is one word too many: {usage}", word=words[0], usage=_USAGE))
        return card(make(move, ticket, request, tools))

    return verb


def _not_yet(ticket: Ticket, _words: Sequence[str], request: Request, tools: Tools) -> Answer:
    """Asks the one thing that helps most, and offers a person."""
    after = make(Move.NOT_YET, ticket, request, tools)
    number = ticket.number
    missing = (
        Said("In which cluster is it, and which workload?")
        if not ticket.clusters
        else Said("What do you see now: which error line, since when?")
    )
    offers = (Offer(Said("Say more"), f"correct {number}"), Offer(CALL, f"tickets call {number}"))
    said = Answer(missing, Tone.ASK, (), offers, about={"ticket": str(number)}, data=as_data(after))
    return replace(said, notices=(refreshed(after),))


def _call(ticket: Ticket, _words: Sequence[str], request: Request, tools: Tools) -> Answer:
    """Page a person: the user group, the person or the webhook that the desk names."""
    after = make(Move.CALL, ticket, request, tools)
    receipt = f"call/{stamp(after.called)}" if after.called else "call"
    return replace(card(after), notices=tuple(paged(after, tools, Said("A person is asked for"), receipt)))


def _helped(ticket: Ticket, words: Sequence[str], request: Request, tools: Tools) -> Answer:
    shown = _simple(Move.HELPED)(ticket, words, request, tools)
    helped(ticket, tools, request.at)
    return shown


def _done(ticket: Ticket, words: Sequence[str], request: Request, tools: Tools) -> Answer:
    after = make(Move.DONE, ticket, request, tools, " ".join(words))
    shown = _taught(card(after), after, tools)
    if request.asker.id == ticket.asker:
        return shown
    number = ticket.number
    told = Answer(
        Said("{who} closed #{number}: {title}", who=request.asker.name or request.asker.id, number=number,
             title=ticket.title),
        Tone.CLEAN,
        (Text(Said("Solution: {resolution}", resolution=after.resolution)),) if after.resolution else (),
        (Offer(Said("Reopen"), f"tickets reopen {number}"),),
    )  # fmt: skip
    receipt = f"ticket/{number}/done/{after.version}"
    notice = Notice(f"topic:{topic_of(after)}", told, receipt, (ticket.asker,), ticket.language)
    return replace(shown, notices=(notice,))


def _taught(shown: Answer, ticket: Ticket, tools: Tools) -> Answer:
    """With the draft that the ticket's solution makes, for somebody to read."""
    entry = learned(ticket, tools)
    if entry is None:
        return shown
    told = Text(Said("A draft for the known issues was made of it: {id}", id=entry.issue.id))
    offer = Offer(Said("Read the draft"), f"drafts show {entry.issue.id}")
    return replace(shown, parts=(*shown.parts, told), offers=(*shown.offers, offer))


def _reopen(ticket: Ticket, words: Sequence[str], request: Request, tools: Tools) -> Answer:
    after = make(Move.REOPEN, ticket, request, tools, " ".join(words))
    if not after.assignee:
        return card(after)
    return card(after, paged(after, tools, Said("Reopened"), f"reopen/{after.reopened}"))


def _merge(ticket: Ticket, words: Sequence[str], request: Request, tools: Tools) -> Answer:
    rest = [word for word in words if word.lower() != "into"]
    if len(rest) != 1:
        raise UsageError(Said("Merge it into which? tickets merge 13 into 12"))
    main = find(number_of(rest[0]), request, tools)
    if main.number == ticket.number or main.merged_into:
        raise UsageError(Said("Ticket {number} cannot go into {other}.", number=ticket.number, other=main.number))
    after = make(Move.MERGE, ticket, request, tools, str(main.number))
    if main.open and ticket.asker != main.asker:
        main = make(Move.WATCH, main, request, tools, ticket.asker)
    return card(after, [refreshed(main)])


def _transfer(ticket: Ticket, words: Sequence[str], request: Request, tools: Tools) -> Answer:
    rest = [word for word in words if word.lower() != "to"]
    if len(rest) != 1:
        raise UsageError(Said("Whom? Write a person like @minji after it."))
    to = person_of(rest[0])
    if not tools.is_here(to):
        raise UsageError(Said("{who} has no account here any more.", who=to))
    after = make(Move.TRANSFER, ticket, request, tools, to)
    return card(after, paged(after, tools, Said("Handed over to you"), f"transfer/{after.version}"))


def _priority(ticket: Ticket, words: Sequence[str], request: Request, tools: Tools) -> Answer:
    return card(make(Move.PRIORITY, ticket, request, tools, priority_of(" ".join(words)).value))


_Verb = Callable[[Ticket, Sequence[str], Request, Tools], Answer]
_VERBS: Mapping[str, _Verb] = {
    "show": _show,
    "card": _card,
    "take": _simple(Move.TAKE),
    "return": _simple(Move.RETURN),
    "helped": _helped,
    "notyet": _not_yet,
    "call": _call,
    "done": _done,
    "reopen": _reopen,
    "merge": _merge,
    "transfer": _transfer,
    "priority": _priority,
    "watch": _simple(Move.WATCH),
    "unwatch": _simple(Move.UNWATCH),
}
