"""Transcripts: words asked, text answered, as they stand in ``tests/conversations/*.md`` and in README.

``GURUMI_WRITE_SNAPSHOTS=1 pytest tests/test_conversations.py`` writes anew what is answered otherwise now; the diff is
then read by a person. Clock times and seconds are those of the run, so they are not compared.
"""

import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.plain import render
from bot.terminal import spoken
from bot.words import Words
from tests.door import Door, door
from tests.sandbox_fixtures import World
from tests.worlds import LIMITED, OOM, deployment, noise

ROOT = Path(__file__).parent.parent
FILES = [*sorted((ROOT / "tests" / "conversations").glob("*.md")), ROOT / "README.md"]
KILLED = deployment(container=LIMITED, status=OOM) + noise()
WORLDS: dict[str, World | Mapping[str, World]] = {
    "demo": ROOT / "integrations" / "sandbox" / "worlds" / "demo",
    "a healthy checkout": deployment(ready=True) + noise(),
    "checkout killed": KILLED,
    "checkout killed in two clusters": {"prod": KILLED, "dev": KILLED},
    "checkout killed, events denied": KILLED + "---\n{apiVersion: rehearsal, kind: Denied, resource: events}\n",
}

EXCHANGE = re.compile(r"^> (?P<asked>[^\n]+)\n\n```text\n(?P<answered>.*?)^```$", re.MULTILINE | re.DOTALL)
_OF_THE_RUN = (
    (re.compile(r"(\d{4}-\d\d-\d\d )?\d\d:\d\d KST"), "(a time)"),
    (re.compile(r"(\d+ min )?\d+ s ago"), "(just now)"),
    (re.compile(r"(\d+분 )?\d+초 전"), "(just now)"),
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_asked_is_answered_as_it_is_written(file: Path) -> None:
    text = file.read_text()
    exchanges = list(EXCHANGE.finditer(text))
    assert exchanges, "a conversation has a question in a quote and its answer in a text block"
    with door(WORLDS[_world(text)]) as here:
        answers = [_answer(here, exchange["asked"]) for exchange in exchanges]
    if os.environ.get("GURUMI_WRITE_SNAPSHOTS"):
        text = _written(file, text, exchanges, answers)
        exchanges = list(EXCHANGE.finditer(text))
    for exchange, answer in zip(exchanges, answers, strict=True):
        assert _comparable(exchange["answered"]) == _comparable(answer)


def _world(text: str) -> str:
    named = re.search(r"^World: (.+)$", text, re.MULTILINE)
    return named[1] if named else "demo"


def _answer(here: Door, words: str) -> str:
    answer = here.ask(words).answer
    return render(answer, Words(spoken(words), here.person.zone, datetime.now(UTC)))


def _comparable(text: str) -> str:
    """The words without their line breaks, which move with the width of a time."""
    text = " ".join(text.split())
    for pattern, name in _OF_THE_RUN:
        text = pattern.sub(name, text)
    return text


def _written(file: Path, text: str, exchanges: list[re.Match[str]], answers: list[str]) -> str:
    for exchange, answer in reversed(list(zip(exchanges, answers, strict=True))):
        if _comparable(exchange["answered"]) != _comparable(answer):
            text = text[: exchange.start("answered")] + answer + text[exchange.end("answered") :]
    file.write_text(text)
    return text
