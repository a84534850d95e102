"""Deliveries that wait: for an earlier one that may be on its way, or until the answer can be posted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from integrations.store import Delivery, Store

NOW = datetime(2026, 1, 15, 5, 30, tzinfo=UTC)
LEASE_S = 25


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(database_url)
    opened.migrate()
    yield opened
    opened.close()


def delivery(name: str, thread: str = "1.0", after_s: float = 0.0, user: str = "U1") -> Delivery:
    said = NOW + timedelta(seconds=after_s)
    return Delivery(name, "mention", "C1", thread, user, "why?", said, {})


def taken(store: Store, after_s: float = 0.0, holder: str = "h") -> str:
    found = store.claim(holder, NOW + timedelta(seconds=after_s), LEASE_S)
    return found.id if found else ""


def test_what_is_not_ready_is_not_taken(store: Store) -> None:
    store.accept(delivery("a"), ready_at=NOW + timedelta(seconds=0.1))
    assert taken(store) == ""
    assert taken(store, 0.2) == "a"


def test_an_earlier_message_that_arrives_later_is_taken_first(store: Store) -> None:
    store.accept(delivery("second", after_s=1), ready_at=NOW + timedelta(seconds=0.1))
    store.accept(delivery("first"), ready_at=NOW + timedelta(seconds=0.1))
    assert taken(store, 0.2) == "first"
    assert taken(store, 0.2, "other") == ""


def test_what_is_postponed_is_nobodys_until_then_and_keeps_its_turn(store: Store) -> None:
    store.accept(delivery("a"))
    store.accept(delivery("b", after_s=1))
    assert taken(store) == "a"
    assert store.postpone("h", NOW + timedelta(seconds=10)) == 1
    assert store.renew("h", NOW, LEASE_S) == 0
    assert taken(store, 5) == ""
    assert taken(store, 11) == "a"


def test_what_is_postponed_holds_up_no_other_thread_of_the_same_person(store: Store) -> None:
    store.accept(delivery("a"))
    store.accept(delivery("b", thread="2.0", after_s=1))
    taken(store)
    store.postpone("h", NOW + timedelta(seconds=60))
    assert taken(store) == "b"
