"""A word in a ticket's thread that is addressed to nobody: it is noted, and answered where its asker asks on."""

import re

from commands.command import Command
from commands.dialogue import Answer, Request, Tone
from commands.inquiry import inquire
from commands.ticket_life import is_team, make, shelf
from commands.tools import Tools
from integrations.errors import Denied, NotFound
from knowledge.said import Said
from knowledge.tickets.life import Move, Ticket

COMMAND = Command(
    name="reply",
    takes="<text...>",
    says=Said("Say something in a ticket's thread; the bot answers when its asker asks on."),
    slow=True,
)
_ASKS = re.compile(r"[?？]|(?:나요|까요|인가요|건가요|는지요)[.\s]*\Z")
_NOTHING = Answer(Said("Noted."), Tone.INFO, silent=True)


def handle(request: Request, tools: Tools) -> Answer:
    ticket = _about(request, tools)
    if ticket is None:
        return _NOTHING
    own = request.asker.id == ticket.asker
    if not own and not is_team(request, tools) and request.asker.id != ticket.assignee:
        return _NOTHING
    try:
        after = make(Move.REPLY, ticket, request, tools)
    except Denied:
        return _NOTHING
    asks_the_bot = own and after.open and not (after.by_person or after.called)
    if not asks_the_bot or not _ASKS.search(request.args["text"]):
        return _NOTHING
    return inquire(request.fitted({"question": request.args["text"]}), tools)


def _about(request: Request, tools: Tools) -> Ticket | None:
    """The ticket of this thread; whoever can write there can read it."""
    number = request.context.get("ticket", "")
    if not number.isdecimal() or tools.tickets is None:
        return None
    try:
        return shelf(tools).ticket(int(number))
    except NotFound:
        return None
