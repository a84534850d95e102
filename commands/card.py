"""A ticket told: the one message that is edited through its life, with its state and the moves that are open to it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from commands.dialogue import Answer, Bullets, Context, Notice, Offer, Part, Text, Tone
from commands.kept import said, told, values
from knowledge.said import Said
from knowledge.tickets.life import Move, Priority, Solved, State, Step, Ticket, Waiting

STATES = {
    State.REQUEST: Said("request"),
    State.IN_PROGRESS: Said("in progress"),
    State.DONE: Said("done"),
}
PRIORITIES = {
    Priority.URGENT: Said("urgent"),
    Priority.HIGH: Said("high"),
    Priority.NORMAL: Said("normal"),
    Priority.LOW: Said("low"),
}
TOPICS = {
    "restart": Said("restarts"),
    "missing": Said("something is gone"),
    "not starting": Said("does not start"),
    "unreachable": Said("cannot be reached"),
    "slow": Said("slow"),
    "errors": Said("errors"),
    "rollout": Said("rollouts"),
    "storage": Said("storage"),
    "certificate": Said("certificates"),
    "scaling": Said("scaling"),
    "node": Said("nodes"),
    "health": Said("health"),
    "log": Said("logs"),
    "other": Said("other"),
    "policy": Said("policy"),
    "request": Said("requests"),
}
_ENDS = {
    Solved.BOT: Said("The answer helped."),
    Solved.PERSON: Said("A person helped."),
    Solved.ASKER: Said("Closed by whoever asked."),
    Solved.SILENT: Said("Closed, because nobody said anything for long."),
}
_MOVES = {
    Move.OPEN: Said("opened"),
    Move.ANSWER: Said("answered by the bot"),
    Move.CORRECT: Said("corrected"),
    Move.HELPED: Said("the answer helped"),
    Move.NOT_YET: Said("not solved yet"),
    Move.CALL: Said("a person was called"),
    Move.TAKE: Said("taken"),
    Move.TRANSFER: Said("handed over"),
    Move.RETURN: Said("put back"),
    Move.REPLY: Said("replied"),
    Move.PRIORITY: Said("priority changed"),
    Move.WATCH: Said("watched"),
    Move.UNWATCH: Said("not watched any more"),
    Move.DONE: Said("closed"),
    Move.REOPEN: Said("reopened"),
    Move.MERGE: Said("merged"),
    Move.EXPIRE: Said("closed for silence"),
}
HELPED = Said("That helped")
NOT_YET = Said("Not yet")
CALL = Said("Call a person")


def topic_of(ticket: Ticket) -> str:
    """The name of the one message that tells this ticket."""
    return f"ticket/{ticket.number}"


def card(ticket: Ticket, notices: Iterable[Notice] = ()) -> Answer:
    """The ticket with what was found, as its one message tells it."""
    found = said(ticket.told.get("headline")) or Said("{title}", title=ticket.title)
    tone = Tone.CLEAN if not ticket.open else Tone(str(ticket.told.get("tone") or Tone.INFO.value))
    parts: list[Part] = [_state(ticket)]
    if not ticket.open:
        parts += _end(ticket)
    parts += told(ticket.told.get("understood"))
    parts += told(ticket.told.get("parts"))
    return Answer(
        Said("#{number} {claim}", number=ticket.number, claim=found),
        tone,
        tuple(parts),
        tuple(_offers(ticket)),
        tuple(notices),
        data={**values(ticket.told.get("data")), **as_data(ticket)},
        topic=topic_of(ticket),
        about={**_about(ticket), "ticket": str(ticket.number)},
    )


def as_data(ticket: Ticket) -> Mapping[str, object]:
    """A ticket for programs; everything is always there."""
    return {
        "number": ticket.number,
        "state": ticket.state,
        "waiting": ticket.waiting,
        "kind": ticket.kind,
        "topic": ticket.topic,
        "title": ticket.title,
        "asker": ticket.asker,
        "assignee": ticket.assignee,
        "watchers": ticket.watchers,
        "priority": ticket.priority,
        "clusters": ticket.clusters,
        "opened": ticket.opened,
        "answered": ticket.answered,
        "called": ticket.called,
        "taken": ticket.taken,
        "due": ticket.due,
        "ended": ticket.ended,
        "solved": ticket.solved,
        "rounds": ticket.rounds,
        "reopened": ticket.reopened,
        "merged_into": ticket.merged_into,
        "resolution": ticket.resolution,
    }


def history(ticket: Ticket, steps: Iterable[Step]) -> Part:
    """Every move, the oldest first."""
    lines = tuple(
        Said("{at}: {what} ({who}) {note}", at=s.at, what=_MOVES[s.move], who=called(s.by, ticket), note=s.note)
        if s.note
        else Said("{at}: {what} ({who})", at=s.at, what=_MOVES[s.move], who=called(s.by, ticket))
        for s in steps
    )
    return Bullets(lines, Said("What happened to it"))


def is_late(ticket: Ticket, now: datetime) -> bool:
    return ticket.open and ticket.due is not None and ticket.due <= now


def called(person: str, ticket: Ticket) -> str:
    """What somebody is called, as far as it is known."""
    if person == ticket.asker:
        return ticket.asker_name or person
    people = ticket.about.get("people")
    return str(people.get(person) or person) if isinstance(people, Mapping) else person


def _state(ticket: Ticket) -> Context:
    items: list[Said | str] = [STATES[ticket.state]]
    items.append(Said("asked by {who}", who=called(ticket.asker, ticket)))
    if ticket.assignee:
        items.append(Said("{who} works on it", who=called(ticket.assignee, ticket)))
    if ticket.priority is not Priority.NORMAL:
        items.append(Said("priority {priority}", priority=PRIORITIES[ticket.priority]))
    if ticket.called and not ticket.assignee:
        items.append(Said("a person was called"))
    if ticket.open and ticket.waiting is Waiting.PERSON and ticket.due:
        items.append(Said("due {due}", due=ticket.due))
    if ticket.watchers:
        items.append(Said("watched by {who}", who=", ".join(called(w, ticket) for w in ticket.watchers)))
    if ticket.reopened:
        items.append(Said("reopened {n:|time|times}", n=ticket.reopened))
    return Context(tuple(items))


def _end(ticket: Ticket) -> list[Part]:
    if ticket.solved is Solved.MERGED:
        return [Text(Said("It goes on as ticket {number}.", number=ticket.merged_into or 0))]
    ends: list[Part] = [Text(_ENDS[ticket.solved])] if ticket.solved in _ENDS else []
    if ticket.resolution:
        ends.append(Text(Said("Solution: {resolution}", resolution=ticket.resolution)))
    return ends


def _offers(ticket: Ticket) -> Iterable[Offer]:
    number = ticket.number
    if not ticket.open:
        if ticket.solved is not Solved.MERGED:
            yield Offer(Said("Reopen"), f"tickets reopen {number}")
        return
    yield Offer(HELPED, f"tickets helped {number}", primary=True)
    if ticket.waiting is Waiting.ASKER:
        yield Offer(NOT_YET, f"tickets notyet {number}")
    if not ticket.called and not ticket.assignee:
        yield Offer(CALL, f"tickets call {number}")
    yield Offer(Said("Correct"), f"correct {number}")
    if ticket.assignee:
        yield Offer(Said("Done"), f"tickets done {number}", aside=True)
        yield Offer(Said("Put back"), f"tickets return {number}", aside=True)
    else:
        yield Offer(Said("I take it"), f"tickets take {number}", aside=True)


def _about(ticket: Ticket) -> Mapping[str, str]:
    return {name: str(value) for name, value in values(ticket.told.get("about")).items()}
