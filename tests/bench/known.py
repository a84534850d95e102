"""How well known issues are found, by language, beside the text search of SQLite and PostgreSQL; and how long it takes
with 150 and with 100,000 entries (``--fast``: without the many)."""

import contextlib
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import psycopg
from sqlalchemy import create_engine, make_url

from integrations.library import Library
from integrations.store import Store
from integrations.store.tables import ENTRIES
from knowledge.known_issue import SHELF as FOLDER
from knowledge.known_issue import KnownIssue, our_shelf, read_shelf
from knowledge.learning import EntryState
from knowledge.search import READING, Index, known, weights_of
from tests.known.baselines import Search, fts5, postgres
from tests.known.figures import figures
from tests.known.queries import Query, queries
from tests.postgres_fixture import programs_folder, served

MANY = 100_000
APART = timedelta(minutes=5)
"""Between two entries of the many."""

LANGUAGES = ("all", "ko", "en", "mixed")


def main(words: list[str]) -> None:
    issues = our_shelf().issues
    with _server() as url:
        _quality(issues, url)
        asked = [query for name in ("tuned", "aside", "later") for query in queries(name)]
        began = time.perf_counter()
        read_shelf(FOLDER)
        read = time.perf_counter()
        index = Index(issues)
        print(f"read {(read - began) * 1000:.0f} ms, index {(time.perf_counter() - read) * 1000:.0f} ms")
        _speed(len(issues), asked, lambda text: known(text, index), _others(issues, url))
        if "--fast" not in words:
            _many(asked[::6], issues, url)


def _quality(issues: Sequence[KnownIssue], url: str) -> None:
    index = Index(issues)
    for name in ("tuned", "aside", "later"):
        asked = list(queries(name))
        for language in LANGUAGES:
            some = [query for query in asked if language in ("all", query.language)]
            f = figures(some, index)
            print(
                f"{name} {language:5} {f.queries:4} queries: first {f.first:.1%}, in three {f.three:.1%}, "
                f"told {f.told:.1%}, MRR {f.reciprocal:.3f}; "
                f"nothing known: precision {f.precision:.0%}, recall {f.recall:.0%}"
            )
            for other, search in _others(issues, url).items():
                first, three = _recall(some, search)
                print(f"{name} {language:5}      {other:16} first {first:.1%}, in three {three:.1%}")


def _recall(asked: Sequence[Query], search: Search) -> tuple[float, float]:
    answerable = [query for query in asked if query.expected]
    found = [search(query.text, 3) for query in answerable]
    first = sum(bool(ids) and ids[0] in query.expected for ids, query in zip(found, answerable, strict=True))
    three = sum(bool(set(ids) & set(query.expected)) for ids, query in zip(found, answerable, strict=True))
    return first / max(1, len(answerable)), three / max(1, len(answerable))


def _others(issues: Sequence[KnownIssue], url: str) -> dict[str, Search]:
    others = {"FTS5 words": fts5(issues, "unicode61"), "FTS5 trigrams": fts5(issues, "trigram")}
    return others | ({"PostgreSQL": postgres(issues, url)} if url else {})


def _speed(entries: int, asked: Sequence[Query], ours: Callable[[str], object], others: dict[str, Search]) -> None:
    """Milliseconds a query, each search in turn over the same queries."""
    base = _timed(entries, "Gurumi", asked, ours)
    for name, search in others.items():
        took = _timed(entries, name, asked, lambda text, search=search: search(text, 5))
        print(f"    Gurumi takes {base / took:.2f} times as long as {name}")


def _timed(entries: int, name: str, asked: Sequence[Query], search: Callable[[str], object]) -> float:
    took = []
    for query in asked:
        began = time.perf_counter()
        search(query.text)
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    median = statistics.median(took)
    print(f"{entries} entries, {name}: median {median:.1f} ms, p95 {took[int(len(took) * 0.95)]:.1f} ms")
    return median


def _many(asked: Sequence[Query], issues: Sequence[KnownIssue], url: str) -> None:
    """Entries of the database by the many, in both databases, and the same in their own text search."""
    many = list(_entries(issues))
    with tempfile.TemporaryDirectory() as folder:
        places = {"SQLite": f"sqlite:///{folder}/known.db"} | ({"PostgreSQL": url} if url else {})
        answers = {}
        for name, place in places.items():
            store = Store(place)
            store.migrate()
            _filled(place, many)
            library = Library(entries=store)
            began = time.perf_counter()
            library.index()
            print(f"{name}: an index of {MANY} after {time.perf_counter() - began:.1f} s")
            _timed(MANY, f"Gurumi on {name}", asked, lambda text, library=library: known(text, library.index()))
            answers[name] = [[m.issue.id for m in known(query.text, library.index())] for query in asked]
            store.close()
        print(f"the same answers on both: {len(set(map(str, answers.values()))) == 1}")
    for name, search in _others([issue for issue, _ in many], url).items():
        _timed(MANY, name, asked, lambda text, search=search: search(text, 5))


def _entries(issues: Sequence[KnownIssue]) -> Iterator[tuple[KnownIssue, dict[str, float]]]:
    """Entries of the shelf again and again, each with a word of its own. Their terms are taken apart once an entry of
    the shelf, for the time that takes is not what is measured here."""
    terms = [dict(weights_of(issue)) for issue in issues]
    for number in range(MANY):
        one = issues[number % len(issues)]
        own = f"system{number}"
        symptoms = (f"seen on {own}", *one.symptoms)
        changed = msgspec.structs.replace(one, id=f"{one.id}-{number}", symptoms=symptoms)
        yield changed, {**terms[number % len(issues)], f"w{own}": 1.0}


def _filled(place: str, many: Sequence[tuple[KnownIssue, dict[str, float]]]) -> None:
    base = create_engine(place.replace("postgresql:", "postgresql+psycopg:"))
    rest = {"state": EntryState.APPROVED.value, "reading": READING, "ticket": None, "drafted_by": "", "decided_by": ""}
    now = datetime.now(UTC)
    for begin in range(0, len(many), 1000):
        some = many[begin : begin + 1000]
        rows = [
            {
                "id": i.id,
                "body": msgspec.json.encode(i).decode(),
                "weights": msgspec.json.encode(w).decode(),
                "changed": now - n * APART,
                **rest,
            }
            for n, (i, w) in enumerate(some, begin)
        ]
        with base.begin() as connection:
            connection.execute(ENTRIES.insert(), rows)
    base.dispose()


@contextmanager
def _server() -> Iterator[str]:
    """A PostgreSQL for this run; an empty URL where the machine has none."""
    programs = programs_folder()
    if programs is None:
        print("no PostgreSQL here: apt-get install -y postgresql")
        yield ""
        return
    with tempfile.TemporaryDirectory(prefix="gurumi-bench-", ignore_cleanup_errors=True) as folder:
        serving = served(programs, Path(folder))
        admin = next(serving)
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute("CREATE DATABASE bench")
        yield make_url(admin).set(database="bench").render_as_string(hide_password=False)
        with contextlib.suppress(StopIteration):
            next(serving)
