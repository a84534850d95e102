"""A free question in somebody's own words."""

from commands.command import Command
from commands.dialogue import Answer, Request
from commands.form import Field, Form, Kind
from commands.inquiry import inquire
from commands.ticket_life import heard
from commands.tools import Tools
from knowledge.said import Said

COMMAND = Command(
    name="ask",
    takes="<question...>",
    says=Said("Ask in your own words why something restarts, does not start or cannot be reached."),
    example="ask why does checkout keep restarting?",
    slow=True,
    form=Form(
        Said("Ask Gurumi"),
        "ask {question}\n(cluster {cluster})",
        (
            Field(
                "question",
                Said("Your question"),
                Kind.LONG,
                Said("Which workload, what is wrong with it, and since when."),
            ),
            Field(
                "cluster",
                Said("Cluster"),
                Kind.SEARCH,
                Said("Left empty, I look in all of yours."),
                optional=True,
                among="clusters",
            ),
            Field(
                "where",
                Said("Where to answer"),
                Kind.WHERE,
                Said("Left empty, I write to you directly."),
                optional=True,
            ),
        ),
        Said("Ask"),
    ),
)


def handle(request: Request, tools: Tools) -> Answer:
    heard(request, tools)
    return inquire(request, tools)
