"""Policies and the cluster's DNS: what decides, from both sides."""

from typing import Any

import pytest

from knowledge.finding import Confidence
from tests.knowledge.detectors.dns.test_dns import DOWN, LABELS, SLOW, asking, coredns
from tests.knowledge.detectors.network.test_flow_denied import DB, ID, WEB, only
from tests.knowledge.detectors.network.test_policies import NOBODY, policy
from tests.knowledge.detectors.things import (
    Thing,
    denied,
    deployment,
    first,
    log,
    proof,
    service,
    thing,
    told,
    world,
)
from tests.seen import judge

REFUSES = only({"role": "backend"})


@pytest.mark.parametrize(
    ("line", "more", "told_of"),
    [
        ("ERROR connect ETIMEDOUT db:5432", [REFUSES], True),
        ("dial tcp: connect to db:5432: connection refused", [REFUSES], True),
        ("lookup db on 10.96.0.10:53: no such host", [REFUSES], False),
        ("ERROR connect ETIMEDOUT db:9999", [REFUSES], False),
        ("context deadline exceeded", [REFUSES], False),
        ("ERROR connect ETIMEDOUT db:5432", [only({"app": "web"})], False),
        ("ERROR connect ETIMEDOUT basket:5432", [REFUSES], False),
    ],
)
def test_which_complaint_is_a_refusal_by_a_policy(line: str, more: list[Thing], told_of: bool) -> None:
    assert bool(told(judge(world(DB, WEB, log("web-1", line), more), ID))) is told_of


def test_the_rule_that_nearly_fits_is_proof_or_that_there_is_none() -> None:
    stuck = log("web-1", "ERROR connect ETIMEDOUT db:5432")
    near = judge(world(DB, WEB, stuck, REFUSES), ID)
    assert proof(near)[0] == "spec.ingress[0].from: podSelector role=backend"
    shut = policy("db-shut", "Ingress", [], {"matchLabels": {"app": "db"}})
    said = judge(world(DB, WEB, stuck, shut), ID)
    assert proof(said)[0] == "spec.ingress: no rule"
    assert told(said)[0].endswith("no rule allows it.")


EGRESS = policy("closed", "Egress", [])


@pytest.mark.parametrize(
    ("line", "more", "told_of"),
    [
        ("ERROR dial tcp 203.0.113.9:443: i/o timeout", [EGRESS], True),
        ("ERROR connect ETIMEDOUT api.stripe.com:443", [EGRESS], True),
        ("ERROR dial tcp 203.0.113.9:443: connect: connection refused", [EGRESS], False),
        ("ERROR dial tcp 10.0.9.9:443: i/o timeout", [EGRESS], False),
        ("ERROR dial tcp 192.168.9.9:443: i/o timeout", [EGRESS], False),
        ("ERROR connect ETIMEDOUT basket:443", [EGRESS], False),
        ("ERROR dial tcp 203.0.113.9:443: i/o timeout", [], False),
        ("ERROR dial tcp 203.0.113.9:443: i/o timeout", [policy("open", "Egress", [{}])], False),
    ],
)
def test_what_lies_outside_is_refused_by_an_egress_policy_alone(line: str, more: list[Thing], told_of: bool) -> None:
    assert bool(told(judge(world(WEB, log("web-1", line), more), ID))) is told_of


@pytest.mark.parametrize(
    ("selector", "things", "told_of"),
    [
        ({"matchLabels": {"app": "wbe"}}, [WEB], True),
        ({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}, [WEB], True),
        ({"matchLabels": {"app": "web"}}, [WEB], False),
        ({"matchLabels": {"app": "web"}}, [deployment("web", {"app": "web"}, 0)], False),
        ({}, [WEB], False),
        ({"matchLabels": {"app": "wbe"}}, [], False),
        ({"matchLabels": {"app": "wbe"}}, [WEB, denied("pods")], False),
        ({"matchLabels": {"app": "wbe"}}, [deployment("web", {"app": "web"}), denied("pods")], False),
    ],
)
def test_a_policy_that_protects_nobody(selector: Thing, things: list[Thing], told_of: bool) -> None:
    assert bool(told(judge(world(policy("p", "Ingress", [], selector), things), NOBODY))) is told_of


SERVFAIL = "lookup redis: SERVFAIL from the server, no such host"
BY_IP = "dial udp 10.96.0.10: i/o timeout"


def asked(*lines: str, dns: Any = None) -> list[str]:
    callers = [asking(f"web-{n}", line, owner=("StatefulSet", f"web{n}")) for n, line in enumerate(lines)]
    return told(judge(world(coredns() if dns is None else dns, *callers), DOWN))


@pytest.mark.parametrize(
    ("lines", "told_of"),
    [
        ((SLOW, SLOW), True),
        ((SLOW,), False),
        (("getaddrinfo EAI_AGAIN redis", "getaddrinfo EAI_AGAIN redis"), True),
        (("lookup redis on 10.96.0.10:53: no such host",) * 2, False),
        (("dial tcp 10.0.0.1:5432: i/o timeout",) * 2, False),
    ],
)
def test_several_whose_resolver_does_not_answer(lines: tuple[str, ...], told_of: bool) -> None:
    assert bool(asked(*lines)) is told_of


def test_without_a_dns_service_a_time_out_is_known_by_its_port() -> None:
    pods = [thing_ for thing_ in coredns() if thing_["kind"] == "Pod"]
    said = judge(world(pods, asking("a", SLOW), asking("b", SLOW)), DOWN)
    assert first(said).subject.name == "kube-dns"
    bare = {**service("kube-dns", LABELS, namespace="kube-system", labels=LABELS)}
    assert (
        told(judge(world(pods, bare, asking("a", "dial tcp 10.0.0.1:5432: i/o timeout"), asking("b", "x")), DOWN)) == []
    )


def test_whether_dns_is_off_or_only_unread() -> None:
    off = coredns(replicas=0)
    assert len(told(judge(world(off), DOWN))) == 1
    assert told(judge(world(off, denied("pods")), DOWN)) == []
    assert told(judge(world(off[:1]), DOWN)) == []
    running = deployment("coredns", LABELS, 2, namespace="kube-system")
    assert told(judge(world(running, off[1]), DOWN)) == []
    daemon = {**thing("DaemonSet", "agent", "kube-system", spec={"template": {"metadata": {"labels": LABELS}}})}
    assert len(told(judge(world(daemon, off), DOWN))) == 1


def test_the_state_of_each_dns_pod_is_proof_and_the_first_complaint_the_time() -> None:
    down = coredns(False)
    assert proof(judge(world(down), DOWN)) == ["status.conditions[Ready].status: False"]
    unknown = coredns(False)
    unknown[2]["status"]["conditions"] = []
    assert proof(judge(world(unknown), DOWN)) == ["status.conditions[Ready].status: absent"]
    assert first(judge(world(down), DOWN)).confidence is Confidence.PROVEN
