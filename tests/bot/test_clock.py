"""The clock: scheduled commands are asked through the door, by one process at a time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apscheduler.triggers.cron import CronTrigger

from bot.clock import Clock
from bot.settings import Settings
from bot.wiring import build
from commands.registry import registry
from integrations.store import AuditRow, Store
from tests.sandbox_fixtures import kubernetes_room
from tests.worlds import deployment

JOURNAL = registry()["journal"].command
EVERY_HOUR = CronTrigger.from_crontab("0 * * * *", timezone=UTC)
NOBODY = "rules: []\n"


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Iterator[Path]:
    with kubernetes_room(deployment(ready=True)) as room:
        yield room.kubeconfig(tmp_path / "kubeconfig")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    store.migrate()
    yield store
    store.close()


def clock(kubeconfig: Path, store: Store, **more: str) -> Clock:
    settings = Settings(KUBECONFIG=str(kubeconfig), **more)
    return Clock(settings, build(settings, store).assistant, store)


def test_of_two_clocks_over_one_database_one_makes_the_visit(kubeconfig: Path, store: Store) -> None:
    clocks = [clock(kubeconfig, store) for _ in range(2)]
    assert [c.ring(JOURNAL, EVERY_HOUR) for c in clocks] == [True, False]
    watch = store.journal_watch("rehearsal")
    assert watch is not None
    assert watch.last is not None
    assert store.journal_known("rehearsal")[0] == 1


def test_a_policy_that_lets_nobody_ask_does_not_stop_the_clock(kubeconfig: Path, store: Store, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(NOBODY)
    assert clock(kubeconfig, store, GURUMI_POLICY=str(policy)).ring(JOURNAL, EVERY_HOUR)
    assert store.journal_watch("rehearsal") is not None


def test_a_job_leaves_no_row_in_the_audit(kubeconfig: Path, store: Store) -> None:
    clock(kubeconfig, store).ring(JOURNAL, EVERY_HOUR)
    assert store.audits(10) == []


def test_how_often_it_visits_is_a_setting_and_zero_is_never(kubeconfig: Path, store: Store) -> None:
    often = clock(kubeconfig, store, GURUMI_JOURNAL_MINUTES="7")
    assert often.jobs["journal"] == "*/7 * * * *"
    never = clock(kubeconfig, store, GURUMI_JOURNAL_MINUTES="0")
    assert "journal" not in never.jobs


def test_it_starts_and_stops(kubeconfig: Path, store: Store) -> None:
    ticking = clock(kubeconfig, store).start()
    ticking.close()
    ticking.close()


def test_what_is_older_than_it_shall_be_kept_is_dropped(kubeconfig: Path, store: Store) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=91)
    for n, at in enumerate((long_ago, datetime.now(UTC))):
        store.record(
            AuditRow(
                at=at, asker=f"U{n}", face="slack", command="ask", words="?", cluster="", tone="clean", seconds=0.1
            )
        )
    assert clock(kubeconfig, store).forget() == 1
    assert [row["asker"] for row in store.audits(10)] == ["U1"]
