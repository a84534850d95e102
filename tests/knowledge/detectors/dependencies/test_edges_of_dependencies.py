"""What programs depend on: what decides, from both sides."""

from typing import Any

import pytest

from knowledge.finding import Confidence, Layer
from tests.knowledge.detectors.ended import workload
from tests.knowledge.detectors.things import (
    Thing,
    denied,
    deployment,
    endpoints,
    event,
    first,
    pod,
    proof,
    service,
    thing,
    told,
    world,
)
from tests.seen import judge

ADDRESS, DOWN, MISSING = "dep-address-wrong", "dep-down", "dep-service-missing"
REFUSED_LOGIN, PORT, DNS, CLIENT = (
    "dep-credentials-refused",
    "port-taken-in-pod",
    "dns-resolution-failing",
    "dns-client-misconfigured",
)
ORDERS = {"app": "orders"}


def refused(host: str = "orders", port: int = 8080) -> str:
    return f"Error: connect to http://{host}:{port}/x failed: dial tcp 10.96.1.9:{port}: connect: connection refused"


def lost(host: str) -> str:
    return f"fatal: dial tcp: lookup {host} on 10.96.0.10:53: no such host"


def caller(line: str, spec: Thing | None = None, **container: Any) -> list[Thing]:
    return workload(lines=line, container=container, spec=spec)


def offers(port: int = 7070, **spec: Any) -> Thing:
    return service("orders", ORDERS, [{"port": port}], spec=spec)


def told_by(*words: str) -> list[Thing]:
    return [{"name": f"V{i}", "value": word} for i, word in enumerate(words)]


@pytest.mark.parametrize(
    ("things", "words"),
    [
        ([caller(refused()), offers()], "call Service orders on port 8080, but orders offers port 7070"),
        ([caller(refused(), env=told_by("x", "orders:8080")), offers()], "on port 8080 (env V1=orders:8080)"),
        ([caller(refused(), env=told_by("orders:9999", "orders:8080")), offers()], "(env V1=orders:8080)"),
        ([caller(refused(), env=told_by("orders.shop:8080")), offers()], "(env V0=orders.shop:8080)"),
        ([caller(refused(), env=told_by("billing:8080")), offers()], "on port 8080, but"),
        ([caller(refused()), offers(8080)], ""),
        ([caller(refused()), offers(clusterIP="None")], ""),
        ([caller(refused()), offers(type="ExternalName")], ""),
        ([caller(refused()), service("orders", ORDERS, spec={"ports": []})], ""),
        ([caller(lost("orders"), env=told_by("orders:8080")), offers()], "on port 8080 (env V0=orders:8080)"),
        ([caller(lost("orders")), offers()], ""),
        ([caller(lost("oders")), offers()], "the nearest is orders.shop"),
        (
            [
                caller(lost("basket")),
                {**service("basket", {"a": "b"}), "metadata": {"name": "basket", "namespace": "other"}},
            ],
            "the nearest is basket.other",
        ),
        (
            [
                caller(lost("basket")),
                {**service("billing", {"a": "b"}), "metadata": {"name": "billing", "namespace": "other"}},
            ],
            "",
        ),
        ([caller(lost("api.stripe.com")), offers()], ""),
        ([caller(lost("oders")), offers(), denied("services")], ""),
    ],
)
def test_what_is_wrong_with_an_address(things: list[Any], words: str) -> None:
    said = told(judge(world(*things), ADDRESS))
    assert (words in said[0]) if words else said == []


def test_an_address_that_is_written_down_is_sure() -> None:
    written = judge(world(caller(refused(), env=told_by("orders:8080")), offers()), ADDRESS)
    assert first(written).confidence is Confidence.PROVEN
    assert any("V0" in line for line in proof(written))
    assert first(judge(world(caller(refused()), offers()), ADDRESS)).confidence is Confidence.LIKELY


def scaled(to: int = 0, last: str = "9m ago") -> Thing:
    return event(
        ("Deployment", "orders"), "ScalingReplicaSet", f"Scaled down replica set orders-1 from 2 to {to}", last=last
    )


def orders(replicas: int = 0, **written: Any) -> Thing:
    one = deployment("orders", ORDERS, replicas)
    if written:
        one["metadata"]["managedFields"] = [
            {"manager": "x"},
            {"manager": "kubectl", "fieldsV1": {"f:spec": {written["field"]: {}}}, **written.get("time", {})},
        ]
    return one


DOOR = offers(8080)


@pytest.mark.parametrize(
    ("things", "words"),
    [
        ([caller(refused()), DOOR, orders()], "Deployment orders is scaled to 0 replicas"),
        ([caller(refused()), DOOR, orders(1)], "orders"),
        (
            [caller(refused()), DOOR, orders(1), pod("orders-1", ORDERS, False, owner=("Deployment", "orders"))],
            "orders",
        ),
        ([caller(refused()), DOOR, orders(1), pod("orders-1", ORDERS, owner=("Deployment", "orders"))], ""),
        ([caller(refused()), DOOR, orders(1), endpoints("orders", ("orders-1",))], ""),
        ([caller(refused()), DOOR], ""),
        ([caller(refused()), service("orders", None, [{"port": 8080}]), orders()], ""),
        ([caller(refused("basket")), DOOR, orders()], ""),
        ([caller(refused("checkout")), service("checkout", {"app": "checkout"}, [{"port": 8080}])], ""),
    ],
)
def test_who_is_down_behind_a_name(things: list[Any], words: str) -> None:
    said = told(judge(world(*things), DOWN))
    assert (words in said[0]) if words else said == []


def test_since_when_a_dependency_is_at_zero() -> None:
    def of(*things: Any) -> Any:
        return judge(world(caller(refused()), DOOR, *things), DOWN)

    assert " since 2026-01-15 05:21 UTC" in told(of(orders(), scaled()))[0]
    assert " since " not in told(of(orders(), scaled(1)))[0]
    hand = {"field": "f:replicas", "time": {"time": "20m ago"}}
    assert " since 2026-01-15 05:10 UTC" in told(of(orders(**hand)))[0]
    assert " since " not in told(of(orders(field="f:replicas")))[0]
    assert " since " not in told(of(orders(field="f:template", time={"time": "20m ago"})))[0]
    assert str(first(of(orders(), scaled())).at) == "2026-01-15 05:21:00+00:00"
    assert str(first(of(orders())).at) == "2026-01-15 05:27:00+00:00"


def test_a_dependency_at_zero_is_the_end_of_the_chain_and_one_that_fails_is_not() -> None:
    zero = first(judge(world(caller(refused()), DOOR, orders()), DOWN))
    assert (zero.confidence, zero.layer, zero.because) == (Confidence.PROVEN, Layer.CAUSE, ())
    assert "scale deployment/orders --replicas=1" in zero.remedies[0].command
    ill = pod("orders-1", ORDERS, False, owner=("Deployment", "orders"))
    waits = pod("orders-2", ORDERS, False, owner=("Deployment", "orders"), spec={"nodeName": ""})
    failing = first(judge(world(caller(refused()), DOOR, orders(2), ill, waits), DOWN))
    assert (failing.confidence, failing.layer) == (Confidence.LIKELY, None)
    assert [ref.name for ref in failing.because] == ["node-1"]
    assert "describe deployment/orders" in failing.remedies[0].command


def quota(hard: str | None = "10", used: str | None = "10", key: str = "services") -> Thing:
    status = {"hard": {key: hard} if hard else {}, "used": {key: used} if used else {}}
    return thing("ResourceQuota", "team", status=status)


@pytest.mark.parametrize(
    ("more", "full"),
    [
        ([quota()], True),
        ([quota(used="11")], True),
        ([quota(key="count/services")], True),
        ([quota(used="9")], False),
        ([quota(hard=None)], False),
        ([quota(used=None)], False),
        ([quota(key="pods")], False),
        ([], False),
    ],
)
def test_a_full_quota_may_be_why_a_service_is_missing(more: list[Thing], full: bool) -> None:
    said = judge(world(caller(lost("basket")), more), MISSING)
    assert ("ResourceQuota team" in told(said)[0]) is full
    assert ("status.used[services]" in " ".join(proof(said))) is full
    assert ("raise the quota" in str(first(said).remedies)) is full


@pytest.mark.parametrize(
    ("things", "missing"),
    [
        ([caller(lost("basket"))], True),
        ([caller(lost("basket")), service("baskets", {"a": "b"})], False),
        (
            [
                caller(lost("basket")),
                {**service("basket", {"a": "b"}), "metadata": {"name": "basket", "namespace": "other"}},
            ],
            False,
        ),
        (
            [
                caller(lost("basket")),
                {**service("baskets", {"a": "b"}), "metadata": {"name": "baskets", "namespace": "other"}},
            ],
            True,
        ),
        ([caller(refused("orders")), DOOR], False),
        ([caller(lost("api.stripe.com"))], False),
        ([caller("all is well")], False),
    ],
)
def test_which_service_is_missing(things: list[Any], missing: bool) -> None:
    assert bool(told(judge(world(*things), MISSING))) is missing


LOGIN = 'FATAL: password authentication failed for user "shop"'


def secret(**fields: Any) -> Thing:
    one = thing("Secret", "db-auth", created="90d ago", type="Opaque")
    one["metadata"].update(fields)
    return one


FROM_SECRET = {
    "env": [
        {"name": "X", "value": "y"},
        {"name": "PW", "valueFrom": {"secretKeyRef": {"name": "db-auth", "key": "pw"}}},
        {"name": "M", "valueFrom": {"configMapKeyRef": {"name": "m", "key": "k"}}},
    ]
}


def test_where_a_refused_login_comes_from_and_when_it_was_changed() -> None:
    said = judge(
        world(
            caller(LOGIN, **FROM_SECRET), secret(managedFields=[{"manager": "a"}, {"manager": "b", "time": "20m ago"}])
        ),
        REFUSED_LOGIN,
    )
    assert "(from Secret db-auth)" in told(said)[0]
    assert "metadata.managedFields[].time: 2026-01-15 05:10:00+00:00" in proof(said)
    made = judge(world(caller(LOGIN, **FROM_SECRET), secret()), REFUSED_LOGIN)
    assert any(line.startswith("metadata.creationTimestamp") for line in proof(made))
    assert len(proof(judge(world(caller(LOGIN, **FROM_SECRET)), REFUSED_LOGIN))) == 1
    whole = judge(
        world(caller(LOGIN, envFrom=[{"configMapRef": {"name": "m"}}, {"secretRef": {"name": "db-auth"}}])),
        REFUSED_LOGIN,
    )
    assert "(from Secret db-auth)" in told(whole)[0]
    assert "from Secret" not in told(judge(world(caller(LOGIN)), REFUSED_LOGIN))[0]


@pytest.mark.parametrize(
    ("line", "sure"),
    [(LOGIN, Confidence.PROVEN), ("WRONGPASS invalid username-password pair", Confidence.LIKELY)],
)
def test_a_refused_login_with_its_user_is_sure(line: str, sure: Confidence) -> None:
    assert first(judge(world(caller(line)), REFUSED_LOGIN)).confidence is sure


BUSY, VAGUE = "listen tcp :8080: bind: address already in use", "bind: address already in use"


def taken(line: str = BUSY, other: Thing | None = None, own: Thing | None = None, more: Any = (), **spec: Any) -> str:
    containers = [{"name": "app", **(own or {})}, *([{"name": "proxy", **other}] if other is not None else [])]
    return world(workload(lines=line, spec={"nodeName": "node-1", "containers": containers, **spec}), *more)


PORTS = {"ports": [{"containerPort": 9}, {"containerPort": 8080}]}


def neighbour(node: str = "node-1", network: bool = True, **port: Any) -> Thing:
    return pod(
        "other",
        spec={
            "nodeName": node,
            "hostNetwork": network,
            "containers": [{"name": "x", "ports": [port or {"containerPort": 8080}]}],
        },
    )


@pytest.mark.parametrize(
    ("things", "words"),
    [
        (taken(other=PORTS), "proxy"),
        (taken(other={"args": ["--listen", "8080"]}), "proxy"),
        (taken(other={"args": ["--listen=:8080"]}), "proxy"),
        (taken(other={"command": ["run", "--port=8080"]}), "proxy"),
        (taken(other={"env": [{"name": "PORT", "value": "8080"}]}), "proxy"),
        (taken(other={"args": ["18080"]}), ""),
        (taken(other={}), ""),
        (taken(own=PORTS), ""),
        (taken(VAGUE, PORTS, PORTS), "proxy"),
        (taken(VAGUE, {"ports": [{"containerPort": 9}]}, {"ports": [{"containerPort": 9}]}), "proxy"),
        (taken(VAGUE, PORTS), ""),
        (taken(hostNetwork=True, more=[neighbour()]), "shop/other"),
        (taken(hostNetwork=True, more=[neighbour(network=False, containerPort=1, hostPort=8080)]), "shop/other"),
        (taken(hostNetwork=True, more=[neighbour(network=False)]), ""),
        (taken(hostNetwork=True, more=[neighbour(containerPort=9)]), ""),
        (taken(hostNetwork=True, more=[neighbour("node-2")]), ""),
        (taken(more=[neighbour()]), ""),
        (taken(VAGUE, hostNetwork=True, more=[neighbour()]), ""),
        (taken(own=PORTS, hostNetwork=True), ""),
    ],
)
def test_who_holds_a_port(things: str, words: str) -> None:
    said = judge(things, PORT)
    assert (words in told(said)[0]) if words else told(said) == []


def test_a_port_that_the_log_names_is_sure() -> None:
    assert first(judge(taken(other=PORTS), PORT)).confidence is Confidence.PROVEN
    assert first(judge(taken(VAGUE, PORTS, {"ports": [{"containerPort": 8080}]}), PORT)).confidence is Confidence.LIKELY


def asks(host: str = "orders", setting: Thing | None = None, *more: Thing) -> list[str]:
    spec = {"containers": [{"name": "app"}], **(setting or {})}
    return told(judge(world(caller(lost(host), spec=spec), *more), CLIENT))


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"dnsPolicy": "Default"}, "dnsPolicy"),
        ({"dnsPolicy": "None"}, "dnsPolicy"),
        ({"dnsPolicy": "None", "dnsConfig": {"nameservers": ["10.0.0.2"]}}, "dnsPolicy"),
        ({"dnsPolicy": "Default", "dnsConfig": {"nameservers": ["10.0.0.2"]}}, ""),
        ({"dnsPolicy": "Default", "dnsConfig": {"options": []}}, "dnsPolicy"),
        ({"hostNetwork": True, "dnsPolicy": "ClusterFirst"}, "hostNetwork"),
        ({"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"}, ""),
        ({"dnsPolicy": "ClusterFirst"}, ""),
    ],
)
def test_who_does_not_ask_the_clusters_dns(setting: Thing, words: str) -> None:
    said = asks("orders", setting, DOOR)
    assert (words in said[0]) if words else said == []
    assert asks("basket", setting, DOOR) == []


def governed(name: str = "db", by: str | None = "db-peers") -> Thing:
    return thing("StatefulSet", name, spec={"replicas": 1, **({"serviceName": by} if by else {})})


@pytest.mark.parametrize(
    ("host", "things", "told_of"),
    [
        ("db-0.db-peers", [governed()], True),
        ("db-0.db-peers.shop.svc.cluster.local", [governed()], True),
        ("db-0", [governed()], False),
        ("db-x.db-peers", [governed()], False),
        ("cache-0.db-peers", [governed()], False),
        ("db-0.other", [governed()], False),
        ("db-0.db-peers", [governed(by=None)], False),
        ("db-0.db-peers", [governed(), service("db-peers", {"app": "db"})], False),
        ("db-0.db-peers", [governed(), denied("services")], False),
    ],
)
def test_pods_of_a_set_have_names_only_under_their_headless_service(
    host: str, things: list[Thing], told_of: bool
) -> None:
    assert bool(asks(host, None, *things)) is told_of
