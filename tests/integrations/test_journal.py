"""The journal's tables, on both databases: a visit is written whole and once, the past is bounded."""

import multiprocessing
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.queues import Queue

import pytest

import integrations.store.journal as journal
from integrations.store import Store
from knowledge.journal import Changes, Record

SPAWN = multiprocessing.get_context("spawn")
NOW = datetime(2026, 1, 15, 5, 30, tzinfo=UTC)
POD = Record("Pod", "shop", "cart-0", "u1", "StatefulSet/cart", "n1", None, NOW, NOW, "d1", "{}")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    store.migrate()
    yield store
    store.close()


def visit(store: Store, changes: Changes, now: datetime = NOW, keep_days: int = 30) -> bool:
    visits, _known = store.journal_known("prod")
    return store.journal_keep("prod", visits, changes, now, 1000, keep_days)


def row(store: Store, kind: str = "Pod", uid: str = "u1") -> int:
    return store.journal_known("prod")[1][kind, uid].id


def test_what_was_kept_is_known_and_recalled_by_its_workload(store: Store) -> None:
    assert visit(store, Changes((POD,)))
    visits, known = store.journal_known("prod")
    assert (visits, known["Pod", "u1"].digest) == (1, "d1")
    assert store.journal_recall("prod", namespace="shop", workloads=["StatefulSet/cart"]) == [POD]
    assert store.journal_recall("prod", pods=["cart-0"]) == [POD]
    assert store.journal_recall("prod", on_nodes=["n1"]) == [POD]
    assert store.journal_recall("prod", namespace="shop", workloads=["StatefulSet/cart-api"]) == []
    assert store.journal_recall("other", workloads=["StatefulSet/cart"]) == []


def test_a_superseded_version_stays_and_a_replaced_one_does_not(store: Store) -> None:
    visit(store, Changes((POD,)))
    later = NOW + timedelta(minutes=5)
    visit(store, Changes(replaced={row(store): replace(POD, digest="d2", seen=later)}), later)
    assert [r.digest for r in store.journal_recall("prod", pods=["cart-0"])] == ["d2"]
    visit(store, Changes(superseded={row(store): replace(POD, digest="d3", seen=later)}), later)
    versions = store.journal_recall("prod", pods=["cart-0"])
    assert [(r.digest, r.live, r.until) for r in versions] == [("d2", False, later), ("d3", True, None)]


def test_what_is_gone_tells_when_it_was_last_there(store: Store) -> None:
    visit(store, Changes((POD,)))
    later = NOW + timedelta(minutes=5)
    visit(store, Changes(gone=(row(store),)), later)
    [gone] = store.journal_recall("prod", pods=["cart-0"])
    assert (gone.live, gone.gone_after, gone.until) == (False, NOW, later)
    assert store.journal_known("prod")[1] == {}


def test_of_two_visits_at_one_time_the_first_counts(store: Store) -> None:
    visits, _known = store.journal_known("prod")
    assert store.journal_keep("prod", visits, Changes((POD,)), NOW, 1, 30)
    assert not store.journal_keep("prod", visits, Changes((POD,)), NOW, 1, 30)
    store.journal_missed("prod", visits, NOW, "timed-out")
    watch = store.journal_watch("prod")
    assert watch is not None
    assert watch.missed == ()
    assert store.journal_size() == 1


def test_a_failed_visit_is_a_gap_from_the_last_good_one_to_the_next(store: Store) -> None:
    visit(store, Changes())
    for minutes in (5, 10):
        visits, _known = store.journal_known("prod")
        store.journal_missed("prod", visits, NOW + timedelta(minutes=minutes), "unreachable")
    visit(store, Changes(), NOW + timedelta(minutes=15))
    watch = store.journal_watch("prod")
    assert watch is not None
    assert [(g.since, g.until, g.code) for g in watch.missed] == [(NOW, NOW + timedelta(minutes=15), "unreachable")]
    assert not watch.watched(NOW + timedelta(minutes=7))
    assert watch.since == NOW


def test_visits_too_far_apart_leave_a_gap_of_our_own(store: Store) -> None:
    visit(store, Changes())
    visit(store, Changes(), NOW + timedelta(hours=3))
    watch = store.journal_watch("prod")
    assert watch is not None
    assert watch.missed[0].code == journal.NOT_VISITED


def test_a_cluster_that_was_never_visited_has_no_watch(store: Store) -> None:
    assert store.journal_watch("prod") is None


def test_what_is_older_than_the_days_that_are_kept_is_forgotten_and_since_when_is_told(store: Store) -> None:
    visit(store, Changes((POD, replace(POD, uid="u2", name="cart-1"))))
    visit(store, Changes(gone=(row(store),)), NOW + timedelta(minutes=5))
    later = NOW + timedelta(days=31)
    visit(store, Changes(), later)
    assert [r.name for r in store.journal_recall("prod", pods=["cart-0", "cart-1"])] == ["cart-1"]
    watch = store.journal_watch("prod")
    assert watch is not None
    assert watch.kept_since == later - timedelta(days=30)


def test_of_too_many_rows_the_oldest_go_first(store: Store) -> None:
    many = tuple(
        replace(POD, uid=f"u{n}", live=False, until=NOW + timedelta(seconds=n)) for n in range(journal.ROWS + 3)
    )
    visit(store, Changes(many), NOW + timedelta(days=1))
    kept = store.journal_recall("prod", pods=["cart-0"])
    assert len(kept) == journal.ROWS
    assert kept[0].uid == "u3"
    watch = store.journal_watch("prod")
    assert watch is not None
    assert watch.kept_since == NOW + timedelta(seconds=2)


def visit_often(url: str, out: "Queue[int]") -> None:
    store = Store(url)
    written = 0
    for n in range(40):
        visits, known = store.journal_known("prod")
        fresh = replace(POD, digest=f"d{n}")
        was = known.get(fresh.key)
        changes = Changes(superseded={was.id: fresh}) if was else Changes((fresh,))
        written += store.journal_keep("prod", visits, changes, NOW + timedelta(seconds=n), 1, 30)
    out.put(written)
    store.close()


def test_two_processes_that_visit_at_once_write_each_visit_once(store: Store, database_url: str) -> None:
    out: Queue[int] = SPAWN.Queue()
    both = [SPAWN.Process(target=visit_often, args=(database_url, out)) for _ in range(2)]
    for process in both:
        process.start()
    written = sum(out.get(timeout=60) for _ in both)
    for process in both:
        process.join(20)
    assert store.journal_known("prod")[0] == written
    versions = store.journal_recall("prod", pods=["cart-0"])
    assert len(versions) == written
    assert sum(r.live for r in versions) == 1
