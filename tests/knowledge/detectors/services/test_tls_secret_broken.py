"""An Ingress whose certificate is missing, none, or another's."""

from datetime import timedelta

from tests.knowledge.detectors.certs import encoded
from tests.knowledge.detectors.things import Thing, denied, ingress, thing, told, unsure, world
from tests.seen import judge

ID = "tls-secret-broken"


def door(host: str = "shop.example.com", **fields: str) -> Thing:
    tls = [{"secretName": "shop-tls", "hosts": [host]}]
    return ingress("shop", [(host, "/", "web", 80)], spec={"tls": tls}, **fields)


PEM = encoded(timedelta(days=90), "shop.example.com", "*.api.example.com")


def secret(name: str = "shop-tls", **data: str) -> Thing:
    return thing("Secret", name, type="kubernetes.io/tls", data={"tls.key": "a2V5", **data})


def test_a_secret_that_does_not_exist_is_named_with_the_nearest() -> None:
    assert told(judge(world(door(), secret("shop-tsl")), ID)) == [
        "Ingress shop cannot prove that it is shop.example.com: Secret shop-tls, which it names for TLS, does not "
        "exist: did you mean shop-tsl?"
    ]


def test_a_certificate_for_other_hosts_is_told_with_its_names() -> None:
    other = world(door("www.example.com"), secret(**{"tls.crt": PEM}))
    assert "is not valid for www.example.com, only for shop.example.com, *.api.example.com" in told(judge(other, ID))[0]


def test_a_secret_without_a_certificate_or_with_something_else_is_told() -> None:
    assert "Secret shop-tls has no tls.crt" in told(judge(world(door(), secret()), ID))[0]
    assert "holds no certificate" in told(judge(world(door(), secret(**{"tls.crt": "aGVsbG8="})), ID))[0]


def test_a_certificate_that_covers_the_host_is_clean() -> None:
    assert told(judge(world(door(), secret(**{"tls.crt": PEM})), ID)) == []
    assert told(judge(world(door("v1.api.example.com"), secret(**{"tls.crt": PEM})), ID)) == []


def test_a_young_ingress_may_still_be_waiting_for_its_issuer_and_unread_secrets_are_not_told() -> None:
    assert told(judge(world(door(created="2m ago")), ID)) == []
    assert unsure(judge(world(door(), denied("secrets")), ID)) == (ID,)
