"""How well known issues are found, by language, and how long it takes with 150 and with 100,000 entries."""

import statistics
import time
from collections.abc import Iterator

import msgspec

from knowledge.known_issue import SHELF as FOLDER
from knowledge.known_issue import KnownIssue, our_shelf, read_shelf
from knowledge.search import Index, known
from tests.known.figures import figures
from tests.known.queries import Query, queries

MANY = 100_000


def main(words: list[str]) -> None:
    index = Index(our_shelf().issues)
    for name in ("tuned", "aside"):
        asked = list(queries(name))
        for language in ("all", "ko", "en", "mixed"):
            some = [query for query in asked if language in ("all", query.language)]
            f = figures(some, index)
            print(
                f"{name} {language:5} {f.queries:4} queries: first {f.first:.1%}, in three {f.three:.1%}, "
                f"MRR {f.reciprocal:.3f}; nothing known: precision {f.precision:.0%}, recall {f.recall:.0%}"
            )
    asked = [*queries("tuned"), *queries("aside")]
    began = time.perf_counter()
    issues = read_shelf(FOLDER).issues
    read = time.perf_counter()
    index = Index(issues)
    print(f"read {(read - began) * 1000:.0f} ms, index {(time.perf_counter() - read) * 1000:.0f} ms")
    _timed(index, asked)
    if "--fast" not in words:
        began = time.perf_counter()
        index = Index(_many(issues))
        print(f"index of {MANY}: {time.perf_counter() - began:.1f} s")
        _timed(index, asked[::6])


def _timed(index: Index, asked: list[Query]) -> None:
    took = []
    for query in asked:
        began = time.perf_counter()
        known(query.text, index)
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    late = took[int(len(took) * 0.95)]
    print(f"{len(index.issues)} entries: median {statistics.median(took):.1f} ms, p95 {late:.1f} ms")


def _many(issues: tuple[KnownIssue, ...]) -> Iterator[KnownIssue]:
    """Entries of the shelf again and again, each with a word of its own and a symptom of another entry."""
    for number in range(MANY):
        one, other = issues[number % len(issues)], issues[(number * 7 + number // len(issues)) % len(issues)]
        symptoms = (f"seen on system{number}", *other.symptoms[:1])
        yield msgspec.structs.replace(one, id=f"{one.id}-{number}", symptoms=symptoms)
