"""Whose pod a name belongs to, and which existing name somebody meant."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.reading.names import distance, nearest, workload_of

LETTERS = "bcdfghjklmnpqrstvwxz2456789"
WORKLOADS = st.from_regex(r"[a-z]([a-z0-9]{0,8}-)?[a-z]{1,8}", fullmatch=True)


@pytest.mark.parametrize(
    ("pod", "workload", "kind"),
    [
        ("order-worker-6c9d7f5b8d-x7k2p", "order-worker", "Deployment"),
        ("cart-bff-5d4c7b8f9-8jr6k", "cart-bff", "Deployment"),
        ("pay-7c9d8f6b5d-x2x1z", "pay", "Deployment"),
        ("ledger-writer-2", "ledger-writer", "StatefulSet"),
        ("redis-0", "redis", "StatefulSet"),
        ("billing-batch-28906020-7wq5d", "billing-batch", "CronJob"),
        ("some-pod-xfce", "some-pod-xfce", "Unknown"),
        ("map-tile-03", "map-tile-03", "Unknown"),
        ("web", "web", "Unknown"),
    ],
)
def test_a_pods_name_tells_its_workload(pod: str, workload: str, kind: str) -> None:
    read = workload_of(pod)
    assert (read.name, read.workload, read.kind) == (pod, workload, kind)


def test_one_suffix_may_be_a_daemonsets_or_a_jobs_pod() -> None:
    read = workload_of("vector-agent-x7k2p")
    assert read.kind == "Unknown"
    assert read.candidates[:2] == (("vector-agent", "DaemonSet"), ("vector-agent", "Job"))


@given(WORKLOADS, st.text(LETTERS, min_size=8, max_size=10), st.text(LETTERS, min_size=5, max_size=5))
def test_what_a_replicaset_names_belongs_to_its_deployment(workload: str, template: str, pod: str) -> None:
    if template.isdigit():
        return
    assert workload_of(f"{workload}-{template}-{pod}").workload == workload


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("checkotu", "checkout"),
        ("Checkout", "checkout"),
        ("order_api", "order-api"),
        ("order api", "order-api"),
        ("orderapi", "order-api"),
        ("api-order", "order-api"),
        ("chekcout", "checkout"),
        ("paymnt", "payment-gateway-v2"),
        ("payment", "payment-gateway-v2"),
    ],
)
def test_the_nearest_name_is_what_somebody_meant(said: str, meant: str) -> None:
    there = ["checkout", "order-api", "payment-gateway-v2", "web", "cart"]
    assert nearest(said, there)[0] == meant


def test_the_same_name_goes_before_one_that_holds_it() -> None:
    assert nearest("web", ["my-web", "web-front", "web", "webhook"]) == ("web", "web-front", "my-web")


def test_nothing_is_near_to_a_name_that_has_nothing_in_common() -> None:
    assert nearest("kitchen-robot", ["checkout", "cart", "web"]) == ()
    assert nearest("", ["web"]) == ()


NAMES = st.text(string.ascii_lowercase + "-", max_size=9)


@given(NAMES, NAMES)
def test_distance_is_the_same_both_ways_and_nought_only_for_the_same(one: str, other: str) -> None:
    assert distance(one, other, 20) == distance(other, one, 20)
    assert (distance(one, other, 20) == 0) == (one == other)


@given(st.text(max_size=30), st.lists(st.text(max_size=20), max_size=8), st.integers(0, 5))
def test_near_names_are_some_of_those_that_there_are(said: str, there: list[str], limit: int) -> None:
    found = nearest(said, there, limit)
    assert found == nearest(said, there, limit)
    assert len(found) <= limit
    assert set(found) <= set(there)
