"""A Service none of whose pods is ready."""

from knowledge.finding import Confidence, Ref
from tests.knowledge.detectors.things import denied, endpoints, english, pod, service, told, unsure, world
from tests.seen import judge

ID = "svc-no-ready-endpoints"
CRASH = {"waiting": {"reason": "CrashLoopBackOff"}}
DOWN = [
    pod("web-1", {"app": "web"}, ready=False, state={"state": CRASH, "restartCount": 7}),
    pod("web-2", {"app": "web"}, ready=False, since="5m ago"),
]
WEB = service("web", {"app": "web"})


def test_a_service_without_a_ready_pod_is_told_with_the_pods_reasons() -> None:
    diagnosis = judge(world(DOWN, WEB, endpoints("web", unready=("web-1", "web-2"))), ID)
    finding = diagnosis.causes[0].finding
    assert finding.subject == Ref("Service", "shop", "web")
    assert finding.confidence is Confidence.PROVEN
    assert "1x CrashLoopBackOff, 1x running but not Ready" in english(finding)


def test_the_workload_behind_is_named_as_the_place_of_the_cause() -> None:
    owned = pod("web-0", {"app": "web"}, ready=False, owner=("StatefulSet", "web"))
    finding = judge(world(owned, WEB), ID).causes[0].finding
    assert finding.because == (Ref("StatefulSet", "shop", "web"),)


def test_one_ready_endpoint_is_enough() -> None:
    assert (
        told(judge(world(DOWN, pod("web-3", {"app": "web"}), WEB, endpoints("web", ("web-3",), ("web-1",))), ID)) == []
    )


def test_unreadable_endpointslices_are_judged_from_the_pods_less_surely() -> None:
    finding = judge(world(DOWN, WEB, denied("endpointslices")), ID).causes[0].finding
    assert finding.confidence is Confidence.LIKELY


def test_without_pods_to_look_at_it_cannot_tell() -> None:
    assert unsure(judge(world(DOWN, WEB, denied("pods")), ID)) == (ID,)


def test_pods_that_have_just_started_are_given_two_minutes() -> None:
    assert told(judge(world(pod("web-1", {"app": "web"}, ready=False, since="30s ago"), WEB), ID)) == []


def test_a_discovery_service_that_publishes_unready_pods_stays_silent() -> None:
    peers = service("web", {"app": "web"}, spec={"publishNotReadyAddresses": True})
    assert told(judge(world(DOWN, peers), ID)) == []
