"""How politely a program stops."""

from typing import Any

import pytest

from tests.knowledge.detectors.things import denied, deployment, event, pod, service, thing, told, unsure, world
from tests.seen import judge

IGNORED, ROUGH = "shutdown-term-ignored", "shutdown-not-graceful"
LABELS = {"app": "web"}
STOPPING = event(("Pod", "web-1"), "Killing", "Stopping container app", container="app", last="40s ago")


def web(code: int = 137, at: str = "10s ago", reason: str = "Error", **spec: Any) -> dict[str, Any]:
    end = {"exitCode": code, "reason": reason, "startedAt": "2h ago", "finishedAt": at}
    state = {"restartCount": 1, "state": {"running": {}}, "lastState": {"terminated": end}}
    return pod("web-1", LABELS, state=state, spec=spec, container={"command": ["sh", "-c", "run"]})


def test_a_kill_after_the_whole_grace_period_is_told_with_the_shell() -> None:
    sentence = told(judge(world(web(), STOPPING), IGNORED))[0]
    assert "after using up its whole terminationGracePeriodSeconds of 30s" in sentence
    assert "runs under a shell (sh)" in sentence


def test_the_kubelets_own_word_for_it_is_enough() -> None:
    hook = event(("Pod", "web-1"), "FailedPreStopHook", "PreStopHook failed", container="app")
    assert told(judge(world(pod("web-1"), hook), IGNORED)) == ["web-1 did not stop in time: PreStopHook failed"]


def test_a_polite_end_is_clean() -> None:
    assert told(judge(world(web(code=143), STOPPING), IGNORED)) == []


def test_a_kill_for_memory_or_before_the_grace_period_is_over_stays_silent() -> None:
    assert told(judge(world(web(reason="OOMKilled"), STOPPING), IGNORED)) == []
    assert told(judge(world(web(at="35s ago"), STOPPING), IGNORED)) == []


def test_without_pods_to_look_at_it_cannot_tell() -> None:
    assert unsure(judge(world(web(), STOPPING, denied("pods")), IGNORED)) == (IGNORED,)


def rough(**spec: Any) -> list[dict[str, Any]]:
    template = {"containers": [{"name": "app", "ports": [{"containerPort": 80}], **spec.pop("container", {})}]}
    owned = pod("web-2", LABELS, owner=("Deployment", "web"))
    return [deployment("web", LABELS, template=template, spec=spec), owned, service("web", LABELS)]


def test_two_signs_of_a_rough_end_are_reported_together() -> None:
    sentence = told(judge(world(rough(strategy={"type": "Recreate"})), ROUGH))[0]
    assert "strategy Recreate" in sentence
    assert "neither a readiness probe nor a preStop hook" in sentence


def test_one_sign_alone_stays_silent() -> None:
    assert told(judge(world(rough()), ROUGH)) == []


def test_a_graceful_workload_is_clean() -> None:
    hook = {"lifecycle": {"preStop": {"sleep": {"seconds": 10}}}}
    assert told(judge(world(rough(container=hook)), ROUGH)) == []


def test_without_deployments_a_rough_end_cannot_be_told() -> None:
    assert unsure(judge(world(rough(strategy={"type": "Recreate"}), denied("deployments")), ROUGH)) == (ROUGH,)


@pytest.mark.parametrize(("rolled", "headline"), [("20m ago", True), ("3d ago", False)])
def test_a_rough_end_is_an_answer_only_about_the_time_of_a_rollout(rolled: str, headline: bool) -> None:
    sets = [
        thing(
            "ReplicaSet",
            f"web-{number}",
            owner=("Deployment", "web"),
            created=created,
            annotations={"deployment.kubernetes.io/revision": str(number)},
        )
        for number, created in ((1, "9d ago"), (2, rolled))
    ]
    for owned in sets:
        owned["metadata"]["ownerReferences"][0]["controller"] = True
    diagnosis = judge(world(rough(strategy={"type": "Recreate"}), sets), ROUGH)
    assert bool(diagnosis.causes) is headline
    assert len(told(diagnosis)) == 1
