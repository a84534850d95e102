"""Nobody is named: some services of a namespace are unreachable or restart, and one object explains the others."""

from typing import Any

import pytest

from tests.knowledge.chains.chain import Thing, complaining, crashing, runs
from tests.knowledge.detectors.things import english, event, log, service, thing, world
from tests.seen import judge

PORT = {"ports": [{"containerPort": 8080}]}
CART = service("cart", {"app": "cart"}, [{"port": 8080, "targetPort": 8080}])
LINE = "error: connect ECONNREFUSED cart:8080"


def callers(line: str = LINE, **fields: Any) -> list[Thing]:
    """Two programs that call the cart, one that crashes over it and one that only complains, and one that does not."""
    return [*crashing("frontend", line, **fields), *complaining("checkout", line, **fields), *runs("ads")]


def ended(reason: str, code: int, **end: Any) -> Thing:
    last = {"exitCode": code, "reason": reason, "finishedAt": "3m ago", **end}
    return {"restartCount": 6, "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": last}}


def off() -> list[Thing]:
    return [*callers(), *runs("cart", replicas=0), CART]


def bad_image() -> list[Thing]:
    text = 'Failed to pull image "registry.example.com/cart:9": not found'
    waits = {"state": {"waiting": {"reason": "ImagePullBackOff", "message": text}}}
    image = {"image": "registry.example.com/cart:9", **PORT}
    cart = runs("cart", ready=False, container=image, state=waits, status={"phase": "Pending"})
    return [*callers(), *cart, CART, event(("Pod", "cart-6d4cf56db6-abcde"), "Failed", text, 5)]


def small_limit() -> list[Thing]:
    limit = {"resources": {"limits": {"memory": "16Mi"}}, **PORT}
    return [*callers(), *runs("cart", ready=False, container=limit, state=ended("OOMKilled", 137)), CART]


def bad_command() -> list[Thing]:
    text = 'exec: "./carrt": stat ./carrt: no such file or directory'
    cart = runs(
        "cart", ready=False, container={"command": ["./carrt"], **PORT}, state=ended("StartError", 128, message=text)
    )
    return [*callers(), *cart, CART]


def wrong_address() -> list[Thing]:
    wrong = {"env": [{"name": "CART_ADDR", "value": "cart:7070"}]}
    frontend = crashing("frontend", "error: connect ECONNREFUSED cart:7070", container=wrong)
    return [*frontend, *runs("cart", container=PORT), CART, *runs("ads")]


def wrong_target_port() -> list[Thing]:
    cart = [
        *runs("cart", container={"ports": [{"containerPort": 8090}]}),
        log("cart-6d4cf56db6-abcde", "listening on :8090"),
    ]
    return [*callers(), *cart, CART]


def policy() -> list[Thing]:
    rule = {"from": [{"podSelector": {"matchLabels": {"role": "backend"}}}]}
    spec = {"podSelector": {"matchLabels": {"app": "cart"}}, "policyTypes": ["Ingress"], "ingress": [rule]}
    shut = thing("NetworkPolicy", "cart-guard", created="9m ago", spec=spec)
    return [*callers("error: dial tcp: cart:8080: i/o timeout"), *runs("cart", container=PORT), CART, shut]


def read_only() -> list[Thing]:
    told = {"env": [{"name": "DB_HOST", "value": "db"}]}
    line = "ERROR 1290 (HY000): The MySQL server is running with the --read-only option so it cannot execute (db:3306)"
    db = runs("db", container={"args": ["--read-only=1"], "ports": [{"containerPort": 3306}]})
    return [*callers(line, container=told), *db, service("db", {"app": "db"}, [{"port": 3306}])]


@pytest.mark.parametrize(
    ("things", "detector", "names"),
    [
        (off(), "dep-down", "Deployment cart is scaled to 0"),
        (bad_image(), "image-pull-not-found", "cart:9"),
        (small_limit(), "pod-oomkilled", "cart was OOMKilled"),
        (bad_command(), "pod-start-command-failed", "carrt"),
        (wrong_address(), "dep-address-wrong", "CART_ADDR=cart:7070"),
        (wrong_target_port(), "svc-targetport-mismatch", "Service cart"),
        (policy(), "net-flow-denied", "NetworkPolicy cart-guard"),
        (read_only(), "dep-refuses-work", "db is up but refuses work"),
    ],
    ids=["replicas", "image", "limit", "command", "address", "target port", "policy", "read-only"],
)
def test_one_fault_explains_the_errors_of_the_others(things: list[Thing], detector: str, names: str) -> None:
    diagnosis = judge(world(things))
    assert diagnosis.headline is not None
    assert diagnosis.headline.finding.detector.id == detector
    assert names in english(diagnosis.headline.finding)
    assert "pod-crashloop-app-exit" in {f.detector.id for f in diagnosis.headline.explains}
    assert not [c for c in diagnosis.causes if c.finding.detector.id == "pod-crashloop-app-exit"]


def test_two_faults_that_have_nothing_to_do_with_each_other_are_told_as_two() -> None:
    diagnosis = judge(world(off(), crashing("mailer", "panic: template: mail.html: unexpected end")))
    told = {c.finding.detector.id: english(c.finding) for c in diagnosis.causes}
    assert "cart is scaled to 0" in told["dep-down"]
    assert "mailer" in told["pod-crashloop-app-exit"]


def test_a_namespace_in_which_all_is_well_has_no_cause() -> None:
    assert judge(world(runs("frontend"), runs("cart", container=PORT), CART)).headline is None
