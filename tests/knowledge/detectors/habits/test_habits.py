"""Habits that hurt later: each is found, is silent when all is well, and is open when pods may not be read."""

import pytest

from tests.knowledge.detectors.things import Thing, denied, pod, thing, told, unsure, world
from tests.seen import judge

LIMIT = {"resources": {"limits": {"memory": "1Gi"}}}


def java(flag: str) -> Thing:
    return {**LIMIT, "env": [{"name": "JAVA_OPTS", "value": flag}]}


CASES = [
    ("res-heap-exceeds-limit", java("-Xmx1g"), java("-Xmx700m"), "-Xmx1g of a memory limit of 1Gi"),
    ("res-memory-limit-missing", {}, LIMIT, "has no memory limit"),
    ("hygiene-mutable-image-tag", {"image": "r:5000/app"}, {"image": "r:5000/app:1.2"}, "`r:5000/app`"),
]

FULL = {"resources": {"requests": {"cpu": "1", "memory": "1Gi"}}}


def keeping(path: str) -> Thing:
    mount = {"name": "app", "volumeMounts": [{"name": "d", "mountPath": "/d"}]}
    return pod("web", spec={"containers": [mount], "volumes": [{"name": "d", "hostPath": {"path": path}}]})


def test_a_reservation_that_is_missing_is_named_and_a_limit_stands_for_one() -> None:
    name = "res-requests-missing"
    assert "requests no cpu: it" in told(judge(world(pod("web", container=LIMIT)), name))[0]
    assert told(judge(world(pod("web", container=FULL)), name)) == []
    assert told(judge(world(pod("web", owner=("Job", "once"))), name)) == []
    assert unsure(judge(world(pod("web"), denied("pods")), name)) == (name,)


def test_data_on_one_machine_is_named_and_its_logs_are_none() -> None:
    name = "hygiene-hostpath-for-data"
    assert "hostPath /data/pg" in told(judge(world(keeping("/data/pg")), name))[0]
    assert told(judge(world(keeping("/var/log/app")), name)) == []
    assert told(judge(world(pod("web")), name)) == []
    assert unsure(judge(world(keeping("/data/pg"), denied("pods")), name)) == (name,)


@pytest.mark.parametrize(("name", "bad", "good", "says"), CASES)
def test_a_habit_is_found_and_its_opposite_is_not(name: str, bad: Thing, good: Thing, says: str) -> None:
    assert says in told(judge(world(pod("web", container=bad)), name))[0]
    assert told(judge(world(pod("web", container=good)), name)) == []
    assert unsure(judge(world(pod("web", container=bad), denied("pods")), name)) == (name,)


def test_a_default_of_the_namespace_is_a_limit_and_a_digest_is_no_mutable_tag() -> None:
    default = thing("LimitRange", "d", spec={"limits": [{"type": "Container", "default": {"memory": "1Gi"}}]})
    assert told(judge(world(pod("web"), default), "res-memory-limit-missing")) == []
    fixed = {"image": "r.example.com/app@sha256:" + "a" * 64}
    assert told(judge(world(pod("web", container=fixed)), "hygiene-mutable-image-tag")) == []
