"""What a database's own text search finds, to measure ours against: SQLite's FTS5 and PostgreSQL's tsvector."""

import re
import sqlite3
from collections.abc import Callable, Sequence

import psycopg

from knowledge.known_issue import KnownIssue

Search = Callable[[str, int], list[str]]
"""From a text to the ids of the best issues, the best first."""

_WORD = re.compile(r"\w+")
_MOST_WORDS = 120


def fts5(issues: Sequence[KnownIssue], tokenizer: str) -> Search:
    """Any word may fit, ranked by FTS5's BM25. ``tokenizer``: ``unicode61`` (words) or ``trigram``."""
    base = sqlite3.connect(":memory:")
    base.execute(f"CREATE VIRTUAL TABLE shelf USING fts5(id UNINDEXED, told, tokenize='{tokenizer}')")
    base.executemany("INSERT INTO shelf VALUES (?, ?)", ((issue.id, _told(issue)) for issue in issues))

    def search(text: str, most: int) -> list[str]:
        words = [word for word in _words(text) if tokenizer != "trigram" or len(word) > 2]
        if not words:
            return []
        asked = " OR ".join(f'"{word}"' for word in words)
        found = base.execute("SELECT id FROM shelf WHERE shelf MATCH ? ORDER BY rank LIMIT ?", (asked, most))
        return [row[0] for row in found]

    return search


def postgres(issues: Sequence[KnownIssue], url: str) -> Search:
    """Any word may fit, ranked by ``ts_rank_cd`` over ``simple`` words with a GIN index."""
    base = psycopg.connect(url, autocommit=True)
    base.execute("DROP TABLE IF EXISTS shelf")
    base.execute("CREATE TEMP TABLE words (id text, told text)")
    with base.cursor() as cursor, cursor.copy("COPY words FROM STDIN") as rows:
        for issue in issues:
            rows.write_row((issue.id, _told(issue)))
    base.execute("CREATE TABLE shelf AS SELECT id, to_tsvector('simple', told) AS told FROM words")
    base.execute("DROP TABLE words")
    base.execute("CREATE INDEX ON shelf USING gin (told)")
    base.execute("ANALYZE shelf")

    def search(text: str, most: int) -> list[str]:
        words = _words(text)
        if not words:
            return []
        asked = " | ".join(f"'{word}'" for word in words)
        found = base.execute(
            "SELECT id FROM shelf, to_tsquery('simple', %s) q WHERE told @@ q"
            " ORDER BY ts_rank_cd(told, q) DESC LIMIT %s",
            (asked, most),
        )
        return [row[0] for row in found]

    return search


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(_WORD.findall(text.lower())))[:_MOST_WORDS]


def _told(issue: KnownIssue) -> str:
    return "\n".join((issue.title, *issue.symptoms, issue.cause, *issue.confirm, issue.fix, *issue.components))
