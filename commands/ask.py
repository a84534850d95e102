"""A free question in somebody's own words."""

from commands.command import Command
from commands.dialogue import Answer, Request
from commands.inquiry import inquire
from commands.tools import Tools
from knowledge.said import Said

COMMAND = Command(
    name="ask",
    takes="<question...>",
    says=Said("Ask in your own words why something restarts, does not start or cannot be reached."),
    example="ask why does checkout keep restarting?",
    slow=True,
)


def handle(request: Request, tools: Tools) -> Answer:
    return inquire(request, tools)
