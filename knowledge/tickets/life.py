"""A ticket's life: what it is, which moves there are, who may make them, and what it is after one. Pure.

request → in progress → done, as on a team's board. A move that makes no sense is refused in words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from knowledge.reading.ticket_asks import Kind
from knowledge.said import Said

if TYPE_CHECKING:
    from knowledge.tickets.desk import Desk


class State(StrEnum):
    """A column of the board."""

    REQUEST = "request"
    IN_PROGRESS = "in progress"
    DONE = "done"


class Priority(StrEnum):
    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Waiting(StrEnum):
    """Whose turn it is. ASKER: an answer or a question stands there. PERSON: somebody of the team. NOBODY: done."""

    ASKER = "asker"
    PERSON = "person"
    NOBODY = "nobody"


class Solved(StrEnum):
    """How it ended. BOT: the asker confirmed the bot's answer and no person had a hand in it. PERSON: one had.
    ASKER: closed by whoever asked, without a word on the answer. SILENT: nobody said anything for long."""

    NOT = ""
    BOT = "bot"
    PERSON = "person"
    ASKER = "asker"
    SILENT = "silent"
    MERGED = "merged"


class Move(StrEnum):
    """What happens to a ticket. Each is kept for good, with who made it and when."""

    OPEN = "open"
    ANSWER = "answer"
    CORRECT = "correct"
    HELPED = "helped"
    NOT_YET = "not yet"
    CALL = "call"
    TAKE = "take"
    TRANSFER = "transfer"
    RETURN = "return"
    REPLY = "reply"
    PRIORITY = "priority"
    WATCH = "watch"
    UNWATCH = "unwatch"
    DONE = "done"
    REOPEN = "reopen"
    MERGE = "merge"
    EXPIRE = "expire"


@dataclass(frozen=True)
class Step:
    """One move as it is kept. ``team``: made by somebody who works on tickets. ``note``: the word that came with it: an
    assignee, a priority, a resolution, a number. ``key``: what asked for it, so that it is made once."""

    move: Move
    by: str
    at: datetime
    note: str = ""
    team: bool = False
    key: str = ""


@dataclass(frozen=True)
class Ticket:
    """One ticket as it stands. ``key``: what opened it, so that the same post opens one. ``about``: the reading as
    plain values. ``rounds``: how often its asker had to say more. ``by_person``: somebody of the team
    had a hand in it. ``turn``: since when it is the turn of whom it waits for. ``told``: what the bot found, as plain
    data to be told again. ``version`` counts its moves."""

    number: int
    key: str
    asker: str
    asker_name: str
    language: str
    kind: Kind
    topic: str
    title: str
    text: str
    opened: datetime
    clusters: tuple[str, ...] = ()
    about: Mapping[str, object] = field(default_factory=dict)
    channel: str = ""
    thread: str = ""
    direct: bool = False
    state: State = State.REQUEST
    waiting: Waiting = Waiting.PERSON
    priority: Priority = Priority.NORMAL
    assignee: str = ""
    watchers: tuple[str, ...] = ()
    answered: datetime | None = None
    by_person: bool = False
    rounds: int = 0
    called: datetime | None = None
    taken: datetime | None = None
    ended: datetime | None = None
    solved: Solved = Solved.NOT
    resolution: str = ""
    merged_into: int | None = None
    reopened: int = 0
    due: datetime | None = None
    turn: datetime | None = None
    told: Mapping[str, object] = field(default_factory=dict)
    version: int = 0

    @property
    def open(self) -> bool:
        return self.state is not State.DONE

    def concerns(self, person: str) -> bool:
        """Whether it is somebody's own: asked, watched or worked on by them."""
        return bool(person) and person in (self.asker, self.assignee, *self.watchers)


class Refused(Exception):
    """The move makes no sense, or is not this person's to make."""

    def __init__(self, says: Said) -> None:
        super().__init__(str(says))
        self.says = says


NOTHING = "nothing"
"""The note of an answer that has nothing to say."""

_ASKERS = frozenset({Move.HELPED, Move.NOT_YET})
_ENDED = frozenset({Move.REOPEN, Move.WATCH, Move.UNWATCH, Move.REPLY})
"""Moves that a ticket may make that is done."""

_TURNS = frozenset({Move.ANSWER, Move.CORRECT, Move.NOT_YET, Move.CALL, Move.REPLY, Move.REOPEN, Move.TRANSFER})
"""Moves after which whoever has the turn has it anew."""

_ANYBODY = frozenset({Move.WATCH, Move.UNWATCH, Move.REPLY, Move.OPEN, Move.ANSWER, Move.EXPIRE})


def moved(ticket: Ticket, step: Step, desk: "Desk") -> Ticket:
    """The ticket after a move. Raises Refused."""
    _allowed(ticket, step, bool(desk.team))
    after = _after(ticket, step, desk)
    turn = step.at if after.waiting is not ticket.waiting or step.move in _TURNS else ticket.turn
    return replace(after, turn=turn, version=ticket.version + 1)


def _allowed(ticket: Ticket, step: Step, closed_team: bool) -> None:
    move, own = step.move, step.by == ticket.asker
    if not ticket.open and move not in _ENDED:
        raise Refused(Said("Ticket {number} is done. To go on with it, reopen it.", number=ticket.number))
    if ticket.open and move is Move.REOPEN:
        raise Refused(Said("Ticket {number} is open.", number=ticket.number))
    if ticket.solved is Solved.MERGED and move is Move.REOPEN:
        raise Refused(
            Said("Ticket {number} is part of {other}.", number=ticket.number, other=str(ticket.merged_into or ""))
        )
    if move in _ASKERS and not own:
        raise Refused(Said("Only whoever asked can say so."))
    if closed_team and move not in _ANYBODY and not step.team and not (own and move is not Move.TAKE):
        raise Refused(Said("That is for {team} to do.", team=Said("those who work on tickets")))


def _after(ticket: Ticket, step: Step, desk: "Desk") -> Ticket:
    at, own = step.at, step.by == ticket.asker
    match step.move:
        case Move.ANSWER:
            return _answered(ticket, step, desk)
        case Move.CORRECT:
            return replace(ticket, rounds=ticket.rounds + own)
        case Move.HELPED:
            return _ended(ticket, at, Solved.PERSON if ticket.by_person else Solved.BOT, ticket.resolution)
        case Move.NOT_YET:
            waiting = Waiting.PERSON if ticket.assignee else Waiting.ASKER
            return replace(ticket, waiting=waiting, rounds=ticket.rounds + 1)
        case Move.CALL:
            return _for_a_person(replace(ticket, called=ticket.called or at), at, desk)
        case Move.TAKE | Move.TRANSFER:
            return _worked_on(ticket, step, desk)
        case Move.REPLY:
            return _replied(ticket, step, desk)
        case Move.PRIORITY:
            changed = replace(ticket, priority=Priority(step.note))
            return replace(changed, due=_due(changed, ticket.turn or at, desk)) if ticket.due else changed
        case Move.WATCH:
            return replace(ticket, watchers=tuple(dict.fromkeys((*ticket.watchers, step.note or step.by))))
        case Move.UNWATCH:
            return replace(ticket, watchers=tuple(w for w in ticket.watchers if w != (step.note or step.by)))
        case Move.DONE:
            solved = Solved.PERSON if ticket.by_person or not own else Solved.ASKER
            return _ended(ticket, at, solved, step.note or ticket.resolution)
        case Move.EXPIRE:
            return _ended(ticket, at, Solved.SILENT, ticket.resolution)
        case Move.REOPEN:
            state = State.IN_PROGRESS if ticket.assignee else State.REQUEST
            again = replace(
                ticket, state=state, ended=None, solved=Solved.NOT, called=None, reopened=ticket.reopened + 1
            )
            return _for_a_person(again, at, desk)
        case Move.RETURN:
            back = replace(ticket, state=State.REQUEST, assignee="", taken=None, due=None)
            return _for_a_person(back, at, desk)
        case Move.MERGE:
            return replace(_ended(ticket, at, Solved.MERGED, ""), merged_into=int(step.note))
        case Move.OPEN:
            return ticket


def _ended(ticket: Ticket, at: datetime, solved: Solved, resolution: str) -> Ticket:
    return replace(
        ticket, state=State.DONE, waiting=Waiting.NOBODY, ended=at, solved=solved, resolution=resolution, due=None
    )


def _for_a_person(ticket: Ticket, at: datetime, desk: "Desk") -> Ticket:
    """It is a person's turn now, and there is a time until when."""
    waiting = replace(ticket, waiting=Waiting.PERSON)
    return replace(waiting, due=ticket.due if ticket.due and ticket.due > at else _due(waiting, at, desk))


def _due(ticket: Ticket, at: datetime, desk: "Desk") -> datetime:
    if ticket.assignee:
        return desk.solve_by(ticket.priority, ticket.taken or at)
    return desk.take_by(ticket.priority, ticket.called or at)


def _answered(ticket: Ticket, step: Step, desk: "Desk") -> Ticket:
    """The bot told what it can. What nobody but a person can do, and what nothing is known of, stays with one."""
    told = replace(ticket, answered=ticket.answered or step.at)
    if ticket.assignee or ticket.called or ticket.kind is Kind.REQUEST or step.note == NOTHING:
        return _for_a_person(told, step.at, desk)
    return replace(told, waiting=Waiting.ASKER)


def _worked_on(ticket: Ticket, step: Step, desk: "Desk") -> Ticket:
    taker = step.note or step.by
    taken = replace(
        ticket,
        state=State.IN_PROGRESS,
        waiting=Waiting.PERSON,
        assignee=taker,
        taken=ticket.taken or step.at,
        by_person=ticket.by_person or taker != ticket.asker,
    )
    return replace(taken, due=_due(taken, step.at, desk))


def _replied(ticket: Ticket, step: Step, desk: "Desk") -> Ticket:
    """The asker's word makes it a person's turn where one is at it; a person's word is an answer."""
    if step.by == ticket.asker:
        at_it = ticket.open and (ticket.assignee or ticket.called)
        return _for_a_person(ticket, step.at, desk) if at_it else ticket
    if not step.team and step.by != ticket.assignee:
        return ticket
    answered = replace(ticket, answered=ticket.answered or step.at, by_person=True)
    return replace(answered, waiting=Waiting.ASKER) if ticket.open else answered
