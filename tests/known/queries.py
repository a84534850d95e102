"""The labelled queries of this folder, and how well a search does on them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Query:
    """What somebody wrote, and the ids of every issue that answers it."""

    text: str
    language: str
    expected: tuple[str, ...]


def queries(name: str) -> Iterator[Query]:
    for line in (HERE / f"{name}.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            language, expected, text = line.split("\t")
            yield Query(text, language, () if expected == "-" else tuple(expected.split()))
