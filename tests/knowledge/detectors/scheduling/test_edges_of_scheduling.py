"""Pods that wait for a node: what decides, from both sides."""

from typing import Any

import pytest

from knowledge.finding import Confidence, Severity
from tests.knowledge.detectors.things import Thing, denied, event, first, pod, proof, thing, told, world
from tests.seen import judge

ROOM, SLOTS, NOBODY = "sched-insufficient-resources", "sched-node-slots", "sched-not-considered"
LABELS, SPREAD, TAINTS = "sched-selector-or-affinity", "sched-spread-or-antiaffinity", "sched-taints"


def node(name: str = "n1", cpu: str = "8", pods: str = "110", labels: Thing | None = None, **spec: Any) -> Thing:
    status = {
        "allocatable": {"cpu": cpu, "memory": "32Gi", "pods": pods},
        "conditions": [{"type": "Ready", "status": "True"}],
    }
    return thing("Node", name, "", labels={"kubernetes.io/hostname": name, **(labels or {})}, spec=spec, status=status)


def waiting(
    message: str | None = None, name: str = "web-1", cpu: str = "1", reason: str = "Unschedulable", **spec: Any
) -> Thing:
    condition = {
        "type": "PodScheduled",
        "status": "False",
        "reason": reason,
        "message": message,
        "lastTransitionTime": "10m ago",
    }
    asked = {"name": "app", "resources": {"requests": {"cpu": cpu}}, **spec.pop("container", {})}
    one = pod(
        name,
        {"app": "web"},
        owner=("StatefulSet", "web"),
        created="10m ago",
        spec={"nodeName": "", "containers": [asked], **spec},
    )
    one["status"] = {"phase": "Pending", "conditions": [condition] if message is not None else []}
    return one


def placed(name: str, on: str, cpu: str = "1", **spec: Any) -> Thing:
    asked = {"name": "app", "resources": {"requests": {"cpu": cpu}}}
    return pod(name, {"app": "web"}, owner=("StatefulSet", "web"), spec={"nodeName": on, "containers": [asked], **spec})


CPU = "0/2 nodes are available: {} Insufficient cpu."
KEPT = {"taints": [{"key": "team", "value": "data", "effect": "NoSchedule"}]}


def test_a_free_node_behind_a_taint_by_hand_is_mentioned() -> None:
    message = "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {team: data}."
    said = told(judge(world(node("n1", "2"), node("n2", "16", **KEPT), waiting(message, cpu="4")), ROOM))
    assert any("team=data:NoSchedule" in words for words in said) == ("n2" in "".join(said))
    small = told(judge(world(node("n1", "2"), node("n2", "3", **KEPT), waiting(message, cpu="4")), ROOM))
    assert "team=data" not in "".join(small)
    ill = {"taints": [{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}]}
    auto = told(judge(world(node("n1", "2"), node("n2", "16", **ill), waiting(message, cpu="4")), ROOM))
    assert "not-ready" not in "".join(auto)


def test_how_many_nodes_refuse_is_counted_by_the_scheduler_or_by_us() -> None:
    assert "on 2 of 2 nodes" in told(judge(world(node(), node("n2"), waiting(CPU.format(2), cpu="16")), ROOM))[0]
    gone = told(
        judge(world(node(), node("n2"), waiting("0/2 nodes are available: 2 Insufficient memory.", cpu="16")), ROOM)
    )
    assert "on 2 of 2 nodes" in gone[0]


def test_a_closed_node_with_room_is_the_blocker_and_one_without_is_none() -> None:
    message = "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable."
    small = judge(world(node("n1", "2"), node("n2", "2", unschedulable=True), waiting(message, cpu="4")), ROOM)
    assert first(small).because == ()
    large = judge(world(node("n1", "2"), node("n2", "16", unschedulable=True), waiting(message, cpu="4")), ROOM, SLOTS)
    assert "n2 would take it but is cordoned" in told(large)[0]


@pytest.mark.parametrize(
    ("one", "told_of", "severity"),
    [
        (waiting(schedulingGates=[{"name": "example.com/wait"}]), "the scheduling gate example.com/wait holds", None),
        (waiting(schedulingGates=[{"name": "kueue.x-k8s.io/topology"}]), "(SchedulingGated)", Severity.INFO),
        (waiting("held", reason="SchedulingGated"), "(SchedulingGated)", None),
        (waiting("broken", reason="SchedulerError"), "(SchedulerError): broken", None),
        (waiting(), "no scheduler has looked at its pods", None),
        (waiting(schedulerName="mine"), "ask for the scheduler mine", None),
        (waiting("0/1 nodes are available: 1 Insufficient cpu."), "", None),
    ],
)
def test_who_was_not_taken_up_and_why(one: Thing, told_of: str, severity: Any) -> None:
    said = judge(world(one), NOBODY)
    assert (told_of in told(said)[0]) if told_of else told(said) == []
    assert not told_of or first(said).severity is severity


def test_a_pod_that_the_scheduler_refused_by_event_was_looked_at() -> None:
    seen = event(("Pod", "web-1"), "FailedScheduling", "0/1 nodes are available: 1 Insufficient cpu.")
    assert told(judge(world(waiting(), seen), NOBODY)) == []


@pytest.mark.parametrize(
    ("other", "sure"),
    [
        (placed("web-0", "n1", schedulerName="mine"), Confidence.POSSIBLE),
        (placed("web-0", "", schedulerName="mine"), Confidence.LIKELY),
        (placed("web-0", "n1"), Confidence.LIKELY),
    ],
)
def test_a_scheduler_that_places_others_is_there(other: Thing, sure: Confidence) -> None:
    other["status"]["phase"] = "Running"
    found = judge(world(waiting(schedulerName="mine"), other), NOBODY).causes
    assert [c.finding.confidence for c in found if "mine" in str(c.finding.says)] == [sure]


SELECT = "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector."


def test_the_label_that_no_node_has_is_told_before_those_that_some_have() -> None:
    nodes = node("n1", labels={"disk": "hdd", "zone": "a"}), node("n2", labels={"disk": "hdd", "zone": "b"})
    wants = waiting(SELECT, nodeSelector={"zone": "a", "disk": "ssd"})
    said = judge(world(*nodes, wants), LABELS)
    assert "disk=ssd" in told(said)[0]
    assert "disk=hdd" in told(said)[0]
    assert any(line == "metadata.labels: disk=hdd" for line in proof(said))
    torn = waiting(SELECT, nodeSelector={"zone": "a", "disk": "ssd"})
    halves = node("n1", labels={"disk": "ssd", "zone": "b"}), node("n2", labels={"disk": "hdd", "zone": "a"})
    assert "zone=a" in told(judge(world(*halves, torn), LABELS))[0]


def test_a_key_of_nearly_the_same_name_is_offered() -> None:
    wants = waiting(SELECT, nodeSelector={"disktyp": "ssd"})
    said = told(judge(world(node("n1", labels={"disktype": "ssd", "rack": "7"}), node("n2"), wants), LABELS))
    assert "disktype=ssd" in said[0]
    assert "rack" not in said[0]


def test_without_nodes_the_scheduler_s_own_count_is_told() -> None:
    wants = waiting(SELECT, nodeSelector={"disk": "ssd"})
    assert "2" in told(judge(world(wants, denied("nodes")), LABELS))[0]


TERM = {"labelSelector": {"matchLabels": {"app": "web"}}, "topologyKey": "kubernetes.io/hostname"}
ANTI = {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [TERM]}}}
NEAR = {
    "affinity": {
        "podAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [
                {**TERM, "labelSelector": {"matchLabels": {"app": "db"}}}
            ]
        }
    }
}
SOFT = {
    "maxSkew": 1,
    "topologyKey": "rack",
    "whenUnsatisfiable": "ScheduleAnyway",
    "labelSelector": {"matchLabels": {"app": "web"}},
}
HARD = {**SOFT, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "DoNotSchedule"}
APART = "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules."
EVEN = "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints."
BESIDE = "0/1 nodes are available: 1 node(s) didn't match pod affinity rules."


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (waiting(APART, **ANTI), "kubernetes.io/hostname"),
        (waiting(EVEN, topologySpreadConstraints=[SOFT, HARD]), "topology.kubernetes.io/zone"),
        (waiting(EVEN, topologySpreadConstraints=[SOFT]), "rack"),
        (waiting(EVEN, **ANTI, topologySpreadConstraints=[HARD]), "topology.kubernetes.io/zone"),
        (waiting(APART, **ANTI, topologySpreadConstraints=[HARD]), "kubernetes.io/hostname"),
        (waiting(BESIDE, **NEAR), "app=db"),
        (waiting(APART), "anti-affinity"),
    ],
)
def test_which_rule_keeps_pods_apart_or_together(one: Thing, words: str) -> None:
    for things in ([one, denied("nodes")], [one, node(), placed("web-0", "n1", **ANTI)]):
        said = told(judge(world(things), SPREAD))
        assert not said or words in said[0]
    assert words in told(judge(world(one, denied("nodes")), SPREAD))[0]


def test_the_rules_themselves_are_proof() -> None:
    said = judge(world(waiting(APART, **ANTI, topologySpreadConstraints=[HARD]), denied("nodes")), SPREAD)
    assert any(line.endswith("app=web per kubernetes.io/hostname") for line in proof(said))
    bare = {
        "affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "zone"}]}}
    }
    said = judge(world(waiting(APART, **bare), denied("nodes")), SPREAD)
    assert any(line.endswith("- per zone") for line in proof(said))


SLOTTED = "0/1 nodes are available: {} Too many pods."


def test_full_nodes_are_counted_by_the_scheduler_or_by_us() -> None:
    full = node(pods="1"), placed("web-0", "n1")
    assert "1" in told(judge(world(*full, waiting(SLOTTED.format(1))), SLOTS))[0]
    said = told(judge(world(*full, waiting("0/1 nodes are available: 1 node(s) refused.")), SLOTS))
    assert said == [] or ", 1 pods each at most" in said[0]


TAINTED = "0/1 nodes are available: 1 node(s) had untolerated taint {team: data}."


def test_a_taint_by_hand_and_one_of_the_system_are_told_differently() -> None:
    by_hand = judge(world(node(**KEPT), waiting(TAINTED)), TAINTS)
    assert "kubectl taint node n1 team:NoSchedule-" in str(first(by_hand).remedies)
    ill = {"taints": [{"key": "node.kubernetes.io/disk-pressure", "effect": "NoSchedule"}]}
    auto = judge(world(node(**ill), waiting("0/1 nodes are available: 1 node(s) had untolerated taint(s).")), TAINTS)
    assert "bring the nodes back in order" in str(first(auto).remedies)
    assert [ref.name for ref in first(auto).because] == ["n1"]
    unread = told(judge(world(waiting(TAINTED), denied("nodes")), TAINTS))
    assert "team" in unread[0]
    unsaid = waiting("0/1 nodes are available: 1 node(s) had untolerated taint(s).")
    assert "the scheduler does not say which" in told(judge(world(unsaid, denied("nodes")), TAINTS))[0]


def test_more_than_five_nodes_are_counted() -> None:
    six = [node(f"n{i}", **KEPT) for i in range(6)]
    message = "0/6 nodes are available: 6 node(s) had untolerated taint {team: data}."
    assert "n4, 1 more" in told(judge(world(six, waiting(message)), TAINTS))[0]
    five = message.replace("6", "5")
    assert "more" not in told(judge(world(six[:5], waiting(five)), TAINTS))[0]


LARGE = "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {team: data}."


@pytest.mark.parametrize(
    ("fenced", "mentioned"),
    [
        (node("n2", "16", **KEPT), True),
        (node("n2", "3", **KEPT), False),
        (node("n2", "16", taints=[{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}]), False),
        (node("n2", "16", unschedulable=True, **KEPT), False),
        (node("n2", "3"), False),
    ],
)
def test_a_larger_node_behind_a_taint_is_told_with_a_request_that_fits_no_other(fenced: Thing, mentioned: bool) -> None:
    others = [node(f"x{i}", "2") for i in range(3)]
    said = judge(world(others, node("n1", "2"), fenced, waiting(LARGE, cpu="4")), ROOM)
    assert any("team=data:NoSchedule" in words for words in told(said)) is mentioned or not told(said)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (waiting("0/1 nodes are available: 1 node(s) refused.", **ANTI), ""),
        (waiting(EVEN, **ANTI), "topology spread"),
        (waiting(BESIDE, **NEAR, topologySpreadConstraints=[HARD]), "app=db"),
    ],
)
def test_the_scheduler_s_word_goes_before_the_pods_rules(one: Thing, words: str) -> None:
    said = told(judge(world(one, denied("nodes")), SPREAD))
    assert (words in said[0]) if words else said == []


def test_a_rule_that_only_the_nodes_show_is_told_by_the_pods_own_rules() -> None:
    other = placed("web-0", "n1")
    other["status"]["phase"] = "Running"
    vague = "0/1 nodes are available: 1 node(s) had untolerated taint(s)."
    said = told(judge(world(node(), other, waiting(vague, **ANTI)), SPREAD))
    assert said == [] or "kubernetes.io/hostname" in said[0]
