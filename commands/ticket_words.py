"""The words of a ticket's moves: numbers, priorities and people as they are typed."""

import re

from commands.command import UsageError
from knowledge.said import Said
from knowledge.tickets.life import Priority

_NUMBER = re.compile(r"#?(\d{1,15})")
_PERSON = re.compile(r"<?@?([A-Za-z0-9][\w.+@-]*)(?:\|[^>]*)?>?")
_PRIORITIES = {"긴급": Priority.URGENT, "높음": Priority.HIGH, "보통": Priority.NORMAL, "낮음": Priority.LOW}


def number_of(word: str) -> int:
    match = _NUMBER.fullmatch(word)
    if not match:
        raise UsageError(Said("{word} is no ticket's number.", word=word or "…"))
    return int(match[1])


def person_of(word: str) -> str:
    """Somebody's id or account, without what Slack puts around it."""
    match = _PERSON.fullmatch(word)
    if not match:
        raise UsageError(Said("Whom? Write a person like @minji after it."))
    return match[1]


def priority_of(word: str) -> Priority:
    try:
        return _PRIORITIES.get(word) or Priority(word.lower())
    except ValueError:
        known = ", ".join(Priority)
        raise UsageError(Said("A priority is one of {known}.", known=known)) from None
