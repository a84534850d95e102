"""Times as a world writes them: ``5m ago``, ``1d2h ago``, ``in 3d``; inside a text in braces."""

import re
from datetime import datetime, timedelta
from typing import Any

_RELATIVE = re.compile(r"^(?:(?P<ago>(?:\d+[dhms])+) ago|in (?P<ahead>(?:\d+[dhms])+))$")
_IN_TEXT = re.compile(r"\{((?:\d+[dhms])+ ago)\}")
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def moment(text: str, now: datetime) -> str:
    """``5m ago`` as RFC 3339; any other text as it is."""
    match = _RELATIVE.match(text)
    if not match:
        return text
    away = seconds(match["ago"] or match["ahead"])
    return stamp(now + timedelta(seconds=-away if match["ago"] else away))


def is_relative(text: str) -> bool:
    return _RELATIVE.match(text) is not None


def in_text(text: str, now: datetime) -> str:
    """A log whose ``{5m ago}`` are times."""
    return _IN_TEXT.sub(lambda found: moment(found[1], now), text)


def absolute(value: Any, now: datetime) -> Any:
    """An object with every relative time in it made absolute."""
    if isinstance(value, dict):
        return {key: absolute(item, now) for key, item in value.items()}
    if isinstance(value, list):
        return [absolute(item, now) for item in value]
    return moment(value, now) if isinstance(value, str) else value


def seconds(span: str) -> int:
    """How long ``1h30m`` is."""
    return sum(int(n) * _UNITS[unit] for n, unit in re.findall(r"(\d+)([dhms])", span))


def stamp(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
