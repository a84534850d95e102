"""Tickets: opened once, moved one step at a time, found again. Each step is one transaction with its move beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select, update

from integrations.errors import Conflict, NotFound
from integrations.store.database import Database
from integrations.store.tables import MOVES, TERMS, TICKETS
from knowledge.reading.ticket_asks import Kind
from knowledge.said import Said
from knowledge.secrets.redaction import redact
from knowledge.tickets.alike import RARE, Candidate, digest, likest, rarest, terms
from knowledge.tickets.life import Move, Priority, Solved, State, Step, Ticket, Waiting

_ANSWERED = (Solved.BOT.value, Solved.PERSON.value, Solved.ASKER.value)
_MOST_ALIKE = 400


class Tickets(Database):
    """The tickets. What is stored of their words holds no secret."""

    def ticket_open(self, draft: Ticket, step: Step) -> tuple[Ticket, bool]:
        """Store a new ticket; its number is given here. The one that is there already where its key is known, and
        whether it is new."""
        clean = replace(draft, text=redact(draft.text), title=redact(draft.title), version=1)
        with self._write() as connection:
            values = _values(clean) | {"digest": digest(clean.text)}
            new = self._insert(TICKETS).values(values).on_conflict_do_nothing(index_elements=["key"])
            number = connection.execute(new.returning(TICKETS.c.number)).scalar()
            if number is None:
                row = connection.execute(select(TICKETS).where(TICKETS.c.key == draft.key)).one()
                return _ticket(row), False
            _keep(connection, int(number), step)
            self._found_by(connection, int(number), clean.text)
        return replace(clean, number=int(number)), True

    def ticket_move(self, after: Ticket, step: Step) -> Ticket:
        """Store a ticket after one move. The same move asked again changes nothing. Raises Conflict when the ticket
        moved meanwhile: look again and decide anew."""
        with self._write() as connection:
            again = select(MOVES.c.seq).where(MOVES.c.ticket == after.number, MOVES.c.key == step.key)
            if connection.execute(again).first() is not None:
                return _ticket(connection.execute(_one(after.number)).one())
            clean = replace(after, resolution=redact(after.resolution))
            mine = and_(TICKETS.c.number == after.number, TICKETS.c.version == after.version - 1)
            values = {k: v for k, v in _values(clean).items() if k != "key"}
            if not connection.execute(update(TICKETS).where(mine).values(values)).rowcount:
                raise Conflict("database", Said("Ticket {number} changed meanwhile.", number=after.number))
            _keep(connection, after.number, step)
            if step.move in (Move.DONE, Move.HELPED) and clean.resolution:
                self._found_by(connection, after.number, clean.resolution)
        return clean

    def ticket(self, number: int) -> Ticket:
        """One ticket. Raises NotFound."""
        with self._read() as connection:
            row = connection.execute(_one(number)).first()
        if row is None:
            raise NotFound("database", Said("There is no ticket {number}.", number=number))
        return _ticket(row)

    def ticket_by_key(self, key: str) -> Ticket | None:
        """The ticket that a post opened."""
        return self._first(select(TICKETS).where(TICKETS.c.key == key))

    def ticket_in(self, channel: str, thread: str) -> Ticket | None:
        """The newest ticket that a thread is about."""
        there = (TICKETS.c.channel == channel, TICKETS.c.thread == thread)
        return self._first(select(TICKETS).where(*there).order_by(TICKETS.c.number.desc()).limit(1))

    def ticket_twin(self, text: str, asker: str, since: datetime) -> Ticket | None:
        """The open ticket that the same person posted in the same words before."""
        same = (TICKETS.c.digest == digest(redact(text)), TICKETS.c.asker == asker, TICKETS.c.opened >= since)
        waits = TICKETS.c.state != State.DONE.value
        return self._first(select(TICKETS).where(*same, waits).order_by(TICKETS.c.number).limit(1))

    def tickets(
        self,
        *,
        states: Sequence[str] = (),
        person: str = "",
        cluster: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 1000,
    ) -> Sequence[Ticket]:
        """Tickets that fit, the oldest first. ``person``: asked, watched or worked on by them."""
        wanted = select(TICKETS)
        if states:
            wanted = wanted.where(TICKETS.c.state.in_(states))
        if person:
            watched = TICKETS.c.watchers.contains(f",{person},", autoescape=True)
            wanted = wanted.where(or_(TICKETS.c.asker == person, TICKETS.c.assignee == person, watched))
        if cluster:
            wanted = wanted.where(TICKETS.c.clusters.contains(f",{cluster},", autoescape=True))
        if since:
            wanted = wanted.where(TICKETS.c.opened >= since)
        if until:
            wanted = wanted.where(TICKETS.c.opened < until)
        with self._read() as connection:
            newest = connection.execute(wanted.order_by(TICKETS.c.number.desc()).limit(limit)).all()
        return [_ticket(row) for row in reversed(newest)]

    def ticket_steps(self, number: int) -> Sequence[Step]:
        """Every move of a ticket, the oldest first."""
        with self._read() as connection:
            rows = connection.execute(select(MOVES).where(MOVES.c.ticket == number).order_by(MOVES.c.seq)).all()
        return [Step(Move(r.move), r.by, r.at, r.note, r.team, r.key) for r in rows]

    def tickets_alike(self, text: str, besides: int) -> Sequence[tuple[Ticket, float]]:
        """Answered tickets that are alike, the likest first."""
        asked = terms(redact(text))
        with self._read() as connection:
            of_others = (TERMS.c.term.in_(asked), TERMS.c.ticket != besides)
            counted = select(TERMS.c.term, func.count()).where(*of_others).group_by(TERMS.c.term)
            holding = {term: int(n) for term, n in connection.execute(counted).all()}
            rare = rarest(asked, holding)
            total = int(connection.execute(select(func.count()).select_from(TICKETS)).scalar_one())
            best = likest(asked, holding, total, _sharing(connection, rare, besides))
            rows = connection.execute(select(TICKETS).where(TICKETS.c.number.in_([n for n, _ in best]))).all()
        by_number = {int(row.number): _ticket(row) for row in rows}
        return [(by_number[number], score) for number, score in best]

    def _first(self, wanted: Select[Any]) -> Ticket | None:
        with self._read() as connection:
            row = connection.execute(wanted).first()
        return _ticket(row) if row else None

    def _found_by(self, connection: Connection, number: int, text: str) -> None:
        held = [{"term": term, "ticket": number} for term in terms(text)]
        if held:
            connection.execute(self._insert(TERMS).values(held).on_conflict_do_nothing())


def _sharing(connection: Connection, rare: Sequence[str], besides: int) -> list[Candidate]:
    """Answered tickets that hold some of the terms, the newest of them."""
    answered = (TICKETS.c.state == State.DONE.value, TICKETS.c.solved.in_(_ANSWERED), TICKETS.c.number != besides)
    pairs = (
        select(TERMS.c.ticket, TERMS.c.term)
        .join(TICKETS, TICKETS.c.number == TERMS.c.ticket)
        .where(TERMS.c.term.in_(rare), *answered)
        .order_by(TERMS.c.ticket.desc())
        .limit(_MOST_ALIKE * RARE)
    )
    shared: dict[int, set[str]] = {}
    for number, term in connection.execute(pairs).all():
        shared.setdefault(int(number), set()).add(term)
    return [Candidate(number, frozenset(held)) for number, held in shared.items()]


def _one(number: int) -> Select[Any]:
    return select(TICKETS).where(TICKETS.c.number == number)


def _keep(connection: Connection, number: int, step: Step) -> None:
    values = asdict(step) | {"move": step.move.value, "note": redact(step.note), "ticket": number}
    connection.execute(MOVES.insert().values(values))


def _values(ticket: Ticket) -> dict[str, Any]:
    values: dict[str, Any] = {k: v for k, v in vars(ticket).items() if k != "number"}
    for name in ("kind", "state", "waiting", "priority", "solved"):
        values[name] = values[name].value
    return values | {
        "clusters": _listed(ticket.clusters),
        "watchers": _listed(ticket.watchers),
        "about": dict(ticket.about),
        "told": dict(ticket.told),
    }


def _listed(names: Sequence[str]) -> str:
    return f",{','.join(names)}," if names else ""


def _ticket(row: Row[Any]) -> Ticket:
    values: Mapping[str, Any] = {k: v for k, v in row._mapping.items() if k != "digest"}
    return Ticket(
        **{
            **values,
            "kind": Kind(row.kind),
            "state": State(row.state),
            "waiting": Waiting(row.waiting),
            "priority": Priority(row.priority),
            "solved": Solved(row.solved),
            "clusters": tuple(filter(None, row.clusters.split(","))),
            "watchers": tuple(filter(None, row.watchers.split(","))),
        }
    )
