"""Answers in a terminal and for programs."""

import json

import pytest
from hypothesis import given, settings
from rich.cells import cell_len

from bot.plain import as_json, render, visible
from commands.dialogue import Answer, Bullets, Code, Tone
from knowledge.finding import Ref, Severity
from knowledge.said import Said
from tests.bot.answers import ANSWERS, NOW, READERS
from tests.bot.arbitrary import answers
from tests.bot.kept import same_as_kept

EN, KO = READERS["en"], READERS["ko"]


@pytest.mark.parametrize("language", READERS)
@pytest.mark.parametrize("name", ANSWERS)
def test_every_part_and_tone_looks_as_it_did(name: str, language: str) -> None:
    same_as_kept(f"plain/{name}.{language}.txt", render(ANSWERS[name], READERS[language]))


@settings(max_examples=150, deadline=None)
@given(answers)
def test_nothing_from_outside_steers_the_terminal(answer: Answer) -> None:
    text = render(answer, EN)
    assert visible(text) == text
    assert json.loads(as_json(answer, EN))["tone"] == answer.tone


def test_lines_wrap_at_blanks_and_a_korean_letter_counts_two() -> None:
    sentence = "결제 서비스가 메모리 한도를 넘어 다시 시작되었습니다 " * 5
    text = render(Answer(Said("log"), Tone.FOUND, (Bullets((Said("{span} ago", span=sentence),)),)), EN, width=40)
    assert max(map(cell_len, text.splitlines())) <= 40
    assert all(word in sentence.split() for line in text.splitlines()[2:-1] for word in line.strip("- ").split())


def test_verbatim_text_is_never_wrapped() -> None:
    line = "kubectl -n shop get pod " * 10
    assert line.strip() in render(Answer(Said("log"), Tone.INFO, (Code(line),)), EN, width=40)


def test_colour_is_only_there_when_asked_for() -> None:
    answer = ANSWERS["found"]
    assert "\x1b[" not in render(answer, EN)
    assert visible(render(answer, EN, colour=True)) == render(answer, EN)


@pytest.mark.parametrize(
    "text",
    ["\x1b[31mred\x1b[0m", "\x1b]0;title\x07red", "r\x00e\x08d", "r\u202eed", "r\u200bed", "\x1b]8;;http://x\x1b\\red"],
)
def test_what_cannot_be_seen_is_taken_out(text: str) -> None:
    assert visible(text) == "red"


def test_json_holds_the_words_and_what_the_command_says_for_programs() -> None:
    data = {
        "findings": [
            {"subject": Ref("Pod", "shop", "cart"), "severity": Severity.ERROR, "at": NOW, "says": Said("log")}
        ],
        "tone": "a command cannot change it",
    }
    told = json.loads(as_json(Answer(Said("event"), Tone.FOUND, data=data), KO))
    assert told["headline"] == "이벤트"
    assert (told["tone"], told["language"], told["gaps"]) == ("found", "ko", [])
    assert told["text"].startswith("✗ 이벤트")
    assert told["findings"] == [
        {
            "subject": {"kind": "Pod", "namespace": "shop", "name": "cart"},
            "severity": "error",
            "at": "2026-01-15T05:30:00+00:00",
            "says": "로그",
        }
    ]
