"""What pods use just now, and what the control plane says of itself, asked through the door of a rehearsed cluster."""

from typing import Any

import httpx

from tests.door import door
from tests.knowledge.detectors.things import Thing, event, thing, world
from tests.sandbox_fixtures import kubernetes_room

CONTAINER = {"name": "app", "image": "registry.example.com/cart:1.0", "resources": {"limits": {"cpu": "500m"}}}
LATE = 'Liveness probe failed: Get "http://10.0.0.1:8080/live": context deadline exceeded'


def cart() -> list[Thing]:
    labels = {"app": "cart"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [CONTAINER]}}
    state = {"name": "app", "ready": True, "restartCount": 0, "state": {"running": {"startedAt": "2h ago"}}}
    status = {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2h ago"}],
        "containerStatuses": [state],
    }
    owner = thing(
        "StatefulSet",
        "cart",
        created="2h ago",
        spec={"replicas": 1, "selector": {"matchLabels": labels}, "template": template},
        status={"replicas": 1, "readyReplicas": 1, "currentReplicas": 1, "updatedReplicas": 1},
    )
    owner["apiVersion"] = "apps/v1"
    one = thing("Pod", "cart-0", labels=labels, owner=("StatefulSet", "cart"), created="2h ago", status=status)
    one["spec"] = {"nodeName": "node-1", "containers": [CONTAINER]}
    one["metadata"]["ownerReferences"][0]["apiVersion"] = "apps/v1"
    return [owner, one, event(("Pod", "cart-0"), "Unhealthy", LATE, 9, container="app", last="2m ago")]


def uses(cpu: str = "495m") -> Thing:
    used = thing("PodMetrics", "cart-0", timestamp="20s ago", containers=[{"name": "app", "usage": {"cpu": cpu}}])
    return {**used, "apiVersion": "metrics.k8s.io/v1beta1"}


def refused(resource: str) -> Thing:
    return {"apiVersion": "rehearsal", "kind": "Denied", "resource": resource}


def slow(*more: Any) -> str:
    with door(world(cart(), *more)) as opened:
        return opened.ask("why is cart slow in shop").text


def test_a_program_at_its_cpu_limit_is_why_it_is_slow() -> None:
    assert "Container app of cart runs against its CPU limit: it uses 495m of 500m" in slow(uses())


def test_where_no_metrics_api_is_installed_nobody_misses_it() -> None:
    assert "metrics.k8s.io" not in slow()


def test_a_metrics_api_that_may_not_be_read_is_told_to_who_asks_why_something_is_slow() -> None:
    assert "pods.metrics.k8s.io" in slow(uses(), refused("pods.metrics.k8s.io"))
    with door(world(cart(), uses(), refused("pods.metrics.k8s.io"))) as opened:
        assert "metrics.k8s.io" not in opened.ask("why did cart restart in shop").text


def test_the_room_serves_the_metrics_api_only_where_the_world_says_what_pods_use() -> None:
    for more, code in (([uses()], 200), ([], 404)):
        with kubernetes_room(world(cart(), *more)) as room:
            path = f"{room.url('rehearsal')}/apis/metrics.k8s.io/v1beta1/pods"
            assert httpx.get(path, timeout=5).status_code == code


def test_a_look_at_a_cluster_tells_what_its_api_server_says_of_itself() -> None:
    ill = {"apiVersion": "rehearsal", "kind": "Fault", "resource": "readyz", "answer": "etcd"}
    with door({"prod": world(cart(), ill)}) as opened:
        told = opened.ask("diagnose prod").text
    assert "says that it is not ready: etcd failed; its database (etcd) does not answer" in told
