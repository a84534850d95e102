"""Services and Ingresses: what decides, from both sides."""

from typing import Any

import pytest

from knowledge.finding import Confidence
from tests.knowledge.detectors.services.test_protocols_and_routes import ARCHIVE, FAILED, gateway
from tests.knowledge.detectors.things import (
    Thing,
    deployment,
    event,
    first,
    ingress,
    log,
    pod,
    proof,
    service,
    thing,
    told,
    world,
)
from tests.seen import judge

ROUTE, UNSEEN, PENDING, PARTLY = (
    "gateway-misroute",
    "ingress-not-picked-up",
    "svc-loadbalancer-pending",
    "svc-partially-ready",
)
PROTOCOL, PORT, NOBODY = "svc-protocol-mismatch", "svc-targetport-mismatch", "svc-selector-matches-nothing"
BACKEND, NO_READY = "ingress-backend-broken", "svc-no-ready-endpoints"
WEB = {"app": "web"}


def cls(name: str, controller: str = "k8s.io/ingress-nginx", default: bool = False) -> Thing:
    marks = {"annotations": {"ingressclass.kubernetes.io/is-default-class": "true"}} if default else {}
    return thing("IngressClass", name, "", spec={"controller": controller}, **marks)


def door(
    name: str = "shop", named: str | None = "nginx", created: str = "20m ago", address: bool = False, **fields: Any
) -> Thing:
    status = {"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}} if address else {}
    return ingress(name, [("shop.example.com", "/", "web", 80)], named, created=created, status=status, **fields)


def controller(ready: bool = True, **fields: Any) -> Thing:
    return pod("ingress-nginx-controller-1", ready=ready, **fields)


@pytest.mark.parametrize(
    ("things", "words"),
    [
        ([door(named="ngnix"), cls("nginx")], "no IngressClass of that name exists (this cluster has nginx)"),
        ([door(named="ngnix")], "(this cluster has none)"),
        ([door(named=None), cls("nginx")], "no default IngressClass (it has nginx)"),
        ([door(named=None)], "no default IngressClass (it has none)"),
        ([door(named=None, address=True), cls("nginx")], ""),
        ([door(named=None), cls("nginx", default=True), controller()], ""),
        ([door(named=None, annotations={"kubernetes.io/ingress.class": "old"}), cls("nginx")], ""),
        ([door(), cls("nginx"), controller()], ""),
        ([door(), cls("nginx")], "ingress-nginx"),
        ([door(), cls("nginx"), controller(False)], "ingress-nginx"),
        ([door(created="4m ago"), cls("nginx")], ""),
        ([door(created="6m ago"), cls("nginx")], "ingress-nginx"),
        ([door(address=True), cls("nginx")], ""),
        ([door(), door("other", address=True), cls("nginx"), controller()], "Ingress shop"),
        ([door(), door("other", "haproxy", address=True), cls("nginx"), cls("haproxy"), controller()], ""),
        ([door(), cls("nginx", "")], ""),
    ],
)
def test_who_serves_an_ingress(things: list[Thing], words: str) -> None:
    said = told(judge(world(things), UNSEEN))
    assert (words in said[0]) if words else said == []


def test_the_class_that_was_meant_stands_in_the_command() -> None:
    def command(*things: Thing) -> str:
        return first(judge(world(*things), UNSEEN)).remedies[0].command

    assert '"ingressClassName":"nginx"' in command(door(named="ngnix"), cls("nginx"), cls("traefik"))
    assert '"ingressClassName":"traefik"' in command(door(named="ngnix"), cls("traefik"))
    assert command(door(named="ngnix"), cls("traefik"), cls("haproxy")) == "kubectl get ingressclass"
    assert '"ingressClassName":"traefik"' in command(door(named=None), cls("traefik"))
    assert command(door(named=None), cls("traefik"), cls("haproxy")) == "kubectl get ingressclass"


def test_a_controller_is_known_by_name_label_or_image() -> None:
    by_image = pod("gate-1", container={"image": "registry.k8s.io/ingress-nginx/controller:1"})
    by_label = pod("gate-1", {"app.kubernetes.io/name": "ingress-nginx"})
    for one in (by_image, by_label):
        assert told(judge(world(door(), cls("nginx"), one), UNSEEN)) == []
    down = judge(world(door(), cls("nginx"), controller(False, owner=("DaemonSet", "gate"))), UNSEEN)
    assert [ref.name for ref in first(down).because] == ["gate"]


def balanced(
    name: str = "web", created: str = "20m ago", address: bool = False, kind: str = "LoadBalancer", **spec: Any
) -> Thing:
    status = {"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}} if address else {}
    return service(name, WEB, spec={"type": kind, **spec}, created=created, status=status)


@pytest.mark.parametrize(
    ("things", "words", "confidence"),
    [
        ([balanced()], "it probably has no load balancer provider", Confidence.LIKELY),
        ([balanced(), balanced("other", address=True)], "other Services of this cluster have one", Confidence.POSSIBLE),
        ([balanced(loadBalancerClass="x/y")], "nobody serves its loadBalancerClass x/y", Confidence.LIKELY),
        (
            [balanced(loadBalancerClass="x/y"), balanced("other", address=True)],
            "loadBalancerClass x/y",
            Confidence.LIKELY,
        ),
        ([balanced(created="4m ago")], "", None),
        ([balanced(created="6m ago")], "probably", Confidence.LIKELY),
        ([balanced(address=True)], "", None),
        ([balanced(kind="NodePort")], "", None),
        (
            [
                balanced(created="1m ago"),
                event(
                    ("Service", "web"),
                    "SyncLoadBalancerFailed",
                    "Error syncing load balancer: failed to ensure load balancer: no quota",
                ),
            ],
            ": no quota",
            Confidence.PROVEN,
        ),
        ([balanced(created="1m ago"), event(("Service", "web"), "EnsuringLoadBalancer", "x")], "", None),
    ],
)
def test_an_address_from_outside_that_does_not_come(things: list[Thing], words: str, confidence: Any) -> None:
    said = judge(world(things), PENDING)
    assert (words in told(said)[0]) if words else told(said) == []
    assert not words or first(said).confidence is confidence


def copies(*ready: bool, since: str = "1h ago", kind: str = "Deployment") -> list[Thing]:
    return [pod(f"web-{n}", WEB, ok, since, owner=(kind, "web")) for n, ok in enumerate(ready)]


def rolling(reason: str = "ReplicaSetUpdated", kind: str = "Progressing") -> Thing:
    return deployment("web", WEB, 3, status={"conditions": [{"type": kind, "status": "True", "reason": reason}]})


@pytest.mark.parametrize(
    ("things", "partly"),
    [
        (copies(True, False), True),
        (copies(True, True), False),
        (copies(False, False), False),
        (copies(True, False, since="9m ago"), False),
        (copies(True, False, since="11m ago"), True),
        ([*copies(True, False), rolling("NewReplicaSetAvailable")], True),
        ([*copies(True, False), rolling(kind="Available")], True),
        ([*copies(True, False), rolling()], False),
        ([*copies(True, False, kind="StatefulSet"), rolling()], True),
    ],
)
def test_some_of_the_copies_are_down_for_long_and_no_rollout_explains_it(things: list[Thing], partly: bool) -> None:
    assert bool(told(judge(world(things, service("web", WEB)), PARTLY))) is partly
    patient = service("web", WEB, spec={"publishNotReadyAddresses": True})
    assert told(judge(world(things, patient), PARTLY)) == []


def speaks(*ports: Thing) -> Thing:
    return pod("web-1", WEB, container={"ports": list(ports)})


UDP, TCP = ({"containerPort": 8080, "protocol": p} for p in ("UDP", "TCP"))


@pytest.mark.parametrize(
    ("one", "ports", "wrong"),
    [
        (speaks(UDP), [{"port": 80, "targetPort": 8080}], True),
        (speaks(UDP), [{"port": 80, "targetPort": "8080"}], True),
        (speaks({**UDP, "name": "dns"}), [{"port": 80, "targetPort": "dns"}], True),
        (speaks(TCP), [{"port": 80, "targetPort": 8080}], False),
        (speaks({**UDP, "containerPort": 53}), [{"port": 80, "targetPort": 8080}], False),
        (speaks(UDP), [{"port": 80, "targetPort": 8080}, {"port": 80, "targetPort": 8080, "protocol": "UDP"}], False),
        (speaks(UDP), [{"port": 80, "targetPort": 8080}, {"port": 81, "targetPort": 8080, "protocol": "UDP"}], True),
        (speaks(UDP, {**TCP, "containerPort": 9}), [{"port": 80, "targetPort": 8080}], True),
    ],
)
def test_the_protocol_of_a_port_on_both_sides(one: Thing, ports: list[Thing], wrong: bool) -> None:
    assert bool(told(judge(world(one, service("web", WEB, ports)), PROTOCOL))) is wrong


@pytest.mark.parametrize(
    ("line", "wanted"),
    [("Client sent an HTTP request to an HTTPS server.", "HTTPS"), ("all is well", "")],
)
def test_what_a_program_says_of_its_callers_speech(line: str, wanted: str) -> None:
    things = speaks(TCP), service("web", WEB, [{"port": 80, "targetPort": 8080, "name": "http"}]), log("web-1", line)
    said = judge(world(*things), PROTOCOL)
    assert (wanted in told(said)[0]) if wanted else told(said) == []
    assert not wanted or "spec.ports: 80 http" in proof(said)
    probed = event(("Pod", "web-1"), "Unhealthy", "Liveness probe failed: malformed HTTP response", container="app")
    assert told(judge(world(*things, probed), PROTOCOL)) == []


def listens(*lines: str, target: Any = 8080, protocol: str = "TCP", **container: Any) -> str:
    port = {"port": 80, "targetPort": target, "protocol": protocol}
    return world(pod("web-1", WEB, container=container), service("web", WEB, [port]), log("web-1", *lines))


METRICS = {"name": "metrics", "containerPort": 9100}


@pytest.mark.parametrize(
    ("things", "words"),
    [
        (listens(ports=[{"containerPort": 80}]), "listens on 80"),
        (listens("listening on port 3000"), "listens on 3000 (containerPort none)"),
        (listens("listening on port 8080", ports=[{"containerPort": 80}]), ""),
        (listens(ports=[{"containerPort": 8080}]), ""),
        (listens(ports=[{"containerPort": 80}], args=["--port=8080"]), ""),
        (listens(), ""),
        (listens(ports=[METRICS]), ""),
        (listens(ports=[{"containerPort": 80, "protocol": "UDP"}]), ""),
        (listens(target="8080", ports=[{"containerPort": 80}]), "listens on 80"),
        (listens(target="web", ports=[{"name": "web", "containerPort": 80}]), ""),
        (listens(target="web"), "(it declares none)"),
    ],
)
def test_where_a_program_listens(things: str, words: str) -> None:
    said = judge(things, PORT)
    assert (words in told(said)[0]) if words else told(said) == []


def test_how_sure_a_wrong_port_is_and_what_is_put_in_its_place() -> None:
    def of(*lines: str, **more: Any) -> tuple[Confidence, str]:
        finding = first(judge(listens(*lines, **more), PORT))
        return finding.confidence, finding.remedies[0].command.rpartition('"value": ')[2].rstrip("}]'")

    both = [{"containerPort": 80}, METRICS]
    assert of(ports=both) == (Confidence.POSSIBLE, "80")
    assert of("listening on port 3000", ports=both) == (Confidence.LIKELY, "3000")
    assert of(ports=both, readinessProbe={"httpGet": {"port": 80}}) == (Confidence.LIKELY, "80")
    assert of(ports=both, readinessProbe={"httpGet": {"port": 9100}}) == (Confidence.POSSIBLE, "80")
    assert of(target="htp", ports=[METRICS, {"name": "http", "containerPort": 80}]) == (Confidence.PROVEN, '"http"')
    assert of(target="web", ports=[{"containerPort": 80}]) == (Confidence.PROVEN, "80")
    many = [{"containerPort": 80}, {"name": "grpc", "containerPort": 81}]
    assert of(target="web", ports=many) == (Confidence.PROVEN, "")


def test_pods_without_a_port_and_services_without_pods_tell_nothing() -> None:
    assert told(judge(world(service("web", WEB)), PORT, PROTOCOL)) == []


@pytest.mark.parametrize(
    ("selector", "things", "words"),
    [
        ({"app": "wbe"}, [pod("web-1", WEB)], "selects app=wbe, but the pods of web-1 carry app=web"),
        ({"app": "web", "role": "master"}, [pod("web-1", WEB)], ""),
        ({"app": "web", "role": "batch"}, [pod("web-1", WEB)], "carry app=web"),
        ({"app": "web", "tier": "master"}, [pod("web-1", WEB)], "carry app=web"),
        ({"app": "zzz", "x": "y"}, [pod("web-1", WEB)], "no pod or workload in shop has these labels"),
        ({"app": "web"}, [deployment("web", WEB, 0)], "is scaled to 0 replicas"),
        ({"app": "web"}, [deployment("web", WEB, 2)], "which should have 2 pods, has none"),
        ({"app": "web"}, [deployment("web", WEB, 2), pod("web-1", {"a": "b"}, owner=("Deployment", "web"))], ""),
        ({"app": "web"}, [pod("web-1", WEB)], ""),
    ],
)
def test_whom_a_selector_misses(selector: Thing, things: list[Thing], words: str) -> None:
    said = told(judge(world(things, service("web", selector)), NOBODY))
    assert (words in said[0]) if words else said == []


def test_a_workload_that_another_service_selects_was_less_likely_meant() -> None:
    free, taken = deployment("weba", {"app": "weba"}), deployment("webb", {"app": "webb"})
    said = told(judge(world(free, taken, service("mine", {"app": "weba"}), service("web", {"app": "webx"})), NOBODY))
    assert any("the pods of webb carry app=webb" in words for words in said)


def routed(**more: Any) -> list[Thing]:
    return [*gateway("orders-archive", **more), ARCHIVE]


def test_a_route_to_a_neighbour_is_likely_once_its_own_log_complains_of_it() -> None:
    assert first(judge(world(routed()), ROUTE)).confidence is Confidence.POSSIBLE
    other = log(
        "gateway", 'connect() failed, upstream: "http://billing:8080/"', "dial tcp: lookup billing: no such host"
    )
    assert first(judge(world(routed(), other), ROUTE)).confidence is Confidence.POSSIBLE
    stranger = log("stranger", "dial tcp: lookup orders-archive on 10.96.0.10:53: no such host")
    assert first(judge(world(routed(), pod("stranger"), stranger), ROUTE)).confidence is Confidence.POSSIBLE
    said = judge(world(routed(), FAILED), ROUTE)
    assert first(said).confidence is Confidence.LIKELY
    assert len(proof(said)) == 2
    assert [ref.name for ref in first(said).pods] == ["gateway", "gateway", "orders"]


@pytest.mark.parametrize("to", ["payments", "order"])
def test_a_route_to_a_service_of_another_name_is_intent(to: str) -> None:
    other = service(to, {"app": to})
    assert told(judge(world(gateway(to), other), ROUTE)) == []


def test_a_route_whose_path_names_no_service_is_intent() -> None:
    things = gateway("orders-archive")[:2]
    assert told(judge(world(things, ARCHIVE), ROUTE)) == []


@pytest.mark.parametrize(
    ("path", "to", "there", "told_of"),
    [
        ("/api/orders", "orders-archive", ("orders", "orders-archive"), True),
        ("/api/orders", "old-orders", ("orders", "old-orders"), True),
        ("/api/orders-v2", "orders", ("orders", "orders-v2"), True),
        ("/api/orders", "orders", ("orders",), False),
        ("/api/orders", "payments", ("orders", "payments"), False),
        ("/api/orders", "orders-archive", ("orders-archive",), False),
        ("/api/orders", "orders-archive", ("orders",), False),
        ("/", "orders-archive", ("orders", "orders-archive"), False),
    ],
)
def test_an_ingress_that_sends_a_path_to_the_neighbour_of_its_service(
    path: str, to: str, there: tuple[str, ...], told_of: bool
) -> None:
    one = ingress("shop", [("shop.example.com", path, to, 80)])
    assert bool(told(judge(world(one, [service(n, {"app": n}) for n in there]), ROUTE))) is told_of


def backend(*things: Thing, port: int | str = 80) -> list[str]:
    return told(judge(world(ingress("shop", [("shop.example.com", "/", "web", port)]), *things), BACKEND))


def test_the_door_of_a_backend_by_number_and_by_name() -> None:
    ready = pod("web-1", WEB)
    assert backend(service("web", WEB), ready) == []
    assert "port 81" in backend(service("web", WEB), ready, port=81)[0]
    named = service("web", WEB, [{"name": "http", "port": 80, "targetPort": 8080}])
    assert backend(named, ready, port="http") == []
    assert "port https" in backend(named, ready, port="https")[0]
    assert "offers only port none" in backend(service("web", WEB, spec={"ports": []}), ready)[0]


def test_a_backend_without_a_ready_pod_is_broken() -> None:
    assert len(backend(service("web", WEB), pod("web-1", WEB, False))) == 1
    assert len(backend(service("web", WEB))) == 1
    assert backend(service("web", None)) == []


def test_why_no_copy_is_ready_is_proof() -> None:
    said = judge(world(service("web", WEB), pod("web-1", WEB, False)), NO_READY)
    assert any("Ready" in line for line in proof(said))
    unknown = pod("web-1", WEB, False)
    unknown["status"]["conditions"] = []
    assert any(line.endswith("absent") for line in proof(judge(world(service("web", WEB), unknown), NO_READY)))
    patient = service("web", WEB, spec={"publishNotReadyAddresses": True})
    assert told(judge(world(patient, pod("web-1", WEB, False)), NO_READY)) == []
    assert told(judge(world(service("web", WEB)), NO_READY)) == []
