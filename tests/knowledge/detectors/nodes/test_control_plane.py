"""The control plane itself: its API server, its control loops, its certificates, the versions it serves."""

from datetime import timedelta

import pytest

from knowledge.finding import Severity
from tests.knowledge.detectors.certs import pem
from tests.knowledge.detectors.things import Thing, denied, pod, thing, told, unsure, world
from tests.seen import NOW, examined, judge, seen

ILL, CERTS, APIS = "apiserver-unhealthy", "cert-control-plane-expiring", "api-deprecated-in-use"


def failing(check: str) -> Thing:
    return {"apiVersion": "rehearsal", "kind": "Fault", "resource": "readyz", "answer": check}


def lease(loop: str, renewed: str | None) -> Thing:
    return thing("Lease", loop, "kube-system", spec={"renewTime": renewed} if renewed else {})


def waiting(name: str = "cart-1") -> Thing:
    one = pod(name, {"app": "cart"}, created="5m ago", spec={"nodeName": ""})
    one["status"] = {"phase": "Pending"}
    return one


def test_the_checks_that_an_api_server_fails_are_named_and_etcd_is_explained() -> None:
    assert told(judge(world(failing("etcd"), failing("informer-sync")), ILL)) == [
        "The API server of rehearsal says that it is not ready: etcd, informer-sync failed; its database (etcd) does "
        "not answer."
    ]
    assert told(judge(world(failing("informer-sync")), ILL)) == [
        "The API server of rehearsal says that it is not ready: informer-sync failed."
    ]


def test_an_api_server_that_restarts_or_is_ready_is_not_ill() -> None:
    assert told(judge(world(failing("shutdown")), ILL)) == []
    assert told(judge(world(lease("kube-scheduler", "3s ago"), lease("kube-controller-manager", "40s ago")), ILL)) == []


def test_a_scheduler_that_renews_no_lease_explains_pods_that_nobody_places() -> None:
    said = judge(world(lease("kube-scheduler", "90s ago"), waiting(), waiting("cart-2")), ILL, "sched-not-considered")
    assert told(said)[0] == (
        "kube-scheduler does not run: it last renewed its Lease at 2026-01-15 05:28 UTC. No new pod gets a "
        "node until it is back."
    )
    (cause,) = said.causes
    assert cause.finding.detector.id == ILL
    assert {f.detector.id for f in cause.explains} == {"sched-not-considered"}


def test_a_controller_manager_that_renews_no_lease_makes_nothing() -> None:
    said = judge(world(lease("kube-controller-manager", "5m ago"), waiting()), ILL)
    assert told(said) == [
        "kube-controller-manager does not run: it last renewed its Lease at 2026-01-15 05:25 UTC. No pods are "
        "made or replaced, and no rollout goes on until it is back."
    ]
    assert said.causes[0].finding.pods == ()


@pytest.mark.parametrize("kept", [lease("kube-scheduler", None), lease("cilium-operator", "5m ago")])
def test_a_lease_without_a_time_or_of_something_else_says_nothing(kept: Thing) -> None:
    assert told(judge(world(kept), ILL)) == []


def root(days: float, older: float | None = None) -> Thing:
    """The cluster's authority; ``older``: one that it replaced."""
    text = pem(timedelta(days=days), subject="kubernetes")
    text = pem(timedelta(days=older), subject="kubernetes-old") + text if older is not None else text
    return thing("ConfigMap", "kube-root-ca.crt", "kube-system", data={"ca.crt": text})


@pytest.mark.parametrize(
    ("days", "state", "gravity"),
    [
        (29.9, "expires on 2026-02-14 03:06 UTC", Severity.WARNING),
        (8, "expires on 2026-01-23 05:30 UTC", Severity.WARNING),
        (6, "expires on 2026-01-21 05:30 UTC", Severity.CRITICAL),
        (-1, "expired on 2026-01-14 05:30 UTC", Severity.CRITICAL),
    ],
)
def test_an_authority_that_ends_is_told_the_graver_the_nearer(days: float, state: str, gravity: Severity) -> None:
    said = judge(world(root(days)), CERTS)
    assert told(said) == [
        f"The certificate authority CN=kubernetes of rehearsal {state}: what it signed is then refused, kubelets and "
        "kubectl first."
    ]
    assert said.causes[0].finding.gravity is gravity


def test_an_authority_that_lasts_or_was_replaced_in_time_is_clean() -> None:
    assert told(judge(world(root(40)), CERTS)) == []
    assert told(judge(world(root(400, older=2)), CERTS)) == []
    elsewhere = {**root(3), "metadata": {"name": "kube-root-ca.crt", "namespace": "shop"}}
    assert told(judge(world(elsewhere, thing("ConfigMap", "kube-root-ca.crt", "kube-system")), CERTS)) == []


def request(name: str, node: str, created: str = "20m ago", signer: str = "kubelet-serving", state: str = "") -> Thing:
    status = {"conditions": [{"type": state, "status": "True"}]} if state else {}
    spec = {"signerName": f"kubernetes.io/{signer}", "username": f"system:node:{node}"}
    return thing("CertificateSigningRequest", name, "", created=created, spec=spec, status=status)


def test_requests_of_kubelets_that_nobody_approves_are_told_together() -> None:
    said = judge(world(request("csr-b", "node-2"), request("csr-a", "node-1")), CERTS)
    assert told(said) == [
        "2 certificate requests of node-1, node-2 for kubernetes.io/kubelet-serving: waiting for approval. When the "
        "certificate in use ends, connections with these nodes fail."
    ]
    assert said.causes[0].finding.subject.name == "csr-a"


@pytest.mark.parametrize("state", ["Denied", "Failed"])
def test_a_request_that_was_refused_is_told_at_once(state: str) -> None:
    things = request("csr-a", "node-1", "1m ago", state=state), request("csr-b", "node-2")
    assert [words.partition(".io/")[2].partition(".")[0] for words in told(judge(world(*things), CERTS))] == [
        "kubelet-serving: refused",
        "kubelet-serving: waiting for approval",
    ]


@pytest.mark.parametrize(
    "fine",
    [
        request("csr-a", "node-1", "9m ago"),
        request("csr-a", "node-1", state="Approved"),
        request("csr-a", "alice", signer="../example.com/dashboard"),
    ],
)
def test_young_approved_and_foreign_requests_are_none(fine: Thing) -> None:
    assert told(judge(world(fine), CERTS)) == []


def test_requests_that_may_not_be_read_leave_it_open() -> None:
    assert unsure(judge(world(denied("certificatesigningrequests")), CERTS)) == (CERTS,)


def budget(version: str = "", managed: str = "", kind: str = "PodDisruptionBudget") -> Thing:
    applied = {"kubectl.kubernetes.io/last-applied-configuration": f'{{"apiVersion":"{version}","kind":"{kind}"}}'}
    one = thing(kind, "cart", **({"annotations": applied} if version else {}))
    if managed:
        one["metadata"]["managedFields"] = [{"manager": "helm", "apiVersion": managed, "time": "2d ago"}]
    return one


def outdated(one: Thing, minor: int) -> list[str]:
    snapshot = seen(world(one))
    object.__setattr__(snapshot, "version", (1, minor))
    return told(examined(snapshot, APIS))


def test_a_manifest_in_a_version_that_is_gone_is_refused_the_next_time() -> None:
    assert outdated(budget("policy/v1beta1"), 34) == [
        "PodDisruptionBudget cart is written as policy/v1beta1, which Kubernetes 1.25 removed: the next deployment of "
        "that manifest is refused here."
    ]
    assert outdated(budget("policy/v1beta1"), 25) == outdated(budget("policy/v1beta1"), 34)


def test_what_the_next_upgrades_remove_is_told_ahead() -> None:
    later = [
        "PodDisruptionBudget cart is written as policy/v1beta1, which Kubernetes 1.25 removes: after that upgrade its "
        "next deployment is refused."
    ]
    assert outdated(budget("policy/v1beta1"), 24) == later
    assert outdated(budget(managed="policy/v1beta1"), 24) == later
    assert outdated(budget(managed="policy/v1beta1"), 22) == later
    assert outdated(budget("policy/v1beta1"), 21) == []
    assert outdated(budget(managed="policy/v1beta1"), 21) == []


def test_what_was_written_long_ago_through_a_version_that_is_gone_is_no_use_of_it() -> None:
    assert outdated(budget(managed="policy/v1beta1"), 25) == []


def test_versions_that_are_served_and_other_kinds_of_the_same_version_are_clean() -> None:
    assert outdated(budget("policy/v1", "policy/v1"), 34) == []
    assert outdated(budget("networking.k8s.io/v1beta1"), 34) == []
    assert outdated(budget("policy/v1beta1", kind="Pod"), 34) == []


def test_without_the_server_s_version_nothing_is_told_of_its_future() -> None:
    snapshot = seen(world(budget("policy/v1beta1")), now=NOW)
    object.__setattr__(snapshot, "version", None)
    assert told(examined(snapshot, APIS)) == []
