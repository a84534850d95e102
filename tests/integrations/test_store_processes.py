"""Two processes over one database: nothing lost, nothing doubled, in order."""

import multiprocessing
import os
import signal
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from multiprocessing.queues import Queue

import pytest

from integrations.store import Delivery, Store

SPAWN = multiprocessing.get_context("spawn")


def delivery(n: int) -> Delivery:
    return Delivery(f"E{n}", "mention", "C1", f"t{n % 20}", f"U{n % 5}", "why", datetime.now(UTC), {})


def claim_all(url: str, worker: str, out: "Queue[tuple[str, str, float, float]]") -> None:
    store = Store(url)
    while store.waiting():
        got = store.claim(worker, datetime.now(UTC), 30)
        if got is None:
            time.sleep(0.002)
            continue
        begun = time.monotonic()
        time.sleep(0.002)
        out.put((got.id, got.thread, begun, time.monotonic()))
        store.finish(got.id, datetime.now(UTC))
    store.close()


def accept_all(url: str, count: int, out: "Queue[int]") -> None:
    store = Store(url)
    out.put(sum(store.accept(delivery(n), also=[f"ts:{n}", f"a:{n}"]) for n in range(count)))
    store.close()


def hold_one(url: str, out: "Queue[str]") -> None:
    got = Store(url).claim("killed", datetime.now(UTC), 1.5)
    out.put(got.id if got else "")
    time.sleep(60)


@pytest.fixture
def url(database_url: str) -> str:
    store = Store(database_url)
    store.migrate()
    store.close()
    return database_url


def test_what_slack_brings_to_two_processes_is_accepted_once(url: str) -> None:
    out: Queue[int] = SPAWN.Queue()
    both = [SPAWN.Process(target=accept_all, args=(url, 100, out)) for _ in range(2)]
    for process in both:
        process.start()
    accepted = [out.get(timeout=60) for _ in both]
    for process in both:
        process.join(20)
    assert sum(accepted) == 100
    assert Store(url).waiting() == 100


def test_two_processes_share_the_work_and_keep_each_threads_order(url: str) -> None:
    store = Store(url)
    for n in range(120):
        store.accept(delivery(n))
    out: Queue[tuple[str, str, float, float]] = SPAWN.Queue()
    both = [SPAWN.Process(target=claim_all, args=(url, name, out)) for name in ("a", "b")]
    for process in both:
        process.start()
    done = [out.get(timeout=60) for _ in range(120)]
    for process in both:
        process.join(20)
    assert sorted(id for id, *_ in done) == sorted(f"E{n}" for n in range(120))
    assert out.empty()
    for thread in {thread for _, thread, *_ in done}:
        mine = sorted((begun, ended, id) for id, t, begun, ended in done if t == thread)
        assert [id for *_, id in mine] == sorted((id for *_, id in mine), key=lambda id: int(id[1:]))
        assert all(before[1] <= after[0] for before, after in pairwise(mine))


def test_what_a_killed_process_had_in_hand_is_taken_when_its_lease_ends(url: str) -> None:
    store = Store(url)
    store.accept(delivery(1))
    out: Queue[str] = SPAWN.Queue()
    process = SPAWN.Process(target=hold_one, args=(url, out))
    process.start()
    assert out.get(timeout=60) == "E1"
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join(10)
    assert store.claim("other", datetime.now(UTC) - timedelta(seconds=1), 30) is None
    end = time.monotonic() + 10
    while (got := store.claim("other", datetime.now(UTC), 30)) is None and time.monotonic() < end:
        time.sleep(0.1)
    assert got
    assert got.id == "E1"
