"""Pods that ended or are gone: what decides, from both sides."""

from datetime import timedelta
from typing import Any

import pytest

from knowledge.finding import Confidence
from tests.knowledge.detectors.ended import about, workload
from tests.knowledge.detectors.things import Thing, event, first, log, proof, thing, told, world
from tests.seen import NOW, judge

OOM, DOWN, ROLLED = "pod-oomkilled", "pod-scaled-down", "pod-replaced-by-rollout"
STARTS, HOOKED = "pod-start-command-failed", "pod-post-start-failed"
RUNNING = {"code": None, "looping": False}
LIMIT = {"resources": {"limits": {"memory": "512Mi"}}}
DEPLOYMENT = ("Deployment", "checkout")


def system_oom(last: str = "3m ago", message: str = "System OOM encountered, victim process: app, pid: 4") -> Thing:
    return event(("Node", "node-1"), "SystemOOM", message, last=last)


@pytest.mark.parametrize(
    ("last", "finished", "likely"),
    [
        ("3m ago", "3m ago", True),
        ("4m30s ago", "3m ago", True),
        ("6m ago", "3m ago", False),
        ("1h ago", "3m ago", False),
    ],
)
def test_a_kill_is_the_nodes_only_about_the_time_of_its_shortage(last: str, finished: str, likely: bool) -> None:
    said = judge(world(workload(code=137, container=LIMIT, finished=finished), system_oom(last)), OOM)
    assert [c.finding.confidence for c in said.causes] == [Confidence.LIKELY] * likely


def test_a_kill_of_another_code_or_without_a_word_of_the_node_is_no_oom() -> None:
    assert told(judge(world(workload(code=1, container=LIMIT), system_oom()), OOM)) == []
    assert told(judge(world(workload(code=143, container=LIMIT), system_oom()), OOM)) == []
    assert told(judge(world(workload(code=137, container=LIMIT)), OOM)) == []
    other = event(("Node", "node-1"), "OOMKilling", "Killed process 4 (app)", last="3m ago")
    assert told(judge(world(workload(code=137, container=LIMIT), other), OOM)) == []


def test_a_log_that_speaks_of_memory_makes_any_report_of_the_node_count() -> None:
    other = event(("Node", "node-1"), "OOMKilling", "Killed process 4 (app)", last="3m ago")
    lines = "java.lang.OutOfMemoryError: Java heap space"
    assert len(told(judge(world(workload(code=137, lines=lines), other), OOM))) == 1
    assert told(judge(world(workload(code=137, lines="all is well"), other), OOM)) == []


def test_an_oom_at_a_container_s_own_limit_is_not_the_nodes_whatever_the_node_says() -> None:
    said = judge(world(workload(container=LIMIT, code=137, reason="OOMKilled"), system_oom()), OOM)
    assert "more than its memory limit of 512Mi" in told(said)[0]
    assert first(said).because == ()
    assert "hard ceiling" in str(first(said).why)
    nodes = judge(world(workload(code=137, container=LIMIT), system_oom()), OOM)
    assert [ref.name for ref in first(nodes).because] == ["node-1"]
    assert "When a machine has no memory left" in str(first(nodes).why)


def test_an_oom_on_no_node_names_none() -> None:
    things = workload(code=137, reason="OOMKilled", spec={"nodeName": ""})
    assert first(judge(world(things), OOM)).because == ()


@pytest.mark.parametrize(("heap", "named"), [("-Xmx410m", True), ("-Xmx400m", False), ("-Xmx120m", False)])
def test_a_heap_is_blamed_only_where_it_leaves_no_room(heap: str, named: bool) -> None:
    java = {**LIMIT, "env": [{"name": "JAVA_TOOL_OPTIONS", "value": heap}]}
    said = judge(world(workload(container=java, code=137, reason="OOMKilled")), OOM)
    assert (heap in told(said)[0]) is named
    assert any(heap in line for line in proof(said))


def rescale(
    message: str = "New size: 1; reason: All metrics below target", last: str = "9m ago", on: str = "checkout"
) -> list[Thing]:
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": on}}
    return [
        thing("HorizontalPodAutoscaler", "web", spec=spec),
        event(("HorizontalPodAutoscaler", "web"), "SuccessfulRescale", message, last=last),
    ]


def scaled(text: str = "Scaled down replica set checkout-6d4cf56db6 from 3 to 1", last: str = "9m ago") -> Thing:
    return event(DEPLOYMENT, "ScalingReplicaSet", text, last=last)


@pytest.mark.parametrize(
    ("things", "why"),
    [
        ([scaled("Scaled up replica set checkout-6d4cf56db6 from 1 to 3")], "it was scaled up"),
        ([scaled("something else")], "nobody knows what it says"),
        ([scaled("Scaled down replica set checkout-5c9b7d8f64 from 3 to 1")], "it was another revision"),
        ([scaled(last="3h ago")], "it was long ago"),
    ],
)
def test_what_is_no_scaling_down(things: list[Thing], why: str) -> None:
    assert told(judge(world(workload(**RUNNING), things), DOWN)) == [], why


def test_a_scaling_down_before_the_last_up_is_found_within_two_hours() -> None:
    up = scaled("Scaled up replica set checkout-6d4cf56db6 from 1 to 2", "2m ago")
    assert "from 3 to 1" in told(judge(world(workload(**RUNNING), scaled(last="110m ago"), up), DOWN))[0]


def test_without_its_replica_sets_nobody_knows_which_revision_was_scaled() -> None:
    assert told(judge(world(workload(**RUNNING)[:1], scaled()), DOWN)) == []


@pytest.mark.parametrize(
    ("deployed", "to", "says"),
    [("10m ago", 1, False), ("23m ago", 1, False), ("30m ago", 1, True), ("5m ago", 1, True), ("10m ago", 0, True)],
)
def test_the_end_of_a_surge_is_told_from_a_scaling(deployed: str, to: int, says: bool) -> None:
    things = workload(**RUNNING, before={"image": "app:0.9"}, deployed=deployed)
    down = scaled(f"Scaled down replica set checkout-6d4cf56db6 from 3 to {to}")
    assert bool(told(judge(world(things, down), DOWN))) is says


def test_an_only_revision_has_no_surge() -> None:
    things = workload(**RUNNING)
    things[1]["metadata"]["creationTimestamp"] = "10m ago"
    assert len(told(judge(world(things, scaled()), DOWN))) == 1


@pytest.mark.parametrize(
    ("things", "by_scaler"),
    [
        (rescale(), True),
        (rescale(last="13m ago"), True),
        (rescale(last="30m ago"), False),
        (rescale(on="other"), False),
    ],
)
def test_an_autoscaler_is_named_when_it_is_this_ones_and_did_it_then(things: list[Thing], by_scaler: bool) -> None:
    said = judge(world(workload(**RUNNING), scaled(), things), DOWN)
    assert ("HorizontalPodAutoscaler web scaled it down" in told(said)[0]) is by_scaler
    assert ("SuccessfulRescale" in " ".join(proof(said))) is by_scaler


def written(time: str = "9m ago", fields: str = "f:replicas") -> list[Thing]:
    things = workload(**RUNNING)
    entry = {"manager": "helm", "time": time, "fieldsV1": {"f:spec": {fields: {}}}}
    things[0]["metadata"]["managedFields"] = [{"manager": "nobody"}, {k: v for k, v in entry.items() if v}]
    return things


@pytest.mark.parametrize(
    ("things", "who"),
    [
        (written(), " by helm"),
        (written("13m ago"), " by helm"),
        (written("30m ago"), ""),
        (written(""), ""),
        (written(fields="f:template"), ""),
    ],
)
def test_who_wrote_the_number_then_is_named(things: list[Thing], who: str) -> None:
    assert f"from 3 to 1 at 2026-01-15 05:21 UTC{who}. Nothing" in told(judge(world(things, scaled()), DOWN))[0]


def left(
    number: int = 2, last: str = "9m ago", text: str = "delete Pod db-{} in StatefulSet db successful"
) -> list[Thing]:
    owner = thing("StatefulSet", "db", spec={"replicas": 2, "selector": {"matchLabels": {"app": "db"}}})
    return [owner, event(("StatefulSet", "db"), "SuccessfulDelete", text.format(number), last=last)]


@pytest.mark.parametrize(
    ("things", "says"),
    [
        (left(), True),
        (left(last="110m ago"), True),
        (left(last="3h ago"), False),
        (left(1), False),
        (left(text="x"), False),
    ],
)
def test_a_set_loses_its_highest_pods_when_it_is_scaled_down(things: list[Thing], says: bool) -> None:
    assert bool(told(judge(world(things), DOWN))) is says


def deployed(ago: str = "20m ago", at: timedelta = timedelta(0), **meta: Any) -> list[str]:
    things = workload(**RUNNING, before={"image": "app:0.9"}, deployed=ago)
    things[0]["metadata"].update(meta)
    said = judge(world(things), ROLLED, at=NOW - at)
    return proof(said) if told(said) else []


def test_a_rollout_is_the_answer_within_a_day_and_for_a_time_about_it() -> None:
    assert deployed("23h ago")
    assert not deployed("25h ago")
    assert deployed("60m ago", at=timedelta(minutes=20))
    assert not deployed("70m ago", at=timedelta(minutes=20))
    assert deployed("10m ago", at=timedelta(minutes=50))
    assert not deployed("in 10m")


def test_who_deployed_and_why_is_proof_of_a_rollout() -> None:
    wrote = {"manager": "argocd", "operation": "Update", "time": "19m ago", "fieldsV1": {"f:spec": {}}}
    cause = {"annotations": {"kubernetes.io/change-cause": "release 12"}}
    assert any("release 12" in line for line in deployed(**cause))
    assert any("argocd" in line for line in deployed(managedFields=[wrote]))
    for other in ({**wrote, "time": "9m ago"}, {**wrote, "subresource": "status"}, {"manager": "argocd"}):
        assert not any("argocd" in line for line in deployed(managedFields=[other]))


def test_a_deployment_and_a_set_are_explained_differently() -> None:
    things = workload(**RUNNING, before={"image": "app:0.9"}, deployed="20m ago")
    assert "makes a new ReplicaSet" in str(first(judge(world(things), ROLLED)).why)


FILE = "exec /app/run.sh: no such file or directory"


def test_the_runtime_s_message_goes_before_the_log_and_the_log_before_nothing() -> None:
    said = judge(world(workload(code=127, message="exec: rejected", lines="sh: 1: run: not found")), STARTS)
    assert "exec: rejected" in told(said)[0]
    said = judge(world(workload(code=127, message="it did not go", lines="the last word")), STARTS)
    assert "the last word" in told(said)[0]
    said = judge(world(workload(code=127, message="it did not go")), STARTS)
    assert "it did not go" in told(said)[0]
    assert "message: it did not go" in proof(said)
    assert "back-off 5m0s" in told(judge(world(workload(code=127)), STARTS))[0]


def test_what_is_missing_by_the_log_makes_it_sure() -> None:
    said = judge(world(workload(code=127, lines=f"hello\\n{FILE}")), STARTS)
    assert first(said).confidence is Confidence.PROVEN
    said = judge(world(workload(code=127, message="odd", lines="bind: address already in use")), STARTS)
    assert first(said).confidence is Confidence.LIKELY
    assert not any(line.startswith("app: ") for line in proof(said)[2:])


def test_the_command_as_it_was_given_is_proof() -> None:
    given = {"command": ["/bin/run"], "args": ["--fast"]}
    assert "spec.containers[app].command: /bin/run --fast" in proof(
        judge(world(workload(code=127, container=given)), STARTS)
    )
    assert "spec.containers[app].command: -" in proof(judge(world(workload(code=127)), STARTS))


@pytest.mark.parametrize("log_or_message", [{"lines": "exec format error"}, {"message": "exec format error"}])
def test_another_architecture_is_told_elsewhere_by_its_log_or_its_message(log_or_message: dict[str, str]) -> None:
    assert told(judge(world(workload(code=126, **log_or_message)), STARTS)) == []


def test_a_container_that_ended_and_waits_again_is_told_once() -> None:
    text = 'runc create failed: exec: "wge": executable file not found in $PATH: unknown'
    waits = {"state": {"waiting": {"reason": "RunContainerError", "message": text}}}
    assert len(told(judge(world(workload(code=128, reason="StartError", message=text, state=waits)), STARTS))) == 1
    said = judge(
        world(workload(code=None, state={"state": {"waiting": {"reason": "RunContainerError", "message": "odd"}}})),
        STARTS,
    )
    assert told(said) == ["checkout cannot start (RunContainerError, exit code 128): odd."]
    assert first(said).confidence is Confidence.LIKELY


HOOK = {"lifecycle": {"postStart": {"exec": {"command": ["/opt/register.sh"]}}}}


def hooked(container: Thing, *events: Thing) -> Any:
    killed = about("Killing", "FailedPostStartHook", last="3m ago")
    return judge(world(workload(code=137, container=container), killed, *events), HOOKED)


def test_a_hook_is_told_with_its_own_event_and_without_a_command_where_it_has_none() -> None:
    mine = about("FailedPostStartHook", "mine failed", last="3m ago")
    other = about("FailedPostStartHook", "other failed", last="2m ago", container="proxy")
    said = hooked(HOOK, mine, other)
    assert "FailedPostStartHook: mine failed" in proof(said)
    assert "spec.containers[app].lifecycle.postStart.exec.command: /opt/register.sh" in proof(said)
    for container in ({}, {"lifecycle": {}}, {"lifecycle": {"postStart": {"httpGet": {"port": 80}}}}):
        assert "its postStart hook fails" in told(hooked(container))[0]
    assert "FailedPostStartHook: any" in proof(hooked(HOOK, about("FailedPostStartHook", "any", container="")))


def test_a_program_that_ends_well_again_and_again_is_told_with_its_command() -> None:
    ends = {"code": 0, "reason": "Completed", "restarts": 2}
    run = {"command": ["/bin/once"], "args": ["--now"]}
    said = judge(world(workload(**ends, container=run)), "pod-main-process-exits-zero")
    assert any(line.endswith("/bin/once --now") for line in proof(said))
    assert told(judge(world(workload(**{**ends, "restarts": 1})), "pod-main-process-exits-zero")) == []
    never = {**ends, "spec": {"restartPolicy": "OnFailure"}}
    assert told(judge(world(workload(**never)), "pod-main-process-exits-zero")) == []


def test_only_a_missing_setting_in_capitals_is_a_variable() -> None:
    for line, variable in (("required environment variable DB_URL is not set", True), ("panic: all is lost", False)):
        said = judge(world(workload(lines=line)), "pod-crashloop-app-exit")
        assert ("DB_URL" in " ".join(map(str, first(said).remedies))) is variable, line


def test_logs_of_an_hour_without_a_fault_are_no_proof() -> None:
    quiet = log("checkout-6d4cf56db6-abcde", "ready")
    assert told(judge(world(workload(**RUNNING), quiet), "pod-crashloop-app-exit")) == []
