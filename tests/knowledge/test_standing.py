"""A known issue is told as what it is here: proven, looked for in vain, or bound to versions that do not run here."""

from collections.abc import Sequence

import pytest

from knowledge.known_issue import Affected, KnownIssue, our_shelf
from knowledge.standing import Span, Standing, span_of, standing, versions_in
from tests.seen import seen

NODE = """
kind: Node
metadata: {name: node-1}
status:
  nodeInfo: {kernelVersion: 5.15.0-72-generic, kubeletVersion: v1.31.4, containerRuntimeVersion: "containerd://1.7.22"}
---
kind: DaemonSet
metadata: {name: cilium, namespace: kube-system}
spec:
  selector: {matchLabels: {k8s-app: cilium}}
  template:
    spec:
      containers:
      - {name: cilium-agent, image: "quay.io/cilium/cilium:v1.14.12@sha256:0a1b"}
"""


def issue(detector: str | None = "pod-oomkilled", *affected: Affected) -> KnownIssue:
    return KnownIssue("it", "It happens", ("it happens",), "", "", detector=detector, affected=affected)


def test_versions_are_read_from_nodes_and_from_the_agents_image() -> None:
    assert versions_in(seen(NODE)) == {
        "linux-kernel": {(5, 15, 0)},
        "kubernetes": {(1, 31, 4), (1, 34)},
        "containerd": {(1, 7, 22)},
        "cilium": {(1, 14, 12)},
    }


def test_where_nothing_was_read_no_version_is_made_up() -> None:
    assert versions_in(seen("")) == {"kubernetes": {(1, 34)}}, "the server told its own"


@pytest.mark.parametrize(
    ("words", "span"),
    [
        ("1.35 and later", Span(low=(1, 35))),
        ("1.16.x and later as observed", Span(low=(1, 16))),
        ("1.9+", Span(low=(1, 9))),
        ("before 5.9", Span(high=(5, 9))),
        ("1.18 to 1.21", Span((1, 18), (1, 22))),
        ("regression in 1.14.12 compared with 1.14.5", None),
        ("before 4.14.154, 4.19.84 and 5.3.9", None),
        ("all versions", None),
    ],
)
def test_only_what_is_surely_a_range_is_one(words: str, span: Span | None) -> None:
    assert span_of(words) == span


@pytest.mark.parametrize(
    ("version", "inside"), [((1, 18), True), ((1, 21, 9), True), ((1, 22), False), ((1, 17, 20), False)]
)
def test_a_range_ends_with_the_last_patch_of_its_last_version(version: tuple[int, ...], inside: bool) -> None:
    span = span_of("1.18 to 1.21")
    assert span is not None
    assert span.holds(version) is inside


@pytest.mark.parametrize(
    ("found", "judged", "expected"),
    [
        (["pod-oomkilled"], ["pod-oomkilled"], Standing.PROVEN),
        ([], ["pod-oomkilled"], Standing.CLEAN),
        ([], [], Standing.OPEN),
    ],
)
def test_a_detector_decides_where_it_could_look(
    found: Sequence[str], judged: Sequence[str], expected: Standing
) -> None:
    assert standing(issue(), found, judged, {}) is expected


def test_an_issue_without_a_detector_stays_open() -> None:
    assert standing(issue(None), [], ["pod-oomkilled"], {}) is Standing.OPEN


def test_an_issue_of_other_versions_is_of_elsewhere_unless_its_detector_found_it_all_the_same() -> None:
    newer = issue("pod-oomkilled", Affected("cilium", "1.16 and later"))
    running = versions_in(seen(NODE))
    assert standing(newer, [], ["pod-oomkilled"], running) is Standing.ELSEWHERE
    assert standing(newer, ["pod-oomkilled"], ["pod-oomkilled"], running) is Standing.PROVEN


def test_a_server_that_tells_no_patch_level_is_given_the_benefit_of_the_doubt() -> None:
    assert Span(low=(1, 34, 2)).holds((1, 34))
    assert not Span(low=(1, 35)).holds((1, 34))


def test_one_node_within_the_range_is_enough() -> None:
    old = issue(None, Affected("linux-kernel", "before 5.9"))
    assert standing(old, [], [], {"linux-kernel": {(5, 15, 0), (5, 4, 0)}}) is Standing.OPEN
    assert standing(old, [], [], {"linux-kernel": {(5, 15, 0)}}) is Standing.ELSEWHERE
    assert standing(old, [], [], {}) is Standing.OPEN


def test_ranges_of_our_own_shelf_are_understood_where_they_are_plain() -> None:
    words = [affected.versions for entry in our_shelf().issues for affected in entry.affected]
    assert sum(span_of(text) is not None for text in words) >= 3
