"""How well a search does on labelled queries: recall at 1 and 3, mean reciprocal rank, and "nothing known"."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge.known_issue import our_shelf
from knowledge.search import Index, known
from tests.known.queries import Query


@lru_cache(maxsize=1)
def our_index() -> Index:
    """The index over the shelf that comes with the product."""
    return Index(our_shelf().issues)


@dataclass(frozen=True)
class Figures:
    """``first``, ``three``: share of the answerable queries with a right issue first, among the first three, before
    the threshold; ``told``: first, and not withheld by it. ``precision`` and ``recall`` are of "nothing known"."""

    queries: int
    first: float
    three: float
    reciprocal: float
    told: float
    precision: float
    recall: float


def figures(asked: Sequence[Query], index: Index) -> Figures:
    ranks, told, silent, nothing, rightly_silent = [], 0, 0, 0, 0
    for query in asked:
        said = known(query.text, index)
        silent += not said
        if not query.expected:
            nothing += 1
            rightly_silent += not said
            continue
        ids = [issue.id for issue, _ in index.search(query.text, 10)]
        ranks.append(next((rank for rank, id in enumerate(ids, 1) if id in query.expected), 0))
        told += bool(said) and said[0].issue.id in query.expected
    n = max(1, len(ranks))
    return Figures(
        len(asked),
        sum(rank == 1 for rank in ranks) / n,
        sum(0 < rank < 4 for rank in ranks) / n,
        sum(1 / rank for rank in ranks if rank) / n,
        told / n,
        rightly_silent / max(1, silent),
        rightly_silent / max(1, nothing),
    )
