"""A program's complaint is traced to the object that has to be mended."""

from tests.knowledge.detectors.ended import workload
from tests.knowledge.detectors.things import Thing, denied, deployment, event, pod, service, thing, told, unsure, world
from tests.seen import judge

REFUSED = "Error: connect to http://orders:8080/x failed: dial tcp 10.96.1.9:8080: connect: connection refused"
NO_HOST = "fatal: dial tcp: lookup basket on 10.96.0.10:53: no such host"
ORDERS = {"app": "orders"}


def caller(lines: str, **container: object) -> list[Thing]:
    return workload(lines=lines, container=dict(container))


def headline(text: str) -> tuple[str, str]:
    finding = judge(text).causes[0].finding
    return finding.detector.id, finding.subject.name


def test_a_service_that_does_not_exist_is_the_thing_to_mend() -> None:
    said = judge(world(caller(NO_HOST), service("orders", ORDERS)), "dep-service-missing")
    assert "checkout calls `basket`, but no Service basket exists in namespace shop" in told(said)[0]
    assert headline(world(caller(NO_HOST), service("orders", ORDERS))) == ("dep-service-missing", "basket")


def test_a_full_quota_is_told_when_it_is_why() -> None:
    quota = thing("ResourceQuota", "team", status={"hard": {"services": "10"}, "used": {"services": "10"}})
    assert (
        "ResourceQuota team forbids another one (services 10/10)"
        in told(judge(world(caller(NO_HOST), quota), "dep-service-missing"))[0]
    )


def test_a_host_outside_the_cluster_is_no_missing_service() -> None:
    outside = caller("dial tcp: lookup api.stripe.com on 10.96.0.10:53: no such host")
    assert told(judge(world(outside), "dep-service-missing", "dep-address-wrong")) == []


def test_services_that_may_not_be_listed_leave_it_open() -> None:
    names = ("dep-address-wrong", "dep-down", "dep-service-missing")
    assert sorted(unsure(judge(world(caller(NO_HOST), denied("services")), *names))) == sorted(names)


def test_a_port_that_the_service_does_not_offer_is_a_wrong_address() -> None:
    prices = service("prices", {"app": "prices"}, [{"port": 7070}])
    line = "panic: Get http://prices:7071/x: dial tcp 10.96.0.4:7071: connect: connection refused"
    things = caller(line, env=[{"name": "PRICES_ADDR", "value": "prices:7071"}])
    assert (
        "call Service prices on port 7071 (env PRICES_ADDR=prices:7071), but prices offers port 7070"
        in told(judge(world(things, prices), "dep-address-wrong"))[0]
    )
    assert headline(world(things, prices)) == ("dep-address-wrong", "checkout")
    right = service("prices", {"app": "prices"}, [{"port": 7071}])
    assert told(judge(world(things, right), "dep-address-wrong")) == []


def test_a_name_but_for_a_letter_is_a_wrong_address() -> None:
    line = "fatal: dial tcp: lookup oders on 10.96.0.10:53: no such host"
    text = told(judge(world(caller(line), service("orders", ORDERS)), "dep-address-wrong", "dep-service-missing"))
    assert len(text) == 1
    assert "the nearest is orders.shop" in text[0]


def test_a_dependency_scaled_to_zero_is_the_cause_of_its_callers_crash() -> None:
    down = event(("Deployment", "orders"), "ScalingReplicaSet", "Scaled down replica set orders-1 from 2 to 0")
    things = (caller(REFUSED), service("orders", ORDERS, [{"port": 8080}]), deployment("orders", ORDERS, 0), down)
    said = judge(world(*things), "dep-down", "pod-crashloop-app-exit")
    assert said.causes[0].finding.detector.id == "dep-down"
    assert "Deployment orders is scaled to 0 replicas" in told(said)[0]
    assert "pod-crashloop-app-exit" in [f.detector.id for f in said.causes[0].explains]


def test_a_dependency_that_crashes_is_told_by_its_own_cause() -> None:
    orders = workload("orders", lines="Error: LICENSE_FILE is required")
    things = (caller(REFUSED), service("orders", ORDERS, [{"port": 8080}]), orders)
    assert headline(world(*things)) == ("pod-crashloop-app-exit", "orders")


def test_a_dependency_with_a_ready_pod_is_not_down() -> None:
    things = (caller(REFUSED), service("orders", ORDERS, [{"port": 8080}]), deployment("orders", ORDERS))
    ready = pod("orders-1", labels=ORDERS)
    assert told(judge(world(*things, ready), "dep-down")) == []


def test_refused_credentials_name_the_user_and_the_secret() -> None:
    line = 'FATAL: password authentication failed for user "checkout"'
    env = [{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db-auth", "key": "password"}}}]
    text = told(judge(world(caller(line, env=env)), "dep-credentials-refused"))[0]
    assert "the user checkout or password that it was given (from Secret db-auth)" in text
    assert headline(world(caller(line, env=env))) == ("dep-credentials-refused", "checkout")
    assert told(judge(world(caller(REFUSED)), "dep-credentials-refused")) == []
    assert unsure(judge(world(caller(line), denied("pods")), "dep-credentials-refused")) == ("dep-credentials-refused",)


def test_a_read_only_database_is_told_with_the_switch_that_makes_it_so() -> None:
    line = "ERROR: The MySQL server is running with the --read-only option so it cannot execute this statement"
    env = [{"name": "DB_HOST", "value": "orders-db:3306"}]
    database = deployment(
        "orders-db", {"app": "db"}, template={"containers": [{"name": "db", "args": ["--read-only=1"]}]}
    )
    things = (caller(line, env=env), service("orders-db", {"app": "db"}, [{"port": 3306}]), database)
    text = told(judge(world(*things), "dep-refuses-work"))[0]
    assert "orders-db is up but refuses work: it is read-only, so every write fails (set: `--read-only=1`)" in text
    assert headline(world(*things)) == ("dep-refuses-work", "orders-db")
    assert told(judge(world(caller(REFUSED)), "dep-refuses-work")) == []
    assert unsure(judge(world(caller(line), denied("pods")), "dep-refuses-work")) == ("dep-refuses-work",)


def test_two_containers_that_want_one_port_are_both_named() -> None:
    agent = {"name": "metrics-agent", "image": "r.example.com/agent:1", "ports": [{"containerPort": 8080}]}
    app = {"name": "app", "image": "r.example.com/app:1", "ports": [{"containerPort": 8080}]}
    things = workload(lines="listen tcp :8080: bind: address already in use", spec={"containers": [app, agent]})
    text = told(judge(world(things), "port-taken-in-pod"))[0]
    assert "Container app of checkout cannot start because port 8080 is taken by metrics-agent" in text
    assert headline(world(things)) == ("port-taken-in-pod", "checkout")
    alone = workload(lines="listen tcp :8080: bind: address already in use")
    assert told(judge(world(alone), "port-taken-in-pod")) == []
    assert unsure(judge(world(things, denied("pods")), "port-taken-in-pod")) == ("port-taken-in-pod",)


def alias(**fields: object) -> Thing:
    return thing("Service", "erp", spec={"type": "ExternalName", "externalName": "old.corp.example.com"}, **fields)


def test_an_alias_of_a_host_that_is_gone_is_named_with_that_host() -> None:
    lost = caller("fatal: dial tcp: lookup erp on 10.96.0.10:53: no such host")
    said = judge(world(lost, alias()), "dep-external-name")
    assert "an alias (ExternalName) for old.corp.example.com, and that host does not resolve" in told(said)[0]
    assert headline(world(lost, alias())) == ("dep-external-name", "erp")


def test_an_alias_that_nobody_complains_of_is_in_order() -> None:
    assert told(judge(world(caller(NO_HOST), alias()), "dep-external-name")) == []
    assert unsure(judge(world(caller(NO_HOST), denied("services")), "dep-external-name")) == ("dep-external-name",)
