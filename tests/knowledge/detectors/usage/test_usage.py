"""What containers use just now against what they may use."""

from datetime import timedelta

import pytest

from knowledge.finding import Confidence
from tests.knowledge.detectors.things import Thing, denied, event, pod, thing, told, unsure, world
from tests.seen import NOW, judge

CPU, MEMORY = "res-cpu-throttled", "res-memory-near-limit"
TIMEOUT = 'Liveness probe failed: Get "http://10.0.0.1:8080/live": context deadline exceeded'


def uses(
    cpu: str = "490m", memory: str = "500Mi", name: str = "cart-1", container: str = "app", at: str = "20s ago"
) -> Thing:
    used = [{"name": container, "usage": {"cpu": cpu, "memory": memory}}]
    return thing("PodMetrics", name, timestamp=at, containers=used)


def cart(
    name: str = "cart-1", since: str = "2h ago", owner: tuple[str, str] = ("StatefulSet", "cart"), **limits: str
) -> Thing:
    given = {"resources": {"limits": limits or {"cpu": "500m", "memory": "512Mi"}}}
    return pod(name, {"app": "cart"}, since=since, owner=owner, container=given)


def late(message: str = TIMEOUT, last: str = "3m ago", name: str = "cart-1") -> Thing:
    return event(("Pod", name), "Unhealthy", message, container="app", last=last)


def test_a_program_at_its_cpu_limit_whose_probes_get_no_answer_is_throttled() -> None:
    said = judge(world(cart(), uses(), late()), CPU)
    assert told(said) == [
        "Container app of cart runs against its CPU limit: it uses 490m of 500m, and its liveness probe gets no answer "
        "in time. The kernel pauses it (throttling), so it answers slowly."
    ]
    (cause,) = said.causes
    assert cause.finding.confidence is Confidence.LIKELY
    assert [e.path for e in cause.finding.evidence] == [
        "containers[app].usage.cpu",
        "spec.containers[app].resources.limits.cpu",
        "Unhealthy",
    ]
    assert cause.finding.at == NOW - timedelta(minutes=3)


@pytest.mark.parametrize(
    "sign", [late("Liveness probe failed: HTTP probe failed with statuscode: 500"), late(last="2h ago")]
)
def test_without_a_late_probe_it_is_only_possible(sign: Thing) -> None:
    said = judge(world(cart(), uses(), sign), CPU)
    assert told(said) == [
        "Container app of cart runs against its CPU limit: it uses 490m of 500m. The kernel pauses it (throttling), "
        "which makes it slow."
    ]
    assert said.causes[0].finding.confidence is Confidence.POSSIBLE


def test_a_kill_by_a_liveness_probe_at_the_cpu_limit_is_told_as_throttling() -> None:
    ended = {
        "lastState": {"terminated": {"exitCode": 137, "reason": "Error", "finishedAt": "3m ago"}},
        "restartCount": 2,
    }
    probed = {"resources": {"limits": {"cpu": "500m"}}, "livenessProbe": {"httpGet": {"path": "/live", "port": 8080}}}
    killed = event(
        ("Pod", "cart-1"),
        "Killing",
        "Container app failed liveness probe, will be restarted",
        container="app",
        last="3m5s ago",
    )
    one = pod("cart-1", since="3m ago", container=probed, state=ended)
    said = judge(world(one, uses(), late(), killed), CPU, "probe-liveness-killed")
    assert [(c.finding.detector.id, [f.detector.id for f in c.explains]) for c in said.causes] == [
        (CPU, ["probe-liveness-killed"])
    ]


def test_the_worst_of_several_pods_is_told_for_their_workload() -> None:
    said = judge(world(cart(), cart("cart-2"), uses("460m"), uses("499m", name="cart-2"), late()), CPU)
    (cause,) = said.causes
    assert "it uses 499m of 500m, and its liveness probe" in told(said)[0]
    assert [ref.name for ref in cause.finding.pods] == ["cart-2", "cart-1"]


@pytest.mark.parametrize(
    ("things", "why"),
    [
        ([cart(), uses("440m"), late()], "there is room"),
        ([cart(since="80s ago"), uses(), late()], "it is still starting"),
        ([cart(), uses(at="40m ago"), late()], "the look is old"),
        ([cart(memory="512Mi"), uses(), late()], "there is no CPU limit"),
        ([cart(), uses(container="gone"), late()], "another container"),
        ([uses(), late()], "the pod is gone"),
        ([cart(owner=("Job", "cart")), uses()], "a Job uses what it is given"),
    ],
)
def test_what_is_no_throttling(things: list[Thing], why: str) -> None:
    assert told(judge(world(things), CPU)) == [], why


def test_a_job_whose_probe_gets_no_answer_is_throttled_too() -> None:
    assert len(told(judge(world(cart(owner=("Job", "cart")), uses(), late()), CPU))) == 1


def test_a_pod_that_has_run_since_nobody_knows_when_is_no_young_one() -> None:
    one = cart()
    one["status"]["containerStatuses"][0]["state"] = {"running": {}}
    assert len(told(judge(world(one, uses()), CPU))) == 1


@pytest.mark.parametrize("detector", [CPU, MEMORY])
def test_a_metrics_api_that_may_not_be_read_leaves_it_open(detector: str) -> None:
    assert unsure(judge(world(cart(), uses(), denied("pods.metrics.k8s.io")), detector)) == (detector,)
    assert unsure(judge(world(cart()), detector)) == (), "where none is installed there is nothing to read"


def test_a_container_near_its_memory_limit_is_told_before_it_is_killed() -> None:
    said = judge(world(cart(), cart("cart-2"), uses(), uses(memory="470Mi", name="cart-2")), MEMORY)
    assert told(said) == [
        "Container app of cart uses 500Mi of its memory limit of 512Mi (98 %): a little more, and it is OOMKilled."
    ]
    assert [ref.name for ref in said.asides[0].finding.pods] == ["cart-1", "cart-2"]


def test_a_limit_that_the_namespace_gives_counts() -> None:
    given = thing("LimitRange", "default", spec={"limits": [{"type": "Container", "default": {"memory": "512Mi"}}]})
    assert "memory limit of 512Mi" in told(judge(world(cart(cpu="1"), uses(), given), MEMORY))[0]


@pytest.mark.parametrize(
    "things", [[cart(), uses(memory="440Mi")], [cart(cpu="1"), uses()], [cart(), uses(at="40m ago")]]
)
def test_memory_with_room_or_without_a_limit_is_nothing(things: list[Thing]) -> None:
    assert told(judge(world(things), MEMORY)) == []
