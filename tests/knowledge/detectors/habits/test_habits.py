"""Habits that hurt later: each is found, is silent when all is well, and is open when pods may not be read."""

import pytest

from tests.knowledge.detectors.things import Thing, denied, deployment, pod, service, thing, told, unsure, world
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


def test_a_pod_of_nobody_is_reported_and_an_owned_a_static_and_a_young_one_are_not() -> None:
    name = "hygiene-naked-pod"
    naked = {"created": "2d ago", "spec": {"restartPolicy": "Always"}}
    assert "belongs to no workload" in told(judge(world(pod("web", **naked)), name))[0]
    static = {"annotations": {"kubernetes.io/config.source": "file"}}
    for silent in ({"owner": ("ReplicaSet", "web-1")}, static, {"created": "5m ago"}):
        assert told(judge(world(pod("web", **{**naked, **silent})), name)) == []
    assert unsure(judge(world(pod("web"), denied("pods")), name)) == (name,)


def behind(replicas: int, *nodes: str) -> list[Thing]:
    pods = [
        pod(f"web-{n}", {"app": "web"}, owner=("Deployment", "web"), spec={"nodeName": node})
        for n, node in enumerate(nodes)
    ]
    machines = [thing("Node", f"node-{n}", "") for n in (1, 2)]
    return [deployment("web", {"app": "web"}, replicas), service("web", {"app": "web"}), *pods, *machines]


BUDGET = thing("PodDisruptionBudget", "web", spec={"selector": {"matchLabels": {"app": "web"}}})
SINGLE = "hygiene-single-replica-or-no-pdb"


def test_a_program_that_one_machine_takes_down_is_reported_in_its_three_forms() -> None:
    assert "runs as a single pod behind Service web" in told(judge(world(behind(1, "node-1")), SINGLE))[0]
    together = world(behind(2, "node-1", "node-1"), BUDGET)
    assert "All 2 pods of web (Service web) run on node node-1" in told(judge(together, SINGLE))[0]
    assert "has no PodDisruptionBudget" in told(judge(world(behind(2, "node-1", "node-2")), SINGLE))[0]


def test_a_spread_and_budgeted_program_one_that_is_scaled_and_one_that_nobody_calls_are_in_order() -> None:
    assert told(judge(world(behind(2, "node-1", "node-2"), BUDGET), SINGLE)) == []
    target = {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "minReplicas": 2, "maxReplicas": 4}
    assert told(judge(world(behind(1, "node-1"), thing("HorizontalPodAutoscaler", "web", spec=target)), SINGLE)) == []
    assert told(judge(world(deployment("web", {"app": "web"}, 1)), SINGLE)) == []
    assert unsure(judge(world(behind(1, "node-1"), denied("services")), SINGLE)) == (SINGLE,)
