"""What closing a ticket teaches: a draft for the shelf, which a person reads before it counts."""

from collections.abc import Mapping
from datetime import datetime

from commands.tools import Shelf, Tools
from integrations.errors import Misconfigured
from knowledge.known_issue import KnownIssue
from knowledge.learning import Entry, EntryState, draft
from knowledge.said import Said
from knowledge.tickets.life import Ticket

BOT = "gurumi"


def shelf(tools: Tools) -> Shelf:
    """The entries that were made here. Raises Misconfigured where no database keeps them."""
    if tools.shelf is None:
        raise Misconfigured(
            "database",
            Said("Learned entries need a database."),
            Said("Set GURUMI_DATABASE_URL, then run `gurumi migrate`."),
        )
    return tools.shelf


def learned(ticket: Ticket, tools: Tools) -> Entry | None:
    """Keep a draft of what solved a ticket. ``None`` where nothing was said of it, or it was drafted already."""
    if tools.shelf is None or not ticket.resolution.strip() or ticket.ended is None:
        return None
    entry = Entry(_drafted(ticket, ticket.ended), EntryState.DRAFT, BOT, ticket.ended, ticket.number)
    return entry if tools.shelf.entry_draft(entry) else None


def helped(ticket: Ticket, tools: Tools, now: datetime) -> None:
    """Whoever asked said that the answer helped: so did the known issue that it told first."""
    first = _first(_data(ticket).get("known"))
    if tools.shelf is not None and first.get("id"):
        tools.shelf.issue_helped(str(first["id"]), now)


def _drafted(ticket: Ticket, ended: datetime) -> KnownIssue:
    """From the words of the ticket, and from the check that found something when it was answered. The cause is left to
    whoever reads it: what a cluster looked like then is no cause for all."""
    errors = ticket.about.get("error_lines")
    finding = _first(_data(ticket).get("findings"))
    return draft(
        ticket.title,
        ticket.text,
        ticket.resolution,
        number=ticket.number,
        on=ended.date(),
        detector=str(finding["id"]) if finding.get("id") else None,
        errors=[str(line) for line in errors] if isinstance(errors, list | tuple) else (),
        owner=ticket.assignee,
    )


def _data(ticket: Ticket) -> Mapping[str, object]:
    """What the ticket's answer said for programs."""
    data = ticket.told.get("data")
    return data if isinstance(data, Mapping) else {}


def _first(found: object) -> Mapping[str, object]:
    first = found[0] if isinstance(found, list | tuple) and found else {}
    return first if isinstance(first, Mapping) else {}
