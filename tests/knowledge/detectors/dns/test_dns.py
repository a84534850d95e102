"""Names that cannot be looked up: the cluster's DNS is down, or the pod asks another one."""

from typing import Any

from knowledge.finding import Confidence, Ref
from tests.knowledge.detectors.things import (
    Thing,
    denied,
    deployment,
    log,
    pod,
    service,
    thing,
    told,
    unsure,
    world,
)
from tests.seen import judge

DOWN, CLIENT = "dns-resolution-failing", "dns-client-misconfigured"
LABELS = {"k8s-app": "kube-dns"}


def coredns(ready: bool = True, replicas: int = 1) -> list[Thing]:
    owner = deployment("coredns", LABELS, replicas, template={}, namespace="kube-system")
    door = service("kube-dns", LABELS, namespace="kube-system", spec={"clusterIP": "10.96.0.10"}, labels=LABELS)
    pods = [pod("coredns-1", LABELS, ready, namespace="kube-system", owner=("Deployment", "coredns"))]
    return [owner, door, *(pods if replicas else [])]


def asking(name: str, line: str, **fields: Any) -> list[Thing]:
    return [pod(name, **fields), log(name, line)]


SLOW = "dial tcp: lookup redis on 10.96.0.10:53: read udp 10.0.0.1:4->10.96.0.10:53: i/o timeout"
UNKNOWN = "dial tcp: lookup redis on 10.96.0.10:53: no such host"


def test_dns_pods_that_are_not_ready_are_the_cause_of_failed_lookups() -> None:
    (cause,) = judge(world(coredns(False), asking("web", SLOW)), DOWN).causes
    assert cause.finding.subject == Ref("Deployment", "kube-system", "coredns")
    assert cause.finding.confidence is Confidence.PROVEN
    assert cause.finding.victims == (Ref("Pod", "shop", "web"),)


def test_dns_that_is_scaled_to_nothing_is_named() -> None:
    assert (
        "The cluster's DNS is off: Deployment coredns in kube-system is scaled to 0"
        in (told(judge(world(coredns(replicas=0)), DOWN))[0])
    )


def test_lookups_of_several_programs_that_time_out_accuse_the_dns_and_one_does_not() -> None:
    both = world(coredns(), asking("web", SLOW), asking("api", SLOW))
    assert "name lookups of web, api time out" in told(judge(both, DOWN))[0]
    assert told(judge(world(coredns(), asking("web", SLOW)), DOWN)) == []


def test_a_name_that_does_not_exist_is_no_fault_of_the_dns() -> None:
    assert told(judge(world(coredns(), asking("web", UNKNOWN), asking("api", UNKNOWN)), DOWN)) == []


def test_unread_pods_are_not_told() -> None:
    assert unsure(judge(world(coredns(False), denied("pods")), DOWN)) == (DOWN,)


REDIS = service("redis", {"app": "redis"})


def test_a_pod_on_the_hosts_network_that_keeps_the_usual_policy_does_not_find_services() -> None:
    says = told(judge(world(REDIS, asking("web", UNKNOWN, spec={"hostNetwork": True})), CLIENT))
    assert says[0].startswith("web does not ask the cluster's DNS (spec.hostNetwork=true (dnsPolicy: ClusterFirst))")


def test_a_pod_that_asks_the_machines_resolver_does_not_find_services() -> None:
    assert (
        "spec.dnsPolicy=Default"
        in (told(judge(world(REDIS, asking("web", UNKNOWN, spec={"dnsPolicy": "Default"})), CLIENT))[0])
    )


def test_the_policy_for_the_hosts_network_and_a_resolver_of_its_own_are_in_order() -> None:
    right = {"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"}
    own = {"dnsPolicy": "Default", "dnsConfig": {"nameservers": ["10.96.0.10"]}}
    for spec in (right, own, {}):
        assert told(judge(world(REDIS, asking("web", UNKNOWN, spec=spec)), CLIENT)) == []


def test_an_outside_name_is_no_matter_of_the_policy() -> None:
    outside = "lookup api.example.com on 10.0.0.2:53: no such host"
    assert told(judge(world(REDIS, asking("web", outside, spec={"dnsPolicy": "Default"})), CLIENT)) == []


def test_a_statefulset_without_its_service_has_no_names_for_its_pods() -> None:
    owner = thing("StatefulSet", "db", spec={"serviceName": "db-peers", "selector": {"matchLabels": {"app": "db"}}})
    line = "lookup db-0.db-peers on 10.96.0.10:53: no such host"
    (cause,) = judge(world(owner, asking("web", line)), CLIENT).causes
    assert cause.finding.subject == Ref("StatefulSet", "shop", "db")
    there = service("db-peers", {"app": "db"}, spec={"clusterIP": "None"})
    assert told(judge(world(owner, there, asking("web", line)), CLIENT)) == []


def test_unread_services_are_not_told() -> None:
    hidden = world(REDIS, asking("web", UNKNOWN, spec={"dnsPolicy": "Default"}), denied("services"))
    assert unsure(judge(hidden, CLIENT)) == (CLIENT,)
