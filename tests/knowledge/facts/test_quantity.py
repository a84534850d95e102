"""Quantities are read as numbers, whatever their spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.facts.quantity import amount, cpu, memory


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("500m", 0.5),
        ("2", 2),
        (2, 2),
        (0.25, 0.25),
        ("1Gi", 1024**3),
        ("1.5Gi", 1.5 * 1024**3),
        ("128M", 128e6),
        ("128974848", 128974848),
        ("129e6", 129e6),
        ("100n", 1e-7),
    ],
)
def test_a_quantity_is_a_number(text: str | float, number: float) -> None:
    assert amount(text) == pytest.approx(number)


@pytest.mark.parametrize("text", ["", None, "much", "1Zi", "1 2"])
def test_what_is_no_quantity_is_nothing(text: str | None) -> None:
    assert amount(text) is None


def test_memory_and_cpu_are_written_as_people_say_them() -> None:
    assert [memory(n) for n in (512 * 1024**2, 1.5 * 1024**3, 100)] == ["512Mi", "1.5Gi", "100"]
    assert [cpu(n) for n in (0.25, 2, 1.5)] == ["250m", "2", "1.5"]


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    amount(text)
