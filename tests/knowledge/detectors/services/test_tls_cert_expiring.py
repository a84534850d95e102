"""A certificate that an Ingress serves and that ends."""

from datetime import timedelta

import pytest

from knowledge.finding import Severity
from tests.knowledge.detectors.certs import encoded
from tests.knowledge.detectors.things import Thing, denied, ingress, thing, told, unsure, world
from tests.seen import judge

ID = "tls-cert-expiring"
DOOR = ingress("shop", [("shop.example.com", "/", "web", 80)], spec={"tls": [{"secretName": "shop-tls"}]})


def secret(days: float) -> Thing:
    data = {"tls.crt": encoded(timedelta(days=days))}
    return thing("Secret", "shop-tls", type="kubernetes.io/tls", data=data)


def test_a_certificate_near_its_end_is_told_once_with_its_hosts() -> None:
    other = ingress("shop-2", [("shop.example.com", "/two", "web", 80)], spec=DOOR["spec"])
    assert told(judge(world(DOOR, other, secret(20)), ID)) == [
        "The certificate of shop.example.com (Secret shop-tls, Ingress shop) expires on 2026-02-04 05:30 UTC; clients "
        "will then refuse it."
    ]
    assert "expired on 2026-01-14 05:30 UTC: clients refuse it" in told(judge(world(DOOR, secret(-1)), ID))[0]


def test_the_hosts_that_the_ingress_names_are_told_before_those_of_the_certificate() -> None:
    named = {"tls": [{"secretName": "shop-tls", "hosts": ["www.example.com"]}]}
    door = ingress("shop", [("www.example.com", "/", "web", 80)], spec=named)
    assert "The certificate of www.example.com (" in told(judge(world(door, secret(20)), ID))[0]


@pytest.mark.parametrize(
    ("days", "gravity"),
    [
        (29, Severity.WARNING),
        (8, Severity.WARNING),
        (6, Severity.ERROR),
        (0, Severity.CRITICAL),
        (-1, Severity.CRITICAL),
    ],
)
def test_the_nearer_the_end_the_graver(days: int, gravity: Severity) -> None:
    assert judge(world(DOOR, secret(days)), ID).causes[0].finding.gravity is gravity


def test_a_certificate_that_lasts_is_clean_and_an_unread_one_is_not_told() -> None:
    assert told(judge(world(DOOR, secret(31)), ID)) == []
    assert unsure(judge(world(DOOR, secret(31), denied("secrets")), ID)) == (ID,)


def test_secrets_without_a_certificate_or_that_no_ingress_names_stay_silent() -> None:
    empty = thing("Secret", "shop-tls", type="kubernetes.io/tls")
    rubbish = thing("Secret", "shop-tls", data={"tls.crt": "aGVsbG8="})
    for things in ([secret(3)], [DOOR], [DOOR, empty], [DOOR, rubbish]):
        assert told(judge(world(things), ID)) == []
