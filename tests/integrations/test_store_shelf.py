"""The shelf in the database, the same on SQLite and PostgreSQL: drafted once, decided once, found at once, counted."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from integrations.errors import Conflict, NotFound
from integrations.store import Store
from knowledge.learning import Entry, EntryState, Use, decided, draft
from knowledge.search import weights_of

NOW = datetime(2026, 11, 24, 5, 12, tzinfo=UTC)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    store.migrate()
    yield store
    store.close()


def learned(number: int = 7, title: str = "Order API cannot reach the legacy mainframe") -> Entry:
    issue = draft(title, "E4711: gateway closed", "Restart the bridge.", number=number, on=NOW.date())
    return Entry(issue, EntryState.DRAFT, "gurumi", NOW, number)


def test_a_draft_comes_back_as_it_was_given(store: Store) -> None:
    entry = learned()
    assert store.entry_draft(entry)
    assert store.entry(entry.issue.id) == entry


def test_one_ticket_teaches_one_entry(store: Store) -> None:
    assert store.entry_draft(learned())
    assert not store.entry_draft(learned(title="Said in other words"))
    assert not store.entry_draft(learned())
    assert len(store.entries()) == 1


def test_a_decision_is_made_by_one_of_two_people(store: Store) -> None:
    entry = learned()
    store.entry_draft(entry)
    begin, outcomes = threading.Barrier(2), []

    def decide(state: EntryState, by: str) -> None:
        begin.wait()
        try:
            store.entry_decide(entry, decided(entry, state, by, NOW))
        except Conflict:
            outcomes.append("late")
        else:
            outcomes.append(by)

    people = [(EntryState.APPROVED, "U1"), (EntryState.REJECTED, "U2")]
    threads = [threading.Thread(target=decide, args=person) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes)[1] == "late"
    assert store.entry(entry.issue.id).decided_by in outcomes


def test_what_changed_is_told_with_its_weights(store: Store) -> None:
    entry = learned()
    store.entry_draft(entry)
    assert store.entries_changed(NOW) == {entry.issue.id: (NOW, EntryState.DRAFT)}
    assert store.entries_changed(NOW + timedelta(seconds=1)) == {}
    [(got, weights)] = store.entries_weighed([entry.issue.id, "nowhere"])
    assert got == entry
    assert weights == pytest.approx(dict(weights_of(entry.issue)))


def test_entries_are_asked_for_by_their_state(store: Store) -> None:
    first, second = learned(), learned(8, "Something else")
    for entry in (first, second):
        store.entry_draft(entry)
    store.entry_decide(first, decided(first, EntryState.APPROVED, "U1", NOW + timedelta(hours=1)))
    assert [e.issue.id for e in store.entries(EntryState.DRAFT)] == [second.issue.id]
    assert [e.issue.id for e in store.entries(EntryState.APPROVED)] == [first.issue.id]


def test_an_entry_that_is_not_there_is_said_not_to_be(store: Store) -> None:
    with pytest.raises(NotFound):
        store.entry("nowhere")


def test_seen_and_helped_are_counted_for_issues_of_the_files_too(store: Store) -> None:
    store.issues_seen(["container-oomkilled-limit-too-low", "arp-neighbour-table-overflow"], NOW)
    store.issues_seen(["container-oomkilled-limit-too-low"], NOW + timedelta(hours=1))
    store.issue_helped("container-oomkilled-limit-too-low", NOW + timedelta(hours=2))
    uses = store.issue_uses(["container-oomkilled-limit-too-low", "never-seen"])
    assert uses == {"container-oomkilled-limit-too-low": Use(2, 1, NOW + timedelta(hours=2))}
