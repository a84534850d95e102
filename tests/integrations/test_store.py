"""Our own memory, the same on SQLite and PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from integrations.store import AuditRow, Delivery, Preference, Store

NOW = datetime(2026, 11, 24, 5, 12, tzinfo=UTC)
LEASE_S = 60


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def delivery(id: str, **fields: Any) -> Delivery:
    usual = {
        "kind": "mention",
        "channel": "C1",
        "thread": f"thread of {id}",
        "user": "U1",
        "words": "why",
        "received_at": NOW,
        "payload": {},
    }
    return Delivery(id=id, **usual | fields)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    store.migrate()
    yield store
    store.close()


def taken(store: Store, worker: str = "w", now: datetime = NOW) -> list[str]:
    found = []
    while got := store.claim(worker, now, LEASE_S):
        found.append(got.id)
    return found


def test_a_delivery_comes_back_as_it_was_given(store: Store) -> None:
    given = delivery("E1", received_at=datetime(2026, 11, 24, 14, 12, tzinfo=timezone(timedelta(hours=9))))
    assert store.accept(given)
    got = store.claim("w", NOW, LEASE_S)
    assert got == given
    assert got.received_at.tzinfo == UTC


def test_a_delivery_is_accepted_once_under_any_of_its_names(store: Store) -> None:
    assert store.accept(delivery("E1"), also=["ts:C1:123.45"])
    assert not store.accept(delivery("E1"))
    assert not store.accept(delivery("E2"), also=["ts:C1:123.45"])
    assert not store.accept(delivery("ts:C1:123.45"))
    assert store.waiting() == 1


def test_a_finished_delivery_stays_known(store: Store) -> None:
    store.accept(delivery("E1"))
    store.claim("w", NOW, LEASE_S)
    store.finish("E1", NOW)
    assert not store.accept(delivery("E1"))
    assert store.waiting() == 0
    assert store.claim("w", NOW, LEASE_S) is None


def test_no_secret_of_the_words_or_the_payload_is_stored(store: Store) -> None:
    payload = {"values": [{"text": "token=hunter2"}], "response_url": "https://hooks.slack.com/commands/T0/1/not-real"}
    store.accept(delivery("E1", words="postgres://shop:hunter2@db/shop", payload=payload))
    got = store.claim("w", NOW, LEASE_S)
    assert got
    assert got.words == "postgres://shop:[redacted]@db/shop"
    assert got.payload["values"] == [{"text": "token=[redacted]"}]
    assert got.payload["response_url"] == payload["response_url"]


def test_the_ways_to_answer_are_forgotten_when_it_is_answered(store: Store, database_url: str) -> None:
    store.accept(delivery("E1", payload={"response_url": "https://x/not-real", "trigger_id": "1.2", "view": "home"}))
    store.finish("E1", NOW)
    again = Store(database_url)
    from sqlalchemy import text

    with again._engine.connect() as connection:
        kept = connection.execute(text("SELECT payload FROM inbox")).scalar()
    again.close()
    assert "not-real" not in str(kept)
    assert "1.2" not in str(kept)
    assert "home" in str(kept)


def test_one_thread_is_answered_in_the_order_of_its_questions(store: Store) -> None:
    for n in range(3):
        store.accept(delivery(f"E{n}", thread="t", user=f"U{n}", received_at=later(n)))
    for n in range(3):
        assert taken(store) == [f"E{n}"]
        store.finish(f"E{n}", NOW)


def test_what_was_received_first_comes_first_whatever_was_stored_first(store: Store) -> None:
    store.accept(delivery("late", thread="t", received_at=later(1)))
    store.accept(delivery("early", thread="t", received_at=NOW))
    assert taken(store) == ["early"]


def test_a_late_commit_does_not_overtake_what_is_in_hand_in_its_thread(store: Store) -> None:
    store.accept(delivery("second", thread="t", received_at=later(1)))
    assert taken(store) == ["second"]
    store.accept(delivery("first", thread="t", received_at=NOW))
    assert taken(store) == []


def test_commands_outside_threads_keep_the_order_of_each_person_and_hold_up_nobody_else(store: Store) -> None:
    store.accept(delivery("a1", thread="", user="UA"))
    store.accept(delivery("a2", thread="", user="UA"))
    store.accept(delivery("b1", thread="", user="UB"))
    assert taken(store) == ["a1", "b1"]


def test_a_person_with_many_questions_does_not_hold_up_the_others(store: Store) -> None:
    for n in range(6):
        store.accept(delivery(f"many{n}", user="UMANY", received_at=later(n)))
    store.accept(delivery("one", user="UONE", received_at=later(10)))
    store.accept(delivery("two", user="UTWO", received_at=later(11)))
    assert taken(store)[:4] == ["many0", "one", "two", "many1"]


def test_people_take_turns_when_one_hand_serves_all(store: Store) -> None:
    for n in range(3):
        for user in ("UA", "UB"):
            store.accept(delivery(f"{user}{n}", user=user, received_at=later(n + (user == "UB") * 100)))
    served = []
    while got := store.claim("w", NOW, LEASE_S):
        served.append(got.user)
        store.finish(got.id, NOW)
    assert served == ["UA", "UB"] * 3


def test_a_lease_keeps_others_away_until_it_runs_out(store: Store) -> None:
    store.accept(delivery("E1"))
    assert store.claim("first", NOW, LEASE_S)
    assert store.claim("second", later(59), LEASE_S) is None
    assert store.claim("second", later(61), LEASE_S) == delivery("E1")


def test_a_renewed_lease_holds_longer(store: Store) -> None:
    store.accept(delivery("E1"))
    store.claim("first", NOW, LEASE_S)
    assert store.renew("first", later(50), LEASE_S) == 1
    assert store.claim("second", later(61), LEASE_S) is None
    assert store.claim("second", later(111), LEASE_S)
    assert store.renew("first", later(112), LEASE_S) == 0


def test_what_is_given_back_can_be_taken_at_once(store: Store) -> None:
    store.accept(delivery("E1"))
    store.claim("first", NOW, LEASE_S)
    assert store.release("second") == 0
    assert store.release("first") == 1
    assert store.claim("second", NOW, LEASE_S)


def test_a_post_is_unsure_until_it_is_confirmed(store: Store) -> None:
    assert not store.unsure("E1", "answer")
    store.posting("E1", "answer")
    store.posting("E1", "answer")
    assert store.unsure("E1", "answer")
    assert store.posted_before("E1", "answer") is None
    store.posted("E1", "answer", "C1", "123.45")
    assert not store.unsure("E1", "answer")
    assert store.posted_before("E1", "answer") == ("C1", "123.45")
    assert store.posted_before("E1", "placeholder") is None
    store.posted("E1", "answer", "D1", "6.7")
    assert store.posted_before("E1", "answer") == ("D1", "6.7")


def test_the_audit_tells_the_newest_first_and_no_secret(store: Store) -> None:
    for n in range(3):
        store.record(AuditRow(later(n), "U1", "slack", "ask", f"{n} password=hunter2", "shop", "ok", 0.5))
    rows = store.audits(2)
    assert [row["words"] for row in rows] == ["2 password=[redacted]", "1 password=[redacted]"]
    assert rows[0]["at"] == later(2)
    assert rows[0]["seconds"] == 0.5
    assert set(rows[0]) == set(AuditRow.__dataclass_fields__)


def test_a_persons_choices_are_kept(store: Store) -> None:
    assert store.preference("U1") == Preference()
    store.prefer("U1", Preference("ko", "Asia/Seoul"))
    store.prefer("U1", Preference("en", "Asia/Seoul"))
    assert store.preference("U1") == Preference("en", "Asia/Seoul")


def test_a_thread_remembers_what_it_last_talked_about(store: Store) -> None:
    assert store.recall("C1", "t") is None
    store.remember("C1", "t", {"cluster": "pay"}, NOW)
    store.remember("C1", "t", {"cluster": "shop", "workload": "cart"}, NOW)
    assert store.recall("C1", "t") == {"cluster": "shop", "workload": "cart"}
    assert store.recall("C1", "other") is None


def test_a_job_is_done_by_one(store: Store) -> None:
    assert store.lock("sweep", "a", NOW, LEASE_S)
    assert not store.lock("sweep", "b", later(59), LEASE_S)
    assert store.lock("sweep", "a", later(59), LEASE_S)
    assert not store.lock("sweep", "b", later(61), LEASE_S)
    assert store.lock("sweep", "b", later(119), LEASE_S)
    store.unlock("sweep", "a")
    assert not store.lock("sweep", "a", later(119), LEASE_S)
    store.unlock("sweep", "b")
    assert store.lock("sweep", "a", later(119), LEASE_S)


def test_what_is_old_and_done_is_forgotten(store: Store) -> None:
    for name in ("old", "new", "open"):
        store.accept(delivery(name), also=[f"ts:{name}"])
    store.posted("old", "answer", "C1", "1.2")
    store.finish("old", NOW)
    store.finish("new", later(86400 * 2))
    store.record(AuditRow(NOW, "U1", "slack", "ask", "", "", "ok", 0.5))
    store.remember("C1", "t", {}, NOW)
    assert store.prune(later(86400 * 8), keep_days=7) == 6
    assert store.accept(delivery("old"), also=["ts:old"])
    assert not store.accept(delivery("new"))
    assert not store.accept(delivery("open"))
    assert store.audits(9) == []
    assert store.recall("C1", "t") is None
    assert store.posted_before("old", "answer") is None


def test_a_time_without_a_zone_is_a_defect(store: Store) -> None:
    from integrations.errors import Malformed

    with pytest.raises(Malformed):
        store.accept(delivery("E1", received_at=datetime(2026, 11, 24)))  # noqa: DTZ001 - the point of the test
