"""What the composer offers while somebody types: the words after the slash command, and the bot's name."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.said import Said

SHOWN = 30


@dataclass(frozen=True)
class Hint:
    """One word after the slash command. ``choices``: what may follow it, where that is known."""

    word: str
    takes: str
    says: Said
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """``text`` replaces what was typed; ``label`` and ``says`` are shown."""

    text: str
    label: str
    says: Said | None = None


def complete(typed: str, command: str, hints: Sequence[Hint]) -> list[Suggestion]:
    """The suggestions for a text as it stands. Nothing when there is nothing to add."""
    if typed.startswith("/"):
        return _command(typed, command, hints)[:SHOWN]
    before, at, name = typed.rpartition("@")
    if at and (not before or before[-1].isspace()) and "gurumi".startswith(name.lower()) and " " not in name:
        return [Suggestion(f"{before}@gurumi ", "@gurumi")]
    return []


def _command(typed: str, command: str, hints: Sequence[Hint]) -> list[Suggestion]:
    word, space, rest = typed.partition(" ")
    if not space:
        return [Suggestion(f"{command} ", command)] if command.startswith(word) else []
    if word != command:
        return []
    first, space, second = rest.partition(" ")
    if not space:
        return [
            Suggestion(f"{command} {h.word}{' ' if h.takes else ''}", f"{command} {h.word} {h.takes}".strip(), h.says)
            for h in hints
            if h.word.startswith(first)
        ]
    known = next((h for h in hints if h.word == first), None)
    return [
        Suggestion(f"{command} {first} {choice}", f"{command} {first} {choice}")
        for choice in (known.choices if known else ())
        if choice.startswith(second) and choice != second
    ]
