"""Services that speak another protocol than their pods, and gateways that send requests to the wrong place."""

from typing import Any

import pytest

from knowledge.finding import Confidence, Ref
from tests.knowledge.detectors.things import Thing, denied, ingress, log, pod, service, thing, told, unsure, world
from tests.seen import judge

SPEECH, ROUTE = "svc-protocol-mismatch", "gateway-misroute"


def syslog(protocol: str, ports: list[Thing]) -> list[Thing]:
    container = {"ports": [{"containerPort": 514, "protocol": protocol}]}
    return [pod("syslog", {"app": "syslog"}, container=container), service("syslog", {"app": "syslog"}, ports)]


def test_a_service_that_forwards_udp_to_a_tcp_port_is_told_with_both_sides() -> None:
    udp = [{"port": 514, "targetPort": 514, "protocol": "UDP"}]
    assert told(judge(world(syslog("TCP", udp)), SPEECH)) == [
        "Service syslog forwards port 514 as UDP, but syslog declares port 514 as TCP: nothing answers."
    ]
    assert told(judge(world(syslog("UDP", udp)), SPEECH)) == []


def test_a_service_that_lists_both_protocols_and_a_pod_that_declares_none_are_in_order() -> None:
    both = [{"name": p, "port": 514, "targetPort": 514, "protocol": p} for p in ("UDP", "TCP")]
    assert told(judge(world(syslog("TCP", both)), SPEECH)) == []
    quiet = [pod("syslog", {"app": "syslog"}), service("syslog", {"app": "syslog"})]
    assert told(judge(world(quiet), SPEECH)) == []


def test_a_program_that_wants_tls_says_so() -> None:
    said = log("web", "http: TLS handshake error from 10.0.0.7:4: client sent an HTTP request to an HTTPS server")
    assert "which expects HTTPS" in told(judge(world(pod("web"), service("web", {"app": "web"}), said), SPEECH))[0]


def test_unread_services_are_not_told() -> None:
    assert unsure(judge(world(syslog("TCP", []), denied("services")), SPEECH)) == (SPEECH,)


NGINX = """server {
  location /api/orders {
    proxy_pass http://%s:8080;
  }
}
"""


def gateway(to: str, **fields: Any) -> list[Thing]:
    volumes = [{"name": "conf", "configMap": {"name": "gateway-routes"}}]
    settings = thing("ConfigMap", "gateway-routes", data={"nginx.conf": NGINX % to})
    return [pod("gateway", spec={"volumes": volumes}, **fields), settings, service("orders", {"app": "orders"})]


ARCHIVE = service("orders-archive", {"app": "orders-archive"})
FAILED = log(
    "gateway",
    "connect() failed (111: Connection refused) while connecting to upstream, upstream: "
    '"http://orders-archive:8080/api/orders"',
)


def test_a_route_to_a_service_that_is_not_there_is_proven() -> None:
    (cause,) = judge(world(gateway("order-api")), ROUTE).causes
    assert cause.finding.subject == Ref("ConfigMap", "shop", "gateway-routes")
    assert cause.finding.confidence is Confidence.PROVEN


def test_a_route_to_a_neighbour_of_the_service_that_the_path_names_is_likely_once_it_fails() -> None:
    (cause,) = judge(world(gateway("orders-archive"), ARCHIVE, FAILED), ROUTE).causes
    assert (
        "gateway sends /api/orders to `orders-archive`"
        in told(judge(world(gateway("orders-archive"), ARCHIVE), ROUTE))[0]
    )
    assert cause.finding.confidence is Confidence.LIKELY


@pytest.mark.parametrize("to", ["orders", "orders.shop", "orders.shop.svc.cluster.local"])
def test_a_route_to_the_service_of_its_path_is_in_order(to: str) -> None:
    assert told(judge(world(gateway(to)), ROUTE)) == []


def test_an_ingress_that_sends_a_path_to_a_neighbour_is_possible_and_a_canary_is_intent() -> None:
    wrong = ingress("shop", [("shop.example.com", "/api/orders", "orders-archive", 80)])
    canary = ingress(
        "shop",
        [("shop.example.com", "/api/orders", "orders-archive", 80)],
        annotations={"nginx.ingress.kubernetes.io/canary": "true"},
    )
    services = [ARCHIVE, service("orders", {"app": "orders"})]
    (cause,) = judge(world(wrong, services), ROUTE).causes
    assert cause.finding.confidence is Confidence.POSSIBLE
    assert told(judge(world(canary, services), ROUTE)) == []


def test_unread_services_leave_routes_untold() -> None:
    assert unsure(judge(world(gateway("x"), denied("services")), ROUTE)) == (ROUTE,)
