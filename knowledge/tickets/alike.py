"""Whether two tickets are the same, or alike: by what of their words can be found again. Pure."""

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from knowledge.reading.ticket_form import fields_of, plain
from knowledge.search import terms_of

TERMS = 80
"""Of one ticket that are kept: who pastes a whole log is still found by what is rare in it."""

RARE = 24
"""Terms by which others are looked for."""

_ALIKE, _SHARED = 0.2, 3
"""How much of the asked they share at least, and how many terms: one rare name alone makes nothing alike."""

_KINDS = "wcr"
"""Words, concepts and runs of three words; letters of words alone would make everything alike."""


@dataclass(frozen=True)
class Candidate:
    """Another ticket and the terms that it shares."""

    number: int
    terms: frozenset[str]


def digest(text: str) -> str:
    """The same for a text that was posted again, whatever its spaces, case, and mentions."""
    bare = re.sub(r"<[@!#][^>]*>", " ", text.lower())
    return hashlib.sha256(" ".join(re.findall(r"\w+", bare)).encode()).hexdigest()[:32]


def terms(text: str) -> tuple[str, ...]:
    """What it can be found by, the most telling kinds first."""
    own = fields_of(plain(text[:12_000]), frozenset()).text
    found = [term for term in terms_of(own) if term[0] in _KINDS]
    return tuple(sorted(found, key=lambda term: ("rcw".index(term[0]), term))[:TERMS])


def rarest(asked: Iterable[str], holding: Mapping[str, int]) -> tuple[str, ...]:
    """Those of the asked terms that few other tickets hold; what nobody else holds finds nobody."""
    return tuple(sorted((t for t in asked if holding.get(t)), key=lambda t: (holding[t], t))[:RARE])


def likest(
    asked: Iterable[str], holding: Mapping[str, int], tickets: int, found: Iterable[Candidate], most: int = 3
) -> list[tuple[int, float]]:
    """Numbers of tickets that are alike, the likest first, with how much of the asked they share (0 to 1)."""

    def worth(term: str) -> float:
        return math.log(1 + (tickets + 1) / (holding.get(term, 0) + 1))

    whole = sum(worth(term) if holding.get(term) else worth(term) / 2 for term in asked)
    shares = ((c.number, sum(map(worth, c.terms)) / whole) for c in found if len(c.terms) >= _SHARED)
    return sorted((s for s in shares if s[1] >= _ALIKE), key=lambda s: (-s[1], -s[0]))[:most]
