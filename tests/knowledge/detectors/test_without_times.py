"""Objects and events that carry no time (a thin recording, an old server): what is broken is told all the same."""

from typing import Any

import pytest

from tests.knowledge.detectors.ended import workload
from tests.knowledge.detectors.things import Thing, event, ingress, pod, service, thing, told, world
from tests.seen import judge

BOUND = {"volumeName": "pvc-1", "accessModes": ["ReadWriteOnce"]}
DATA = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
FULL = "System OOM encountered, victim process: app, pid: 4"
TIMEOUT = 'Liveness probe failed: Get "http://10.0.0.1:8080/": context deadline exceeded'


def timeless(one: Thing) -> Thing:
    """The object without its creation time, the event without any."""
    if one["kind"] == "Event":
        one["metadata"]["creationTimestamp"] = None
        return {**one, "firstTimestamp": None, "lastTimestamp": None}
    return {**one, "metadata": {**one["metadata"], "creationTimestamp": None}}


def claim(phase: str, **spec: Any) -> Thing:
    return timeless(thing("PersistentVolumeClaim", "data", spec=spec, status={"phase": phase}))


def of_claim(reason: str) -> Thing:
    return event(("PersistentVolumeClaim", "data"), reason, "m")


DOOR: list[tuple[str, str, str, int | str]] = [("x.example.com", "/", "web", 80)]
NODE = thing("Node", "n1", "", status={"conditions": [{"type": "Ready", "status": "True"}]})
ATTACHED = thing(
    "VolumeAttachment",
    "a",
    "",
    spec={"nodeName": "n2", "source": {"persistentVolumeName": "pvc-1"}},
    status={"attached": True},
)
LIMITED = {"resources": {"limits": {"memory": "1Gi"}}}
USES = thing("PodMetrics", "web-1", containers=[{"name": "app", "usage": {"cpu": "499m"}}])
CPU = {"resources": {"limits": {"cpu": "500m"}}}
CSR = {"signerName": "kubernetes.io/kubelet-serving", "username": "system:node:n1"}


@pytest.mark.parametrize(
    ("detector", "things"),
    [
        ("storage-pvc-pending", [claim("Pending", storageClassName="fast")]),
        ("storage-pvc-pending", [claim("Pending"), of_claim("ExternalProvisioning")]),
        (
            "storage-pv-lost-or-released",
            [
                timeless(
                    thing(
                        "PersistentVolume",
                        "pv",
                        "",
                        spec={"persistentVolumeReclaimPolicy": "Retain"},
                        status={"phase": "Released"},
                    )
                )
            ],
        ),
        (
            "storage-multi-attach",
            [
                timeless(pod("db-0", spec={"nodeName": "n1", "volumes": DATA}, status={"phase": "Pending"})),
                claim("Bound", **BOUND),
                ATTACHED,
            ],
        ),
        ("svc-loadbalancer-pending", [timeless(service("web", {"a": "b"}, spec={"type": "LoadBalancer"}))]),
        (
            "ingress-not-picked-up",
            [
                timeless(ingress("shop", DOOR)),
                thing("IngressClass", "nginx", "", spec={"controller": "k8s.io/ingress-nginx"}),
            ],
        ),
        (
            "ingress-route-conflict",
            [
                timeless(ingress("a", DOOR)),
                timeless(ingress("b", [("x.example.com", "/", "api", 80)])),
            ],
        ),
        (
            "tls-secret-broken",
            [timeless(ingress("shop", DOOR, spec={"tls": [{"secretName": "gone", "hosts": []}]}))],
        ),
        ("cert-control-plane-expiring", [timeless(thing("CertificateSigningRequest", "csr-1", "", spec=CSR))]),
        ("res-node-oom", [NODE, timeless(event(("Node", "n1"), "SystemOOM", FULL))]),
        ("node-pressure", [NODE, timeless(event(("Node", "n1"), "ImageGCFailed", "m"))]),
        (
            "cronjob-not-running",
            [
                thing("CronJob", "sync", created="90d ago", spec={"schedule": "@hourly"}),
                timeless(event(("CronJob", "sync"), "TooManyMissedTimes", "m")),
            ],
        ),
        (
            "replicas-not-created",
            [
                thing("StatefulSet", "db", spec={"replicas": 1}),
                timeless(event(("StatefulSet", "db"), "FailedCreate", "Error creating: no")),
            ],
        ),
        (
            "res-cpu-throttled",
            [
                pod("web-1", container=CPU),
                USES,
                timeless(event(("Pod", "web-1"), "Unhealthy", TIMEOUT, container="app")),
            ],
        ),
        (
            "pod-oomkilled",
            [*workload(code=137, container=LIMITED), timeless(event(("Node", "node-1"), "SystemOOM", FULL))],
        ),
        (
            "daemonset-gaps",
            [
                timeless(thing("DaemonSet", "agent", status={"desiredNumberScheduled": 1, "numberReady": 0})),
                {**NODE, "status": {**NODE["status"], "allocatable": {"cpu": "4", "pods": "9"}}},
            ],
        ),
    ],
)
def test_what_is_broken_is_told_without_a_time(detector: str, things: list[Thing]) -> None:
    assert len(told(judge(world(things), detector))) == 1


@pytest.mark.parametrize(
    ("detector", "things"),
    [
        ("hygiene-naked-pod", [timeless(pod("lost", spec={"restartPolicy": "Always"}))]),
        ("hygiene-unused-object", [claim("Bound", **BOUND)]),
        ("cronjob-not-running", [timeless(thing("CronJob", "sync", spec={"schedule": "@hourly"}))]),
        (
            "pod-sidecar-problem",
            [
                timeless(
                    thing(
                        "Pod",
                        "web-1",
                        spec={"initContainers": [{"name": "proxy", "restartPolicy": "Always"}]},
                        status={
                            "phase": "Pending",
                            "initContainerStatuses": [{"name": "proxy", "state": {"waiting": {"reason": "x"}}}],
                            "containerStatuses": [{"name": "app", "state": {"waiting": {}}}],
                        },
                    )
                )
            ],
        ),
        ("node-notready", [NODE, *[timeless(event(("Node", "n1"), "NodeNotReady", f"m{n}", 3)) for n in range(3)]]),
    ],
)
def test_what_rests_on_its_age_is_not_told_without_a_time(detector: str, things: list[Thing]) -> None:
    assert told(judge(world(things), detector)) == []
