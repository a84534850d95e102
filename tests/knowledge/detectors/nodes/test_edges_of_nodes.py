"""Nodes and what guards the API: what decides, from both sides."""

from typing import Any

import pytest

from knowledge.finding import Confidence, Severity
from tests.knowledge.detectors.things import Thing, event, first, pod, proof, service, thing, told, world
from tests.seen import judge

DOWN, PRESSED, REBOOTED, CLOSED = (
    "node-notready",
    "node-pressure",
    "node-rebooted-or-replaced",
    "node-taint-or-cordon-forgotten",
)
STUCK, API, HOOK, BROAD = (
    "namespace-stuck-terminating",
    "apiservice-unavailable",
    "webhook-backend-down",
    "webhook-too-broad",
)


def node(name: str = "n1", ready: str = "True", since: str = "9d ago", *more: Thing, **spec: Any) -> Thing:
    conditions = [{"type": "Ready", "status": ready, "reason": "R", "message": "m", "lastTransitionTime": since}, *more]
    return thing("Node", name, "", spec=spec, status={"conditions": conditions})


def of_node(
    reason: str, last: str = "2m ago", count: int = 1, first_seen: str | None = None, message: str = "m"
) -> Thing:
    return event(("Node", "n1"), reason, message, count, last=last, first=first_seen or last, namespace="default")


@pytest.mark.parametrize(("since", "told_of"), [("40s ago", True), ("25s ago", False), ("2h ago", True)])
def test_a_node_is_down_after_half_a_minute(since: str, told_of: bool) -> None:
    assert bool(told(judge(world(node("n1", "Unknown", since)), DOWN))) is told_of


def test_a_node_that_never_said_since_when_is_down() -> None:
    one = node("n1", "False")
    del one["status"]["conditions"][0]["lastTransitionTime"]
    assert len(told(judge(world(one), DOWN))) == 1


@pytest.mark.parametrize(
    ("lapses", "flaps"),
    [
        ([of_node("NodeNotReady", count=3, first_seen="10m ago")], True),
        ([of_node("NodeNotReady", count=2, first_seen="10m ago")], False),
        ([of_node("NodeNotReady", count=3, first_seen="16m ago")], False),
        (
            [of_node("NodeNotReady", "1m ago"), of_node("NodeNotReady", "5m ago"), of_node("NodeNotReady", "9m ago")],
            True,
        ),
        (
            [of_node("NodeNotReady", "1m ago"), of_node("NodeNotReady", "5m ago"), of_node("NodeNotReady", "20m ago")],
            False,
        ),
        ([of_node("NodeReady", count=9, first_seen="10m ago")], False),
    ],
)
def test_a_node_that_lapses_three_times_in_a_quarter_of_an_hour_flaps(lapses: list[Thing], flaps: bool) -> None:
    assert bool(told(judge(world(node(), lapses), DOWN))) is flaps
    assert len(told(judge(world(node(ready="False"), lapses), DOWN))) == 1, "what is down does not flap"


def test_a_lapse_whose_beginning_is_not_recorded_counts_by_its_last_time() -> None:
    lapse = of_node("NodeNotReady", count=3)
    del lapse["firstTimestamp"]
    assert len(told(judge(world(node(), lapse), DOWN))) == 1


def test_the_last_sign_of_life_of_a_kubelet_is_proof() -> None:
    lease = thing("Lease", "n1", "kube-node-lease", spec={"renewTime": "2026-01-15T05:01:00Z"})
    assert "spec.renewTime: 2026-01-15 05:01:00+00:00" in proof(judge(world(node(ready="Unknown"), lease), DOWN))
    for other in ({**lease, "spec": {}}, {**lease, "metadata": {"name": "n2", "namespace": "kube-node-lease"}}):
        assert not any("renewTime" in line for line in proof(judge(world(node(ready="Unknown"), other), DOWN)))


@pytest.mark.parametrize(
    ("down", "well", "many"), [(2, 1, True), (2, 2, False), (2, 0, False), (3, 2, True), (1, 5, False)]
)
def test_more_than_half_of_the_nodes_at_once_is_not_the_nodes(down: int, well: int, many: bool) -> None:
    nodes = [node(f"d{i}", "Unknown") for i in range(down)] + [node(f"w{i}") for i in range(well)]
    assert ("suspect the API server" in told(judge(world(nodes), DOWN))[0]) is many


DISK = {"type": "DiskPressure", "status": "True", "message": "full", "lastTransitionTime": "20m ago"}


def test_pressure_is_told_by_the_condition_with_since_when_and_who_was_evicted() -> None:
    gone = pod("web-1", spec={"nodeName": "n1"}, status={"phase": "Failed", "reason": "Evicted"})
    memory = {"type": "MemoryPressure", "status": "False", "message": "calm", "lastTransitionTime": "9d ago"}
    said = judge(world(node("n1", "True", "9d ago", memory, DISK), gone, pod("ok", spec={"nodeName": "n1"})), PRESSED)
    assert told(said) == ["Node n1 has DiskPressure since 2026-01-15 05:10 UTC (full); 1 pod Evicted from it so far."]
    assert first(said).confidence is Confidence.PROVEN
    assert str(first(said).at) == "2026-01-15 05:10:00+00:00"
    other = {"type": "SomethingElse", "status": "True"}
    assert told(judge(world(node("n1", "True", "9d ago", other)), PRESSED)) == []


@pytest.mark.parametrize(("last", "told_of"), [("2m ago", True), ("14m ago", True), ("16m ago", False)])
def test_pressure_is_likely_by_a_recent_event(last: str, told_of: bool) -> None:
    said = judge(world(node(), of_node("FreeDiskSpaceFailed", last, first_seen="1h ago")), PRESSED)
    assert bool(told(said)) is told_of
    if told_of:
        assert told(said)[0].startswith("Node n1 has FreeDiskSpaceFailed since 2026-01-15 04:30 UTC (m); 0 pods")
        assert first(said).confidence is Confidence.LIKELY
    assert told(judge(world(node(), of_node("Starting", last)), PRESSED)) == []


def test_condition_and_event_together_tell_the_condition_since_its_own_time() -> None:
    said = judge(world(node("n1", "True", "9d ago", DISK), of_node("ImageGCFailed", message="no room")), PRESSED)
    assert told(said)[0].startswith("Node n1 has DiskPressure since 2026-01-15 05:10 UTC (no room)")
    unknown = {**DISK}
    del unknown["lastTransitionTime"]
    said = judge(world(node("n1", "True", "9d ago", unknown), of_node("ImageGCFailed", first_seen="1h ago")), PRESSED)
    assert "since 2026-01-15 04:30 UTC" in told(said)[0]
    assert str(first(said).at) == "2026-01-15 05:28:00+00:00"
    assert first(judge(world(node("n1", "True", "9d ago", unknown)), PRESSED)).at is None


BOOTED = "Node n1 has been rebooted, boot id: b2"


def ended(name: str, finished: str | None, restarts: int = 1) -> Thing:
    end = {"lastState": {"terminated": {"exitCode": 255, **({"finishedAt": finished} if finished else {})}}}
    return pod(name, spec={"nodeName": "n1"}, state={"restartCount": restarts, **(end if finished != "never" else {})})


def test_a_reboot_counts_the_pods_that_ended_with_it() -> None:
    pods = [
        ended("a", "6m ago"),
        ended("b", "19m ago"),
        ended("c", "25m ago"),
        ended("d", "6m ago", 0),
        ended("e", None),
        ended("f", "never"),
    ]
    said = judge(world(node(), of_node("Rebooted", "5m ago", message=BOOTED), pods), REBOOTED)
    assert told(said) == ["Node n1 rebooted at 2026-01-15 05:25 UTC; 2 pods on it restarted because of that."]
    assert [ref.name for ref in first(said).pods] == ["a", "b"]
    assert told(judge(world(node(), of_node("Rebooted", message="something else")), REBOOTED)) == []
    assert told(judge(world(node()), REBOOTED)) == []


def cordon(at: str | None = "2d ago") -> list[Thing]:
    other = {"key": "node.kubernetes.io/memory-pressure", "effect": "NoSchedule", "timeAdded": "1h ago"}
    return [
        other,
        {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule", **({"timeAdded": at} if at else {})},
    ]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (node(unschedulable=True, taints=cordon()), "(cordoned) since 2026-01-13 05:30 UTC"),
        (node(unschedulable=True, taints=cordon("23h ago")), ""),
        (node(unschedulable=True, taints=cordon("25h ago")), "(cordoned) since"),
        (node(unschedulable=True, taints=cordon(None)), ""),
        (
            node(taints=[{"key": "work", "effect": "NoSchedule", "timeAdded": "2d ago"}]),
            "(taint work:NoSchedule) since",
        ),
        (node(taints=[{"key": "work", "effect": "PreferNoSchedule", "timeAdded": "2d ago"}]), ""),
        (node(taints=[{"key": "work", "effect": "NoSchedule"}]), ""),
        (node(taints=cordon()), ""),
    ],
)
def test_what_was_closed_for_more_than_a_day_is_forgotten(one: Thing, words: str) -> None:
    said = told(judge(world(one), CLOSED))
    assert (words in said[0]) if words else said == []


def test_when_a_cordon_was_written_is_known_by_its_writer_too_and_how_to_undo_it() -> None:
    one = node(unschedulable=True)
    one["metadata"]["managedFields"] = [
        {"manager": "kubelet", "time": "9d ago", "fieldsV1": {"f:status": {}}},
        {"manager": "x", "fieldsV1": {"f:spec": {"f:unschedulable": {}}}},
        {"manager": "kubectl", "time": "3d ago", "fieldsV1": {"f:spec": {"f:unschedulable": {}}}},
    ]
    said = judge(world(one), CLOSED)
    assert "since 2026-01-12 05:30 UTC" in told(said)[0]
    assert first(said).remedies[0].command == "kubectl uncordon n1"
    tainted = node(taints=[{"key": "work", "effect": "NoSchedule", "timeAdded": "2d ago"}])
    assert first(judge(world(tainted), CLOSED)).remedies[0].command == "kubectl taint node n1 work:NoSchedule-"


def test_pods_that_wait_for_a_closed_node_make_it_an_error_at_once() -> None:
    waits = pod("web-1", owner=("StatefulSet", "web"), created="5m ago", spec={"nodeName": ""})
    message = "0/1 nodes are available: 1 node(s) were unschedulable."
    waits["status"] = {
        "phase": "Pending",
        "conditions": [
            {
                "type": "PodScheduled",
                "status": "False",
                "reason": "Unschedulable",
                "message": message,
                "lastTransitionTime": "5m ago",
            }
        ],
    }
    size = {"allocatable": {"cpu": "8", "memory": "32Gi", "pods": "110"}}
    one = node(unschedulable=True, taints=cordon("10m ago"))
    one["status"].update(size)
    said = judge(world(one, waits), CLOSED)
    assert "; web waits for a node because of it" in told(said)[0]
    assert first(said).severity is Severity.ERROR
    unknown = {**one, "spec": {"unschedulable": True}}
    assert "since an unknown time; web waits" in told(judge(world(unknown, waits), CLOSED))[0]
    well = node()
    well["status"].update(size)
    assert told(judge(world(well, waits), CLOSED)) == []


def going(*conditions: Thing, phase: str = "Terminating", since: str | None = "20m ago") -> Thing:
    one = thing("Namespace", "old", "", status={"phase": phase, "conditions": list(conditions)})
    if since:
        one["metadata"]["deletionTimestamp"] = since
    return one


LEFT = {"type": "NamespaceContentRemaining", "status": "True", "message": "2 certificates remain"}
BLIND = {"type": "NamespaceDeletionDiscoveryFailure", "status": "True", "message": "cannot list"}
CALM = {"type": "NamespaceDeletionContentFailure", "status": "False", "message": "calm"}


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (going(CALM, LEFT), "(NamespaceContentRemaining): 2 certificates remain"),
        (going(LEFT, BLIND), "(NamespaceDeletionDiscoveryFailure): cannot list"),
        (going({"type": "Other", "status": "True", "message": "x"}, LEFT), "(NamespaceContentRemaining)"),
        (going(CALM), ""),
        (going(LEFT, phase="Active"), ""),
        (going(LEFT, since=None), ""),
        (going(LEFT, since="90s ago"), ""),
        (going(LEFT, since="150s ago"), "(NamespaceContentRemaining)"),
    ],
)
def test_a_namespace_that_does_not_go_names_the_gravest_reason(one: Thing, words: str) -> None:
    said = told(judge(world(one), STUCK))
    assert (words in said[0]) if words else said == []


def api(name: str = "v1beta1.metrics.k8s.io", *conditions: Thing) -> Thing:
    down = {
        "type": "Available",
        "status": "False",
        "reason": "MissingEndpoints",
        "message": "none",
        "lastTransitionTime": "9m ago",
    }
    spec = {"group": name.partition(".")[2], "service": {"namespace": "kube-system", "name": "metrics-server"}}
    return thing("APIService", name, "", spec=spec, status={"conditions": list(conditions) or [down]})


def test_an_api_that_cannot_be_listed_is_why_a_namespace_does_not_go() -> None:
    well = api("v1.fine.example.com", {"type": "Available", "status": "True"}, {"type": "Other", "status": "False"})
    said = judge(world(going(BLIND), api(), well), STUCK)
    assert [ref.name for ref in first(said).because] == ["v1beta1.metrics.k8s.io"]
    assert first(judge(world(going(LEFT), api()), STUCK)).because == ()


def test_an_api_is_down_by_that_condition_alone_and_says_whom_to_look_at() -> None:
    noisy = api("v1.x.example.com", {"type": "Other", "status": "False"}, {"type": "Available", "status": "True"})
    said = judge(world(noisy, api()), API)
    assert len(told(said)) == 1
    assert "kubectl -n kube-system get pods" in first(said).remedies[0].command
    local = api()
    local["spec"] = {"group": "x"}
    assert first(judge(world(local), API)).remedies[0].command == ""


def hook(policy: str = "Fail", resources: tuple[str, ...] = ("pods",), backend: Any = "guard", **more: Any) -> Thing:
    client = {"service": {"namespace": "guard", "name": backend}} if backend else {"url": "https://x"}
    one = {
        "name": "w.example.com",
        "clientConfig": client,
        "failurePolicy": policy,
        "rules": [{"resources": list(resources)}],
        **more,
    }
    return {"apiVersion": "v1", "kind": "ValidatingWebhookConfiguration", "metadata": {"name": "w"}, "webhooks": [one]}


def behind(ready: bool | None, name: str = "guard", of: str = "guard") -> list[Thing]:
    found = {**service(name, {"app": "guard"}), "metadata": {"name": name, "namespace": "guard"}}
    slice_ = thing(
        "EndpointSlice",
        "x",
        "guard",
        labels={"kubernetes.io/service-name": of},
        endpoints=[{"conditions": {"ready": ready}}],
    )
    return [found, *([slice_] if ready is not None else [])]


@pytest.mark.parametrize(
    ("things", "words"),
    [
        ([hook()], "guard/guard does not exist; every change of pods that it guards is refused"),
        ([hook("Ignore")], "does not exist; changes of pods go through unchecked"),
        ([hook(), behind(None)], "has no ready endpoint"),
        ([hook(), behind(False)], "has no ready endpoint"),
        ([hook(), behind(True, of="other")], "has no ready endpoint"),
        ([hook(), behind(True)], ""),
        ([hook(backend=None)], ""),
    ],
)
def test_a_guard_is_down_without_anybody_behind_it(things: list[Any], words: str) -> None:
    said = told(judge(world(*things), HOOK))
    assert (words in said[0]) if words else said == []


SOME = {"matchLabels": {"a": "b"}}
FEW = {"matchExpressions": [{"key": "a", "operator": "Exists"}]}


@pytest.mark.parametrize(
    ("one", "broad"),
    [
        (hook(), True),
        (hook(resources=("*",)), True),
        (hook(resources=("*/*",)), True),
        (hook(resources=("services",)), False),
        (hook("Ignore"), False),
        (hook(backend=None), False),
        (hook(namespaceSelector={}), True),
        (hook(namespaceSelector=SOME), False),
        (hook(namespaceSelector=FEW), False),
        (hook(objectSelector={}), True),
        (hook(objectSelector=SOME), False),
        (hook(objectSelector=FEW), False),
    ],
)
def test_a_guard_over_all_pods_without_an_exception_is_too_broad(one: Thing, broad: bool) -> None:
    assert bool(told(judge(world(one), BROAD))) is broad
