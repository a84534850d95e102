"""Pods that wait for an init container, a sidecar or a Job's helper: what decides, from both sides."""

from typing import Any

import pytest

from tests.knowledge.detectors.things import Thing, first, log, pod, proof, service, thing, told, world
from tests.seen import judge

BLOCKED, SIDECAR = "pod-init-blocked", "pod-sidecar-problem"
FAILED = {"exitCode": 1, "reason": "Error", "finishedAt": "2m ago"}


def step(name: str = "wait", **state: Any) -> Thing:
    return {"name": name, "restartCount": 0, "state": state}


def waiting(
    *steps: Thing, phase: str = "Pending", initialized: str = "False", name: str = "web-1", **spec: Any
) -> Thing:
    given = {
        "initContainers": [{"name": s["name"], "command": ["sh", "-c"], "args": ["./wait"]} for s in steps],
        "containers": [{"name": "app"}],
        **spec,
    }
    status = {
        "phase": phase,
        "conditions": [{"type": "Initialized", "status": initialized}] if initialized else [],
        "initContainerStatuses": list(steps),
    }
    return thing("Pod", name, owner=("ReplicaSet", "web-5d"), spec=given, status=status)


def test_the_step_that_fails_is_named_with_its_place_its_log_and_its_command() -> None:
    done = step("migrate", terminated={"exitCode": 0, "finishedAt": "5m ago"})
    loop = {"name": "wait", "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": FAILED}}
    things = [waiting(done, loop), log("web-1", "starting", "cannot go on", container="wait", previous=True)]
    said = judge(world(things), BLOCKED)
    assert told(said) == [
        "web-5d was never started: its init container `wait` (2 of 2) fails with exit code 1 (CrashLoopBackOff): its "
        "log says `cannot go on`."
    ]
    assert proof(said) == [
        "status.initContainerStatuses[wait].lastState.terminated.exitCode: 1 (Error)",
        "wait: cannot go on",
        "status.conditions[Initialized].status: False",
        "spec.initContainers[wait].command: sh -c ./wait",
    ]


def test_a_step_that_runs_for_long_is_told_with_since_when_and_without_a_log_without_one() -> None:
    said = judge(world(waiting(step(running={"startedAt": "14m ago"}), initialized="")), BLOCKED)
    assert told(said) == [
        "web-5d was never started: its init container `wait` (1 of 1) has been running since 2026-01-15 05:16 UTC and "
        "does not end."
    ]
    assert proof(said) == [
        "status.initContainerStatuses[wait].state.running.startedAt: 2026-01-15 05:16:00+00:00",
        "spec.initContainers[wait].command: sh -c ./wait",
    ]


def test_the_present_log_is_read_while_a_step_runs_and_the_last_one_while_it_waits() -> None:
    logs = [log("web-1", "now", container="wait"), log("web-1", "before", container="wait", previous=True)]
    running = waiting(step(running={"startedAt": "14m ago"}))
    assert "says `now`" in told(judge(world(running, logs), BLOCKED))[0]
    again = {**step(waiting={"reason": "CrashLoopBackOff"}), "lastState": {"terminated": FAILED}}
    assert "says `before`" in told(judge(world(waiting(again), logs), BLOCKED))[0]
    assert "says `now`" in told(judge(world(waiting(again), logs[:1]), BLOCKED))[0]


def test_a_dependency_that_is_only_waited_for_is_the_reason_and_one_that_failed_goes_before() -> None:
    held, db = waiting(step(running={"startedAt": "14m ago"})), service("db", {"app": "db"}, [{"port": 5432}])
    for line in ("waiting for db:5432", "dial tcp: connection refused: db:5432"):
        said = judge(world(held, db, log("web-1", line, container="wait")), BLOCKED)
        assert ("Service", "db") in [(ref.kind, ref.name) for ref in first(said).because], line
    said = judge(world(held, db, log("web-1", "nothing of note", container="wait")), BLOCKED)
    assert first(said).because == ()


def test_every_pod_that_is_held_up_is_told_once_and_a_well_one_is_left_out() -> None:
    failing = step(terminated=FAILED)
    well = waiting(step(terminated={"exitCode": 0}), phase="Running", initialized="True", name="web-3")
    said = judge(world(waiting(failing), waiting(failing, name="web-2"), well), BLOCKED)
    assert [ref.name for ref in first(said).pods] == ["web-1", "web-2"]


@pytest.mark.parametrize(
    ("held", "why"),
    [
        (waiting(step(terminated=FAILED), phase="Running"), "its program runs"),
        (waiting(step(terminated=FAILED), initialized="True"), "its steps are done"),
        (waiting(step(waiting={"reason": "ImagePullBackOff"})), "an image is missing"),
        (
            waiting({**step(waiting={"reason": "ErrImagePull"}), "lastState": {"terminated": FAILED}}),
            "an image is missing now",
        ),
        (waiting(step(terminated={"exitCode": 0, "finishedAt": "1m ago"})), "the step went well"),
        (waiting(step(running={"startedAt": "4m ago"})), "it has not run for long"),
        (waiting(step(running={})), "nobody knows since when it runs"),
        (
            waiting(step("proxy", terminated=FAILED), initContainers=[{"name": "proxy", "restartPolicy": "Always"}]),
            "a sidecar has its own detection",
        ),
    ],
)
def test_what_holds_no_pod_up(held: Thing, why: str) -> None:
    assert told(judge(world(held), BLOCKED)) == [], why


def test_a_failed_pod_s_step_is_told_too() -> None:
    assert len(told(judge(world(waiting(step(terminated=FAILED), phase="Failed")), BLOCKED))) == 1


PROXY = {"name": "proxy", "restartPolicy": "Always"}
DOWN = {"name": "proxy", "started": False, "restartCount": 2, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
IDLE = {"name": "app", "state": {"waiting": {"reason": "PodInitializing"}}}


def beside(
    sidecar: Thing = DOWN, created: str = "9m ago", phase: str = "Pending", main: Thing = IDLE, declared: Thing = PROXY
) -> Thing:
    spec = {"initContainers": [{"name": "migrate"}, declared], "containers": [{"name": "app"}, {"name": "done"}]}
    status = {
        "phase": phase,
        "initContainerStatuses": [{"name": "migrate", "state": {"terminated": {"exitCode": 0}}}, sidecar],
        "containerStatuses": [{"name": "done", "state": {"terminated": {"exitCode": 0}}}, main],
    }
    return thing("Pod", "web-1", created=created, owner=("ReplicaSet", "web-5d"), spec=spec, status=status)


def test_a_sidecar_that_is_not_up_is_told_with_whom_it_holds_up() -> None:
    said = judge(world(beside()), SIDECAR)
    assert told(said) == [
        "web-5d waits for its sidecar `proxy`, which is not up (CrashLoopBackOff): app may not start before it."
    ]
    assert "(running): app" in told(judge(world(beside({**DOWN, "state": {"running": {}}})), SIDECAR))[0]
    two = beside(), {**beside(), "metadata": {**beside()["metadata"], "name": "web-2"}}
    assert [ref.name for ref in first(judge(world(*two), SIDECAR)).pods] == ["web-1"]


@pytest.mark.parametrize(
    ("held", "why"),
    [
        (beside(created="90s ago"), "the pod is young"),
        (beside(phase="Running"), "the pod runs"),
        (beside(main={"name": "app", "state": {"running": {}}}), "nobody waits"),
        (beside({**DOWN, "started": True}), "it is up"),
        (beside({**DOWN, "state": {"terminated": {"exitCode": 1}}}), "it has ended"),
        (beside(declared={"name": "proxy"}), "it is no sidecar"),
    ],
)
def test_what_is_no_sidecar_that_is_down(held: Thing, why: str) -> None:
    assert told(judge(world(held), SIDECAR)) == [], why


def finished(
    ago: str = "20m ago", code: int = 0, kind: str = "Job", phase: str = "Running", helper: Any = None
) -> Thing:
    status = {
        "phase": phase,
        "containerStatuses": [
            {"name": "wait", "state": {"terminated": {"exitCode": 3, "finishedAt": "30m ago"}}},
            {"name": "import", "state": {"terminated": {"exitCode": code, **({"finishedAt": ago} if ago else {})}}},
            {"name": "proxy", "state": helper or {"running": {}}},
        ],
    }
    return thing("Pod", "import-1", owner=(kind, "import"), status=status)


def test_a_job_whose_helper_goes_on_does_not_end() -> None:
    assert told(judge(world(finished()), SIDECAR)) == [
        "Job import is done but does not end: container import completed at 2026-01-15 05:10 UTC, and container proxy "
        "keeps running."
    ]


@pytest.mark.parametrize(
    ("held", "why"),
    [
        (finished("4m ago"), "the helper may still end"),
        (finished(""), "nobody knows when it was done"),
        (finished(code=1), "the work failed"),
        (finished(kind="ReplicaSet"), "it is no Job"),
        (finished(phase="Succeeded"), "the pod has ended"),
        (finished(helper={"terminated": {"exitCode": 0, "finishedAt": "20m ago"}}), "the helper has ended"),
        (pod("alone"), "nobody owns it"),
    ],
)
def test_what_is_no_job_that_a_helper_keeps(held: Thing, why: str) -> None:
    assert told(judge(world(held), SIDECAR)) == [], why
