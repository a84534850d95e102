"""Response bytes to typed Kubernetes objects: fast when they are as promised, forgiving when they are not.

A list that does not fit at once is read item by item without its nulls; what is still no such object is counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, field

from knowledge.decoders import decoder
from knowledge.objects import Object

K = TypeVar("K", bound=Object)
T = TypeVar("T")

_UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError)


class NotTheKind(ValueError):
    """The bytes are not JSON, are cut, or are something else than was asked for."""


class _ListMeta(Struct):
    continue_: str | None = field(default=None, name="continue")


class _Page(Struct, Generic[T]):
    kind: str | None = None
    metadata: _ListMeta | None = None
    items: list[T] | UnsetType | None = UNSET


class _Kind(Struct):
    kind: str | None = None


class _Details(Struct):
    retry_after_seconds: int | None = field(default=None, name="retryAfterSeconds")


class Status(Struct):
    """What the API server says when it refuses."""

    kind: str | None = None
    message: str | None = None
    reason: str | None = None
    details: _Details | None = None
    metadata: _ListMeta | None = None

    @property
    def continue_(self) -> str:
        return (self.metadata and self.metadata.continue_) or ""


@dataclass(frozen=True)
class Page(Generic[K]):
    """One page of a list. ``token`` asks for the next one and is empty on the last."""

    items: tuple[K, ...]
    token: str = ""
    unreadable: int = 0


def decode_list(kind: type[K], body: bytes) -> Page[K]:
    """A page of objects. Raises NotTheKind for what is no list."""
    try:
        page: _Page[K] = decoder(_Page[kind]).decode(body)  # type: ignore[valid-type]
    except msgspec.ValidationError:
        return _item_by_item(kind, body)
    except _UNDECODABLE as error:
        raise NotTheKind(str(error)) from error
    found = _items_of(page)
    named = tuple(item for item in found if item.metadata.name)
    return Page(named, _token(page), len(found) - len(named))


def decode_object(kind: type[K], body: bytes) -> K:
    """A single object. Raises NotTheKind for anything else."""
    try:
        said = decoder(_Kind).decode(body).kind
    except _UNDECODABLE as error:
        raise NotTheKind(str(error)) from error
    thing = _forgiving(kind, body) if said in (None, "", kind.RESOURCE.kind) else None
    if thing is None:
        raise NotTheKind(f"a {said or 'nameless thing'} where a {kind.RESOURCE.kind} was asked for")
    return thing


def decode_status(body: bytes) -> Status:
    """The Status of a refusal; an empty one when the body is none."""
    try:
        return decoder(Status).decode(body)
    except _UNDECODABLE:
        return Status()


def decode_plain(body: bytes) -> Mapping[str, Any]:
    """A JSON object that is no Kubernetes object of ours. Raises NotTheKind."""
    try:
        return decoder(dict[str, Any]).decode(body)
    except _UNDECODABLE as error:
        raise NotTheKind(str(error)) from error


def _item_by_item(kind: type[K], body: bytes) -> Page[K]:
    try:
        page = decoder(_Page[Raw]).decode(body)
    except _UNDECODABLE as error:
        raise NotTheKind(str(error)) from error
    found = [_forgiving(kind, bytes(item)) for item in _items_of(page)]
    kept = tuple(item for item in found if item is not None)
    return Page(kept, _token(page), len(found) - len(kept))


def _forgiving(kind: type[K], body: bytes) -> K | None:
    """Read as it is, then once more without nulls and with ``"5"`` taken for 5; ``None`` when it is no such object."""
    try:
        thing = decoder(kind).decode(body)
    except msgspec.ValidationError:
        try:
            whole = msgspec.json.encode(_without_nulls(msgspec.json.decode(body)))
            thing = decoder(kind, strict=False).decode(whole)
        except _UNDECODABLE:
            return None
    except _UNDECODABLE:
        return None
    return thing if thing.metadata.name else None


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(held) for key, held in value.items() if held is not None}
    if isinstance(value, list):
        return [_without_nulls(held) for held in value if held is not None]
    return value


def _items_of(page: _Page[T]) -> list[T]:
    if page.items is UNSET or not (page.kind or "List").endswith("List"):
        raise NotTheKind(f"a {page.kind or 'nameless thing'} where a list was asked for")
    return page.items or []


def _token(page: _Page[Any]) -> str:
    return (page.metadata and page.metadata.continue_) or ""
