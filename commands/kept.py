"""Parts of an answer as plain data, and back: what was found once can be told again later, in either language."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from commands.dialogue import Bullets, Code, Context, Fields, Part, Proof, Table, Text
from knowledge.finding import Evidence, Ref, Source
from knowledge.said import Said
from knowledge.secrets.redaction import redact

_KNOWN: Mapping[str, Any] = {
    kind.__name__: kind for kind in (Text, Bullets, Proof, Fields, Table, Code, Context, Evidence, Ref)
}
_said = Said  # of a template that was a literal when it was kept


def plain(value: object) -> object:
    """A value as JSON can hold it, without secrets."""
    match value:
        case Said():
            return {"say": value.template, "with": {key: plain(held) for key, held in value.values.items()}}
        case datetime():
            return {"at": value.isoformat()}
        case timedelta():
            return {"seconds": value.total_seconds()}
        case Enum():
            return value.value
        case str():
            return redact(value)
        case tuple() | list():
            return [plain(item) for item in value]
        case Mapping():
            return {str(key): plain(held) for key, held in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {"part": type(value).__name__, **{f.name: plain(getattr(value, f.name)) for f in fields(value)}}
    return value


def told(parts: object) -> tuple[Part, ...]:
    """The parts of an answer that were kept."""
    return tuple(part for part in map(_back, parts if isinstance(parts, Sequence) else ()) if isinstance(part, Part))


def said(value: object) -> Said | None:
    """A sentence that was kept."""
    found = _back(value)
    return found if isinstance(found, Said) else None


def values(held: object) -> Mapping[str, object]:
    """What an answer says for programs, as it was kept."""
    return {str(key): _data(value) for key, value in held.items()} if isinstance(held, Mapping) else {}


def _data(value: Any) -> Any:
    """Sentences and times as they were; lists and mappings stay what a program reads."""
    match value:
        case list():
            return [_data(item) for item in value]
        case {"say": _, "with": _} if len(value) == 2:
            return _back(value)
        case {"at": _} | {"seconds": _} if len(value) == 1:
            return _back(value)
        case {**held}:
            return {key: _data(item) for key, item in held.items()}
    return value


def _back(value: Any) -> Any:
    match value:
        case {"say": str(template), "with": {**held}}:
            return _said(template, **{str(key): _back(item) for key, item in held.items()})
        case {"at": str(at)}:
            return datetime.fromisoformat(at)
        case {"seconds": int(seconds) | float(seconds)}:
            return timedelta(seconds=seconds)
        case {"part": str(name), **held}:
            kind = _KNOWN.get(name)
            made = {str(key): _back(item) for key, item in held.items()}
            if kind is Evidence:
                made["source"] = Source(made["source"])
            return kind(**made) if kind else None
        case list():
            return tuple(_back(item) for item in value)
    return value
