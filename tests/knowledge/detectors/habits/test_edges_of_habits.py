"""Habits: what decides, from both sides."""

from typing import Any

import pytest

from tests.knowledge.detectors.things import Thing, deployment, pod, service, thing, told, world
from tests.seen import judge

SINGLE, HOSTPATH, HEAP, NAKED = (
    "hygiene-single-replica-or-no-pdb",
    "hygiene-hostpath-for-data",
    "res-heap-exceeds-limit",
    "hygiene-naked-pod",
)
TAG, LIMIT, REQUESTS = "hygiene-mutable-image-tag", "res-memory-limit-missing", "res-requests-missing"
WEB = {"app": "web"}


def web(replicas: int = 1, kind: str = "Deployment", namespace: str = "shop", **fields: Any) -> Thing:
    one = deployment("web", WEB, replicas, **fields)
    return {**one, "kind": kind, "metadata": {**one["metadata"], "namespace": namespace}}


def copies(*nodes: str) -> list[Thing]:
    return [pod(f"web-{n}", WEB, owner=("Deployment", "web"), spec={"nodeName": node}) for n, node in enumerate(nodes)]


def node(name: str) -> Thing:
    return thing("Node", name, "")


def budget(selector: Thing | None = WEB) -> Thing:
    return thing(
        "PodDisruptionBudget", "web", spec={"selector": {"matchLabels": selector}} if selector is not None else {}
    )


def scaler(least: int = 2, name: str = "web", kind: str = "Deployment") -> Thing:
    return thing(
        "HorizontalPodAutoscaler", "x", spec={"minReplicas": least, "scaleTargetRef": {"kind": kind, "name": name}}
    )


TWO = [node("a"), node("b")]


@pytest.mark.parametrize(
    ("things", "words"),
    [
        ([web()], "runs as a single pod"),
        ([web(kind="StatefulSet")], "runs as a single pod"),
        ([web(kind="DaemonSet")], ""),
        ([web(annotations={"gurumi/single-replica": "yes"})], ""),
        ([web(), scaler()], ""),
        ([web(), scaler(1)], "runs as a single pod"),
        ([web(), scaler(name="other")], "runs as a single pod"),
        ([web(), scaler(kind="StatefulSet")], "runs as a single pod"),
        ([web(0)], ""),
        ([web(2)], "has no PodDisruptionBudget"),
        ([web(2), budget()], ""),
        ([web(2), budget({"app": "x"})], "has no PodDisruptionBudget"),
        ([web(2), budget(None)], "has no PodDisruptionBudget"),
        ([web(2), budget(), copies("a", "a"), TWO], "run on node a"),
        ([web(2), budget(), copies("a", "b"), TWO], ""),
        ([web(2), budget(), copies("a", "a"), TWO[:1]], ""),
        ([web(2), budget(), copies("a"), TWO], ""),
        ([web(2), budget(), copies("a", ""), TWO], "run on node a"),
        ([web(1), copies("a", "a"), TWO], "runs as a single pod"),
    ],
)
def test_how_much_one_machine_takes_down(things: list[Any], words: str) -> None:
    said = told(judge(world(service("web", WEB), *things), SINGLE))
    assert (words in said[0] and len(said) == 1) if words else said == []


def test_the_platforms_own_and_what_two_services_serve() -> None:
    system = [
        {**service("web", WEB), "metadata": {"name": "web", "namespace": "kube-system"}},
        web(namespace="kube-system"),
    ]
    assert told(judge(world(system), SINGLE)) == []
    assert len(told(judge(world(web(), service("a", WEB), service("b", WEB)), SINGLE))) == 1


def writes(
    path: str = "/data",
    read_only: bool = False,
    owner: str = "StatefulSet",
    namespace: str = "shop",
    mounted: bool = True,
    source: Thing | None = None,
) -> Thing:
    mounts = [{"name": "d", "mountPath": "/d", "readOnly": read_only}] if mounted else []
    volumes = [{"name": "d", **(source or {"hostPath": {"path": path}})}]
    one = pod("web-1", owner=(owner, "web"), spec={"volumes": volumes}, container={"volumeMounts": mounts})
    return {**one, "metadata": {**one["metadata"], "namespace": namespace}}


@pytest.mark.parametrize(
    ("one", "told_of"),
    [
        (writes(), True),
        (writes("/etcd-data"), True),
        (writes("/etc"), False),
        (writes("/etc/localtime"), False),
        (writes("/data/docker.sock"), False),
        (writes(read_only=True), False),
        (writes(mounted=False), False),
        (writes(owner="DaemonSet"), False),
        (writes(namespace="kube-system"), False),
        (writes(source={"emptyDir": {}}), False),
    ],
)
def test_who_keeps_data_on_one_machine(one: Thing, told_of: bool) -> None:
    assert bool(told(judge(world(one), HOSTPATH))) is told_of


def java(heap: str = "", limit: str = "1Gi", name: str = "app") -> Thing:
    env = [{"name": "JAVA_TOOL_OPTIONS", "value": heap}] if heap else []
    limits = {"resources": {"limits": {"memory": limit}}} if limit else {}
    one = pod("web-1", owner=("StatefulSet", "web"), container={"env": env, **limits})
    one["status"]["containerStatuses"][0]["name"] = name
    return one


@pytest.mark.parametrize(
    ("one", "told_of"),
    [
        (java("-Xmx900m"), True),
        (java("-Xmx820m"), True),
        (java("-Xmx800m"), False),
        (java("-Xmx220m"), False),
        (java(), False),
        (java("-Xmx900m", ""), False),
        (java("-Xmx900m", name="other"), False),
    ],
)
def test_a_heap_that_leaves_no_room(one: Thing, told_of: bool) -> None:
    assert bool(told(judge(world(one), HEAP))) is told_of


def alone(
    created: str | None = "2h ago",
    namespace: str = "shop",
    phase: str = "Running",
    restart: str = "Always",
    **meta: Any,
) -> Thing:
    one = pod("lost", status={"phase": phase}, spec={"restartPolicy": restart})
    one["metadata"].update(namespace=namespace, **({"creationTimestamp": created} if created else {}), **meta)
    return one


@pytest.mark.parametrize(
    ("one", "told_of"),
    [
        (alone(), True),
        (alone("50m ago"), False),
        (alone("70m ago"), True),
        (alone(namespace="kube-system"), False),
        (alone(phase="Succeeded"), False),
        (alone(restart="Never"), False),
        (alone(ownerReferences=[{"kind": "Node", "name": "n1"}]), False),
        (alone(annotations={"kubernetes.io/config.source": "file"}), False),
    ],
)
def test_a_pod_that_nobody_makes_again(one: Thing, told_of: bool) -> None:
    assert bool(told(judge(world(one), NAKED))) is told_of


def test_two_pods_of_one_workload_are_told_once_each() -> None:
    bare = [pod(f"web-{n}", owner=("StatefulSet", "web"), container={"image": "app"}) for n in range(2)]
    for detector in (TAG, LIMIT, REQUESTS):
        assert len(told(judge(world(bare), detector))) == 1
    job = [pod("run-1", owner=("Job", "run")), pod("sync", owner=("CronJob", "sync"))]
    assert told(judge(world(job), REQUESTS)) == []
    system = {**bare[0], "metadata": {**bare[0]["metadata"], "namespace": "kube-system"}}
    assert told(judge(world(system), TAG, LIMIT, REQUESTS)) == []
