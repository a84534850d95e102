"""Nodes, aggregated APIs, webhooks and namespaces: faults of the platform, told as such."""

import base64
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from knowledge.catalogue import detectors
from knowledge.diagnosis import examine
from knowledge.finding import Ref, Severity, Who
from tests.knowledge.detectors.parts import denied, event, judged, node, only, pending, pod, unclear, words
from tests.knowledge.facts.test_certificates import made
from tests.seen import NOW, seen

GOOD = node("n1") + pod("web-a1", on="n1")


def test_a_silent_node_tells_since_when_and_what_stands_on_it() -> None:
    found = only(node("n1", ready="Unknown") + pod("web-a1", on="n1"), "node-notready")
    assert "its kubelet stopped posting node status" in words(found)
    assert "1 pod on it" in words(found)
    assert found.remedies[0].who is Who.PLATFORM


PRESSED = '- {type: DiskPressure, status: "True", reason: KubeletHasDiskPressure, lastTransitionTime: 20m ago}'


def test_disk_pressure_is_told_and_a_false_condition_is_health() -> None:
    assert "Node n1 has DiskPressure since 05:10 UTC" in words(only(node("n1", more=PRESSED), "node-pressure"))
    assert judged(node("n1", more=PRESSED.replace("True", "False")), "node-pressure") == []


def test_a_cordon_is_forgotten_after_a_day_or_when_somebody_waits_for_it() -> None:
    old = (
        "unschedulable: true, taints: [{key: node.kubernetes.io/unschedulable, effect: NoSchedule, timeAdded: 12d ago}]"
    )
    assert "Node n1 is out of use (cordoned) since" in words(only(node("n1", old), "node-taint-or-cordon-forgotten"))
    fresh = node("n1", old.replace("12d", "5m"))
    assert judged(fresh, "node-taint-or-cordon-forgotten") == []
    wait = pending("web-x1", "0/1 nodes are available: 1 node(s) were unschedulable.")
    found = only(fresh + wait, "node-taint-or-cordon-forgotten")
    assert "web waits for a node because of it" in words(found)
    assert found.severity is Severity.ERROR


def test_a_taint_of_a_dedicated_pool_is_meant() -> None:
    pool = node("n1", "taints: [{key: dedicated, value: gpu, effect: NoSchedule, timeAdded: 90d ago}]")
    assert judged(pool, "node-taint-or-cordon-forgotten") == []


def test_a_reboot_is_told_with_its_time_and_a_restart_of_the_kubelet_is_none() -> None:
    reboot = event("Node/n1", "Rebooted", "Node n1 has been rebooted, boot id: b2", namespace="default")
    assert "Node n1 rebooted at 05:28 UTC" in words(only(GOOD + reboot, "node-rebooted-or-replaced"))
    starting = event("Node/n1", "Starting", "Starting kubelet.", namespace="default")
    assert judged(GOOD + starting, "node-rebooted-or-replaced") == []


def test_a_kubelet_too_far_behind_is_told_and_one_minor_is_fine() -> None:
    old = node("n1", more="nodeInfo: {kubeletVersion: v1.29.4}")
    assert "5 minor versions behind, and at most 3 are supported" in words(only(old, "version-skew-or-eol"))
    assert judged(old.replace("1.29", "1.33"), "version-skew-or-eol") == []


API = """---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec: {group: metrics.k8s.io, version: v1beta1, service: {namespace: kube-system, name: metrics-server}}
status: {conditions: [{type: Available, status: "False", reason: MissingEndpoints, lastTransitionTime: 9m ago}]}
"""


def test_a_dead_metrics_api_names_its_service() -> None:
    found = only(API, "apiservice-unavailable")
    assert "its Service kube-system/metrics-server does not answer; autoscaling" in words(found)
    assert found.because == (Ref("Service", "kube-system", "metrics-server"),)
    assert judged(API.replace('"False"', '"True"'), "apiservice-unavailable") == []


def hook(policy: str = "Fail", more: str = "") -> str:
    return f"""---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {{name: guard}}
webhooks:
- name: guard.example.com
  failurePolicy: {policy}
  rules: [{{operations: [CREATE], apiGroups: [""], resources: [pods]}}]
  clientConfig: {{service: {{namespace: guard, name: guard}}{more}}}
"""


SERVICE = """---
apiVersion: v1
kind: Service
metadata: {name: guard, namespace: guard}
spec: {selector: {app: guard}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: guard-1, namespace: guard, labels: {kubernetes.io/service-name: guard}}
endpoints: [{addresses: [10.0.0.9], conditions: {ready: true}}]
"""


def test_a_webhook_without_a_backend_tells_what_is_refused() -> None:
    assert "its Service guard/guard does not exist; every change of pods" in words(only(hook(), "webhook-backend-down"))
    unready = SERVICE.replace("ready: true", "ready: false")
    assert "has no ready endpoint" in words(only(hook() + unready, "webhook-backend-down"))
    assert only(hook("Ignore"), "webhook-backend-down").severity is Severity.WARNING


def test_a_webhook_with_a_ready_backend_is_well_and_an_unread_service_proves_nothing() -> None:
    assert judged(hook() + SERVICE, "webhook-backend-down") == []
    assert judged(hook() + denied("services"), "webhook-backend-down") == []


def bundle(days: int) -> str:
    pem = made("guard-ca", ends=NOW + timedelta(days=days)).public_bytes(Encoding.PEM)
    return f", caBundle: {base64.b64encode(pem).decode()}"


def test_an_expired_bundle_is_critical_a_fresh_or_unreadable_one_is_nothing() -> None:
    found = only(hook(more=bundle(-1)), "webhook-ca-expired")
    assert "(CN=guard-ca) expired" in words(found)
    assert found.gravity is Severity.CRITICAL
    assert only(hook(more=bundle(9)), "webhook-ca-expired").gravity is Severity.WARNING
    assert judged(hook(more=bundle(90)), "webhook-ca-expired") == []
    assert judged(hook(more=", caBundle: rubbish"), "webhook-ca-expired") == []


def test_a_webhook_over_every_pod_is_too_broad_and_one_with_a_selector_is_not() -> None:
    assert "kube-system and its own too" in words(only(hook(), "webhook-too-broad"))
    limited = hook().replace("  rules:", "  namespaceSelector: {matchLabels: {guarded: yes-please}}\n  rules:")
    assert judged(limited, "webhook-too-broad") == []
    assert judged(hook("Ignore"), "webhook-too-broad") == []


LEAVING = """---
apiVersion: v1
kind: Namespace
metadata: {name: old, deletionTimestamp: 1h ago}
status:
  phase: Terminating
  conditions:
  - type: NamespaceFinalizersRemaining
    status: "True"
    message: "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances"
"""


def test_a_namespace_that_does_not_go_shows_the_finalizer() -> None:
    assert "example.com/hold in 1 resource instances" in words(only(LEAVING, "namespace-stuck-terminating"))
    assert judged(LEAVING.replace("1h ago", "20s ago"), "namespace-stuck-terminating") == []


@pytest.mark.parametrize(
    ("detector", "kind"),
    [
        ("node-notready", "nodes"),
        ("node-pressure", "nodes"),
        ("node-taint-or-cordon-forgotten", "nodes"),
        ("node-rebooted-or-replaced", "events"),
        ("version-skew-or-eol", "nodes"),
        ("apiservice-unavailable", "apiservices"),
        ("webhook-backend-down", "validatingwebhookconfigurations"),
        ("webhook-ca-expired", "validatingwebhookconfigurations"),
        ("webhook-too-broad", "validatingwebhookconfigurations"),
        ("namespace-stuck-terminating", "namespaces"),
    ],
)
def test_a_healthy_world_is_silent_and_an_unread_kind_is_said_to_be_unclear(detector: str, kind: str) -> None:
    assert judged(GOOD, detector) == []
    assert unclear(GOOD + denied(kind), detector)


def lapses(count: int, when: str = "2m ago") -> str:
    return event("Node/n1", "NodeNotReady", "Node n1 status is now: NodeNotReady", when, "default", count)


def test_a_node_that_comes_and_goes_flaps_and_one_lapse_is_none() -> None:
    assert "Node n1 flaps: it became NotReady 4 times" in words(only(node("n1") + lapses(4), "node-notready"))
    assert judged(node("n1") + lapses(1), "node-notready") == []
    assert judged(node("n1") + lapses(4, "2h ago"), "node-notready") == []


LEASE = """---
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {name: n1, namespace: kube-node-lease}
spec: {renewTime: 25m ago}
"""


def test_a_silent_node_shows_when_its_kubelet_last_said_that_it_lives() -> None:
    found = only(node("n1", ready="Unknown") + LEASE, "node-notready")
    assert "spec.renewTime" in [proof.path for proof in found.evidence]


@pytest.mark.parametrize(
    ("minor", "runtime", "says"),
    [
        (30, "containerd://1.7.2", "runs Kubernetes 1.30, which upstream has not mended since 2025-06-28"),
        (20, "containerd://1.7.2", "not mended since before 2024-06-28"),
        (36, "containerd://1.7.2", "runs the container runtime containerd://1.7.2"),
        (34, "docker://20.10.7", "runs the container runtime docker://20.10.7"),
        (34, "containerd://1.7.2", ""),
        (36, "containerd://2.1.0", ""),
    ],
)
def test_versions_beyond_their_support_are_reported_and_never_a_cause(minor: int, runtime: str, says: str) -> None:
    info = f'nodeInfo: {{kubeletVersion: "v1.{minor}.1", containerRuntimeVersion: "{runtime}"}}'
    old = replace(seen(node("n1", more=info)), version=(1, minor))
    diagnosis = examine([detectors()["version-skew-or-eol"]], old)
    assert diagnosis.causes == ()
    assert [says] * bool(says) == [says for cause in diagnosis.asides if says in words(cause.finding)][:1]
    assert bool(diagnosis.asides) is bool(says)
