"""Pods that went with their node or for a taint on it, and what a storm rests on: from both sides."""

from typing import Any

import pytest

from tests.knowledge.detectors.evictions.test_edges_of_losses import GONE, ended, going, node, storm
from tests.knowledge.detectors.things import Thing, event, first, log, pod, proof, service, told, world
from tests.seen import judge

EVICTED = event(("Pod", "web-0"), "TaintManagerEviction", "Marking for deletion Pod shop/web-0")


def tainted(effect: str = "NoExecute", key: str = "work", at: str | None = "9m ago", ready: str = "True") -> Thing:
    taints = [
        {"key": "other", "effect": "NoSchedule", "timeAdded": "3d ago"},
        {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute", "timeAdded": "2m ago"},
        {"key": key, "effect": effect, **({"timeAdded": at} if at else {})},
    ]
    return node(ready=ready, taints=taints)


@pytest.mark.parametrize(
    ("things", "words"),
    [
        ([tainted(), going("DeletionByTaintManager")], "the taint work:NoExecute on node n1"),
        ([tainted("NoSchedule"), going("DeletionByTaintManager")], "together with node n1"),
        ([tainted(key="node.kubernetes.io/x"), going("DeletionByTaintManager")], "together with node n1"),
        ([tainted(ready="Unknown"), going("DeletionByTaintManager")], "it is NotReady"),
        ([going("DeletionByTaintManager")], "together with node n1: the node does not exist any more"),
        ([node(), going("DeletionByPodGC")], "together with node n1: it had stopped answering"),
        ([node("n2"), pod("web-1", spec={"nodeName": "n1"})], "the node does not exist any more"),
        ([node("n2"), pod("web-1", spec={"nodeName": "n1"}, status={"phase": "Succeeded"})], ""),
        ([node("n2"), pod("web-1", spec={"nodeName": ""}, status={"phase": "Pending"})], ""),
        ([pod("web-1", spec={"nodeName": "n1"})], ""),
        ([EVICTED], "no longer recorded"),
        ([event(("Pod", "web-0"), "TaintManagerEviction", "Cancelling deletion of Pod shop/web-0")], ""),
        ([event(("Pod", "web-0"), "TaintManagerEviction", "anything")], ""),
    ],
)
def test_why_a_pod_went_with_its_node(things: list[Thing], words: str) -> None:
    said = told(judge(world(things), GONE))
    assert (words in said[0]) if words else said == []


def test_a_pod_that_is_gone_is_placed_by_the_scheduler_s_or_the_kubelet_s_word() -> None:
    placed = event(("Pod", "web-0"), "Scheduled", "Successfully assigned shop/web-0 to n7")
    assert "together with node n7" in told(judge(world(EVICTED, placed), GONE))[0]
    killed = {**event(("Pod", "web-0"), "Killing", "Stopping"), "source": {"host": "n8", "component": "kubelet"}}
    assert "together with node n8" in told(judge(world(EVICTED, killed), GONE))[0]
    other = {**killed, "source": {"host": "m1", "component": "controller"}}
    assert "no longer recorded" in told(judge(world(EVICTED, other), GONE))[0]


def test_a_taint_by_hand_is_told_with_its_time_and_is_proof() -> None:
    said = judge(world(tainted(), going("DeletionByTaintManager")), GONE)
    assert "at 2026-01-15 05:21 UTC" in told(said)[0]
    assert any("work:NoExecute" in line for line in proof(said))
    assert "sends away every pod that does not tolerate it" in str(first(said).why)
    timeless = judge(world(tainted(at=None), going("DeletionByTaintManager")), GONE)
    assert "05:21" not in told(timeless)[0]
    silent = judge(world(node(ready="Unknown"), going("DeletionByTaintManager")), GONE)
    assert "When a node stops answering" in str(first(silent).why)


def test_a_storm_over_a_dependency_names_what_stands_behind_it() -> None:
    lines = [log(f"app{i}-0", "dial tcp: lookup queue on 10.96.0.10:53: no such host", previous=True) for i in range(5)]
    things: list[Any] = [ended(f"app{i}-0", f"n{i % 3}") for i in range(5)]
    queue = [service("queue", {"app": "queue"}), {**pod("queue-0", {"app": "queue"})}]
    assert "share Service queue" in storm(things, lines, queue)[0]


def test_an_end_without_a_restart_or_a_time_is_no_part_of_a_storm() -> None:
    def changed(**changes: Any) -> list[Thing]:
        five = [ended(f"app{i}-0", "n1") for i in range(5)]
        five[0]["status"]["containerStatuses"][0].update(changes)
        return five

    assert len(storm(changed())) == 1
    assert storm(changed(restartCount=0)) == []
    assert storm(changed(lastState={})) == []
    assert storm(changed(lastState={"terminated": {"exitCode": 1, "finishedAt": None}})) == []


def test_a_well_container_beside_the_one_that_ended_is_passed_over() -> None:
    five = [ended(f"app{i}-0", "n1") for i in range(5)]
    for one in five:
        one["status"]["containerStatuses"].insert(0, {"name": "side", "restartCount": 0, "state": {"running": {}}})
    assert len(storm(five)) == 1
