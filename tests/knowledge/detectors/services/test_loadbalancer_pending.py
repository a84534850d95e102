"""A Service of type LoadBalancer without an outside address."""

from knowledge.finding import Confidence
from tests.knowledge.detectors.things import denied, english, event, service, told, unsure, world
from tests.seen import judge

ID = "svc-loadbalancer-pending"


def outside(name: str = "edge", **fields: object) -> dict[str, object]:
    return service(name, {"app": name}, spec={"type": "LoadBalancer"}, **fields)


SERVED = outside("other", status={"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}})


def test_the_clouds_own_words_are_the_cause() -> None:
    refused = event(
        ("Service", "edge"),
        "SyncLoadBalancerFailed",
        "Error syncing load balancer: failed to ensure load balancer: floating IP 203.0.113.9 is not available",
    )
    finding = judge(world(outside(), refused), ID).causes[0].finding
    assert english(finding).endswith("because the cloud refuses to make one: floating IP 203.0.113.9 is not available")
    assert finding.confidence is Confidence.PROVEN


def test_a_cluster_in_which_nobody_has_an_address_probably_has_no_provider() -> None:
    assert "probably has no load balancer provider" in told(judge(world(outside()), ID))[0]


def test_a_class_of_load_balancer_that_nobody_serves_is_named() -> None:
    classy = service("edge", {"app": "edge"}, spec={"type": "LoadBalancer", "loadBalancerClass": "octavia"})
    assert "nobody serves its loadBalancerClass octavia" in told(judge(world(SERVED, classy), ID))[0]


def test_a_service_with_an_address_is_clean() -> None:
    assert told(judge(world(SERVED), ID)) == []


def test_without_services_to_look_at_it_cannot_tell() -> None:
    assert unsure(judge(world(outside(), denied("services")), ID)) == (ID,)


def test_a_service_made_a_minute_ago_is_given_time() -> None:
    assert told(judge(world(outside(created="1m ago")), ID)) == []
