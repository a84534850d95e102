"""Who is called for a ticket, and in which words."""

from collections.abc import Iterator
from datetime import UTC, datetime

from commands.card import card, topic_of
from commands.dialogue import Answer, Notice, Offer, Tone
from commands.tools import Tools
from knowledge.said import Said
from knowledge.tickets.life import Ticket


def stamp(at: datetime) -> str:
    """An instant as a receipt names it: the same in whichever zone it is held."""
    return at.astimezone(UTC).isoformat()


def paged(ticket: Ticket, tools: Tools, why: Said, receipt: str) -> Iterator[Notice]:
    """Whoever works on it, else whom the desk calls: in the ticket's thread, or by the webhook."""
    call = ticket.assignee or tools.desk.call
    if not call:
        return
    headline = Said("{why}: #{number} {title}", why=why, number=ticket.number, title=ticket.title)
    offers = () if ticket.assignee else (Offer(Said("I take it"), f"tickets take {ticket.number}", primary=True),)
    told = Answer(headline, Tone.INFO, offers=offers, about={"ticket": str(ticket.number)})
    hook = call.startswith("https://")
    to = call if hook else f"topic:{topic_of(ticket)}"
    yield Notice(to, told, f"ticket/{ticket.number}/{receipt}", () if hook else (call,), ticket.language)


def refreshed(ticket: Ticket) -> Notice:
    """The ticket's one message is told anew, as it stands when it is delivered."""
    topic, number = topic_of(ticket), ticket.number
    receipt = f"ticket/{number}/card/{ticket.version}"
    return Notice(f"topic:{topic}", card(ticket), receipt, language=ticket.language, again=f"tickets card {number}")
