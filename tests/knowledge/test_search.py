"""Known issues are found from words in two languages, and nothing is made up where nothing is known."""

import pytest

from knowledge.known_issue import KnownIssue
from knowledge.search import Index, known, told_by
from tests.known.figures import figures, our_index
from tests.known.queries import queries


@pytest.mark.parametrize("name", ["tuned", "aside", "later"])
def test_the_labelled_queries_are_answered_as_well_as_they_were_measured(name: str) -> None:
    found = figures(list(queries(name)), our_index())
    assert found.first >= 0.9
    assert found.three >= 0.97
    assert found.told >= 0.9
    assert found.precision >= 0.85
    assert found.recall >= 0.85


def test_every_expected_id_is_on_the_shelf() -> None:
    shelf = {issue.id for issue in our_index().issues}
    assert {id for name in ("tuned", "aside", "later") for query in queries(name) for id in query.expected} <= shelf


def test_one_message_is_found_whatever_names_and_numbers_stand_in_it() -> None:
    for text in (
        'no matches for kind "Ingress" in version "extensions/v1beta1"',
        'helm: no matches for kind "CronJob" in version "batch/v1beta1" (release shop-42)',
    ):
        assert known(text, our_index())[0].issue.id == "removed-api-version-after-upgrade"


def test_korean_words_find_an_issue_that_is_told_in_english() -> None:
    only_english = KnownIssue("lb", "Security group blocks the load balancer", ("members are unreachable",), "", "")
    other = KnownIssue("cert", "Certificate of the ingress has expired", ("browsers warn",), "", "")
    index = Index([other, only_english])
    assert index.search("보안그룹 때문에 로드밸런서가 안 붙어요")[0][0].id == "lb"
    assert index.search("인증서 유효기간이 지났습니다")[0][0].id == "cert"


@pytest.mark.parametrize("text", ["", "   ", "점심 메뉴 추천해 주세요", "🙂", "asdf qwer zxcv", "0" * 50_000])
def test_where_nothing_is_known_nothing_is_said(text: str) -> None:
    assert known(text, our_index()) == []


def test_an_empty_shelf_knows_nothing() -> None:
    assert known("OOMKilled", Index([])) == []


def test_scores_fall_and_lie_between_nought_and_one() -> None:
    scores = [match.score for match in known("exec format error on arm64", our_index())]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


def test_a_finding_is_a_known_issue_only_where_its_own_words_say_so() -> None:
    message = "node is out of it: plugin/loop: exec /app: exec format error, container exits at once"
    issue = told_by("image-wrong-architecture", message)
    assert issue is not None
    assert issue.id == "image-architecture-mismatch"
    assert told_by("image-wrong-architecture", "the container ended") is None
    assert told_by("no-such-detector", message) is None
