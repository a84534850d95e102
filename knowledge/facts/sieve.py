"""Many regular expressions over many lines, without trying each on each.

An expression that cannot match without one of some literal words is not tried on a text that holds none of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from re import Pattern, compile
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Words = frozenset[str]

_SHORT = 3
"""A shorter word of ASCII is in nearly every line."""


class Sieve(Generic[T]):
    """``fitting`` gives, in their order, those of some expressions that may match a text."""

    def __init__(self, table: Iterable[tuple[T, str]]) -> None:
        self._rows = tuple((kind, compile(text), words(text)) for kind, text in table)
        self._words = tuple(sorted({word for *_, needed in self._rows for word in needed}))

    def fitting(self, text: str) -> Iterator[tuple[T, Pattern[str]]]:
        lower = text.lower()
        there = [word for word in self._words if word in lower]
        for kind, pattern, needed in self._rows:
            if not needed or not needed.isdisjoint(there):
                yield kind, pattern


def words(expression: str) -> Words:
    """Words in lower case of which a match holds one at least; none when nothing can be said."""
    return _of_sequence(parser.parse(expression)) or Words()


def _of_sequence(steps: Sequence[tuple[Any, Any]]) -> Words | None:
    found: list[Words] = []
    run = ""
    for code, detail in (*steps, (None, None)):
        if code is op.LITERAL:
            run += chr(detail).lower()
            continue
        if len(run) >= _SHORT or not run.isascii():
            found.append(Words((run,)))
        run = ""
        inner = _of_step(code, detail)
        if inner:
            found.append(inner)
    return max(found, key=lambda choice: min(map(len, choice)), default=None)


def _of_step(code: Any, detail: Any) -> Words | None:
    if code is op.SUBPATTERN:
        return _of_sequence(detail[3])
    if code is op.MAX_REPEAT or code is op.MIN_REPEAT:
        least, _most, inner = detail
        return _of_sequence(inner) if least else None
    if code is op.BRANCH:
        choices = [_of_sequence(branch) for branch in detail[1]]
        return Words().union(*filter(None, choices)) if all(choices) else None
    return None
