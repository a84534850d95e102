"""What a form asks, as plain data, and how a filled form becomes words that anybody could have typed.

A form has no handler: what was filled in is asked like any other words, with the rights of whoever filled it in.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from knowledge.said import Said

LONGEST = 3_000
_PLACE = re.compile(r"\{(\w+)\}")


class Kind(StrEnum):
    """How something is asked: one line, many lines, one of a few, one of many that are searched, an instant, and
    where the answer shall go. The last is no word: it is told to the face alone."""

    TEXT = "text"
    LONG = "long"
    CHOICE = "choice"
    SEARCH = "search"
    TIME = "time"
    WHERE = "where"


@dataclass(frozen=True)
class Choice:
    """One of a few: ``value`` is what becomes a word."""

    value: str
    label: Said


@dataclass(frozen=True)
class Field:
    """One thing that is asked. ``among`` names what a search looks through (``clusters``); ``value`` is what stands
    there to begin with; ``longest`` is in characters."""

    name: str
    label: Said
    kind: Kind = Kind.TEXT
    hint: Said | None = None
    optional: bool = False
    choices: tuple[Choice, ...] = ()
    among: str = ""
    value: str = ""
    longest: int = LONGEST


@dataclass(frozen=True)
class Form:
    """``words`` are the words that a filled form asks, with ``{name}`` where a field's value goes; a line of it whose
    fields are all empty is left out. ``title`` is short: 24 characters in each language."""

    title: Said
    words: str
    fields: tuple[Field, ...]
    submit: Said
    intro: Said | None = None


def filled(words: str, values: Mapping[str, str]) -> str:
    """The words with the values in their places."""
    lines = []
    for line in words.split("\n"):
        named = _PLACE.findall(line)
        if not named or any(values.get(name, "").strip() for name in named):
            lines.append(_PLACE.sub(lambda place: values.get(place[1], "").strip(), line))
    return "\n".join(lines)
