"""Words of the field that mean the same in Korean and English: from a text to the concepts that it touches."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

STOP = frozenset(
    [
        "a",
        "an",
        "the",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "it",
        "its",
        "this",
        "that",
        "these",
        "those",
        "of",
        "in",
        "on",
        "at",
        "to",
        "for",
        "from",
        "with",
        "by",
        "as",
        "and",
        "or",
        "but",
        "not",
        "no",
        "so",
        "if",
        "then",
        "than",
        "when",
        "while",
        "we",
        "our",
        "us",
        "i",
        "my",
        "you",
        "your",
        "they",
        "he",
        "she",
        "do",
        "does",
        "did",
        "have",
        "has",
        "had",
        "can",
        "could",
        "will",
        "would",
        "should",
        "may",
        "might",
        "just",
        "only",
        "also",
        "any",
        "all",
        "some",
        "each",
        "every",
        "what",
        "why",
        "how",
        "which",
        "who",
        "there",
        "here",
        "now",
        "after",
        "before",
        "since",
        "until",
        "still",
        "again",
        "even",
        "very",
        "more",
        "most",
        "too",
        "up",
        "down",
        "out",
        "into",
        "over",
        "about",
        "because",
        "same",
        "other",
        "one",
        "two",
        "get",
        "gets",
        "got",
        "getting",
        "see",
        "seen",
        "says",
        "say",
        "said",
        "like",
        "please",
        "help",
        "thanks",
        "hello",
        "hi",
        "am",
        "me",
        "im",
        "ive",
        "dont",
        "doesnt",
        "isnt",
        "cant",
    ]
)
"""Everyday words: they tell nothing of what is wrong."""

_FILE = Path(__file__).with_suffix(".yaml")
_KOREAN = re.compile(r"[가-힣]")
_BLANKS = re.compile(r"[\s'\"`(),.]+")
_ENDINGS = ("ations", "ation", "ings", "ing", "ies", "edly", "ed", "ers", "ens", "es", "ly", "e", "s")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """An English word without its ending; good enough to bring the forms of one word together."""
    for ending in _ENDINGS:
        cut = word.removesuffix(ending)
        if cut != word and len(cut) > 2:
            return cut[:-1] if len(cut) > 3 and cut[-1] == cut[-2] and cut[-1] not in "ls" else cut
    return word


@lru_cache(maxsize=1)
def _forms() -> tuple[dict[tuple[str, ...], tuple[str, ...]], dict[str, tuple[str, ...]], int]:
    english: dict[tuple[str, ...], list[str]] = {}
    korean: dict[str, list[str]] = {}
    for line in _FILE.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        concept, _, told = line.partition(":")
        left, _, right = told.partition(" | ")
        for form in (*left.split(","), *right.split(",")):
            form = form.strip()
            if _KOREAN.search(form):
                korean.setdefault(form, []).append(concept)
            elif form:
                words = tuple(stem(part) for part in re.findall(r"[a-z0-9]+", form) if part not in STOP)
                english.setdefault(words, []).append(concept)
    longest = max(map(len, korean))
    return (
        {form: tuple(dict.fromkeys(concepts)) for form, concepts in english.items()},
        {form: tuple(dict.fromkeys(concepts)) for form, concepts in korean.items()},
        longest,
    )


def concepts_in(text: str, stems: Sequence[str]) -> Iterator[str]:
    """The concepts of a text in small letters, whose English words are given as stems in their order."""
    english, korean, longest = _forms()
    words = [word for word in stems if word]
    for i in range(len(words)):
        for length in (1, 2, 3):
            yield from english.get(tuple(words[i : i + length]), ()) if i + length <= len(words) else ()
    if not _KOREAN.search(text):
        return
    joined = _BLANKS.sub("", text)
    for i in range(len(joined)):
        for length in range(1, min(longest, len(joined) - i) + 1):
            yield from korean.get(joined[i : i + length], ())
