"""Bytes to objects: what fits, what nearly fits, and what is nothing of the kind."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.decode import NotTheKind, decode_list, decode_object, decode_status
from knowledge.objects import KINDS, Event, Pod, Secret
from tests.integrations.server import pod, pod_list

WHOLE = {
    "kind": "Pod",
    "metadata": {
        "name": "cart-1",
        "namespace": "cart",
        "creationTimestamp": "2026-01-15T05:00:00Z",
        "labels": {"app": "cart"},
        "ownerReferences": [{"kind": "ReplicaSet", "name": "cart", "uid": "u", "controller": True}],
    },
    "spec": {
        "nodeName": "node-1",
        "containers": [
            {
                "name": "app",
                "image": "cart:1",
                "ports": [{"containerPort": 80}],
                "resources": {"limits": {"memory": "64Mi", "cpu": 2}},
                "env": [{"name": "MODE", "value": "fast"}],
            }
        ],
        "tolerations": [{"key": "gpu", "tolerationSeconds": 300}],
    },
    "status": {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "False"}],
        "containerStatuses": [{"name": "app", "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}],
    },
}


def as_list(*items: object) -> bytes:
    return json.dumps({"kind": "PodList", "metadata": {}, "items": items}).encode()


def test_a_page_gives_its_objects_and_the_token_of_the_next() -> None:
    page = decode_list(Pod, json.dumps(pod_list(pod("a"), pod("b"), token="next")).encode())
    assert [found.metadata.name for found in page.items] == ["a", "b"]
    assert (page.token, page.unreadable) == ("next", 0)


def test_a_list_of_nothing_is_a_list() -> None:
    assert decode_list(Pod, b'{"kind":"PodList","items":null}').items == ()
    assert decode_list(Pod, b'{"kind":"PodList","items":[]}').items == ()


def test_nulls_everywhere_are_taken_for_absent_fields() -> None:
    bare = {"metadata": {"name": "a", "labels": None, "uid": None}, "spec": None, "status": {"phase": None}}
    page = decode_list(Pod, as_list(bare))
    assert [found.metadata.name for found in page.items] == ["a"]
    assert page.items[0].metadata.labels == {}


def test_numbers_are_quantities_and_digits_are_numbers() -> None:
    odd = json.loads(json.dumps(WHOLE))
    odd["spec"]["containers"][0]["resources"]["limits"]["memory"] = 67108864
    odd["status"]["containerStatuses"][0]["restartCount"] = "3"
    page = decode_list(Pod, as_list(odd))
    assert page.items[0].spec.containers[0].resources.limits["memory"] == 67108864
    assert page.items[0].status.container_statuses[0].restart_count == 3


def test_one_item_that_is_no_pod_is_counted_and_hides_no_other() -> None:
    broken = {"metadata": {"name": "x"}, "spec": {"containers": "none"}}
    page = decode_list(Pod, as_list(WHOLE, "text", 7, None, [], {}, broken, {"metadata": {"name": "z"}}))
    assert [found.metadata.name for found in page.items] == ["cart-1", "z"]
    assert page.unreadable == 6


def test_a_secret_that_needs_a_second_look_keeps_its_keys() -> None:
    body = {"items": [{"metadata": {"name": "s"}, "type": None, "data": {"tls.crt": "AAAA", "gone": None}}]}
    assert decode_list(Secret, json.dumps(body).encode()).items[0].keys == {"tls.crt"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>welcome</html>",
        b"null",
        b"[]",
        b"{}",
        b'{"kind":"Status","status":"Failure"}',
        b'{"kind":"Pod","metadata":{"name":"a"}}',
        b'{"kind":"PodList","items":{}}',
        b'{"kind":"PodList","items":[{"metadata":',
        b'{"kind":"PodList","items":[{"metadata":{"name":"\xff"}}]}',
        b"[" * 100_000,
    ],
    ids=["empty", "html", "null", "array", "object", "status", "pod", "items", "cut", "no utf-8", "deep"],
)
def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(NotTheKind):
        decode_list(Pod, body)


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b'{"kind":"Status"}', b'{"kind":"Pod","metadata":{}}', b"7"])
def test_what_is_no_pod_is_refused(body: bytes) -> None:
    with pytest.raises(NotTheKind):
        decode_object(Pod, body)


def test_a_single_object_forgives_nulls_too() -> None:
    assert decode_object(Event, b'{"metadata":{"name":"e"},"count":null,"reason":null}').metadata.name == "e"


def test_a_refusal_without_a_status_says_nothing() -> None:
    assert decode_status(b"404 page not found").message is None
    assert decode_status(b'{"kind":"Status","message":"no","metadata":{"continue":"t"}}').continue_ == "t"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def mutated_pods(draw: st.DrawFn) -> Any:
    """A valid pod in which some values, however deep, were replaced or removed."""
    thing = json.loads(json.dumps(WHOLE))
    for _ in range(draw(st.integers(1, 4))):
        at = thing
        while True:
            keys = list(at) if isinstance(at, dict) else list(range(len(at)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(at[key], dict | list) and draw(st.booleans()):
                at = at[key]
                continue
            if draw(st.booleans()):
                del at[key]
            else:
                at[key] = draw(json_values)
            break
    return thing


@settings(max_examples=300, deadline=None)
@given(mutated_pods())
def test_a_mutated_pod_is_read_or_counted_beside_a_sound_one(mutated: Any) -> None:
    page = decode_list(Pod, as_list(WHOLE, mutated))
    assert page.items[0].metadata.name == "cart-1"
    assert len(page.items) + page.unreadable == 2


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(list(KINDS.values())), st.binary(max_size=200) | json_values.map(lambda v: json.dumps(v).encode())
)
def test_any_bytes_are_decoded_or_refused(kind: Any, body: bytes) -> None:
    for decode in (decode_list, decode_object):
        try:
            decode(kind, body)
        except NotTheKind:
            continue


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(list(KINDS.values())), json_values)
def test_any_item_of_any_kind_is_read_or_counted(kind: Any, item: Any) -> None:
    page = decode_list(kind, as_list(item))
    assert len(page.items) + page.unreadable == 1
