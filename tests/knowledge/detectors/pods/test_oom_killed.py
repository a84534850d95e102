"""A container over its memory limit is told from a node that ran out of memory."""

from datetime import timedelta

from tests.knowledge.detectors.ended import about, workload
from tests.knowledge.detectors.things import denied, event, told, unsure, world
from tests.seen import NOW, judge

LIMIT = {"resources": {"limits": {"memory": "512Mi"}}}
OOM = {"code": 137, "reason": "OOMKilled"}


def test_a_container_over_its_limit_is_named_with_the_limit() -> None:
    said = judge(world(workload(container=LIMIT, **OOM)), "pod-oomkilled")
    assert told(said) == [
        "checkout was OOMKilled (exit code 137): container app used more than its memory limit of 512Mi (5 restarts)."
    ]


def test_the_revision_that_lowered_the_limit_is_named() -> None:
    before = {"resources": {"limits": {"memory": "2Gi"}}}
    things = workload(container=LIMIT, before=before, deployed="12m ago", pod_created="12m ago", **OOM)
    assert "revision 2, which changed app: limits.memory 2Gi → 512Mi" in told(judge(world(things), "pod-oomkilled"))[0]


def test_a_heap_as_large_as_the_limit_is_named() -> None:
    java = {**LIMIT, "env": [{"name": "JAVA_TOOL_OPTIONS", "value": "-Xmx512m"}]}
    assert "-Xmx512m lets the program use" in told(judge(world(workload(container=java, **OOM)), "pod-oomkilled"))[0]


def test_without_a_limit_the_node_ran_out() -> None:
    said = judge(world(workload(**OOM)), "pod-oomkilled")
    assert "node node-1 ran out of memory" in told(said)[0]
    assert [ref.kind for ref in said.causes[0].finding.because] == ["Node"]


def test_a_kill_beside_a_system_oom_of_the_node_is_likely_one() -> None:
    oom = event(("Node", "node-1"), "SystemOOM", "System OOM encountered, victim process: app, pid: 4", last="3m ago")
    said = judge(world(workload(code=137, container=LIMIT), oom), "pod-oomkilled")
    assert [c.finding.confidence.name for c in said.causes] == ["LIKELY"]


def test_pods_that_may_not_be_read_leave_it_open() -> None:
    said = judge(world(workload(container=LIMIT, **OOM), denied("pods")), "pod-oomkilled")
    assert unsure(said) == ("pod-oomkilled",)


def test_a_kill_by_the_liveness_probe_is_no_oom() -> None:
    kill = about("Killing", "Container app failed liveness probe, will be restarted", last="3m5s ago")
    assert told(judge(world(workload(code=143, reason="OOMKilled", container=LIMIT), kill), "pod-oomkilled")) == []


def test_an_oom_of_three_days_ago_is_not_the_answer_for_another_time() -> None:
    things = workload(container=LIMIT, looping=False, restarts=1, finished="3d ago", started="4d ago", **OOM)
    assert told(judge(world(things), "pod-oomkilled", at=NOW - timedelta(minutes=18))) == []
    assert told(judge(world(things), "pod-oomkilled")) != []


def test_forty_pods_of_one_workload_are_one_finding() -> None:
    things = workload(container=LIMIT, **OOM)
    pods = [thing for thing in things if thing["kind"] == "Pod"]
    more = [{**pods[0], "metadata": {**pods[0]["metadata"], "name": f"checkout-6d4cf56db6-{n:05d}"}} for n in range(39)]
    said = judge(world(things, more), "pod-oomkilled")
    assert len(said.causes) == 1
    assert len(said.causes[0].finding.pods) == 40


def test_a_limit_that_the_namespace_gave_is_said_to_be_its_default() -> None:
    note = "LimitRanger plugin set: memory request for container app; memory limit for container app"
    things = workload(container=LIMIT, **OOM)
    for thing in things:
        if thing["kind"] == "Pod":
            thing["metadata"]["annotations"] = {"kubernetes.io/limit-ranger": note}
    assert "the default that the namespace's LimitRange gives" in told(judge(world(things), "pod-oomkilled"))[0]
