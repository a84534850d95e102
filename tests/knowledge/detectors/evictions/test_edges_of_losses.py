"""Pods that were taken away, refused or lost: what decides, from both sides."""

from typing import Any

import pytest

from knowledge.finding import Confidence, Severity
from tests.knowledge.detectors.things import (
    Thing,
    denied,
    deployment,
    event,
    first,
    log,
    pod,
    proof,
    thing,
    told,
    unsure,
    world,
)
from tests.seen import judge

DRAINED, PREEMPTED, GONE, LOST = "pod-drained", "pod-preempted", "pod-deleted-with-node", "pod-lost-in-node-restart"
EVICTED, OWN, OOM = "pod-evicted-node-pressure", "pod-evicted-storage-limit", "res-node-oom"
REFUSED, SANDBOX, STUCK, STORM = (
    "pod-rejected-by-kubelet",
    "pod-sandbox-failed",
    "pod-stuck-terminating",
    "restart-storm",
)


def node(name: str = "n1", cordoned: str = "", ready: str = "True", **fields: Any) -> Thing:
    taint = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule", "timeAdded": cordoned}
    spec = {"unschedulable": True, "taints": [{"key": "other", "effect": "NoSchedule"}, taint]} if cordoned else {}
    conditions = [{"type": "Ready", "status": ready, "reason": "KubeletReady", "lastTransitionTime": "9d ago"}]
    return thing("Node", name, "", spec={**spec, **fields}, status={"conditions": conditions})


def stops(name: str, last: str = "2m ago", message: str = "Stopping container app", host: str = "n1") -> Thing:
    return {**event(("Pod", name), "Killing", message, last=last), "source": {"host": host, "component": "kubelet"}}


def made(name: str = "web-5d9c8b7f6-aaaaa", on: str = "n2", created: str = "2m ago") -> list[Thing]:
    """The Deployment ``web`` with its ReplicaSet and the pod that took the place of another."""
    labels = {"app": "web", "pod-template-hash": "5d9c8b7f6"}
    one = pod(name, labels, owner=("ReplicaSet", "web-5d9c8b7f6"), spec={"nodeName": on}, created=created)
    owned = thing("ReplicaSet", "web-5d9c8b7f6", owner=("Deployment", "web"))
    return [deployment("web", {"app": "web"}), owned, one]


LEFT = "web-5d9c8b7f6-k2x4q"


@pytest.mark.parametrize(
    ("things", "drained"),
    [
        ([node(cordoned="9m ago"), stops(LEFT), made()], True),
        ([node(cordoned="9m ago"), stops(LEFT), made(created="2m50s ago")], True),
        ([node(cordoned="9m ago"), stops(LEFT), made(created="4m ago")], False),
        ([node(cordoned="9m ago"), stops(LEFT), made(on="n1")], False),
        ([node(cordoned="9m ago"), stops(LEFT), made(on="")], False),
        ([node(cordoned="9m ago"), stops(LEFT), made("web-6d9c8b7f6-aaaaa")], False),
        ([node(cordoned="9m ago"), stops(LEFT, "12m ago"), made(created="12m ago")], False),
        ([node(cordoned="70m ago"), stops(LEFT), made()], False),
        ([node(cordoned="50m ago"), stops(LEFT), made()], True),
        ([node(), stops(LEFT), made()], False),
        ([node(cordoned="9m ago"), stops(LEFT, message="Container app failed liveness probe"), made()], False),
        ([node(cordoned="9m ago"), stops(LEFT, host="n2"), made()], False),
        ([node(cordoned="9m ago"), stops("web-5d9c8b7f6-aaaaa"), made()], False),
        ([node(unschedulable=True), stops(LEFT), made()], False),
    ],
)
def test_one_pod_that_left_a_cordoned_node_was_drained_when_it_was_replaced_at_once(
    things: list[Any], drained: bool
) -> None:
    said = judge(world(*things), DRAINED)
    assert bool(told(said)) is drained
    assert not drained or first(said).confidence is Confidence.LIKELY


@pytest.mark.parametrize(("where", "drained"), [(node(unschedulable=True), True), (node(cordoned="1m ago"), False)])
def test_several_that_left_it_after_the_cordon_were_drained(where: Thing, drained: bool) -> None:
    things = (
        where,
        deployment("web", {"app": "web"}),
        deployment("api", {"app": "api"}),
        stops(LEFT),
        stops("api-5d9c8b7f6-k2x4q"),
    )
    assert bool(told(judge(world(*things), DRAINED))) is drained


def going(reason: str, on: str = "n1", **fields: Any) -> Thing:
    one = pod("web-1", owner=("StatefulSet", "web"), spec={"nodeName": on}, **fields)
    one["status"]["conditions"].append(
        {
            "type": "DisruptionTarget",
            "status": "True",
            "reason": reason,
            "message": fields.pop("text", ""),
            "lastTransitionTime": "3m ago",
        }
    )
    return one


def test_a_drain_tells_a_cordon_only_where_there_is_one() -> None:
    assert (
        "through the API, the node is cordoned)"
        in told(judge(world(node(cordoned="9m ago"), going("EvictionByEvictionAPI")), DRAINED))[0]
    )
    said = judge(world(node(), going("EvictionByEvictionAPI")), DRAINED)
    assert "through the API)" in told(said)[0]
    assert first(said).confidence is Confidence.PROVEN
    assert "node (name not recorded)" in told(judge(world(going("EvictionByEvictionAPI", on="")), DRAINED))[0]


@pytest.mark.parametrize("detector", [DRAINED, PREEMPTED, GONE])
def test_without_events_it_cannot_be_told_who_took_a_pod(detector: str) -> None:
    assert unsure(judge(world(pod("web-1"), denied("events")), detector)) == (detector,)


def test_a_preemption_is_told_without_the_winner_s_name_where_it_is_gone() -> None:
    lost = event(("Pod", "web-1"), "Preempted", "Preempted by pod 5d1f on node n1")
    assert told(judge(world(pod("web-1", owner=("StatefulSet", "web"), spec={"priority": 5}), lost), PREEMPTED)) == [
        "1 pod of web Preempted on node n1 at 2026-01-15 05:29 UTC: a more important pod with priority unknown needed "
        "the place (own priority 5)."
    ]
    assert "own priority unknown" in told(judge(world(lost), PREEMPTED))[0]
    winner = {**pod("vip-1"), "spec": {"priority": 9, "containers": []}}
    named = event(("Pod", "web-1"), "Preempted", "Preempted by shop/vip-1 on node n1")
    assert "shop/vip-1 with priority 9 needed" in told(judge(world(winner, named), PREEMPTED))[0]
    assert told(judge(world(event(("Pod", "web-1"), "Preempted", "something else")), PREEMPTED)) == []


def test_a_critical_pod_preempts_by_the_kubelet_too() -> None:
    one = pod("web-1", owner=("StatefulSet", "web"), status={"phase": "Failed", "reason": "Preempting"})
    assert "status.reason: Preempting" in proof(judge(world(one), PREEMPTED))


def unknown(name: str, reason: str = "Unknown", code: int = 255, finished: str = "5m ago", on: str = "n1") -> Thing:
    state = {
        "restartCount": 1,
        "lastState": {"terminated": {"reason": reason, "exitCode": code, "finishedAt": finished}},
    }
    return pod(name, owner=("StatefulSet", name.rpartition("-")[0]), state=state, spec={"nodeName": on})


def reboot(last: str = "6m ago", message: str = "Node n1 has been rebooted, boot id: b2", on: str = "n1") -> Thing:
    return event(("Node", on), "Rebooted", message, last=last, namespace="default")


@pytest.mark.parametrize(
    ("things", "confidence"),
    [
        ([unknown("web-1"), reboot()], Confidence.PROVEN),
        ([unknown("web-1"), reboot("19m ago")], Confidence.PROVEN),
        ([unknown("web-1"), reboot("25m ago")], Confidence.POSSIBLE),
        ([unknown("web-1"), reboot(message="Node n1 status is now: NodeReady")], Confidence.POSSIBLE),
        ([unknown("web-1"), reboot(on="n2")], Confidence.POSSIBLE),
        ([unknown("web-1", finished="0001-01-01T00:00:00Z"), reboot("9h ago")], Confidence.PROVEN),
        ([unknown("web-1"), unknown("api-1", finished="6m30s ago")], Confidence.LIKELY),
        ([unknown("web-1"), unknown("api-1", finished="8m ago")], Confidence.POSSIBLE),
        ([unknown("web-1"), unknown("api-1", finished="0001-01-01T00:00:00Z")], Confidence.LIKELY),
        ([unknown("web-1"), unknown("api-1", on="n2")], Confidence.POSSIBLE),
    ],
)
def test_how_sure_a_restart_of_the_node_is(things: list[Thing], confidence: Confidence) -> None:
    found = [c.finding for c in judge(world(things), LOST).causes if c.finding.subject.name == "web"]
    assert [f.confidence for f in found] == [confidence]


@pytest.mark.parametrize(
    ("reason", "code"), [("Unknown", 137), ("ContainerStatusUnknown", 255), ("Error", 255), ("Unknown", 0)]
)
def test_an_end_of_another_kind_was_no_loss(reason: str, code: int) -> None:
    assert told(judge(world(unknown("web-1", reason, code), reboot()), LOST)) == []


def test_the_time_of_a_loss_is_the_reboots_where_the_kubelet_knows_none() -> None:
    said = judge(world(unknown("web-1", finished="0001-01-01T00:00:00Z"), reboot("6m ago")), LOST)
    assert str(first(said).at) == "2026-01-15 05:24:00+00:00"
    assert first(judge(world(unknown("web-1", finished="0001-01-01T00:00:00Z")), LOST)).at is None


LOW = (
    "The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi. "
    "Container app was using 2Gi, request is 1Gi, has larger consumption of memory. "
)


def evicted(message: str = LOW, reason: str = "Evicted", **fields: Any) -> Thing:
    status = {"phase": "Failed", "reason": reason, "message": message}
    return pod("web-1", owner=("StatefulSet", "web"), spec={"nodeName": "n1"}, status=status, **fields)


def test_an_eviction_is_told_with_as_much_as_the_kubelet_said() -> None:
    assert (
        "memory (threshold 100Mi, available 80Mi); container app was using 2Gi, its request is 1Gi."
        in told(judge(world(evicted()), EVICTED))[0]
    )
    assert "resource: memory." in told(judge(world(evicted("The node was low on resource: memory. ")), EVICTED))[0]
    said = told(judge(world(evicted("The node had condition: [DiskPressure]. ")), EVICTED))
    assert said == ["1 pod of web were Evicted: node n1 had condition DiskPressure."]
    assert told(judge(world(evicted("anything else")), EVICTED)) == []
    assert told(judge(world(evicted(reason="Shutdown")), EVICTED)) == []
    by_condition = going("TerminationByKubelet")
    by_condition["status"]["conditions"][-1]["message"] = LOW
    assert len(told(judge(world(by_condition), EVICTED))) == 1
    gone = event(("Pod", "web-0"), "Evicted", LOW)
    assert "node (name not recorded)" in told(judge(world(gone), EVICTED))[0]
    assert told(judge(world(event(("Pod", "web-0"), "Evicted", "anything else")), EVICTED, OWN)) == []


@pytest.mark.parametrize(("last", "severity"), [("23h ago", None), ("25h ago", Severity.INFO)])
def test_what_was_evicted_more_than_a_day_ago_is_history(last: str, severity: Any) -> None:
    assert first(judge(world(event(("Pod", "web-0"), "Evicted", LOW, last=last)), EVICTED)).severity is severity


def test_an_eviction_by_an_own_limit_is_told_of_volume_container_or_pod() -> None:
    for message, words in (
        ('Usage of EmptyDir volume "cache" exceeds the limit "1Gi". ', "emptyDir volume cache"),
        ('Container app exceeded its local ephemeral storage limit "2Gi". ', "container app exceeded"),
        ("Pod ephemeral local storage usage exceeds the total limit of containers 3Gi. ", "together its containers"),
    ):
        assert words in told(judge(world(evicted(message)), OWN))[0]
        assert words in told(judge(world(event(("Pod", "web-0"), "Evicted", message)), OWN))[0]
        assert told(judge(world(evicted(message, reason="Shutdown")), OWN)) == []


def out(
    reason: str = "OutOfcpu",
    message: str = "no",
    phase: str = "Failed",
    n: int = 1,
    created: str = "2m ago",
    **more: Any,
) -> Thing:
    status = {"phase": phase, "reason": reason, "message": message, **more}
    return thing(
        "Pod",
        f"web-{n}",
        owner=("ReplicaSet", "web"),
        created=created,
        spec={"nodeName": "n1", "containers": []},
        status=status,
    )


@pytest.mark.parametrize(
    ("one", "refused"),
    [
        (out(), True),
        (out("NodeAffinity"), True),
        (out("NodePorts"), True),
        (out("Evicted"), False),
        (out(phase="Running"), False),
        (out(containerStatuses=[{"name": "app"}]), False),
    ],
)
def test_who_was_refused_before_it_started(one: Thing, refused: bool) -> None:
    assert bool(told(judge(world(one), REFUSED))) is refused


def test_a_refusal_in_numbers_of_its_resource() -> None:
    text = (
        "Pod was rejected: Node didn't have enough resource: memory, requested: 1073741824, used: 3221225472, "
        "capacity: 4294967296"
    )
    assert "requested 1Gi memory, used 3Gi of 4Gi" in told(judge(world(out("OutOfmemory", text)), REFUSED))[0]
    cpu = "Node didn't have enough resource: cpu, requested: 500, used: 3800, capacity: 4000"
    assert "requested 500m cpu, used 3.8 of 4" in told(judge(world(out(message=cpu)), REFUSED))[0]
    assert "(OutOfcpu): no." in told(judge(world(out()), REFUSED))[0]


@pytest.mark.parametrize(
    ("pods", "created", "severity"),
    [(21, "2m ago", Severity.CRITICAL), (20, "2m ago", None), (21, "9m ago", Severity.CRITICAL), (21, "11m ago", None)],
)
def test_a_stream_of_refusals_is_critical(pods: int, created: str, severity: Any) -> None:
    assert first(judge(world([out(n=n, created=created) for n in range(pods)]), REFUSED)).severity is severity


def held(on: str = "n1", phase: str = "Pending", started: str = "") -> Thing:
    one = pod("web-1", owner=("StatefulSet", "web"), spec={"nodeName": on}, status={"phase": phase})
    if started:
        one["status"]["conditions"].append({"type": "PodReadyToStartContainers", "status": started})
    return one


def failed(count: int = 2, begun: str = "30s ago", text: str = "no IP left") -> Thing:
    return event(
        ("Pod", "web-1"),
        "FailedCreatePodSandBox",
        f"Failed to create pod sandbox: {text}",
        count,
        first=begun,
        last="5s ago",
    )


@pytest.mark.parametrize(
    ("things", "lasting"),
    [
        ([held(), failed()], True),
        ([held(), failed(1, "90s ago")], True),
        ([held(), failed(1)], False),
        ([held(started="True"), failed()], False),
        ([held(started="False"), failed()], True),
        ([held(phase="Running"), failed()], False),
        ([held()], False),
    ],
)
def test_a_sandbox_that_fails_for_long_enough(things: list[Thing], lasting: bool) -> None:
    assert bool(told(judge(world(things), SANDBOX))) is lasting


def test_a_long_error_is_told_by_its_end_and_an_unnamed_node_as_such() -> None:
    said = told(
        judge(world(held(), failed(text=f"rpc error: code = Unknown desc = {'wrapped: ' * 40}the end")), SANDBOX)
    )[0]
    assert said.endswith("the end")
    assert "…" in said
    short = told(judge(world(held(""), failed()), SANDBOX))[0]
    assert (
        short == "1 pod of web cannot start: node (name not recorded) fails to create the pod sandbox "
        "(FailedCreatePodSandBox): no IP left"
    )


def leaving(due: str = "9m ago", **meta: Any) -> Thing:
    one = pod("web-1", owner=("StatefulSet", "web"), spec={"nodeName": "n1"}, deleted=due)
    one["metadata"].update(meta)
    return one


@pytest.mark.parametrize(
    ("things", "words"),
    [
        ([node(ready="Unknown"), leaving(finalizers=["a.example.com/b"])], "its node n1 is NotReady"),
        ([node(), leaving(finalizers=["a.example.com/b"])], "the finalizer a.example.com/b is still on it"),
        ([node(), leaving()], "what holds it cannot be seen"),
        ([leaving()], "what holds it cannot be seen"),
        ([leaving(), event(("Pod", "web-1"), "FailedKillPod", "late")], "(FailedKillPod: late)"),
        ([leaving(), event(("Pod", "web-1"), "Killing", "Stopping")], "what holds it cannot be seen"),
    ],
)
def test_what_holds_a_pod_that_should_be_gone(things: list[Thing], words: str) -> None:
    assert words in told(judge(world(things), STUCK))[0]


def ended(
    name: str, on: str = "n1", finished: str = "5m ago", image: str = "", namespace: str = "shop", **more: Any
) -> Thing:
    end = {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": finished}}
    one = pod(
        name,
        owner=("StatefulSet", name.rpartition("-")[0]),
        state={"restartCount": 1, "lastState": end},
        spec={"nodeName": on},
        container={"image": image or f"r.example.com/{name}:1", **more},
    )
    one["metadata"]["namespace"] = namespace
    return one


def storm(*things: Any) -> list[str]:
    return told(judge(world([node(f"n{i}") for i in range(3)], *things), STORM))


def each(n: int, **fields: Any) -> list[Thing]:
    return [ended(f"app{i}-0", **{"on": f"n{i % 3}", **fields}) for i in range(n)]


def test_what_restarted_together_is_told_by_what_it_shares() -> None:
    assert storm(each(5)) == []
    assert "share Node n1" in storm(each(5, on="n1"))[0]
    assert storm(each(4, on="n1")) == []
    assert "5 of them share Image r.example.com/x:1" in storm(each(5, image="r.example.com/x:1"))[0]
    shared = {"envFrom": [{"configMapRef": {"name": "app-config"}}]}
    assert "5 of them share ConfigMap app-config" in storm(each(5, **shared))[0]
    assert "5 of them share Image" in storm(each(5, image="r.example.com/x:1"), each(8, namespace="other")[5:])[0]
    assert storm(each(5, image="r.example.com/x:1"), each(9, namespace="other")[5:]) == []


def test_an_end_of_another_day_or_time_is_no_part_of_a_storm() -> None:
    assert storm(each(4, on="n1"), ended("late-0", "n1", "16m ago")) == []
    assert "share Node n1" in storm(each(4, on="n1"), ended("late-0", "n1", "15m ago"))[0]
    assert storm(each(5, on="n1", finished="25h ago")) == []
    assert storm(each(5, on="n1", finished="1970-01-01T00:00:00Z")) == []


def test_of_two_nodes_one_is_always_shared() -> None:
    assert told(judge(world(node("n1"), node("n2"), each(5, on="n1")), STORM)) == []


def test_the_same_last_line_is_shared_though_its_numbers_differ() -> None:
    logs = [log(f"app{i}-0", f"12:0{i} migration {i} failed", previous=True) for i in range(5)]
    assert "the logs of 5 of them end with the same line: `…:… migration … failed`" in storm(each(5), logs)[0]
    assert storm(each(5), logs[:4]) == []


def test_a_namespace_is_shared_where_others_are_well() -> None:
    well = [{**pod("ok-1"), "metadata": {"name": "ok-1", "namespace": name}} for name in ("a", "b")]
    assert "5 of them share Namespace shop" in storm(each(5), well)[0]
    assert storm(each(5), well[:1]) == []


def test_more_names_than_six_are_counted() -> None:
    assert "(app0, app1, app2, app3, app4, app5)." in storm(each(6, on="n1"))[0]
    assert "(app0, app1, app2, app3, app4, app5, 1 more)." in storm(each(7, on="n1"))[0]


def killed(name: str, finished: str, limit: bool = False, reason: str = "OOMKilled", phase: str = "Running") -> Thing:
    one = ended(name, finished=finished, **({"resources": {"limits": {"memory": "64Mi"}}} if limit else {}))
    one["status"]["containerStatuses"][0]["lastState"]["terminated"]["reason"] = reason
    one["status"]["phase"] = phase
    return one


def report(
    message: str = "System OOM encountered, victim process: java, pid: 77",
    last: str = "2m ago",
    reason: str = "SystemOOM",
) -> Thing:
    return event(("Node", "n1"), reason, message, last=last, namespace="default")


def test_a_node_that_ran_out_of_memory_by_its_own_word() -> None:
    said = judge(
        world(
            node(),
            killed("a-0", "2m ago"),
            killed("b-0", "2m ago", limit=True),
            killed("c-0", "9d ago", phase="Failed", reason="Error"),
            report(),
        ),
        OOM,
    )
    assert "kernel killed java; pods on it without a memory limit: shop/a-0." in told(said)[0]
    assert [ref.name for ref in first(said).pods] == ["a-0", "b-0"]
    assert (
        "kernel killed processes; pods on it without a memory limit: none."
        in told(judge(world(node(), report("Killed", reason="OOMKilling")), OOM))[0]
    )
    assert told(judge(world(node(), report(last="25h ago")), OOM)) == []
    assert len(told(judge(world(node(), report(last="23h ago")), OOM))) == 1
    assert len(told(judge(world(pod("a-0", spec={"nodeName": "n1"}), report()), OOM))) == 1


@pytest.mark.parametrize(
    ("ends", "together"),
    [
        ([("a-0", "2m ago"), ("b-0", "4m ago"), ("c-0", "6m30s ago")], True),
        ([("a-0", "2m ago"), ("b-0", "4m ago"), ("c-0", "7m30s ago")], False),
        ([("a-0", "2m ago"), ("a-1", "3m ago"), ("c-0", "4m ago")], False),
        ([("a-0", "2m ago"), ("b-0", "3m ago")], False),
        ([("a-0", "25h ago"), ("b-0", "25h ago"), ("c-0", "25h ago")], False),
        ([("a-0", "20h ago"), ("b-0", "20h ago"), ("c-0", "20h ago")], True),
    ],
)
def test_kills_of_several_without_a_limit_are_the_nodes(ends: list[tuple[str, str]], together: bool) -> None:
    assert bool(told(judge(world(node(), [killed(*end) for end in ends]), OOM))) is together
    assert told(judge(world(node(), [killed(*end, limit=True) for end in ends]), OOM)) == []
    assert told(judge(world(node(), [killed(*end, reason="Error") for end in ends]), OOM)) == []
