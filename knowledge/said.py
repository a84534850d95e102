"""A sentence that is not in a language yet: an English template and its values.

It becomes Korean or English when a face renders it (``bot/words.py``), so one finding can be told to two people in two
languages. The Korean template stands in the ``ko.po`` beside the module that says it.
"""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

Value: TypeAlias = "str | int | float | datetime | timedelta | Said | tuple[Value, ...] | None"


@dataclass(frozen=True, init=False)
class Said:
    """``Said("No pod carries the labels that Service {service} selects.", service="cart")``.

    A template names its values in braces. After a colon may stand ``이/가`` (a Korean particle pair, Korean templates
    only; ``+이/가``: the particle alone, after a value in backticks), ``|pod|pods`` (the number with the fitting noun,
    English templates only) or ``clock``/``date`` for a time. A time is told in the asker's zone, a ``timedelta`` in
    words, a tuple as a list, a ``Said`` in the same language.
    """

    template: str
    values: Mapping[str, Value]

    def __init__(self, template: str, /, **values: Value) -> None:
        object.__setattr__(self, "template", template)
        object.__setattr__(self, "values", values)

    def __hash__(self) -> int:
        return hash((self.template, tuple(sorted((key, str(value)) for key, value in self.values.items()))))

    def __str__(self) -> str:
        """The English words without a zone or a plural rule: for logs and tracebacks, never for people."""
        return _Plain().vformat(self.template, (), self.values)


class _Plain(string.Formatter):
    """Values as they are, whatever form the template asks for."""

    def format_field(self, value: object, _form: str) -> str:
        return str(value)
