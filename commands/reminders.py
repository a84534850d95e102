"""The round of the tickets: what is due is called for, who went silent is reminded, and at last it is closed.

A job of the clock. It posts nothing itself; each reminder has a receipt that names what is due and since when.
"""

from collections.abc import Iterator

from commands.card import CALL, HELPED, NOT_YET, called, is_late, topic_of
from commands.command import Command, Role
from commands.dialogue import Answer, Notice, Offer, Request, Tone
from commands.paging import paged, refreshed, stamp
from commands.ticket_life import make, shelf
from commands.tools import Tools
from integrations.errors import Denied
from knowledge.said import Said
from knowledge.tickets.life import Move, Priority, State, Ticket, Waiting

COMMAND = Command(
    name="reminders",
    says=Said("Remind of tickets that are due or that nobody answers; the clock asks this every few minutes."),
    role=Role.ADMIN,
    schedule="*/5 * * * *",
    example="reminders",
)
_OPEN = (State.REQUEST.value, State.IN_PROGRESS.value)
MOST = 10_000


def handle(request: Request, tools: Tools) -> Answer:
    if tools.tickets is None:
        return Answer(Said("Tickets need a database."), Tone.INFO)
    notices = tuple(n for t in shelf(tools).tickets(states=_OPEN, limit=MOST) for n in _of(t, request, tools))
    return Answer(Said("{n:|reminder|reminders}.", n=len(notices)), Tone.INFO, notices=notices)


def _of(ticket: Ticket, request: Request, tools: Tools) -> Iterator[Notice]:
    try:
        if ticket.assignee and not tools.is_here(ticket.assignee):
            yield from _left(ticket, request, tools)
        elif ticket.waiting is Waiting.PERSON:
            yield from _due(ticket, request, tools)
        elif ticket.waiting is Waiting.ASKER:
            yield from _silent(ticket, request, tools)
    except Denied:  # somebody moved it meanwhile
        return


def _left(ticket: Ticket, request: Request, tools: Tools) -> Iterator[Notice]:
    """Whoever worked on it has no account any more: it goes back into the queue."""
    after = make(Move.RETURN, ticket, request, tools, ticket.assignee)
    yield refreshed(after)
    yield from paged(after, tools, Said("{who} has left; somebody else is needed", who=called(ticket.assignee, ticket)),
                     f"left/{ticket.assignee}")  # fmt: skip


def _due(ticket: Ticket, request: Request, tools: Tools) -> Iterator[Notice]:
    """Outside working hours only what is urgent calls somebody."""
    if not is_late(ticket, request.at) or ticket.due is None:
        return
    if tools.desk.calendar.works_at(request.at) or ticket.priority is Priority.URGENT:
        yield from paged(ticket, tools, Said("Due since {due}", due=ticket.due), f"due/{stamp(ticket.due)}")


def _silent(ticket: Ticket, request: Request, tools: Tools) -> Iterator[Notice]:
    """The answer stands there and nobody says whether it helped."""
    desk = tools.desk
    since = ticket.turn or ticket.opened
    silence = desk.calendar.worked(since, request.at)
    if silence >= desk.close_after:
        yield refreshed(make(Move.EXPIRE, ticket, request, tools))
        return
    passed = [n for n, after in enumerate(desk.remind_after) if silence >= after]
    if passed and desk.calendar.works_at(request.at):
        number = ticket.number
        offers = (
            Offer(HELPED, f"tickets helped {number}", primary=True),
            Offer(NOT_YET, f"tickets notyet {number}"),
            Offer(CALL, f"tickets call {number}"),
        )
        asked = Answer(Said("Did that help? #{number} {title}", number=number, title=ticket.title), Tone.ASK,
                       offers=offers, about={"ticket": str(number)})  # fmt: skip
        receipt = f"ticket/{number}/silent/{stamp(since)}/{passed[-1]}"
        yield Notice(f"topic:{topic_of(ticket)}", asked, receipt, (ticket.asker,), ticket.language)
