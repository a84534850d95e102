"""Deeds: the demo's clusters are mended and broken from outside, and Gurumi, asked again, tells what is so now."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from integrations.sandbox.kubernetes import Deed, KubernetesRoom
from integrations.sandbox.world import load, read
from tests.door import Door, door
from tests.sandbox_fixtures import kubernetes_room

DEMO = Path(__file__).parents[3] / "integrations/sandbox/worlds/demo"
WITHIN_S = 90.0


@dataclass(frozen=True)
class Told:
    """A deed, what was said before it, and what must be said after it."""

    deed: str
    before: str
    after: str


MENDS = (
    Told("data-prod/renew-webhook-authority", "expired", "transform is healthy: 2 of 2"),
    Told("data-prod/limit-loader", "loader-5d8b6f9c74-6rwdk", "memory limit: etl/report-api-9d6c7b5f84-c7t5n."),
    Told("shop-dev/bring-postgres-back", "notifier crashes", "notifier is healthy: 1 of 1"),
    Told("shop-dev/make-inventory-config", "it needs ConfigMap inventory-config", "inventory is healthy: 1 of 1"),
    Told("shop-dev/fix-search-selector", "selects app=serach", "search is healthy: 2 of 2"),
    Told("shop-dev/offer-fast-ssd", "StorageClass fast-ssd does not exist", "uploads is healthy: 1 of 1"),
    Told("shop-dev/clean-worker-2", "has DiskPressure", "0 pods Evicted from it"),
    Told("shop-dev/give-redis-a-volume", "hostPath /srv/redis-data", "replaced by a rollout"),
    Told("shop-prod/raise-checkout-memory", "its memory limit of 512Mi", "limits.memory 512Mi → 1Gi"),
    Told("shop-prod/roll-back-payment", "payment:2.8.0-rc1` does not exist", "payment is healthy: 3 of 3"),
    Told("shop-prod/fix-blog-ingress", "Service blog-svc, which does not exist", "nothing wrong with Ingress blog"),
    Told("shop-prod/renew-certificate", "expired on", "nothing wrong with Ingress storefront"),
    Told("shop-prod/give-worker-4-back", "out of use (cordoned)", "sales-report is healthy: 2 of 2"),
    Told("shop-prod/give-recommend-time", "liveness probe", "replaced by a rollout"),
    Told("shop-prod/let-orders-shut-down", "can fail on every rollout", "changed app: command sh -c"),
    Told("shop-prod/pin-admin", "different images under the same tag", "admin:latest → registry.example.com"),
)
BREAKS = (
    Told("data-prod/forget-a-taint", "nothing called backfill", "taint example.com/maintenance=true:NoSchedule"),
    Told("data-prod/reboot-worker-2", "ran out of memory", "reboot"),
    Told("shop-dev/move-redis", "redis is healthy", "kubernetes.io/hostname=shop-dev-worker-1"),
    Told("shop-prod/take-checkout-limits-away", "cart has not restarted", "ran out of memory"),
    Told("shop-prod/roll-out-a-tag-that-is-not-there", "catalog is healthy", "catalog:5.1.0` does not exist"),
)


class Demo:
    """The demo's clusters, with every one of some deeds done, and a door to ask at."""

    def __init__(self, room: KubernetesRoom, here: Door, deeds: tuple[Told, ...]) -> None:
        self.room, self._here = room, here
        self.known = {deed.id: deed for deed in room.deeds()}
        self.before = {one.deed: self.ask(one.deed) for one in deeds}
        for one in deeds:
            room.do(one.deed)

    def ask(self, deed: str) -> str:
        return self._here.ask(self.known[deed].asks["en"]).text

    def deed(self, id: str) -> Deed:
        return next(deed for deed in self.room.deeds() if deed.id == id)

    def tells(self, deed: str, words: str) -> None:
        """Returns when it is told; a cluster takes its time."""
        began = time.monotonic()
        while words not in (text := self.ask(deed)):
            assert time.monotonic() - began < WITHIN_S, text
            time.sleep(1)


def _opened(deeds: tuple[Told, ...], folder: Path) -> Iterator[Demo]:
    with kubernetes_room(DEMO) as room, door(kubeconfig=room.kubeconfig(folder / "kubeconfig")) as here:
        yield Demo(room, here, deeds)


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    yield from _opened(MENDS, tmp_path_factory.mktemp("mended"))


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    yield from _opened(BREAKS, tmp_path_factory.mktemp("broken"))


@pytest.mark.parametrize("one", MENDS, ids=lambda one: one.deed)
def test_what_is_mended_is_told_to_be_mended(mended: Demo, one: Told) -> None:
    assert one.before in mended.before[one.deed]
    mended.tells(one.deed, one.after)
    assert mended.deed(one.deed).done


@pytest.mark.parametrize("one", BREAKS, ids=lambda one: one.deed)
def test_what_is_broken_is_told_to_be_broken(broken: Demo, one: Told) -> None:
    assert one.before in broken.before[one.deed]
    broken.tells(one.deed, one.after)


def test_what_was_broken_can_be_mended_again(broken: Demo) -> None:
    assert broken.deed("shop-prod/roll-out-a-tag-that-is-not-there").done
    assert not broken.deed("shop-prod/roll-back-catalog").done
    broken.room.do("shop-prod/roll-back-catalog")
    assert not broken.deed("shop-prod/roll-out-a-tag-that-is-not-there").done
    broken.tells("shop-prod/roll-back-catalog", "catalog is healthy: 3 of 3")


def test_the_command_line_sees_what_was_done(tmp_path: Path) -> None:
    with kubernetes_room(DEMO) as room:
        environment = {**os.environ, "KUBECONFIG": str(room.kubeconfig(tmp_path / "kubeconfig"))}

        def said() -> str:
            words = [sys.executable, "-m", "bot", "ask", "shop-dev의 search에 왜 접속이 안 돼요?"]
            done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, env=environment)
            return done.stdout

        assert "app=serach" in said()
        room.do("shop-dev/fix-search-selector")
        assert "search는 정상입니다" in said()


def test_every_deed_has_its_words_in_both_languages() -> None:
    with kubernetes_room(DEMO) as room:
        deeds = room.deeds()
    assert len(deeds) > 20
    for deed in deeds:
        assert set(deed.says) == set(deed.asks) == {"en", "ko"}, deed.id
        assert deed.id.startswith(f"{deed.cluster}/")
    assert {told.deed for told in (*MENDS, *BREAKS)} <= {deed.id for deed in deeds}


def test_the_steps_of_every_deed_can_be_taken_one_deed_after_the_other() -> None:
    with kubernetes_room(DEMO) as room:
        for deed in room.deeds():
            room.do(deed.id)


def test_a_deed_that_nobody_knows_is_no_deed() -> None:
    with kubernetes_room(DEMO) as room, pytest.raises(KeyError):
        room.do("shop-prod/make-coffee")


def test_a_world_with_a_step_that_nobody_knows_says_so() -> None:
    text = "{apiVersion: rehearsal, kind: Deed, name: x, says: {en: x}, does: [{explode: everything}]}"
    with pytest.raises(ValueError, match="deed x: a step is one of patch, create"):
        read("shop", text, datetime.now(UTC))


def test_every_classic_mistake_of_the_talk_is_somewhere_in_the_demo() -> None:
    worlds = load(DEMO, datetime.now(UTC))
    pods = [one for world in worlds.values() for one in world.objects if one["kind"] == "Pod"]
    assert any("hostPath" in volume for pod in pods for volume in pod["spec"].get("volumes", []))
    containers = [one for pod in pods for one in pod["spec"]["containers"]]
    assert any(one["image"].endswith(":latest") for one in containers)
    assert any(not one["resources"].get("limits") for one in containers)
    assert {"shop-prod", "shop-dev", "data-prod"} == {name for name, world in worlds.items() if world.lives}
