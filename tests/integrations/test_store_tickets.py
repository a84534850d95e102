"""Tickets in the database, the same on SQLite and PostgreSQL: opened once, moved once, found again."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.errors import Conflict, NotFound
from integrations.store import Spoken, Store
from knowledge.reading.ticket_asks import Kind
from knowledge.tickets.desk import Desk
from knowledge.tickets.life import Move, Solved, State, Step, Ticket, Waiting, moved

NOW = datetime(2026, 11, 24, 5, 12, tzinfo=UTC)
DESK = Desk()


def draft(key: str = "C1/1.0", text: str = "checkout in shop-prod restarts, exit code 137", **more: Any) -> Ticket:
    usual = {
        "asker": "U1",
        "asker_name": "minji",
        "language": "en",
        "kind": Kind.PROBLEM,
        "topic": "restart",
        "title": text[:40],
        "opened": NOW,
        "clusters": ("shop-prod",),
        "channel": "C1",
        "thread": key.partition("/")[2],
    }
    return Ticket(0, key=key, text=text, **{**usual, **more})


def opened(store: Store, *args: Any, **more: Any) -> Ticket:
    made = draft(*args, **more)
    return store.ticket_open(made, Step(Move.OPEN, made.asker, made.opened, key="open"))[0]


def go(store: Store, ticket: Ticket, move: Move, by: str = "U1", note: str = "", key: str = "") -> Ticket:
    step = Step(move, by, NOW + timedelta(minutes=ticket.version), note, key=key or f"{move}{ticket.version}")
    return store.ticket_move(moved(ticket, step, DESK), step)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    store.migrate()
    yield store
    store.close()


def test_a_ticket_comes_back_as_it_was_given(store: Store) -> None:
    given = draft(about={"workloads": ["checkout"], "from": NOW.isoformat()}, watchers=("U2", "U3"))
    got, new = store.ticket_open(given, Step(Move.OPEN, "U1", NOW, key="open"))
    assert new
    assert store.ticket(got.number) == replace(given, number=got.number, version=1)


def test_the_same_post_opens_one_ticket(store: Store) -> None:
    first, _ = store.ticket_open(draft(), Step(Move.OPEN, "U1", NOW, key="open"))
    again, new = store.ticket_open(draft(text="other words"), Step(Move.OPEN, "U1", NOW, key="open"))
    assert (again.number, new) == (first.number, False)
    assert len(store.ticket_steps(first.number)) == 1


def test_a_move_asked_twice_is_made_once(store: Store) -> None:
    ticket = opened(store)
    go(store, ticket, Move.NOT_YET, key="click 1")
    after = go(store, ticket, Move.NOT_YET, key="click 1")
    assert after.rounds == 1
    assert [s.move for s in store.ticket_steps(ticket.number)] == [Move.OPEN, Move.NOT_YET]


def test_who_looked_at_an_older_state_has_to_look_again(store: Store) -> None:
    ticket = opened(store)
    go(store, ticket, Move.TAKE, by="U9")
    with pytest.raises(Conflict):
        go(store, ticket, Move.DONE, by="U8", key="other")
    assert store.ticket(ticket.number).assignee == "U9"


def test_of_many_who_take_a_ticket_at_once_one_has_it_and_no_step_is_lost(store: Store) -> None:
    ticket = opened(store)
    taken: list[str] = []

    def take(who: str) -> None:
        try:
            go(store, ticket, Move.TAKE, by=who, key=who)
        except Conflict:
            return
        taken.append(who)

    threads = [threading.Thread(target=take, args=(f"U{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [store.ticket(ticket.number).assignee] == taken
    assert [s.move for s in store.ticket_steps(ticket.number)] == [Move.OPEN, Move.TAKE]


def test_no_secret_of_a_ticket_is_stored(store: Store) -> None:
    ticket = opened(store, text="it logs postgres://shop:hunter2@db/shop")
    done = go(store, ticket, Move.DONE, by="U9", note="set token=hunter2")
    kept = store.ticket(ticket.number)
    assert "hunter2" not in kept.text + kept.title + kept.resolution + done.resolution
    assert "hunter2" not in "".join(s.note for s in store.ticket_steps(ticket.number))


def test_tickets_are_found_by_state_person_cluster_and_time(store: Store) -> None:
    mine = opened(store, "a/1", watchers=("U7",))
    other = opened(store, "a/2", asker="U2", clusters=("shop-dev", "shop"), opened=NOW + timedelta(hours=1))
    go(store, other, Move.TAKE, by="U9")

    def found(**by: Any) -> list[int]:
        return [t.number for t in store.tickets(**by)]

    assert found() == [mine.number, other.number]
    assert found(states=[State.IN_PROGRESS]) == [other.number]
    assert found(person="U7") == [mine.number]
    assert found(person="U9") == [other.number]
    assert found(cluster="shop") == [other.number]
    assert found(since=NOW + timedelta(minutes=1)) == [other.number]
    assert found(until=NOW + timedelta(minutes=1)) == [mine.number]


def test_there_is_no_ticket_with_a_strange_number(store: Store) -> None:
    with pytest.raises(NotFound):
        store.ticket(10**12)


def test_a_text_posted_again_by_the_same_person_is_recognised_while_the_first_is_open(store: Store) -> None:
    ticket = opened(store)
    again = "  Checkout in shop-prod restarts,\n exit code 137 <@U042BOT>"
    assert store.ticket_twin(again, "U1", NOW) == ticket
    assert store.ticket_twin(again, "U2", NOW) is None
    assert store.ticket_twin(again, "U1", NOW + timedelta(hours=1)) is None
    go(store, ticket, Move.DONE)
    assert store.ticket_twin(again, "U1", NOW) is None


def test_answered_tickets_that_are_alike_are_found_and_others_are_not(store: Store) -> None:
    alike = opened(store, "a/1", "pods of cart are evicted, ephemeral-storage exceeded on node pool b")
    opened(store, "a/2", "cart evicted again, ephemeral-storage exceeded")
    strange = opened(store, "a/3", "how do I get a new account for grafana?")
    go(store, alike, Move.DONE, by="U9", note="raised the limit of ephemeral-storage")
    go(store, strange, Move.DONE, by="U9", note="accounts are made in the portal")
    found = store.tickets_alike("evicted: ephemeral-storage limit exceeded, cart", besides=0)
    assert [t.number for t, _ in found] == [alike.number]
    assert store.tickets_alike("", besides=0) == []


def test_a_ticket_knows_the_newest_talk_of_its_thread(store: Store) -> None:
    ticket = opened(store)
    assert store.ticket_in("C1", "1.0") == ticket
    assert store.ticket_in("C1", "2.0") is None
    assert store.ticket_by_key("C1/1.0") == ticket


def test_a_closed_ticket_waits_for_nobody(store: Store) -> None:
    done = go(store, opened(store), Move.HELPED)
    assert (done.state, done.waiting, done.solved) == (State.DONE, Waiting.NOBODY, Solved.BOT)


def test_a_topic_has_one_message(store: Store) -> None:
    assert store.topic("ticket/1") is None
    store.topic_at("ticket/1", "C1", "1.0", "1.0")
    store.topic_at("ticket/1", "C1", "2.0", "1.0")
    assert store.topic("ticket/1") == Spoken("C1", "2.0", "1.0")
