"""Chains through the control plane, the nodes and the disks: the far end is the headline, the links stand under it."""

from knowledge.finding import Ref
from tests.knowledge.chains.chain import Thing, crashing, headline, node, runs, workload
from tests.knowledge.detectors.ended import workload as ended
from tests.knowledge.detectors.things import endpoints, event, log, pod, service, thing

HOOK = thing(
    "ValidatingWebhookConfiguration",
    "guard",
    "",
    webhooks=[
        {
            "name": "pods.guard.example.com",
            "failurePolicy": "Fail",
            "rules": [{"resources": ["pods"], "operations": ["CREATE"]}],
            "clientConfig": {"service": {"namespace": "guard", "name": "guard"}},
        }
    ],
)
NO_HOOK = (
    'Error creating: Internal error occurred: failed calling webhook "pods.guard.example.com": failed to call webhook: '
    'Post "https://guard.guard.svc:443/pods": no endpoints available for service "guard"'
)
CART = service("cart", {"app": "cart"}, [{"port": 8080, "targetPort": 8080}])


def lacking(name: str, message: str) -> list[Thing]:
    """A Deployment whose ReplicaSet may not create its pod."""
    owner, owned, _pod = runs(name)
    owner["status"] = {
        "conditions": [
            {
                "type": "ReplicaFailure",
                "status": "True",
                "reason": "FailedCreate",
                "lastTransitionTime": "20m ago",
                "message": message.removeprefix("Error creating: "),
            },
            {
                "type": "Progressing",
                "status": "False",
                "reason": "ProgressDeadlineExceeded",
                "lastTransitionTime": "10m ago",
                "message": f'ReplicaSet "{name}-6d4cf56db6" has timed out progressing.',
            },
        ]
    }
    return [owner, owned, event(("ReplicaSet", f"{name}-6d4cf56db6"), "FailedCreate", message, 12)]


def test_a_webhook_without_a_backend_keeps_pods_from_being_made_and_their_callers_fail() -> None:
    guard = service("guard", {"app": "guard"}, namespace="guard")
    front = crashing("front", "error: connect ECONNREFUSED cart:8080")
    name, says, under = headline(front, lacking("cart", NO_HOOK), CART, HOOK, guard, about=workload("front"))
    assert name in ("webhook-backend-down", "svc-selector-matches-nothing")
    assert "guard" in says
    assert {"replicas-not-created", "pod-crashloop-app-exit"} <= under


def test_a_quota_that_is_used_up_leaves_the_rollout_stuck_and_the_service_empty() -> None:
    text = (
        'Error creating: pods "cart-6d4cf56db6-x" is forbidden: exceeded quota: team, requested: pods=1, '
        "used: pods=10, limited: pods=10"
    )
    name, says, under = headline(lacking("cart", text), CART, about=Ref("Service", "shop", "cart"))
    assert name == "admission-quota-or-limits"
    assert "exceeded quota team" in says
    assert {"replicas-not-created", "rollout-stuck", "svc-selector-matches-nothing"} <= under


def test_a_machine_that_runs_out_of_disk_removes_pods_and_their_replacements_wait() -> None:
    full = node(
        "node-1",
        conditions=[
            {
                "type": "DiskPressure",
                "status": "True",
                "reason": "KubeletHasDiskPressure",
                "lastTransitionTime": "15m ago",
            }
        ],
        spec={"taints": [{"key": "node.kubernetes.io/disk-pressure", "effect": "NoSchedule"}]},
    )
    waits = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "lastTransitionTime": "10m ago",
        "message": "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }.",
    }
    things = runs(
        "cart",
        ready=False,
        spec={"nodeName": ""},
        status={"phase": "Pending", "conditions": [waits], "containerStatuses": []},
    )
    text = (
        "The node was low on resource: ephemeral-storage. Threshold quantity: 10Gi, available: 2Gi. "
        "Container app was using 9Gi, request is 0, has larger consumption of ephemeral-storage. "
    )
    gone = pod(
        "cart-6d4cf56db6-zzzzz",
        {"app": "cart", "pod-template-hash": "6d4cf56db6"},
        ready=False,
        owner=("ReplicaSet", "cart-6d4cf56db6"),
        status={"phase": "Failed", "reason": "Evicted", "message": text, "containerStatuses": []},
    )
    gone["metadata"]["ownerReferences"][0]["controller"] = True
    name, says, under = headline(things, gone, full, about=workload("cart"))
    assert name == "node-pressure"
    assert "node-1" in says
    assert {"pod-evicted-node-pressure", "sched-taints"} <= under


def test_an_autoscaler_is_blind_because_the_metrics_api_is_down() -> None:
    text = (
        "the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for "
        "resource cpu: unable to fetch metrics from resource metrics API: the server is currently unable to handle "
        "the request (get pods.metrics.k8s.io)"
    )
    hpa = thing(
        "HorizontalPodAutoscaler",
        "cart",
        spec={"scaleTargetRef": {"kind": "Deployment", "name": "cart"}, "maxReplicas": 5},
        status={
            "conditions": [
                {
                    "type": "ScalingActive",
                    "status": "False",
                    "reason": "FailedGetResourceMetric",
                    "message": text,
                    "lastTransitionTime": "20m ago",
                }
            ]
        },
    )
    api = thing(
        "APIService",
        "v1beta1.metrics.k8s.io",
        "",
        spec={"service": {"namespace": "kube-system", "name": "metrics-server"}},
        status={
            "conditions": [
                {
                    "type": "Available",
                    "status": "False",
                    "reason": "MissingEndpoints",
                    "message": "endpoints not found",
                    "lastTransitionTime": "25m ago",
                }
            ]
        },
    )
    name, _, under = headline(runs("cart"), hpa, api, about=Ref("HorizontalPodAutoscaler", "shop", "cart"))
    assert name == "apiservice-unavailable"
    assert "hpa-cannot-scale" in under


def test_a_budget_that_allows_nobody_to_leave_holds_up_a_drain() -> None:
    budget = thing(
        "PodDisruptionBudget",
        "cart",
        spec={"minAvailable": 1, "selector": {"matchLabels": {"app": "cart"}}},
        status={"disruptionsAllowed": 0, "currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 1},
    )
    drained = node("node-1", spec={"unschedulable": True})
    name, says, _ = headline(runs("cart"), budget, drained, about=Ref("Node", "", "node-1"))
    assert name in ("pdb-blocks-drain", "pdb-misconfigured")
    assert "cart" in says


def held(*more: Thing) -> list[Thing]:
    """A StatefulSet-like pod that waits for a disk which the old pod, on a silent node, still holds."""
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    new = runs(
        "db",
        ready=False,
        spec={"nodeName": "node-2", "volumes": volumes},
        status={"phase": "Pending", "containerStatuses": []},
    )
    old = pod(
        "db-6d4cf56db6-older",
        {"app": "db", "pod-template-hash": "6d4cf56db6"},
        ready=False,
        owner=("ReplicaSet", "db-6d4cf56db6"),
        deleted="20m ago",
        spec={"nodeName": "node-1", "volumes": volumes},
    )
    old["metadata"]["ownerReferences"][0]["controller"] = True
    attached = thing(
        "VolumeAttachment",
        "csi-1",
        "",
        status={"attached": True},
        spec={"nodeName": "node-1", "source": {"persistentVolumeName": "pvc-1"}},
    )
    claim = thing(
        "PersistentVolumeClaim",
        "data",
        spec={"volumeName": "pvc-1", "accessModes": ["ReadWriteOnce"]},
        status={"phase": "Bound"},
    )
    return [*new, old, attached, claim, *more]


MULTI = event(
    ("Pod", "db-6d4cf56db6-abcde"),
    "FailedAttachVolume",
    'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) db-6d4cf56db6-older',
)


def test_a_disk_stays_with_a_pod_that_cannot_end_because_its_node_is_silent() -> None:
    name, says, under = headline(held(MULTI, node("node-1", "Unknown"), node("node-2")), about=workload("db"))
    assert name == "node-notready"
    assert "node-1" in says
    assert {"storage-multi-attach", "pod-stuck-terminating"} <= under


def test_the_same_is_told_from_the_objects_once_the_event_has_expired() -> None:
    name, _, under = headline(held(node("node-1", "Unknown"), node("node-2")), about=workload("db"))
    assert name == "node-notready"
    assert "storage-multi-attach" in under


def test_a_machine_that_ran_out_of_memory_killed_a_program_without_a_limit() -> None:
    end = {"exitCode": 137, "reason": "OOMKilled", "startedAt": "2h ago", "finishedAt": "5m ago"}
    state = {"restartCount": 1, "lastState": {"terminated": end}}
    full = event(
        ("Node", "node-1"),
        "SystemOOM",
        "System OOM encountered, victim process: java, pid: 99",
        3,
        last="5m ago",
        namespace="default",
    )
    name, says, under = headline(runs("cart", state=state), node("node-1"), full, about=workload("cart"))
    assert name == "res-node-oom"
    assert "Node node-1 ran out of memory" in says
    assert "pod-oomkilled" in under


def test_a_new_image_that_crashes_is_told_with_the_revision_that_brought_it() -> None:
    things = ended(
        lines="panic: unknown field tax",
        before={"image": "registry.example.com/app:0.9"},
        deployed="20m ago",
        pod_created="20m ago",
    )
    name, says, _ = headline(things, about=workload("checkout"))
    assert name == "pod-crashloop-app-exit"
    assert "It began with revision 2, which changed app: image registry.example.com/app:0.9 →" in says


def test_a_secret_whose_key_was_renamed_keeps_the_container_from_being_made() -> None:
    env = [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "auth", "key": "token"}}}]
    waits = {
        "state": {
            "waiting": {
                "reason": "CreateContainerConfigError",
                "message": "couldn't find key token in Secret shop/auth",
            }
        }
    }
    secret = thing("Secret", "auth", data={"api-token": "bm8="})
    things = runs("cart", ready=False, container={"env": env}, state=waits, status={"phase": "Pending"})
    name, says, under = headline(things, secret, CART, about=Ref("Service", "shop", "cart"))
    assert name == "config-ref-missing"
    assert "auth" in says
    assert "token" in says
    assert "svc-no-ready-endpoints" in under


def test_settings_that_changed_just_before_a_program_began_to_crash_are_named() -> None:
    settings = thing("ConfigMap", "cart", data={"config.yaml": "ttl: x"}, created="9d ago")
    settings["metadata"]["managedFields"] = [
        {"manager": "kubectl-edit", "operation": "Update", "time": "12m ago", "fieldsV1": {"f:data": {}}}
    ]
    container = {"volumeMounts": [{"name": "c", "mountPath": "/etc/cart"}]}
    spec = {"volumes": [{"name": "c", "configMap": {"name": "cart"}}]}
    things = crashing(
        "cart", "fatal: config.yaml: ttl: x is no duration", container=container, spec=spec, created="9d ago"
    )
    name, says, under = headline(things, settings, about=workload("cart"))
    assert name == "pod-crashloop-app-exit"
    assert "ttl: x is no duration" in says
    assert "ConfigMap cart" in says
    assert "config-changed-not-reloaded" not in under


def test_a_job_that_never_ends_because_its_sidecar_never_does() -> None:
    done = {
        "name": "app",
        "ready": False,
        "state": {"terminated": {"exitCode": 0, "reason": "Completed", "finishedAt": "2h ago"}},
    }
    proxy = {"name": "istio-proxy", "ready": True, "state": {"running": {"startedAt": "3h ago"}}}
    one = pod(
        "report-x1",
        {"job-name": "report"},
        owner=("Job", "report"),
        created="3h ago",
        spec={"restartPolicy": "Never", "containers": [{"name": "app"}, {"name": "istio-proxy"}]},
        status={"containerStatuses": [done, proxy]},
    )
    one["metadata"]["ownerReferences"][0]["controller"] = True
    job = thing(
        "Job",
        "report",
        created="3h ago",
        status={"active": 1, "startTime": "3h ago"},
        spec={"completions": 1, "template": {"spec": {"restartPolicy": "Never"}}},
    )
    name, says, _ = headline(job, one, about=Ref("Job", "shop", "report"))
    assert name == "pod-sidecar-problem"
    assert "istio-proxy" in says


def test_a_node_that_is_silent_takes_its_programs_from_their_service() -> None:
    lost = runs("cart", ready=False, status={"reason": "NodeLost"})
    name, says, under = headline(
        lost,
        CART,
        endpoints("cart", unready=("cart-6d4cf56db6-abcde",)),
        node("node-1", "Unknown"),
        about=Ref("Service", "shop", "cart"),
    )
    assert name == "node-notready"
    assert "node-1" in says
    assert "svc-no-ready-endpoints" in under


def test_a_log_of_a_healthy_neighbour_accuses_nobody() -> None:
    name, _, _ = headline(
        runs("cart"),
        log("cart-6d4cf56db6-abcde", "all is well"),
        CART,
        node("node-1"),
        endpoints("cart", ("cart-6d4cf56db6-abcde",)),
        about=workload("cart"),
    )
    assert name == ""
