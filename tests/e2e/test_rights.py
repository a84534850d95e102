"""Accounts that may read a part of a live cluster: the answer comes from that part and says what it could not see."""

from collections.abc import Callable

import pytest

from tests.e2e.live import Outcome, gurumi

pytestmark = pytest.mark.control_plane
QUESTION = "why does checkout keep restarting?"
Account = Callable[..., str]


def put(kubeconfig: str, *words: str) -> Outcome:
    return gurumi(*words, environment={"KUBECONFIG": kubeconfig})


def plain(told: Outcome) -> str:
    return " ".join(f"{told.text} {told.complaint}".split())


@pytest.fixture(scope="module")
def reader(account: Account) -> str:
    """May read everything of namespace shop, which its context names, and nothing else."""
    return account("reader", "*", namespace="shop")


@pytest.fixture(scope="module")
def nameless(account: Account) -> str:
    """The same rights, and a context that names no namespace."""
    return account("reader", "*")


def test_with_the_namespace_named_the_cause_is_found(nameless: str) -> None:
    told = put(nameless, "ask", "why does checkout in namespace shop keep restarting?")
    assert "OOMKilled" in told.first


def test_without_naming_it_the_namespace_of_the_context_is_searched(reader: str) -> None:
    assert "OOMKilled" in put(reader, "ask", QUESTION).first
    assert "PAYMENT_URL" in put(reader, "ask", "orders가 왜 계속 죽어?").first


def test_where_nothing_names_a_namespace_it_is_asked_for(nameless: str) -> None:
    told = put(nameless, "ask", QUESTION, "--format", "json")
    assert told.data["tone"] == "unsure"
    assert "name its namespace" in told.data["headline"]


def test_what_lies_elsewhere_is_not_called_absent(reader: str) -> None:
    told = put(reader, "ask", "why does indexer not start?", "--format", "json")
    assert told.data["tone"] == "unsure"
    assert "I found no indexer in shop, and I may not look anywhere else." in told.data["headline"]


def test_a_whole_cluster_is_looked_at_as_far_as_it_may_be_and_that_is_said(reader: str) -> None:
    told = put(reader, "diagnose", "admin", "--format", "json")
    assert "pod-oomkilled" in told.text
    assert "I may read pods only in shop." in [gap["says"] for gap in told.data["gaps"]]


def test_events_that_may_not_be_read_are_told_and_the_cause_is_still_found(account: Account) -> None:
    kinds = ("pods", "pods/log", "deployments", "replicasets", "services", "statefulsets", "daemonsets")
    told = put(account("no-events", *kinds, namespace="shop"), "ask", QUESTION)
    assert "OOMKilled" in told.first
    assert "I may not read events in shop" in plain(told)


def test_nodes_that_may_not_be_read_are_told(reader: str) -> None:
    told = put(reader, "ask", QUESTION)
    assert "I may not read nodes" in plain(told)


def test_logs_that_may_not_be_read_are_told(account: Account) -> None:
    kinds = ("pods", "events", "deployments", "replicasets", "services", "statefulsets", "daemonsets")
    told = put(account("no-logs", *kinds, namespace="shop"), "ask", "why does orders keep crashing?")
    assert "exit code 1" in told.first
    assert "I may not read logs in shop" in plain(told)


def test_an_account_without_any_right_is_told_that_it_has_none(account: Account) -> None:
    told = put(account("nobody", "limitranges", namespace="shop"), "ask", QUESTION, "--format", "json")
    assert told.data["tone"] in ("unsure", "failed")
    assert "checkout" in told.data["headline"]
    assert "OOMKilled" not in told.text


def test_doctor_names_the_rights_that_are_missing_and_the_rules_that_grant_them(reader: str) -> None:
    told = put(reader, "doctor")
    assert told.status == 1
    assert "MISSING · admin" in plain(told)
    assert "resources: [" in plain(told)


def test_clusters_are_listed_for_anybody(reader: str) -> None:
    assert "answers, Kubernetes 1.37" in plain(put(reader, "clusters", "--check"))
