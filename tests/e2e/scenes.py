"""One live cluster in which much is wrong at once, each trouble in a place of its own, and much is well."""

from pathlib import Path

from tests.e2e.objects import Thing, bare_pod, deployment, namespace, other, service

QUIET = 20
PLACES = ("shop", "front", "data", "batch", "capped", "guarded", "hooked", "edge")
PROBE = {"readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 5}}
LOG = (
    "2026-11-24T01:00:00.000000000Z stdout F orders 1.4.2 starting\n"
    '2026-11-24T01:00:01.000000000Z stderr F panic: required setting "PAYMENT_URL" is empty\n'
    "2026-11-24T01:00:01.100000000Z stderr F main.main()\n"
)


def before(logs: Path) -> list[Thing]:
    """What must be there before any pod: namespaces, limits, hooks, and the logs that kwok serves."""
    (logs / "orders").write_text(LOG)
    spec = {"logs": [{"containers": ["app"], "logsFile": f"{logs}/orders", "previousLogsFile": f"{logs}/orders"}]}
    chosen = {**spec, "selector": {"matchNamespaces": ["shop"]}}
    return [
        *(namespace(name) for name in PLACES if name not in ("guarded", "hooked")),
        namespace("guarded", **{"pod-security.kubernetes.io/enforce": "restricted"}),
        namespace("hooked", hooked="yes"),
        other("v1", "ResourceQuota", "small", "capped", spec={"hard": {"pods": "1"}}),
        other("kwok.x-k8s.io/v1alpha1", "ClusterLogs", "orders", spec=chosen),
        _hook(),
    ]


def troubles() -> list[Thing]:
    """Every trouble as it is written down at first; some need a second step, see ``after``."""
    return [
        deployment("checkout", "shop", "oom"),
        deployment("orders", "shop", "crash"),
        deployment("payments", "shop", "pull"),
        deployment("search", "shop", "unready", container=PROBE),
        deployment("settings", "shop", "by-hand", container={"envFrom": [{"configMapRef": {"name": "app-settings"}}]}),
        deployment("cart", "shop"),
        service("cart", "shop", selects="crat"),
        deployment("recommender", "data", container={"resources": {"requests": {"cpu": "64"}}}),
        deployment("indexer", "data", pod={"nodeSelector": {"disktype": "ssd"}}),
        deployment("trainer", "data", pod={"nodeSelector": {"pool": "gpu"}}),
        _database(),
        deployment("catalog", "front", progressDeadlineSeconds=3),
        deployment("greedy", "capped", replicas=3),
        deployment("kernel-agent", "guarded"),
        deployment("hook-client", "hooked"),
        deployment("landing", "front", replicas=2),
        _scaler("landing", "front"),
        deployment("lonely", "edge", pod={"nodeName": "node-4"}),
        deployment("quorum", "front", replicas=2),
        _budget("quorum", "front"),
        _failing_job(),
        bare_pod("report-runner", "batch", "evicted"),
        deployment("sleeper", "front", replicas=2),
        deployment("billing", "front"),
    ]


def quiet() -> list[Thing]:
    return [deployment(f"web-{n:02d}", "front") for n in range(QUIET)]


def _database() -> Thing:
    claim = {
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "fast-ssd",
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    made = deployment("ledger", "data", container={"volumeMounts": [{"name": "data", "mountPath": "/data"}]})
    made["kind"] = "StatefulSet"
    made["spec"] |= {"serviceName": "ledger", "volumeClaimTemplates": [claim]}
    return made


def _scaler(name: str, place: str) -> Thing:
    usage = {"type": "Utilization", "averageUtilization": 60}
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
        "minReplicas": 2,
        "maxReplicas": 6,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": usage}}],
    }
    return other("autoscaling/v2", "HorizontalPodAutoscaler", name, place, spec=spec)


def _budget(name: str, place: str) -> Thing:
    spec = {"minAvailable": 2, "selector": {"matchLabels": {"app": name}}}
    return other("policy/v1", "PodDisruptionBudget", name, place, spec=spec)


def _failing_job() -> Thing:
    failing = deployment("report-nightly", "batch", "fail")["spec"]["template"]
    failing["spec"]["restartPolicy"] = "Never"
    return other("batch/v1", "Job", "report-nightly", "batch", spec={"backoffLimit": 1, "template": failing})


def _hook() -> Thing:
    gone = {"service": {"namespace": "policy-system", "name": "image-policy", "path": "/check"}}
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    return other(
        "admissionregistration.k8s.io/v1",
        "ValidatingWebhookConfiguration",
        "image-policy",
        webhooks=[
            {
                "name": "images.policy.invalid",
                "clientConfig": gone,
                "rules": [rule],
                "failurePolicy": "Fail",
                "sideEffects": "None",
                "admissionReviewVersions": ["v1"],
                "timeoutSeconds": 2,
                "namespaceSelector": {"matchLabels": {"hooked": "yes"}},
            }
        ],
    )
