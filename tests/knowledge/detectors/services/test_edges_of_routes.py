"""Two Ingresses of one address, and certificates that do not fit: what decides, from both sides."""

from datetime import timedelta

import pytest

from tests.knowledge.detectors.certs import encoded
from tests.knowledge.detectors.services.test_tls_secret_broken import ID as BROKEN
from tests.knowledge.detectors.services.test_tls_secret_broken import PEM, door, secret
from tests.knowledge.detectors.things import Thing, deployment, first, ingress, service, told, world
from tests.seen import judge

CONFLICT, NOBODY = "ingress-route-conflict", "svc-selector-matches-nothing"


def claims(
    name: str,
    to: str = "web",
    host: str = "shop.example.com",
    path: str = "/",
    cls: str = "nginx",
    created: str = "9d ago",
    namespace: str = "shop",
    **meta: dict[str, str],
) -> Thing:
    one = ingress(name, [(host, path, to, 80)], cls, created=created, **meta)
    return {**one, "metadata": {**one["metadata"], "namespace": namespace}}


@pytest.mark.parametrize(
    ("one", "other", "conflict"),
    [
        (claims("a"), claims("b", "api"), True),
        (claims("a"), claims("b"), False),
        (claims("a"), claims("b", namespace="pay"), True),
        (claims("a"), claims("b", "api", host="pay.example.com"), False),
        (claims("a"), claims("b", "api", path="/api"), False),
        (claims("a"), claims("b", "api", cls="haproxy"), False),
        (claims("a", host="", path="/x"), claims("b", "api", host="", path="/x"), True),
        (claims("a", host="", path=""), claims("b", "api", host="", path=""), False),
        (claims("a"), claims("b", "api", annotations={"nginx.ingress.kubernetes.io/canary": "true"}), False),
        (claims("a"), claims("b", "api", annotations={"nginx.ingress.kubernetes.io/canary": "false"}), True),
    ],
)
def test_two_claims_of_one_address(one: Thing, other: Thing, conflict: bool) -> None:
    assert bool(told(judge(world(one, other), CONFLICT))) is conflict


def test_the_younger_of_two_claims_is_to_be_mended() -> None:
    said = judge(world(claims("b", created="20d ago"), claims("a", "api", created="2d ago")), CONFLICT)
    assert first(said).subject.name == "a"
    assert "usually the older one" in told(said)[0]


def test_a_young_ingress_is_given_time_for_its_certificate() -> None:
    for created, told_of in (("9m ago", False), ("11m ago", True)):
        assert bool(told(judge(world(door(created=created)), BROKEN))) is told_of


def test_a_certificate_without_a_host_to_compare_is_not_judged() -> None:
    bare = ingress("shop", [("", "/", "web", 80)], spec={"tls": [{"secretName": "shop-tls", "hosts": [""]}]})
    assert told(judge(world(bare, secret(**{"tls.crt": PEM})), BROKEN)) == []
    nameless = ingress("shop", [("", "/", "web", 80)], spec={"tls": [{"hosts": ["shop.example.com"]}]})
    assert told(judge(world(nameless, secret()), BROKEN)) == []
    other = encoded(timedelta(days=90), "pay.example.com")
    assert len(told(judge(world(door(), secret(**{"tls.crt": other})), BROKEN))) == 1


def test_a_service_between_two_workloads_means_the_one_that_nobody_else_serves() -> None:
    things = [
        deployment("aaa", {"app": "web-a"}, 0),
        deployment("zzz", {"app": "web-z"}, 0),
        service("a", {"app": "web-a"}),
    ]
    said = told(judge(world(things, service("lost", {"app": "web-x"})), NOBODY))
    assert any("the pods of zzz carry app=web-z" in words for words in said)
