"""A Service whose selector fits no pod."""

from knowledge.finding import Confidence, Ref
from tests.knowledge.detectors.things import denied, deployment, english, pod, service, told, unsure, world
from tests.seen import judge

ID = "svc-selector-matches-nothing"
WEB = [
    deployment("web", {"app": "webapi", "tier": "front"}),
    pod("web-5c6f8d7b9-x2x4z", {"app": "webapi", "tier": "front"}),
]


def test_a_selector_that_differs_by_a_dash_is_told_with_both_sides() -> None:
    diagnosis = judge(world(WEB, service("web", {"app": "web-api"})), ID)
    finding = diagnosis.causes[0].finding
    assert finding.subject == Ref("Service", "shop", "web")
    assert "selects app=web-api, but the pods of web carry app=webapi" in english(finding)
    assert finding.confidence is Confidence.PROVEN
    assert '"value": {"app": "webapi"}' in finding.remedies[0].command


def test_a_selector_that_resembles_nothing_is_told_without_a_guess() -> None:
    diagnosis = judge(world(WEB, service("legacy", {"component": "importer"})), ID)
    assert "no pod or workload in shop has these labels" in told(diagnosis)[0]
    assert diagnosis.causes[0].finding.remedies == ()


def test_a_workload_that_another_service_already_selects_is_guessed_last() -> None:
    other = [deployment("web2", {"app": "web-apis"}), pod("web2-1", {"app": "web-apis"})]
    diagnosis = judge(world(WEB, other, service("taken", {"app": "webapi"}), service("web", {"app": "web-api"})), ID)
    assert "pods of web2 carry app=web-apis" in told(diagnosis)[0]


def test_a_service_whose_workload_is_scaled_to_zero_says_so() -> None:
    diagnosis = judge(world(deployment("cart", {"app": "cart"}, replicas=0), service("cart", {"app": "cart"})), ID)
    finding = diagnosis.causes[0].finding
    assert "Deployment cart, whose pods it selects (app=cart), is scaled to 0 replicas" in english(finding)
    assert finding.because == (Ref("Deployment", "shop", "cart"),)


def test_a_service_whose_workload_has_no_pods_yet_points_at_the_workload() -> None:
    diagnosis = judge(world(deployment("cart", {"app": "cart"}, replicas=2), service("cart", {"app": "cart"})), ID)
    assert "Deployment cart, which should have 2 pods, has none" in told(diagnosis)[0]


def test_a_selector_that_fits_is_clean() -> None:
    assert told(judge(world(WEB, service("web", {"app": "webapi"})), ID)) == []


def test_without_pods_to_look_at_it_cannot_tell() -> None:
    diagnosis = judge(world(WEB, service("web", {"app": "web-api"}), denied("pods")), ID)
    assert unsure(diagnosis) == (ID,)
    assert told(diagnosis) == []


def test_services_without_a_selector_or_with_an_outside_name_are_somebodys_intent() -> None:
    outside = service("mail", {"app": "x"}, spec={"type": "ExternalName", "externalName": "mail.example.com"})
    assert told(judge(world(WEB, service("hand-made", None), outside), ID)) == []


def test_a_leader_service_between_two_leaders_stays_silent() -> None:
    leader = service("db-leader", {"cluster": "db", "spilo-role": "master"})
    assert told(judge(world(WEB, leader), ID)) == []
