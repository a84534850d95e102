"""What a ticket was meant to say: its named parts are replaced, and it is looked at again."""

from commands.card import card
from commands.command import Command
from commands.dialogue import Answer, Request
from commands.ticket_life import correct, find
from commands.ticket_words import number_of
from commands.tools import Tools
from knowledge.said import Said

COMMAND = Command(
    name="correct",
    takes="<number> <correction...>",
    says=Said("Correct what a ticket was understood to say: another cluster, workload or time."),
    slow=True,
)


def handle(request: Request, tools: Tools) -> Answer:
    ticket = find(number_of(request.args["number"]), request, tools)
    return card(correct(ticket, request.args["correction"], request, tools))
