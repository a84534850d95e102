"""A word in a ticket's thread that is addressed to nobody: it is noted, and answered where its asker asks on."""

import re

from commands.command import Command
from commands.dialogue import Answer, Request, Tone
from commands.inquiry import inquire
from commands.ticket_life import heard
from commands.tools import Tools
from knowledge.said import Said

COMMAND = Command(
    name="reply",
    takes="<text...>",
    says=Said("Say something in a ticket's thread; the bot answers when its asker asks on."),
    slow=True,
)
_ASKS = re.compile(r"[?？]|(?:나요|까요|인가요|건가요|는지요)[.\s]*\Z")


def handle(request: Request, tools: Tools) -> Answer:
    ticket = heard(request, tools)
    asks_the_bot = (
        ticket is not None
        and ticket.asker == request.asker.id
        and ticket.open
        and not (ticket.by_person or ticket.called)
        and _ASKS.search(request.args["text"])
    )
    if not asks_the_bot:
        return Answer(Said("Noted."), Tone.INFO, silent=True)
    return inquire(request.fitted({"question": request.args["text"]}), tools)
