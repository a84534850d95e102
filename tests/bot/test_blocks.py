"""Answers in Slack: one look, within every limit, and nothing from outside acts."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from bot.blocks import BLOCKS, FALLBACK_TEXT, TEXT_OF_ALL_BLOCKS, Rendered, render
from commands.dialogue import Answer, Bullets, Code, Context, Offer, Table, Text, Tone
from integrations.sandbox.slack.validate import check_blocks, text_length
from knowledge.said import Said
from tests.bot.answers import ANSWERS, READERS
from tests.bot.arbitrary import answers
from tests.bot.kept import same_as_kept

EN = READERS["en"]


def texts(rendered: Rendered) -> Iterator[str]:
    """Every text that Slack reads as mrkdwn."""

    def inside(thing: Any) -> Iterator[str]:
        if isinstance(thing, dict):
            if thing.get("type") == "mrkdwn":
                yield thing["text"]
            thing = list(thing.values())
        if isinstance(thing, list):
            for item in thing:
                yield from inside(item)

    yield rendered.text
    yield from inside(rendered.blocks)


def running(value: str) -> str:
    """A value as it stands in a paragraph."""
    return render(Answer(Said("{span} ago", span=value), Tone.INFO), EN).text.removesuffix(" ago")


@pytest.mark.parametrize("language", READERS)
@pytest.mark.parametrize("name", ANSWERS)
def test_every_part_and_tone_looks_as_it_did(name: str, language: str) -> None:
    rendered = render(ANSWERS[name], READERS[language])
    shown = {"text": rendered.text, "blocks": rendered.blocks, "files": [[f.name, f.content] for f in rendered.files]}
    assert check_blocks(rendered.blocks) == []
    same_as_kept(f"blocks/{name}.{language}.json", json.dumps(shown, ensure_ascii=False, indent=2) + "\n")


@settings(max_examples=150, deadline=None)
@given(answers)
def test_whatever_is_told_slack_takes_it_and_nothing_from_outside_acts(answer: Answer) -> None:
    rendered = render(answer, EN)
    assert check_blocks(rendered.blocks) == []
    assert text_length(rendered.blocks) <= TEXT_OF_ALL_BLOCKS + 1_000
    assert len(rendered.text) <= FALLBACK_TEXT
    assert len({file.name for file in rendered.files}) == len(rendered.files)
    for text in texts(rendered):
        assert "<" not in text
        assert ">" not in text
        assert not re.sub("&(?:amp|lt|gt);", "", text).count("&")
        assert "\u202e" not in text
        assert "\x1b" not in text


@pytest.mark.parametrize("value", ["*bold*", "_it_", "~no~", "@here", ":smile:", "https://evil.example/x", "*/5 * *"])
def test_what_could_format_stands_in_code_style(value: str) -> None:
    assert running(value) == f"`{value}`"


@pytest.mark.parametrize("value", ["cart_service", "10:30:00", "a*b", "shop/cart-7d9f", "minji@example.com", "5 ~ 6a"])
def test_what_cannot_format_stands_as_it_is(value: str) -> None:
    assert running(value).strip("`") == value


def test_a_backtick_from_outside_closes_no_code() -> None:
    assert running("a`b*c*").count("`") == 2


def test_a_value_inside_our_own_code_style_needs_none_of_its_own() -> None:
    answer = Answer(Said("`kubectl get {kind}` <now>", kind="*"), Tone.INFO)
    assert render(answer, EN).text == "`kubectl get *` &lt;now&gt;"


def test_a_fence_from_outside_closes_none_of_ours() -> None:
    shown = render(Answer(Said("log"), Tone.INFO, (Code("a\n```\n*b*"),)), EN).blocks[1]["text"]["text"]
    assert shown.count("```") == 2


def test_long_verbatim_text_shows_both_ends_and_is_attached_whole() -> None:
    log = "\n".join(f"line {n}" for n in range(1000))
    rendered = render(Answer(Said("log"), Tone.INFO, (Code(log, "app log"),)), EN)
    assert [(f.name, f.content) for f in rendered.files] == [("app-log.txt", log + "\n")]
    assert "line 0\n" in rendered.blocks[2]["text"]["text"]
    assert "line 999\n" in rendered.blocks[2]["text"]["text"]
    assert "app-log.txt" in rendered.blocks[3]["elements"][0]["text"]


def test_a_long_table_is_attached_whole_and_says_how_much_is_missing() -> None:
    table = Table((Said("event"),), tuple((f"row {n}",) for n in range(40)))
    rendered = render(Answer(Said("log"), Tone.INFO, (table,)), EN)
    assert rendered.blocks[2]["elements"][0]["text"] == "15 more in table.txt."
    assert "row 39" in rendered.files[0].content


def test_more_than_a_message_holds_is_cut_and_attached_whole() -> None:
    rendered = render(Answer(Said("log"), Tone.INFO, (Context(("small print",)),) * 80), EN)
    assert len(rendered.blocks) == BLOCKS
    assert "answer.txt" in rendered.blocks[-1]["elements"][0]["text"]
    assert rendered.files[-1].content.count("small print") == 80


def test_the_buttons_stay_when_the_message_is_cut() -> None:
    answer = Answer(Said("log"), Tone.INFO, (Bullets((Said("{span} ago", span="x" * 2500),) * 9),))
    rendered = render(Answer(answer.headline, Tone.INFO, answer.parts, (Offer(Said("event"), "why"),)), EN)
    assert rendered.blocks[-1]["elements"][0]["value"] == "why"


def test_a_button_asks_its_words_unchanged() -> None:
    offer = Offer(Said("{span} ago", span="<x>" * 40), 'why "cart" <now>', primary=True)
    button = render(Answer(Said("log"), Tone.ASK, offers=(offer,)), EN).blocks[-1]["elements"][0]
    assert button["value"] == 'why "cart" <now>'
    assert button["style"] == "primary"
    assert len(button["text"]["text"]) == 75


def test_a_notification_begins_with_the_headline() -> None:
    answer = Answer(Said("event"), Tone.FOUND, (Text(Said("log")),))
    assert render(answer, EN).text == "event\nlog"
