"""Ingresses that lead nowhere, that nobody serves, or that claim what another one has."""

from knowledge.finding import Confidence, Ref
from tests.knowledge.detectors.things import (
    denied,
    english,
    ingress,
    pod,
    service,
    thing,
    told,
    unsure,
    world,
)
from tests.seen import judge

BACKEND, CLASS, CONFLICT = "ingress-backend-broken", "ingress-not-picked-up", "ingress-route-conflict"
WEB = [pod("web-1", {"app": "web"}), service("web", {"app": "web"}, [{"name": "http", "port": 80, "targetPort": 8080}])]
NGINX = thing("IngressClass", "nginx", "", spec={"controller": "k8s.io/ingress-nginx"})
SERVED = {"loadBalancer": {"ingress": [{"ip": "203.0.113.9"}]}}


def shop(to: str, port: int | str, **fields: object) -> dict[str, object]:
    return ingress("shop", [("shop.example.com", "/api", to, port)], **fields)


def test_a_service_that_does_not_exist_is_told_with_the_nearest_name() -> None:
    finding = judge(world(WEB, shop("wed", 80)), BACKEND).causes[0].finding
    assert english(finding) == (
        "Ingress shop sends shop.example.com/api to Service wed, which does not exist in namespace shop: "
        "did you mean web?"
    )
    assert "/spec/rules/0/http/paths/0/backend/service/name" in finding.remedies[0].command


def test_a_service_of_another_namespace_is_no_backend() -> None:
    elsewhere = service("cart", {"app": "cart"}, namespace="pay")
    assert "exists only in namespace pay" in told(judge(world(WEB, elsewhere, shop("cart", 80)), BACKEND))[0]


def test_a_port_that_the_service_does_not_offer_is_told_with_those_it_does() -> None:
    assert told(judge(world(WEB, shop("web", 8080)), BACKEND))[0] == (
        "Ingress shop sends shop.example.com/api to port 8080 of Service web, "
        "but that Service offers only port http=80."
    )


def test_a_wrong_number_is_no_match_for_a_port_without_a_name() -> None:
    unnamed = [pod("api-1", {"app": "api"}), service("api", {"app": "api"}, [{"port": 80}])]
    assert "to port 8080 of Service api" in told(judge(world(unnamed, shop("api", 8080)), BACKEND))[0]


def test_a_backend_without_ready_pods_points_at_the_service() -> None:
    down = [pod("web-1", {"app": "web"}, ready=False), WEB[1]]
    finding = judge(world(down, shop("web", 80)), BACKEND).causes[0].finding
    assert "answers 503" in english(finding)
    assert Ref("Service", "shop", "web") in finding.because


def test_backends_that_fit_by_number_or_by_name_are_clean() -> None:
    assert told(judge(world(WEB, shop("web", 80), ingress("two", [("x", "/", "web", "http")])), BACKEND)) == []


def test_without_services_to_look_at_it_cannot_tell() -> None:
    assert unsure(judge(world(WEB, shop("wed", 80), denied("services")), BACKEND)) == (BACKEND,)


def test_a_backend_that_is_another_resource_or_an_outside_name_stays_silent() -> None:
    bucket = thing(
        "Ingress", "files", spec={"defaultBackend": {"resource": {"kind": "StorageBucket", "name": "static"}}}
    )
    outside = service("pay", None, spec={"type": "ExternalName", "externalName": "pay.example.com"})
    assert told(judge(world(WEB, bucket, outside, shop("pay", 443)), BACKEND)) == []


def test_a_class_that_does_not_exist_is_told_with_the_one_that_does() -> None:
    finding = judge(world(NGINX, shop("web", 80, cls="ngnix")), CLASS).causes[0].finding
    assert "its ingressClassName is ngnix" in english(finding)
    assert "(this cluster has nginx)" in english(finding)
    assert '"ingressClassName":"nginx"' in finding.remedies[0].command


def test_no_class_and_no_default_is_told() -> None:
    assert "names no ingressClassName" in told(judge(world(NGINX, shop("web", 80, cls=None)), CLASS))[0]


def test_a_class_whose_controller_has_no_ready_pod_is_told() -> None:
    finding = judge(world(NGINX, shop("web", 80)), CLASS).causes[0].finding
    assert "no pod of controller k8s.io/ingress-nginx" in english(finding)
    assert finding.confidence is Confidence.LIKELY


def test_an_ingress_that_alone_of_its_class_has_no_address_is_told() -> None:
    controller = pod("ingress-nginx-controller-1", namespace="ingress-nginx")
    other = ingress("old", [("old.example.com", "/", "web", 80)], status=SERVED)
    assert "left it out" in told(judge(world(NGINX, controller, other, shop("web", 80)), CLASS))[0]


def test_an_ingress_with_an_address_is_clean() -> None:
    controller = pod("ingress-nginx-controller-1", namespace="ingress-nginx")
    assert told(judge(world(NGINX, controller, shop("web", 80, status=SERVED)), CLASS)) == []


def test_without_classes_to_look_at_it_cannot_tell() -> None:
    assert unsure(judge(world(NGINX, shop("web", 80, cls="ngnix"), denied("ingressclasses")), CLASS)) == (CLASS,)


def test_a_default_class_and_a_controller_that_never_writes_addresses_stay_silent() -> None:
    default = thing(
        "IngressClass",
        "traefik",
        "",
        annotations={"ingressclass.kubernetes.io/is-default-class": "true"},
        spec={"controller": "traefik.io/ingress-controller"},
    )
    controller = pod("traefik-1", {"role": "ingress-controller"}, namespace="edge")
    assert told(judge(world(default, controller, shop("web", 80, cls=None)), CLASS)) == []


def test_the_same_address_with_two_services_is_a_conflict() -> None:
    other = ingress(
        "legacy", [("shop.example.com", "/api", "old-api", 80)], namespace="legacy", created="90d ago", status=SERVED
    )
    finding = judge(world(NGINX, other, shop("web", 80)), CONFLICT).causes[0].finding
    assert finding.subject == Ref("Ingress", "shop", "shop")
    assert "both claim shop.example.com/api" in english(finding)
    assert "the older one, legacy/legacy, wins" in english(finding)


def test_other_paths_and_other_classes_are_clean() -> None:
    path = ingress("path", [("shop.example.com", "/pay", "pay", 80)])
    inner = ingress("inner", [("shop.example.com", "/api", "old-api", 80)], cls="internal")
    assert told(judge(world(NGINX, path, inner, shop("web", 80)), CONFLICT)) == []


def test_without_ingresses_to_look_at_a_conflict_cannot_be_told() -> None:
    assert unsure(judge(world(NGINX, shop("web", 80), denied("ingresses")), CONFLICT)) == (CONFLICT,)


def test_a_canary_is_meant_to_share_its_route() -> None:
    canary = shop("web-canary", 80, annotations={"nginx.ingress.kubernetes.io/canary": "true"})
    canary["metadata"]["name"] = "shop-canary"
    assert told(judge(world(NGINX, canary, shop("web", 80)), CONFLICT)) == []
