import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.facts.log_patterns import _TABLE
from knowledge.facts.sieve import Sieve, words

EXPRESSIONS = [text for _kind, text in _TABLE]


@pytest.mark.parametrize(
    ("expression", "needed"),
    [
        ("Connection refused", {"connection refused"}),
        (r"dial tcp \d+: refused", {": refused", "dial tcp "}),
        (r"(?i:No Such Host|ENOTFOUND)", {"no such host", "enotfound"}),
        (r"(?:optional )?\w+ (?:gone){2}", {"gone"}),
        (r"refused|\d+", set()),
        (r"(?:refused)*", set()),
        (r"(?!refused)\w+", set()),
        (r"실패", {"실패"}),
    ],
)
def test_the_words_that_a_match_cannot_do_without_are_known(expression: str, needed: set[str]) -> None:
    found = words(expression)
    assert found == needed or (found and found <= needed)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_no_line_that_an_expression_of_the_logs_fits_is_held_back(expression: str) -> None:
    sieve = Sieve([("it", expression)])

    @settings(max_examples=10, deadline=None)
    @given(st.from_regex(expression))
    def all_that_fits_comes_through(line: str) -> None:
        assert [kind for kind, _pattern in sieve.fitting(line)] == ["it"]

    all_that_fits_comes_through()


def test_most_expressions_are_not_tried_on_a_line_of_which_nothing_is_wrong() -> None:
    tried = list(Sieve(_TABLE).fitting("2026-11-24T01:00:00.000Z served page 12 of the catalogue in 3 ms"))
    assert len(tried) < len(_TABLE) / 10


def test_expressions_come_in_their_order() -> None:
    fitting = Sieve([(1, "refused"), (2, "missing"), (3, "connection")]).fitting("connection refused")
    assert [(kind, bool(re.search(pattern, "connection refused"))) for kind, pattern in fitting] == [
        (1, True),
        (3, True),
    ]
