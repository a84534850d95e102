"""NetworkPolicies that shut too much, or select nobody."""

import pytest

from knowledge.finding import Confidence
from tests.knowledge.detectors.things import Thing, denied, log, pod, service, thing, told, unsure, world
from tests.seen import judge

DNS, SHUT, NOBODY = "net-policy-blocks-dns", "net-isolated-by-default-deny", "net-policy-selects-nothing"


def policy(name: str, kind: str, rules: list[Thing], selector: Thing | None = None) -> Thing:
    spec = {"podSelector": selector or {}, "policyTypes": [kind], kind.lower(): rules}
    return thing("NetworkPolicy", name, spec=spec)


WEB = pod("web", {"app": "web"})
LOOKUP = log("web", "dial tcp: lookup redis on 10.96.0.10:53: i/o timeout")
TO_DB = {"to": [{"podSelector": {"matchLabels": {"app": "db"}}}], "ports": [{"port": 5432}]}
TO_DNS = {"to": [{"namespaceSelector": {}}], "ports": [{"protocol": "UDP", "port": 53}]}


def test_an_egress_policy_without_a_rule_for_lookups_is_named_and_the_log_makes_it_sure() -> None:
    (cause,) = judge(world(WEB, LOOKUP, policy("tight", "Egress", [TO_DB])), DNS).causes
    assert cause.finding.confidence is Confidence.LIKELY
    assert (
        "NetworkPolicy tight (egress) keeps web from looking up names"
        in (told(judge(world(WEB, LOOKUP, policy("tight", "Egress", [TO_DB])), DNS))[0])
    )
    (unproven,) = judge(world(WEB, policy("tight", "Egress", [TO_DB])), DNS).causes
    assert unproven.finding.confidence is Confidence.POSSIBLE


@pytest.mark.parametrize("rules", [[TO_DB, TO_DNS], [{}], [{"to": [{"namespaceSelector": {}}]}]])
def test_a_rule_that_lets_lookups_out_is_in_order(rules: list[Thing]) -> None:
    assert told(judge(world(WEB, LOOKUP, policy("tight", "Egress", rules)), DNS)) == []


def test_another_resolver_or_another_policy_makes_it_no_matter() -> None:
    own = pod("web", {"app": "web"}, spec={"dnsPolicy": "None"})
    assert told(judge(world(own, policy("tight", "Egress", [TO_DB])), DNS)) == []
    assert told(judge(world(WEB, policy("a", "Egress", [TO_DB]), policy("b", "Egress", [TO_DNS])), DNS)) == []
    assert told(judge(world(WEB, policy("in", "Ingress", [])), DNS)) == []


DOOR = service("web", {"app": "web"})


def test_a_workload_that_is_called_and_that_nobody_may_call_is_named() -> None:
    (cause,) = judge(world(WEB, DOOR, policy("deny", "Ingress", [])), SHUT).causes
    assert cause.finding.confidence is Confidence.POSSIBLE
    assert (
        "nobody can reach Service web in namespace shop"
        in (told(judge(world(WEB, DOOR, policy("deny", "Ingress", [])), SHUT))[0])
    )


def test_a_policy_that_another_opens_or_that_guards_nobodys_service_stays_silent() -> None:
    opened = policy("open", "Ingress", [{"from": [{"podSelector": {}}]}], {"matchLabels": {"app": "web"}})
    assert told(judge(world(WEB, DOOR, policy("deny", "Ingress", []), opened), SHUT)) == []
    assert told(judge(world(WEB, policy("deny", "Ingress", [])), SHUT)) == []
    assert told(judge(world(WEB, DOOR), SHUT)) == []


def test_a_selector_that_fits_nobody_is_reported_with_what_it_may_mean() -> None:
    wrong = policy("guard", "Ingress", [{}], {"matchLabels": {"app": "wep"}})
    diagnosis = judge(world(WEB, wrong), NOBODY)
    assert diagnosis.causes == ()
    assert told(diagnosis) == [
        "NetworkPolicy guard in namespace shop selects app=wep, and no pod carries these labels (did you mean "
        "app=web?): it has no effect."
    ]


def test_an_empty_selector_and_an_empty_namespace_are_in_order() -> None:
    assert told(judge(world(WEB, policy("all", "Ingress", [{}])), NOBODY)) == []
    assert told(judge(world(policy("guard", "Ingress", [{}], {"matchLabels": {"app": "x"}})), NOBODY)) == []


@pytest.mark.parametrize("name", [DNS, SHUT, NOBODY])
def test_unread_policies_are_not_told(name: str) -> None:
    assert unsure(judge(world(WEB, DOOR, denied("networkpolicies")), name)) == (name,)
