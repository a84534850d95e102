"""Conditions are broken one at a time, and words are left alone."""

import ast

import pytest

from tests.mutations import mutants


def broken(source: str) -> list[str]:
    return [ast.unparse(mutant.tree) for mutant in mutants(source)]


@pytest.mark.parametrize(
    ("source", "ways"),
    [
        ("x = a == b", ["x = a != b"]),
        ("x = a < 8", ["x = a >= 8", "x = a < 32", "x = a < 2.0"]),
        ("x = a < b < c", ["x = not a < b < c"]),
        ("x = a and b", ["x = a or b", "x = b", "x = a"]),
        ("x = not a", ["x = a"]),
        ("x = b if a else c", ["x = b if not a else c"]),
        ("x = [a for a in b if c]", ["x = [a for a in b]"]),
        ("LIMIT = 8", ["LIMIT = 32", "LIMIT = 2.0"]),
    ],
)
def test_each_condition_and_threshold_is_broken_in_its_own_way(source: str, ways: list[str]) -> None:
    assert broken(source) == ways


def test_who_leaves_early_stays() -> None:
    source = "for a in b:\n    if c:\n        continue\n    d(a)"
    assert broken(source) == [source.replace("if c", "if not c"), source.replace("continue", "pass")]


@pytest.mark.parametrize("source", ["x = f(a or b)", "x = a or 'none'", "x = a == 'b' if 0 else 1", "x = (a or b).c"])
def test_what_only_fills_a_value_in_is_no_condition(source: str) -> None:
    assert not any("and" in way for way in broken(source))
