"""Numbers that may be percentages, and hashes of templates: what several controllers reckon with."""

import hashlib
import json
import math
from typing import Any

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def share(said: Any, whole: int, *, up: bool) -> int:
    """``25%`` of so many, or the number itself."""
    if isinstance(said, str) and said.endswith("%"):
        exact = int(said[:-1]) * whole / 100
        return math.ceil(exact) if up else math.floor(exact)
    return int(said or 0)


def hashed(template: Any, salt: str = "") -> str:
    """Ten letters for a pod template, as they stand in the names of ReplicaSets."""
    digest = hashlib.sha256((json.dumps(template, sort_keys=True) + salt).encode()).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:10])
