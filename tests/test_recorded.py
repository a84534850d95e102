"""On recorded clusters the right cause is read first, and a wrong one is hardly ever claimed."""

from collections.abc import Sequence
from functools import cache

import pytest

from commands.dialogue import Tone
from tests.bench.causes import Outcome, Verdict, ask, cases

FLOOR = 0.96
"""Share of the questions whose answer holds the right cause in its first 600 characters: measured, less a little."""
WRONG = 0.02
"""Share of the questions that may be answered with a claim which is not right."""


@cache
def outcomes() -> tuple[Outcome, ...]:
    return tuple(outcome for case in cases() for outcome in ask(case))


def _share(some: Sequence[Outcome], verdict: Verdict) -> float:
    return sum(o.verdict is verdict for o in some) / len(some)


def _named(some: Sequence[Outcome]) -> str:
    return "\n".join(f"{o.case.group}/{o.case.name} [{o.language}] {o.verdict}" for o in some)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_right_cause_is_read_first(language: str) -> None:
    asked = [o for o in outcomes() if o.language == language]
    missed = [o for o in asked if o.verdict is not Verdict.RIGHT]
    assert _share(asked, Verdict.RIGHT) >= FLOOR, _named(missed)


def test_no_cause_is_named_that_is_not_it() -> None:
    wrong = [o for o in outcomes() if o.verdict is Verdict.WRONG and o.told.answer.tone is Tone.FOUND]
    assert wrong == [], _named(wrong)


def test_a_wrong_claim_is_rare() -> None:
    wrong = [o for o in outcomes() if o.verdict is Verdict.WRONG]
    assert _share(outcomes(), Verdict.WRONG) <= WRONG, _named(wrong)


def test_where_data_is_missing_nothing_is_claimed_that_is_not_so() -> None:
    missing = [o for o in outcomes() if o.case.group == "missing"]
    assert [o for o in missing if o.verdict is Verdict.WRONG] == []


def test_every_group_has_clusters_and_some_are_kept_aside() -> None:
    groups = {case.group for case in cases()}
    assert groups == {"chains", "healthy", "missing", "notstarting", "restarts", "unreachable", "workloads"}
    assert sum(case.aside for case in cases()) >= len(cases()) / 3
