"""Programs that fail because of what they call: the object to be mended is the headline, the caller stands under it."""

import pytest

from knowledge.finding import Ref
from tests.knowledge.chains.chain import Thing, complaining, crashing, headline, node, runs, workload
from tests.knowledge.detectors.things import denied, event, log, pod, service, thing

REFUSED = "error: dial tcp 10.96.3.4:8080: connect: connection refused (cart:8080)"
FRONT = ["starting", "error: connect ECONNREFUSED cart:8080"]
CART = service("cart", {"app": "cart"}, [{"port": 8080, "targetPort": 8080}])
DECLARED = {"ports": [{"containerPort": 8080}]}


def test_a_dependency_that_was_scaled_to_zero() -> None:
    name, says, under = headline(crashing("front", *FRONT), runs("cart", replicas=0), CART, about=workload("front"))
    assert name == "dep-down"
    assert "Deployment cart is scaled to 0 replicas" in says
    assert "pod-crashloop-app-exit" in under


def test_a_dependency_whose_image_does_not_exist() -> None:
    text = 'Failed to pull image "registry.example.com/cart:9": manifest for cart:9 not found'
    waits = {"state": {"waiting": {"reason": "ImagePullBackOff", "message": f"Back-off pulling image: {text}"}}}
    image = {"image": "registry.example.com/cart:9", **DECLARED}
    cart = runs("cart", ready=False, container=image, state=waits, status={"phase": "Pending"})
    failed = event(("Pod", "cart-6d4cf56db6-abcde"), "Failed", text, 5)
    name, says, under = headline(crashing("front", *FRONT), cart, CART, failed, about=workload("front"))
    assert name == "image-pull-not-found"
    assert "cart:9" in says
    assert {"pod-crashloop-app-exit", "dep-down"} <= under


def test_a_dependency_that_is_killed_at_its_memory_limit() -> None:
    end = {"exitCode": 137, "reason": "OOMKilled", "startedAt": "5m ago", "finishedAt": "3m ago"}
    limit = {"resources": {"limits": {"memory": "20Mi"}}, **DECLARED}
    state = {"restartCount": 9, "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": end}}
    cart = runs("cart", ready=False, container=limit, state=state)
    name, says, under = headline(crashing("front", *FRONT), cart, CART, about=workload("front"))
    assert name == "pod-oomkilled"
    assert "20Mi" in says
    assert "pod-crashloop-app-exit" in under


def test_a_dependency_whose_command_does_not_exist() -> None:
    text = 'exec: "wge": executable file not found in $PATH'
    end = {"exitCode": 128, "reason": "StartError", "message": text, "finishedAt": "3m ago"}
    state = {"restartCount": 5, "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": end}}
    cart = runs("cart", ready=False, container={"command": ["wge"], **DECLARED}, state=state)
    name, says, _ = headline(crashing("front", *FRONT), cart, CART, about=workload("front"))
    assert name == "pod-start-command-failed"
    assert "wge" in says


def test_an_address_in_the_environment_that_names_another_port() -> None:
    front = crashing(
        "front",
        "error: connect ECONNREFUSED cart:7070",
        container={"env": [{"name": "CART_ADDR", "value": "cart:7070"}]},
    )
    name, says, under = headline(front, runs("cart", container=DECLARED), CART, about=workload("front"))
    assert name == "dep-address-wrong"
    assert "CART_ADDR=cart:7070" in says
    assert "pod-crashloop-app-exit" in under


def test_a_service_that_forwards_to_another_port_than_the_new_image_listens_on() -> None:
    cart = [
        *runs("cart", container={"ports": [{"containerPort": 8090}]}),
        log("cart-6d4cf56db6-abcde", "server listening on :8090"),
    ]
    name, says, under = headline(crashing("front", *FRONT), cart, CART, about=workload("front"))
    assert name == "svc-targetport-mismatch"
    assert "targetPort 8080" in says
    assert "8090" in says
    assert "pod-crashloop-app-exit" in under


def test_a_database_that_is_read_only() -> None:
    orders = crashing(
        "orders",
        "ERROR 1290 (HY000): The MySQL server is running with the --read-only option (db:3306)",
        container={"env": [{"name": "DB_HOST", "value": "db"}]},
    )
    db = runs("db", container={"args": ["--read-only=1"], "ports": [{"containerPort": 3306}]})
    name, says, under = headline(orders, db, service("db", {"app": "db"}, [{"port": 3306}]), about=workload("orders"))
    assert name == "dep-refuses-work"
    assert "db is up but refuses work: it is read-only" in says
    assert "pod-crashloop-app-exit" in under


TIMEOUT = "error: dial tcp: cart:8080: i/o timeout"
SHUT = thing(
    "NetworkPolicy",
    "cart-guard",
    created="10m ago",
    spec={
        "podSelector": {"matchLabels": {"app": "cart"}},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": [{"podSelector": {"matchLabels": {"role": "backend"}}}]}],
    },
)


def test_a_network_policy_in_the_way() -> None:
    name, says, under = headline(
        crashing("front", TIMEOUT), runs("cart", container=DECLARED), CART, SHUT, about=workload("front")
    )
    assert name == "net-flow-denied"
    assert "NetworkPolicy cart-guard (ingress) forbids front to reach Service cart" in says
    assert "pod-crashloop-app-exit" in under


def test_a_policy_that_shuts_the_door_to_the_dns() -> None:
    tight = thing(
        "NetworkPolicy",
        "tight",
        spec={
            "podSelector": {"matchLabels": {"app": "front"}},
            "policyTypes": ["Egress"],
            "egress": [{"to": [{"podSelector": {"matchLabels": {"app": "cart"}}}]}],
        },
    )
    line = "error: dial tcp: lookup cart on 10.96.0.10:53: read udp 10.1.1.1:3->10.96.0.10:53: i/o timeout"
    name, says, under = headline(
        crashing("front", line), runs("cart", container=DECLARED), CART, tight, about=workload("front")
    )
    assert name == "net-policy-blocks-dns"
    assert "NetworkPolicy tight (egress) keeps front from looking up names" in says
    assert "pod-crashloop-app-exit" in under


def test_a_cluster_dns_that_is_down() -> None:
    line = "dial tcp: lookup cart on 10.96.0.10:53: read udp 10.1.1.1:3->10.96.0.10:53: i/o timeout"
    labels = {"k8s-app": "kube-dns"}
    state = {"restartCount": 8, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
    owner = thing(
        "Deployment",
        "coredns",
        "kube-system",
        spec={"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}},
    )
    dns = pod("coredns-1", labels, ready=False, namespace="kube-system", state=state, owner=("Deployment", "coredns"))
    dns["metadata"]["ownerReferences"][0]["controller"] = True
    name, says, under = headline(crashing("front", line), crashing("back", line), owner, dns, about=workload("front"))
    assert name == "dns-resolution-failing"
    assert "The cluster's DNS is down" in says
    assert "pod-crashloop-app-exit" in under


def broker(*nodes: Thing) -> list[Thing]:
    """A broker whose only pod is waiting for a node, and three callers that restart."""
    waits = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "lastTransitionTime": "10m ago",
        "message": "0/1 nodes are available: 1 node(s) were unschedulable.",
    }
    spec = {"nodeName": ""}
    kafka = runs(
        "kafka", ready=False, spec=spec, status={"phase": "Pending", "conditions": [waits], "containerStatuses": []}
    )
    line = "error: Connection to node -1 (kafka/10.96.0.9:9092) could not be established. Broker may not be available."
    callers = [one for name in ("billing", "audit", "mailer") for one in crashing(name, line)]
    return [*kafka, *callers, *nodes, service("kafka", {"app": "kafka"}, [{"port": 9092}])]


@pytest.mark.parametrize("caller", ["billing", "audit", "mailer"])
def test_callers_that_restart_together_because_their_broker_waits_for_the_drained_node(caller: str) -> None:
    drained = node("node-1", spec={"unschedulable": True})
    name, says, under = headline(broker(drained), about=workload(caller))
    assert name in ("sched-taints", "node-taint-or-cordon-forgotten")
    assert "node-1" in says
    assert {"pod-crashloop-app-exit", "dep-down"} <= under


def test_an_entrance_whose_service_has_a_crashing_program_behind_it() -> None:
    front = {"ports": [{"containerPort": 8080}]}
    cart = crashing("cart", "panic: config: missing key CART_TTL", container=front)
    entrance = thing(
        "Ingress",
        "shop",
        spec={
            "ingressClassName": "nginx",
            "rules": [
                {
                    "host": "shop.example.com",
                    "http": {
                        "paths": [
                            {
                                "path": "/cart",
                                "pathType": "Prefix",
                                "backend": {"service": {"name": "cart", "port": {"number": 8080}}},
                            }
                        ]
                    },
                }
            ],
        },
    )
    name, says, under = headline(cart, CART, entrance, about=Ref("Ingress", "shop", "shop"))
    assert name == "pod-crashloop-app-exit"
    assert "missing key CART_TTL" in says
    assert {"svc-no-ready-endpoints", "ingress-backend-broken"} <= under


def test_a_caller_whose_log_complains_while_it_runs() -> None:
    name, says, _ = headline(complaining("front", *FRONT), runs("cart", replicas=0), CART, about=workload("front"))
    assert name == "dep-down"
    assert "cart is scaled to 0" in says


def test_without_logs_the_caller_is_told_to_crash_and_no_neighbour_is_accused() -> None:
    name, says, _ = headline(
        crashing("front", *FRONT),
        runs("cart", container=DECLARED),
        CART,
        SHUT,
        denied("pods/log"),
        about=workload("front"),
    )
    assert name == "pod-crashloop-app-exit"
    assert "was not there to read" in says


def test_many_that_restart_together_over_one_dependency_are_one_storm_under_its_cause() -> None:
    names = ("billing", "audit", "mailer", "stock", "quotes")
    things = [
        one
        for name in names
        for one in crashing(
            name,
            "error: connect ECONNREFUSED cart:8080",
            container={"image": f"registry.example.com/{name}:1"},
            spec={"nodeName": f"node-{name}"},
        )
    ]
    name, _, under = headline(things, runs("cart", replicas=0), CART, about=workload("billing"))
    assert name == "dep-down"
    assert "restart-storm" in under
