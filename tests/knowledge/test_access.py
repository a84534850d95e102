"""The policy file: what it grants, what it does not, and which files are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.access import ROLES, Policy, PolicyError, Rule, Who

JANE = Who("U0JANE", "jane@example.com", frozenset({"S0SRE", "sre"}))
LEE = Who("U0LEE", "lee@example.com")
GUEST = Who("U0GUEST", "guest@elsewhere.example", stranger=True)


def rule(**fields: object) -> Policy:
    lines = "\n".join(f"  {name}: {value}" for name, value in fields.items())
    return Policy.parse(f"rules:\n-\n{lines}\n")


def test_without_a_file_everybody_but_a_stranger_may_ask_and_nobody_may_change_anything() -> None:
    policy = Policy.open()
    assert policy.may("ask", LEE, cluster="shop")
    assert not policy.may("ask", GUEST, cluster="shop")
    assert not any(policy.may(role, JANE, cluster="shop", owner="U0JANE") for role in ("fix", "approve", "admin"))
    assert policy.roles(LEE) == {"ask"}


def test_an_empty_list_of_rules_grants_nothing_to_anybody() -> None:
    policy = Policy.parse("rules: []")
    assert not policy.may("ask", JANE, cluster="shop")
    assert policy.roles(JANE) == frozenset()


@pytest.mark.parametrize(
    "name", ["U0JANE", "S0SRE", '"@sre"', "jane@example.com", "JANE@Example.COM", '"*@example.com"'], ids=str
)
def test_a_person_is_named_by_id_group_handle_or_address(name: str) -> None:
    policy = rule(may="[fix]", who=f"[{name}]")
    assert policy.may("fix", JANE, cluster="shop")
    assert not policy.may("fix", Who("U0OTHER", "jane@example.com.evil.example"), cluster="shop")


def test_a_login_name_is_a_person_of_the_terminal() -> None:
    policy = rule(may="[fix]", who="[jane]")
    assert policy.may("fix", Who("jane"), cluster="shop")
    assert not policy.may("fix", JANE, cluster="shop")


def test_somebody_without_an_address_or_a_group_is_nobody_elses() -> None:
    nobody = Who("U0NEW")
    assert not rule(may="[fix]", who='["*@example.com", "@sre", S0SRE]').may("fix", nobody, cluster="shop")
    assert not rule(may="[fix]", members="true").may("fix", nobody, cluster="shop", members=("", ""), owner="")


def test_a_handle_is_no_login_and_a_login_no_handle() -> None:
    assert not rule(may="[fix]", who='["@sre"]').may("fix", Who("sre"), cluster="shop")
    assert not rule(may="[fix]", who="[sre]").may("fix", JANE, cluster="shop")


def test_a_role_that_changes_things_includes_asking_and_nothing_else() -> None:
    policy = rule(may="[approve]", who="[U0JANE]", clusters="[shop]")
    assert [role for role in ROLES if policy.may(role, JANE, cluster="shop")] == ["ask", "approve"]
    assert not policy.may("ask", JANE, cluster="pay")
    assert policy.roles(JANE) == {"ask", "approve"}
    assert policy.roles(LEE) == frozenset()


def test_a_rule_reaches_the_clusters_zones_and_namespaces_that_it_names() -> None:
    policy = rule(may="[fix]", who="everybody", clusters='["shop-*"]', zones="[kr-1]", namespaces="[cart]")
    assert policy.may("fix", LEE, cluster="shop-prod", zone="kr-1", namespace="cart")
    assert not policy.may("fix", LEE, cluster="pay-prod", zone="kr-1", namespace="cart")
    assert not policy.may("fix", LEE, cluster="shop-prod", zone="kr-2", namespace="cart")
    assert not policy.may("fix", LEE, cluster="shop-prod", zone="kr-1", namespace="kube-system")


def test_a_rule_for_a_namespace_does_not_reach_the_whole_cluster() -> None:
    policy = rule(may="[ask]", who="everybody", namespaces="[cart]")
    assert not policy.may("ask", LEE, cluster="shop", namespace="")


def test_members_may_on_the_clusters_that_the_inventory_gives_them() -> None:
    policy = rule(may="[fix]", members="true")
    assert policy.may("fix", LEE, cluster="shop", owner="lee@example.com")
    assert policy.may("fix", LEE, cluster="shop", members=("U0LEE",))
    assert policy.may("fix", JANE, cluster="shop", members=("@sre",))
    assert not policy.may("fix", LEE, cluster="shop", owner="jane@example.com", members=("@sre",))
    assert policy.names_groups


def test_members_narrows_a_rule_that_also_says_who() -> None:
    policy = rule(may="[fix]", who='["*@example.com"]', members="true")
    assert policy.may("fix", LEE, cluster="shop", members=("U0LEE",))
    assert not policy.may("fix", LEE, cluster="shop")
    assert not policy.may("fix", Who("U0X", "x@elsewhere.example"), cluster="shop", members=("U0X",))


def test_groups_are_looked_up_only_for_a_policy_that_names_some() -> None:
    assert rule(may="[ask]", who="[S0SRE]").names_groups
    assert rule(may="[ask]", who='["@sre"]').names_groups
    assert not rule(may="[ask]", who="[U0JANE, jane@example.com]").names_groups


BROKEN = {
    "": "The file is empty. Write `rules: []` when nobody may do anything.",
    "# nothing\n": "The file is empty. Write `rules: []` when nobody may do anything.",
    "rules:\n- may: [ask\n": "Line 3 is not YAML: expected ',' or ']', but got '<stream end>'.",
    "rules:\n- may: [ask]\n  who: everybody\n  cluster: [shop]\n": (
        "Line 4: `cluster` is not known; known are may, who, members, clusters, zones, namespaces."
    ),
    "rule: []": "Line 1: `rule` is not known; known are rules.",
    "{}": "Line 1: `rules` is missing.",
    "rules: everything": "Line 1: `rules` is a list.",
    "[]": "Line 1: expected fields (rules).",
    "rules:\n- may: [ask]": "Line 2: `who` is missing.",
    "rules:\n- who: everybody": "Line 2: `may` is missing.",
    "rules:\n- may: [ask]\n  members: false": "Line 2: `who` is missing.",
    "rules:\n- may: [ask]\n  members: yes": "Line 3: `members` is true or false.",
    "rules:\n- may: [aks]\n  who: everybody": "Line 2: `aks` does not fit in `may`.",
    "rules:\n- may: ask\n  who: everybody": "Line 2: `may` is a list.",
    "rules:\n- may: []\n  who: everybody": "Line 2: `may` is an empty list.",
    "rules:\n- may: [fix]\n  who: ['*']": "Line 3: `*` does not fit in `who`.",
    "rules:\n- may: [fix]\n  who: everyone": "Line 3: `who` is a list.",
    "rules:\n- may: [fix]\n  who: ['j*@example.com']": "Line 3: `j*@example.com` does not fit in `who`.",
    "rules:\n- may: [fix]\n  who: []": "Line 3: `who` is an empty list.",
    "rules:\n- may: [fix]\n  who: everybody\n  clusters: []": "Line 4: `clusters` is an empty list.",
    "rules:\n- may: [fix]\n  who: everybody\n  clusters: [a]\n  clusters: [b]": "Line 5: `clusters` stands twice.",
    "rules:\n- may: [fix]\n  who:\n  - U0JANE\n  - {}": "Line 5: `` does not fit in `who`.",
    "rules: \x00": "This is not a text file in YAML.",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_file_that_is_not_understood_is_refused_by_line(text: str) -> None:
    with pytest.raises(PolicyError) as caught:
        Policy.parse(text)
    assert str(caught.value) == BROKEN[text]


names = st.sampled_from(["U0JANE", "U0LEE", "@sre", "S0SRE", "*@example.com", "lee@example.com"])
grounds = st.lists(st.sampled_from(["shop", "sh*", "pay", "*"]), max_size=2).map(tuple)
rules = st.builds(
    Rule,
    may=st.lists(st.sampled_from(ROLES), min_size=1, max_size=2).map(tuple),
    who=st.lists(names, max_size=2).map(tuple),
    everybody=st.booleans(),
    members=st.booleans(),
    clusters=grounds,
    zones=grounds,
    namespaces=grounds,
)
places = st.sampled_from(["shop", "pay", "", "shower"])
people = st.sampled_from([JANE, LEE, GUEST, Who("U0NEW")])


@given(
    st.lists(rules, max_size=4),
    st.integers(0, 3),
    st.sampled_from(ROLES),
    people,
    places,
    places,
    places,
    st.booleans(),
)
def test_taking_a_rule_away_never_grants(
    given_rules: list[Rule], gone: int, role: str, person: Who, cluster: str, zone: str, namespace: str, own: bool
) -> None:
    whole, less = Policy(tuple(given_rules)), Policy(tuple(given_rules[:gone] + given_rules[gone + 1 :]))
    owner = person.id if own else ""
    if less.may(role, person, cluster=cluster, zone=zone, namespace=namespace, owner=owner):
        assert whole.may(role, person, cluster=cluster, zone=zone, namespace=namespace, owner=owner)
    assert less.roles(person) <= whole.roles(person)


@given(st.lists(rules, max_size=4), st.sampled_from(ROLES), people, places, places, places, st.booleans())
def test_who_may_somewhere_holds_the_role_and_a_stranger_holds_none(
    given_rules: list[Rule], role: str, person: Who, cluster: str, zone: str, namespace: str, own: bool
) -> None:
    policy = Policy(tuple(given_rules))
    if policy.may(role, person, cluster=cluster, zone=zone, namespace=namespace, owner=person.id if own else ""):
        assert role in policy.roles(person)
        assert "ask" in policy.roles(person)
        assert not person.stranger
