"""JSON decoders of typed objects: each is built once, and one at a time.

msgspec works out the fields of a struct when its type is first used. Two threads that do this at once for types with
shared parts end the whole process (a segmentation fault with 0.22); a decoder that was built serves any number.
"""

from threading import RLock
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_building = RLock()
_built: dict[tuple[Any, bool], msgspec.json.Decoder[Any]] = {}


def decoder(kind: type[T], strict: bool = True) -> msgspec.json.Decoder[T]:
    """The decoder of a type. ``strict=False`` takes ``"5"`` for 5."""
    found = _built.get((kind, strict))
    if found is None:
        with _building:
            found = _built.setdefault((kind, strict), msgspec.json.Decoder(kind, strict=strict))
    return found
