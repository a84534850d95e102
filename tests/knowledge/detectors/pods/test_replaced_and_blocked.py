"""Pods that are gone without a crash, and pods whose program was never started."""

from datetime import timedelta

import pytest

from knowledge.facts.history import Turn, history
from knowledge.finding import Ref
from tests.knowledge.detectors.ended import workload
from tests.knowledge.detectors.things import Thing, denied, event, log, thing, told, unsure, world
from tests.seen import NOW, judge, seen

DEPLOYMENT = ("Deployment", "checkout")
RUNNING = {"code": None, "looping": False}
OLD = {"image": "registry.example.com/app:0.9"}
DOWN = event(DEPLOYMENT, "ScalingReplicaSet", "Scaled down replica set checkout-6d4cf56db6 from 3 to 1", last="9m ago")


def blocked(state: Thing, *lines: str) -> list[Thing]:
    spec = {
        "nodeName": "node-1",
        "initContainers": [{"name": "wait-for-db", "image": "r.example.com/wait:1"}],
        "containers": [{"name": "app", "image": "r.example.com/app:1"}],
    }
    status = {
        "phase": "Pending",
        "conditions": [{"type": "Initialized", "status": "False"}],
        "initContainerStatuses": [{"name": "wait-for-db", "restartCount": 0, **state}],
    }
    return [thing("Pod", "web-1", spec=spec, status=status), log("web-1", *lines, container="wait-for-db")]


def test_a_rollout_is_told_with_what_it_changed() -> None:
    text = told(judge(world(workload(**RUNNING, before=OLD, deployed="20m ago")), "pod-replaced-by-rollout"))[0]
    assert "not by a crash: revision 2 was deployed" in text
    assert "app: image registry.example.com/app:0.9 → registry.example.com/app:1.0" in text


def test_a_rollout_of_another_time_is_not_the_answer() -> None:
    things = world(workload(**RUNNING, before=OLD, deployed="20m ago"))
    assert told(judge(things, "pod-replaced-by-rollout", at=NOW - timedelta(hours=6))) == []
    assert told(judge(world(workload(**RUNNING)), "pod-replaced-by-rollout")) == []
    said = judge(world(workload(**RUNNING, before=OLD), denied("replicasets")), "pod-replaced-by-rollout")
    assert unsure(said) == ("pod-replaced-by-rollout",)


def test_a_scaling_by_an_autoscaler_is_told_with_its_reason() -> None:
    scaler = thing(
        "HorizontalPodAutoscaler", "web", spec={"scaleTargetRef": {"kind": "Deployment", "name": "checkout"}}
    )
    why = event(
        ("HorizontalPodAutoscaler", "web"),
        "SuccessfulRescale",
        "New size: 1; reason: All metrics below target",
        last="9m ago",
    )
    text = told(judge(world(workload(**RUNNING), scaler, why, DOWN), "pod-scaled-down"))[0]
    assert "HorizontalPodAutoscaler web scaled it down from 3 to 1" in text
    assert "All metrics below target" in text


def test_a_scaling_by_hand_is_told_and_the_end_of_a_surge_is_none() -> None:
    assert "scaled down from 3 to 1" in told(judge(world(workload(**RUNNING), DOWN), "pod-scaled-down"))[0]
    surge = workload(**RUNNING, before=OLD, deployed="10m ago")
    assert told(judge(world(surge, DOWN), "pod-scaled-down")) == []
    assert told(judge(world(workload(**RUNNING), DOWN, denied("events")), "pod-scaled-down")) == []


def test_an_init_container_that_fails_is_named_with_its_log() -> None:
    end = {"exitCode": 1, "reason": "Error", "finishedAt": "2m ago"}
    state = {"state": {"terminated": end}}
    text = told(judge(world(blocked(state, "connection refused: orders-db:5432")), "pod-init-blocked"))[0]
    assert "its init container `wait-for-db` (1 of 1) fails with exit code 1" in text
    assert "orders-db:5432" in text


def test_an_init_container_that_never_ends_is_named_and_a_fresh_one_is_left_alone() -> None:
    long, fresh = ({"state": {"running": {"startedAt": since}}} for since in ("14m ago", "1m ago"))
    assert "does not end" in told(judge(world(blocked(long, "waiting")), "pod-init-blocked"))[0]
    assert told(judge(world(blocked(fresh, "waiting")), "pod-init-blocked")) == []
    assert unsure(judge(world(blocked(long), denied("pods")), "pod-init-blocked")) == ("pod-init-blocked",)


def test_a_sidecar_that_is_not_up_holds_the_program_up() -> None:
    spec = {
        "initContainers": [{"name": "proxy", "restartPolicy": "Always"}],
        "containers": [{"name": "app"}],
    }
    up = {"name": "proxy", "started": False, "state": {"running": {"startedAt": "9m ago"}}}
    app = {"name": "app", "state": {"waiting": {"reason": "PodInitializing"}}}
    status = {"phase": "Pending", "initContainerStatuses": [up], "containerStatuses": [app]}
    held = thing("Pod", "web-1", spec=spec, status=status)
    assert "waits for its sidecar `proxy`" in told(judge(world(held), "pod-sidecar-problem"))[0]
    well = thing("Pod", "web-1", spec=spec, status={**status, "initContainerStatuses": [{**up, "started": True}]})
    assert told(judge(world(well), "pod-sidecar-problem")) == []
    assert unsure(judge(world(held, denied("pods")), "pod-sidecar-problem")) == ("pod-sidecar-problem",)


def test_the_history_of_a_workload_is_told_in_the_order_of_time() -> None:
    things = workload(before=OLD, deployed="2h ago", pod_created="2h ago", looping=False, restarts=1)
    told_of = history(seen(world(things)), Ref("Deployment", "shop", "checkout"))
    assert [h.turn for h in told_of] == [Turn.ROLLED_OUT, Turn.RESTARTED]


def stateful(kind: str = "StatefulSet", replicas: int = 2) -> list[Thing]:
    """A set with two kept revisions, the second with another image, made 20 minutes ago."""
    owner = thing(kind, "db", spec={"replicas": replicas, "selector": {"matchLabels": {"app": "db"}}})
    kept = []
    for number, image, made in ((1, "db:15", "9d ago"), (2, "db:16", "20m ago")):
        template = {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [{"name": "db", "image": image}]}}
        data = {"spec": {"template": {"$patch": "replace", **template}}}
        one = thing("ControllerRevision", f"db-{number}", owner=(kind, "db"), created=made, data=data, revision=number)
        one["metadata"]["ownerReferences"][0]["controller"] = True
        kept.append(one)
    return [owner, *kept]


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
def test_a_rollout_of_a_set_is_told_from_its_kept_revisions(kind: str) -> None:
    text = told(judge(world(stateful(kind)), "pod-replaced-by-rollout"))[0]
    assert "revision 2 was deployed" in text
    assert "db: image db:15 → db:16" in text


def test_a_revision_of_a_form_of_its_own_changes_nothing_that_is_known() -> None:
    things = stateful()
    things[2]["data"] = {"spec": "opaque"}
    assert "and changed db: container" in told(judge(world(things), "pod-replaced-by-rollout"))[0]


def test_a_set_that_was_scaled_down_loses_its_highest_pod_and_a_replaced_one_is_none() -> None:
    gone = event(
        ("StatefulSet", "db"), "SuccessfulDelete", "delete Pod db-2 in StatefulSet db successful", last="9m ago"
    )
    assert (
        "Pods of db are gone because it was scaled down to 2"
        in (told(judge(world(stateful(), gone), "pod-scaled-down"))[0])
    )
    assert told(judge(world(stateful(replicas=3), gone), "pod-scaled-down")) == []


def test_without_events_a_scaling_cannot_be_told() -> None:
    hidden = world(workload(**RUNNING), DOWN, denied("events"))
    assert unsure(judge(hidden, "pod-scaled-down")) == ("pod-scaled-down",)
