"""A connection that policies refuse and a program needs."""

from typing import Any

import pytest

from knowledge.finding import Confidence, Ref
from tests.knowledge.detectors.things import denied, english, log, pod, service, thing, told, unsure, world
from tests.seen import judge

ID = "net-flow-denied"
DB = [
    pod("db-0", {"app": "db"}, container={"ports": [{"name": "sql", "containerPort": 5432}]}),
    service("db", {"app": "db"}, [{"port": 5432, "targetPort": "sql"}]),
]
WEB = pod("web-1", {"app": "web"}, owner=("StatefulSet", "web"))
STUCK = log("web-1", "ERROR connect ETIMEDOUT db:5432")


def only(labels: dict[str, str]) -> dict[str, Any]:
    rule = {"from": [{"podSelector": {"matchLabels": labels}}], "ports": [{"port": 5432}]}
    return thing("NetworkPolicy", "db-only", spec={"podSelector": {"matchLabels": {"app": "db"}}, "ingress": [rule]})


def test_a_refused_pair_is_told_with_the_rule_that_just_misses() -> None:
    finding = judge(world(DB, WEB, STUCK, only({"role": "backend"})), ID).causes[0].finding
    assert english(finding) == (
        "NetworkPolicy db-only (ingress) forbids web to reach Service db on port 5432: spec.ingress[0].from allows "
        "podSelector role=backend, needed is app=web."
    )
    assert finding.confidence is Confidence.LIKELY
    assert Ref("StatefulSet", "shop", "web") in finding.pods


def test_a_pair_that_a_rule_allows_is_clean() -> None:
    assert told(judge(world(DB, WEB, STUCK, only({"app": "web"})), ID)) == []


def test_without_policies_to_look_at_it_cannot_tell() -> None:
    assert unsure(judge(world(DB, WEB, STUCK, only({"role": "x"}), denied("networkpolicies")), ID)) == (ID,)


def test_a_policy_that_nobody_complains_about_is_somebodys_intent() -> None:
    assert told(judge(world(DB, WEB, only({"role": "backend"})), ID)) == []


@pytest.mark.parametrize("address", ["10.96.0.7:5432", "10.0.0.9:5432"])
def test_an_address_is_the_service_or_the_pod_that_has_it(address: str) -> None:
    door = service("db", {"app": "db"}, [{"port": 5432, "targetPort": 5432}], spec={"clusterIP": "10.96.0.7"})
    db = pod("db-0", {"app": "db"}, status={"podIP": "10.0.0.9"})
    said = log("web-1", f"ERROR dial tcp {address}: i/o timeout")
    assert (
        "forbids web to reach Service db on port 5432"
        in (told(judge(world(door, db, WEB, said, only({"role": "backend"})), ID))[0])
    )


def out(*peers: dict[str, Any]) -> dict[str, Any]:
    spec = {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"to": list(peers)}] if peers else []}
    return thing("NetworkPolicy", "egress", spec=spec)


FAR = log("web-1", 'ERROR Get "https://rates.example.com/x": dial tcp 203.0.113.7:443: i/o timeout')


def test_a_host_outside_the_cluster_is_reached_by_an_ip_block_alone() -> None:
    assert told(judge(world(WEB, FAR, service("web", {"app": "web"}), out({"namespaceSelector": {}})), ID)) == [
        "NetworkPolicy egress (egress) forbids web to reach rates.example.com outside the cluster: it allows only "
        "namespaceSelector {}."
    ]
    assert told(judge(world(WEB, FAR, out({"ipBlock": {"cidr": "203.0.113.0/24"}})), ID)) == []
    assert told(judge(world(WEB, FAR), ID)) == []


def test_an_inner_address_that_nobody_read_may_be_a_service() -> None:
    inner = log("web-1", "ERROR dial tcp 10.96.3.3:443: i/o timeout")
    assert told(judge(world(WEB, inner, out()), ID)) == []
