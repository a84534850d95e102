"""What NetworkPolicies allow, judged from the objects."""

from typing import Any

from knowledge.facts.network_policy import Direction, Verdict, selecting, verdict
from knowledge.objects import Pod
from tests.knowledge.detectors.things import pod, thing, world
from tests.seen import seen

WEB = pod("web", {"app": "web"}, status={"podIP": "10.1.0.1"})
DB = pod(
    "db",
    {"app": "db"},
    container={"ports": [{"name": "sql", "containerPort": 5432}]},
    status={"podIP": "10.1.0.2"},
)
JOB = pod("job", {"app": "web"}, namespace="batch", status={"podIP": "10.2.0.1"})
BATCH = thing("Namespace", "batch", "", labels={"team": "data"})


def policy(name: str, selector: dict[str, str], **spec: Any) -> dict[str, Any]:
    return thing("NetworkPolicy", name, spec={"podSelector": {"matchLabels": selector}, **spec})


def ask(*policies: dict[str, Any], source: str = "web", port: int = 5432, protocol: str = "TCP") -> Verdict:
    snapshot = seen(world(WEB, DB, JOB, BATCH, *policies))
    pods = {p.metadata.name: p for p in snapshot.all(Pod)}
    return verdict(snapshot, pods[source], pods["db"], port, protocol)


def from_labels(labels: dict[str, str], *ports: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"from": [{"podSelector": {"matchLabels": labels}}], "ports": list(ports)}]


def test_pods_that_no_policy_selects_may_talk() -> None:
    assert ask().allowed
    assert ask(policy("other", {"app": "mail"}, policyTypes=["Ingress"])).allowed


def test_a_policy_without_rules_lets_nobody_in() -> None:
    refused = ask(policy("deny", {}, policyTypes=["Ingress"]))
    assert not refused.allowed
    assert refused.direction is Direction.INGRESS
    assert [p.metadata.name for p in refused.policies] == ["deny"]


def test_a_rule_that_names_the_peer_and_port_lets_it_in() -> None:
    rule = from_labels({"app": "web"}, {"port": 5432})
    assert ask(policy("db", {"app": "db"}, ingress=rule)).allowed


def test_policies_add_up() -> None:
    deny = policy("deny", {}, policyTypes=["Ingress"])
    assert ask(deny, policy("db", {"app": "db"}, ingress=from_labels({"app": "web"}))).allowed


def test_a_rule_with_another_port_is_the_near_miss() -> None:
    near = ask(policy("db", {"app": "db"}, ingress=from_labels({"app": "web"}, {"port": 5433}))).near
    assert near is not None
    assert (near.path, near.written, near.needed) == ("spec.ingress[0].ports", "TCP/5433", "TCP/5432")


def test_a_rule_for_other_labels_is_the_near_miss() -> None:
    near = ask(policy("db", {"app": "db"}, ingress=from_labels({"app": "backend"}))).near
    assert near is not None
    assert (near.path, near.written, near.needed) == ("spec.ingress[0].from", "podSelector app=backend", "app=web")


def test_a_pod_selector_alone_means_the_policys_own_namespace() -> None:
    assert not ask(policy("db", {"app": "db"}, ingress=from_labels({"app": "web"})), source="job").allowed


def test_a_namespace_selector_opens_another_namespace() -> None:
    team = [{"from": [{"namespaceSelector": {"matchLabels": {"team": "data"}}}]}]
    assert ask(policy("db", {"app": "db"}, ingress=team), source="job").allowed
    assert not ask(policy("db", {"app": "db"}, ingress=team), source="web").allowed


def test_every_namespace_is_known_by_its_name() -> None:
    named = {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}
    assert ask(policy("db", {"app": "db"}, ingress=[{"from": [{"namespaceSelector": named}]}])).allowed


def test_named_ports_and_port_ranges_are_understood() -> None:
    assert ask(policy("db", {"app": "db"}, ingress=[{"ports": [{"port": "sql"}]}])).allowed
    assert not ask(policy("db", {"app": "db"}, ingress=[{"ports": [{"port": "http"}]}])).allowed
    assert ask(policy("db", {"app": "db"}, ingress=[{"ports": [{"port": 5000, "endPort": 6000}]}])).allowed


def test_a_protocol_that_is_not_named_is_tcp() -> None:
    assert not ask(policy("db", {"app": "db"}, ingress=[{"ports": [{"port": 5432}]}]), protocol="UDP").allowed


def test_blocks_of_addresses_have_holes() -> None:
    block = {"cidr": "10.1.0.0/16"}
    assert ask(policy("db", {"app": "db"}, ingress=[{"from": [{"ipBlock": block}]}])).allowed
    assert not ask(
        policy("db", {"app": "db"}, ingress=[{"from": [{"ipBlock": {**block, "except": ["10.1.0.0/24"]}}]}])
    ).allowed


def test_egress_is_asked_before_ingress() -> None:
    refused = ask(policy("out", {"app": "web"}, policyTypes=["Egress"], egress=[{"ports": [{"port": 443}]}]))
    assert refused.direction is Direction.EGRESS


def test_egress_rules_without_policy_types_restrict_both_ways() -> None:
    out = policy("out", {"app": "db"}, egress=[{}])
    snapshot = seen(world(DB, out))
    assert selecting(snapshot, snapshot.all(Pod)[0], Direction.INGRESS)
    assert selecting(snapshot, snapshot.all(Pod)[0], Direction.EGRESS)


def test_pods_on_the_hosts_network_are_not_restricted() -> None:
    host = pod("db", {"app": "db"}, spec={"hostNetwork": True})
    snapshot = seen(world(WEB, host, policy("deny", {}, policyTypes=["Ingress", "Egress"])))
    assert selecting(snapshot, snapshot.get(Pod, "shop", "db") or snapshot.all(Pod)[0], Direction.INGRESS) == ()
