"""Clusters that live: rollouts, crashes, evictions and what depends on them, in the room as in a real plane."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from integrations.sandbox.kubernetes import KubernetesRoom
from integrations.sandbox.world import read
from tests.contracts.clusters import Cluster, Json, client_of
from tests.control_plane.plane import ControlPlane

STRATEGIC = {"Content-Type": "application/strategic-merge-patch+json"}
MERGE = {"Content-Type": "application/merge-patch+json"}
SPACE = "/api/v1/namespaces/alive"
APPS = "/apis/apps/v1/namespaces/alive"
WITHIN_S = 60.0
_numbers = count(1)

ROOM = """
{apiVersion: rehearsal, kind: Life}
---
{apiVersion: rehearsal, kind: Granted, resource: "*"}
---
{apiVersion: v1, kind: Namespace, metadata: {name: default}}
---
{apiVersion: rehearsal, kind: Machine, name: node-1, cpu: 4, memory: 16Gi}
---
{apiVersion: rehearsal, kind: Machine, name: node-2, cpu: 4, memory: 16Gi, podCIDR: 10.244.2.0/24}
---
{apiVersion: rehearsal, kind: Fate, namespace: alive, app: oom, becomes: OOMKilled}
---
{apiVersion: rehearsal, kind: Fate, namespace: alive, app: pull, becomes: Unpulled}
---
{apiVersion: rehearsal, kind: Fate, namespace: alive, app: unready, becomes: Unready}
"""


@pytest.fixture(scope="module", params=["rehearsed", pytest.param("real", marks=pytest.mark.control_plane)])
def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One that lives, with two nodes and a namespace of ours."""
    if request.param == "real":
        plane: ControlPlane = request.getfixturevalue("control_plane")
        yield _settled(Cluster(client_of(plane.kubeconfig), plane.server, plane.kubeconfig, _never, _never))
        return
    with KubernetesRoom({"alive": read("alive", ROOM, datetime.now(UTC))}) as room:
        path: Path = room.kubeconfig(tmp_path_factory.mktemp("alive") / "kubeconfig")
        yield _settled(Cluster(client_of(path), room.url("alive"), path, _never, _never))


def _settled(cluster: Cluster) -> Cluster:
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "alive"}}
    assert cluster.ask("/api/v1/namespaces", "POST", space)[0] == 201
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
    cluster.ask(f"{SPACE}/serviceaccounts", "POST", account)
    return cluster


def _never(*_: object) -> None:
    raise AssertionError("nobody writes past the API here")


@pytest.fixture
def name() -> str:
    return f"works-{next(_numbers)}"


def deployment(name: str, *, replicas: int = 2, fate: str = "", **spec: Any) -> Json:
    """``fate``: what becomes of its pods; the room reads the label, the played kubelet the annotation."""
    labels = {"of": name, **({"app": fate} if fate else {})}
    meta: Json = {"labels": labels, **({"annotations": {"test.gurumi/fate": fate}} if fate else {})}
    inside = {"containers": [{"name": "app", "image": "registry.example.com/x:1"}], **spec.pop("pod", {})}
    template = {"metadata": meta, "spec": inside}
    whole = {"replicas": replicas, "selector": {"matchLabels": {"of": name}}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": whole}


def made(cluster: Cluster, path: str, thing: Json) -> Json:
    code, body = cluster.ask(path, "POST", thing)
    assert code == 201, body
    kept: Json = body
    return kept


def until(look: Callable[[], Any], holds: Callable[[Any], bool]) -> Any:
    """What is seen when it holds at last."""
    began = time.monotonic()
    while not holds(seen := look()):
        assert time.monotonic() - began < WITHIN_S, seen
        time.sleep(0.2)
    return seen


def available(cluster: Cluster, name: str, replicas: int) -> Json:
    def look() -> Any:
        return cluster.ask(f"{APPS}/deployments/{name}")[1]

    def complete(one: Json) -> bool:
        status = one["status"]
        counts = [status.get(key, 0) for key in ("replicas", "updatedReplicas", "availableReplicas")]
        return status.get("observedGeneration") == one["metadata"]["generation"] and counts == [replicas] * 3

    found: Json = until(look, complete)
    return found


def mine(cluster: Cluster, kind: str, name: str) -> list[Json]:
    root = SPACE if kind == "pods" else APPS
    items: list[Json] = cluster.ask(f"{root}/{kind}", labelSelector=f"of={name}")[1]["items"]
    return items


def condition(thing: Json, kind: str) -> Json:
    conditions = thing.get("status", {}).get("conditions") or []
    return next((dict(one) for one in conditions if one["type"] == kind), {})


def reasons(cluster: Cluster, name: str) -> set[str]:
    events = cluster.ask(f"{SPACE}/events")[1]["items"]
    return {event["reason"] for event in events if event["involvedObject"]["name"].startswith(name)}


def test_a_deployment_gets_its_pods_on_nodes_and_becomes_available(cluster: Cluster, name: str) -> None:
    made(cluster, f"{APPS}/deployments", deployment(name))
    one = available(cluster, name, 2)
    assert one["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "1"
    assert condition(one, "Available")["reason"] == "MinimumReplicasAvailable"
    assert condition(one, "Progressing")["reason"] == "NewReplicaSetAvailable"
    [replicas] = mine(cluster, "replicasets", name)
    assert replicas["metadata"]["ownerReferences"][0]["name"] == name
    code = replicas["metadata"]["labels"]["pod-template-hash"]
    pods = mine(cluster, "pods", name)
    assert {pod["metadata"]["labels"]["pod-template-hash"] for pod in pods} == {code}
    assert {pod["spec"]["nodeName"] for pod in pods} <= {"node-1", "node-2"}
    assert all(pod["status"]["podIP"] and pod["status"]["phase"] == "Running" for pod in pods)
    assert {"ScalingReplicaSet", "SuccessfulCreate", "Scheduled"} <= reasons(cluster, name)


def test_a_new_template_is_a_new_revision_and_an_old_one_is_used_again(cluster: Cluster, name: str) -> None:
    made(cluster, f"{APPS}/deployments", deployment(name))
    available(cluster, name, 2)
    before = {pod["metadata"]["name"] for pod in mine(cluster, "pods", name)}
    path = f"{APPS}/deployments/{name}"
    image = {"spec": {"template": {"spec": {"containers": [{"name": "app", "image": "registry.example.com/x:2"}]}}}}
    assert cluster.ask(path, "PATCH", image, STRATEGIC)[1]["metadata"]["generation"] == 2
    one = available(cluster, name, 2)
    assert one["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "2"
    after = until(lambda: mine(cluster, "pods", name), lambda pods: not {p["metadata"]["name"] for p in pods} & before)
    assert {pod["spec"]["containers"][0]["image"] for pod in after} == {"registry.example.com/x:2"}
    image["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example.com/x:1"
    cluster.ask(path, "PATCH", image, STRATEGIC)
    one = available(cluster, name, 2)
    assert one["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "3"
    numbers = {
        rs["metadata"]["annotations"]["deployment.kubernetes.io/revision"]: rs["spec"]["replicas"]
        for rs in mine(cluster, "replicasets", name)
    }
    assert numbers == {"2": 0, "3": 2}


def test_scaling_makes_and_takes_pods(cluster: Cluster, name: str) -> None:
    made(cluster, f"{APPS}/deployments", deployment(name, replicas=1))
    available(cluster, name, 1)
    for replicas in (3, 0):
        scale = {"spec": {"replicas": replicas}}
        assert cluster.ask(f"{APPS}/deployments/{name}/scale", "PATCH", scale, MERGE)[0] == 200
        until(lambda: len(mine(cluster, "pods", name)), lambda pods, wanted=replicas: bool(pods == wanted))
    assert "SuccessfulDelete" in reasons(cluster, name)


def test_a_pod_that_is_deleted_is_made_again(cluster: Cluster, name: str) -> None:
    made(cluster, f"{APPS}/deployments", deployment(name, replicas=1))
    available(cluster, name, 1)
    [pod] = mine(cluster, "pods", name)
    assert cluster.ask(f"{SPACE}/pods/{pod['metadata']['name']}", "DELETE", gracePeriodSeconds=1)[0] == 200

    def another(pods: list[Json]) -> bool:
        return [one["metadata"]["uid"] for one in pods] not in ([], [pod["metadata"]["uid"]]) and len(pods) == 1

    until(lambda: mine(cluster, "pods", name), another)
    available(cluster, name, 1)


def test_a_container_killed_for_memory_backs_off_and_counts_its_restarts(cluster: Cluster, name: str) -> None:
    made(cluster, f"{APPS}/deployments", deployment(name, replicas=1, fate="oom"))

    def look() -> Json:
        pods = mine(cluster, "pods", name)
        statuses = pods[0]["status"].get("containerStatuses") if pods else None
        return {"pod": pods[0], **statuses[0]} if statuses else {"restartCount": 0, "state": {}}

    def waits(one: Json) -> bool:
        return bool(one["restartCount"] >= 1 and one["state"].get("waiting"))

    seen = until(look, waits)
    assert seen["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert seen["state"]["waiting"]["message"].startswith("back-off 10s restarting failed container=app pod=")
    ended = seen["lastState"]["terminated"]
    assert (ended["exitCode"], ended["reason"], seen["ready"]) == (137, "OOMKilled", False)
    ready = condition(seen["pod"], "Ready")
    assert (ready["status"], ready["reason"]) == ("False", "ContainersNotReady")
    assert ready["message"] == "containers with unready status: [app]"
    assert seen["pod"]["status"]["phase"] == "Running"
    assert "BackOff" in reasons(cluster, name) or until(lambda: reasons(cluster, name), lambda r: "BackOff" in r)
    later = until(look, lambda one: one["restartCount"] > seen["restartCount"])
    assert later["lastState"]["terminated"]["reason"] == "OOMKilled"


def test_an_image_that_is_not_there_leaves_the_pod_pending(cluster: Cluster, name: str) -> None:
    made(cluster, f"{APPS}/deployments", deployment(name, replicas=1, fate="pull"))

    def reason() -> str:
        pods = mine(cluster, "pods", name)
        statuses = pods[0]["status"].get("containerStatuses") if pods else None
        return str(statuses[0]["state"].get("waiting", {}).get("reason")) if statuses else ""

    until(reason, "ImagePullBackOff".__eq__)
    assert mine(cluster, "pods", name)[0]["status"]["phase"] == "Pending"
    one = cluster.ask(f"{APPS}/deployments/{name}")[1]
    assert condition(one, "Available")["reason"] == "MinimumReplicasUnavailable"


def test_what_a_rollout_cannot_finish_is_told_when_its_time_is_over(cluster: Cluster, name: str) -> None:
    made(cluster, f"{APPS}/deployments", deployment(name, replicas=1, fate="unready", progressDeadlineSeconds=3))
    one = until(
        lambda: cluster.ask(f"{APPS}/deployments/{name}")[1],
        lambda one: condition(one, "Progressing").get("reason") == "ProgressDeadlineExceeded",
    )
    [replicas] = mine(cluster, "replicasets", name)
    progressing = condition(one, "Progressing")
    assert progressing["status"] == "False"
    assert progressing["message"] == f'ReplicaSet "{replicas["metadata"]["name"]}" has timed out progressing.'


def test_a_rollout_that_does_not_get_ready_keeps_the_old_pods(cluster: Cluster, name: str) -> None:
    made(cluster, f"{APPS}/deployments", deployment(name))
    available(cluster, name, 2)
    bad = {"metadata": {"labels": {"app": "unready"}, "annotations": {"test.gurumi/fate": "unready"}}}
    cluster.ask(f"{APPS}/deployments/{name}", "PATCH", {"spec": {"template": bad}}, STRATEGIC)
    status = until(
        lambda: cluster.ask(f"{APPS}/deployments/{name}")[1]["status"], lambda s: s.get("updatedReplicas") == 1
    )
    assert (status["replicas"], status["availableReplicas"]) == (3, 2)


def test_a_pod_that_fits_nowhere_is_told_why(cluster: Cluster, name: str) -> None:
    asks = {"containers": [{"name": "app", "image": "x", "resources": {"requests": {"cpu": "64"}}}]}
    made(cluster, f"{APPS}/deployments", deployment(name, replicas=1, pod=asks))
    here = {"nodeSelector": {"disk": "of-gold"}}
    made(cluster, f"{APPS}/deployments", deployment(f"{name}-b", replicas=1, pod=here))
    no = "0/2 nodes are available: "
    told = {
        name: f"{no}2 Insufficient cpu. preemption: {no}2 No preemption victims found for incoming pod.",
        f"{name}-b": f"{no}2 node(s) didn't match Pod's node affinity/selector. preemption: {no}2 Preemption is not "
        "helpful for scheduling.",
    }
    for one, message in told.items():
        [pod] = until(
            lambda one=one: mine(cluster, "pods", one),  # type: ignore[misc]
            lambda pods: bool(pods) and bool(condition(pods[0], "PodScheduled")),
        )
        said = condition(pod, "PodScheduled")
        assert (said["status"], said["reason"]) == ("False", "Unschedulable")
        assert _without_preemption(said["message"]) == _without_preemption(message)
        events = cluster.ask(f"{SPACE}/events", fieldSelector=f"involvedObject.name={pod['metadata']['name']}")[1]
        event = next(e for e in events["items"] if e["reason"] == "FailedScheduling")
        assert (event["type"], event["reportingComponent"], event.get("count")) == (
            "Warning",
            "default-scheduler",
            None,
        )
        assert event["eventTime"]


def _without_preemption(message: str) -> str:
    """What preemption could do depends on whoever else runs there."""
    return message.partition(" preemption: ")[0]


def test_a_service_leads_to_the_pods_that_are_ready(cluster: Cluster, name: str) -> None:
    spec = {"selector": {"of": name}, "ports": [{"port": 80, "targetPort": 8080}]}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}
    made(cluster, f"{SPACE}/services", service)
    made(cluster, f"{APPS}/deployments", deployment(name))
    made(cluster, f"{APPS}/deployments", deployment(f"{name}-b", replicas=1, fate="unready"))
    path = "/apis/discovery.k8s.io/v1/namespaces/alive/endpointslices"

    def ready() -> list[str]:
        slices = cluster.ask(path, labelSelector=f"kubernetes.io/service-name={name}")[1]["items"]
        ends = [end for one in slices for end in one.get("endpoints") or []]
        return sorted(end["addresses"][0] for end in ends if end["conditions"]["ready"])

    available(cluster, name, 2)
    want = sorted(pod["status"]["podIP"] for pod in mine(cluster, "pods", name))
    until(ready, want.__eq__)


def test_a_budget_counts_and_guards(cluster: Cluster, name: str) -> None:
    made(cluster, f"{APPS}/deployments", deployment(name))
    spec = {"minAvailable": 2, "selector": {"matchLabels": {"of": name}}}
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name}, "spec": spec}
    path = "/apis/policy/v1/namespaces/alive/poddisruptionbudgets"
    made(cluster, path, budget)
    available(cluster, name, 2)
    status = until(lambda: cluster.ask(f"{path}/{name}")[1]["status"], lambda s: s.get("currentHealthy") == 2)
    assert (status["desiredHealthy"], status["expectedPods"], status["disruptionsAllowed"]) == (2, 2, 0)
    pod = mine(cluster, "pods", name)[0]["metadata"]["name"]
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod}}
    code, body = cluster.ask(f"{SPACE}/pods/{pod}/eviction", "POST", eviction)
    said = f"The disruption budget {name} needs 2 healthy pods and has 2 currently"
    assert (code, body["details"]["causes"][0]["message"]) == (429, said)
    cluster.ask(f"{path}/{name}", "PATCH", {"spec": {"minAvailable": 1}}, MERGE)
    until(lambda: cluster.ask(f"{path}/{name}")[1]["status"]["disruptionsAllowed"], lambda allowed: allowed == 1)
    assert cluster.ask(f"{SPACE}/pods/{pod}/eviction", "POST", eviction)[0] == 201
    until(lambda: cluster.ask(f"{SPACE}/pods/{pod}")[0], lambda code: code == 404)


@pytest.mark.parametrize(("policy", "stays"), [("Background", False), ("Foreground", False), ("Orphan", True)])
def test_what_belongs_to_a_deployment_goes_with_it_unless_it_is_orphaned(
    cluster: Cluster, name: str, policy: str, stays: bool
) -> None:
    made(cluster, f"{APPS}/deployments", deployment(name, replicas=1))
    available(cluster, name, 1)
    assert cluster.ask(f"{APPS}/deployments/{name}", "DELETE", propagationPolicy=policy)[0] == 200
    until(lambda: cluster.ask(f"{APPS}/deployments/{name}")[0], lambda code: code == 404)
    if stays:
        [replicas] = until(lambda: mine(cluster, "replicasets", name), lambda found: len(found) == 1)
        assert not replicas["metadata"].get("ownerReferences")
        return
    until(lambda: mine(cluster, "replicasets", name) + mine(cluster, "pods", name), [].__eq__)


def test_a_stateful_set_numbers_its_pods_and_replaces_them_from_the_last(cluster: Cluster, name: str) -> None:
    one = deployment(name)
    one |= {"kind": "StatefulSet", "spec": {**one["spec"], "serviceName": name}}
    made(cluster, f"{APPS}/statefulsets", one)
    path = f"{APPS}/statefulsets/{name}"
    until(lambda: cluster.ask(path)[1]["status"].get("readyReplicas"), lambda ready: ready == 2)
    pods = {pod["metadata"]["name"]: pod for pod in mine(cluster, "pods", name)}
    assert sorted(pods) == [f"{name}-0", f"{name}-1"]
    assert pods[f"{name}-1"]["metadata"]["labels"]["apps.kubernetes.io/pod-index"] == "1"
    image = {"spec": {"template": {"spec": {"containers": [{"name": "app", "image": "registry.example.com/x:2"}]}}}}
    cluster.ask(path, "PATCH", image, STRATEGIC)

    def images() -> set[str]:
        return {pod["spec"]["containers"][0]["image"] for pod in mine(cluster, "pods", name)}

    until(images, {"registry.example.com/x:2"}.__eq__)
    counts = ("readyReplicas", "updatedReplicas")
    until(lambda: cluster.ask(path)[1]["status"], lambda status: all(status.get(key) == 2 for key in counts))


def test_a_node_that_is_cordoned_takes_no_pods(cluster: Cluster, name: str) -> None:
    path = "/api/v1/nodes/node-1"
    assert cluster.ask(path, "PATCH", {"spec": {"unschedulable": True}}, MERGE)[0] == 200
    made(cluster, f"{APPS}/deployments", deployment(name, replicas=3))
    available(cluster, name, 3)
    assert {pod["spec"]["nodeName"] for pod in mine(cluster, "pods", name)} == {"node-2"}
    assert cluster.ask(path, "PATCH", {"spec": {"unschedulable": None}}, MERGE)[0] == 200


def test_kubelets_renew_their_leases(cluster: Cluster) -> None:
    path = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node-1"

    def renewed() -> str:
        return str(cluster.ask(path)[1]["spec"]["renewTime"])

    before = renewed()
    until(renewed, lambda now: now > before)


def test_a_namespace_is_emptied_and_goes(cluster: Cluster, name: str) -> None:
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    made(cluster, "/api/v1/namespaces", space)
    inside = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "inside"}}
    made(cluster, f"/api/v1/namespaces/{name}/configmaps", inside)
    assert cluster.ask(f"/api/v1/namespaces/{name}", "DELETE")[0] == 200
    until(lambda: cluster.ask(f"/api/v1/namespaces/{name}")[0], lambda code: code == 404)
    assert cluster.ask(f"/api/v1/namespaces/{name}/configmaps/inside")[0] == 404
