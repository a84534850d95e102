"""Opening a ticket: in somebody's own words, or by the form. It is half answered at once."""

from commands.card import card
from commands.command import Command, UsageError
from commands.dialogue import Answer, Offer, Request, Text, Tone
from commands.form import Field, Form, Kind
from commands.ticket_life import TWICE_WITHIN, answered, draft, key_of, shelf
from commands.tools import Tools
from knowledge.said import Said
from knowledge.tickets.life import Move, Step, Ticket

LONGEST = 40_000

_FORM = Form(
    Said("A ticket"),
    "\n".join(
        (
            "ticket",
            "Target cluster: {cluster}",
            "User account: {account}",
            "When: {when}",
            "What: {what}",
            "How: {how}",
            "Expectation: {expectation}",
        )
    ),
    (
        Field("cluster", Said("Target cluster"), Kind.SEARCH, optional=True, among="clusters"),
        Field("account", Said("User account"), optional=True),
        Field("when", Said("When"), hint=Said("05:12 am, yesterday evening, since the deploy at 3 pm"), optional=True),
        Field("what", Said("What happens"), Kind.LONG, hint=Said("Error lines and kubectl output help most.")),
        Field("how", Said("How it can be seen again"), Kind.LONG, optional=True),
        Field("expectation", Said("What you expect"), Kind.LONG, optional=True),
        Field("where", Said("Where it is answered"), Kind.WHERE, optional=True),
    ),
    Said("Open"),
    Said("It is half answered within a minute; a person is called only when you ask for one, or when it is due."),
)

COMMAND = Command(
    name="ticket",
    takes="[text...]",
    says=Said("Open a ticket: what happens, where and since when. It is half answered at once."),
    example="ticket checkout in shop-prod restarts since 05:12",
    slow=True,
    form=_FORM,
)


def handle(request: Request, tools: Tools) -> Answer:
    text = _text(request)
    if not text:
        raise UsageError(Said("A ticket needs a text: what happens, in which cluster, since when?"))
    tickets = shelf(tools)
    twin = tickets.ticket_twin(text, request.asker.id, request.at - TWICE_WITHIN)
    if twin and twin.key != key_of(request):
        return _again(twin)
    new = draft(text, request, tools)
    ticket, _ = tickets.ticket_open(new, Step(Move.OPEN, new.asker, new.opened, key="open"))
    return card(answered(ticket, request, tools))


def _text(request: Request) -> str:
    """The text with its lines: the words after the command's name."""
    words = request.words.strip()
    first = words.split(maxsplit=1)[0] if words else ""
    rest = words[len(first) :] if first.lower() == COMMAND.name else words
    return rest.strip()[:LONGEST]


def _again(ticket: Ticket) -> Answer:
    """The same text by the same person, while the first is open."""
    return Answer(
        Said("You asked this already: it is ticket {number}.", number=ticket.number),
        Tone.INFO,
        (Text(Said("{title}", title=ticket.title)),),
        (Offer(Said("Show it"), f"tickets show {ticket.number}"),),
        data={"number": ticket.number, "twin": True},
        about={"ticket": str(ticket.number)},
    )
