"""Answers in Slack: one look, within every limit, and nothing from outside acts."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from bot.blocks import BLOCKS, FALLBACK_TEXT, HOME_BLOCKS, TEXT_OF_ALL_BLOCKS, Rendered, render, render_home
from bot.slack.clerk import how_far, placeholder
from bot.slack.modal import modal
from commands.dialogue import Answer, Bullets, Code, Context, Offer, Table, Text, Tone
from commands.form import Choice, Field, Form, Kind
from commands.registry import missing, registry
from integrations.sandbox.slack.validate import check_blocks, check_view, text_length
from knowledge.said import Said
from tests.bot.answers import ANSWERS, READERS
from tests.bot.arbitrary import answers, said, strings
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
    shown: dict[str, Any] = {"text": rendered.text, "blocks": rendered.blocks}
    shown |= {"files": [[f.name, f.content] for f in rendered.files], "kept": dict(rendered.kept)}
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


@settings(max_examples=60, deadline=None)
@given(answers)
def test_whatever_is_told_on_a_home_slack_takes_it(answer: Answer) -> None:
    blocks = render_home(answer, EN).blocks
    assert check_view({"type": "home", "blocks": blocks}, ("home",)) == []
    assert len(blocks) <= HOME_BLOCKS


@settings(max_examples=60, deadline=None)
@given(said, said, strings, strings)
def test_whatever_a_form_asks_slack_takes_it(title: Said, label: Said, value: str, place: str) -> None:
    kinds = [kind for kind in Kind if kind is not Kind.CHOICE]
    fields = tuple(Field(f"f{n}", label, kind, label, value=value, among="clusters") for n, kind in enumerate(kinds))
    choice = Field("c", label, Kind.CHOICE, choices=(Choice("a", label), Choice("b", title)), value="a")
    form = Form(title, "ask {f0}", (*fields, choice), title, label)
    assert check_view(modal(form, EN, {"channel": "", "response_url": place[:3000]})) == []


@pytest.mark.parametrize("language", READERS)
@pytest.mark.parametrize("command", sorted(name for name, r in registry().items() if missing(r.command, "")))
def test_slack_takes_the_form_of_every_command(command: str, language: str) -> None:
    form = missing(registry()[command].command, "")
    assert form
    for place in ({}, {"channel": "C0HELP", "response_url": "https://hooks.slack.example/" + "x" * 300}):
        view = modal(form, READERS[language], place)
        assert check_view(view) == []
        assert "…" not in view["title"]["text"]


@pytest.mark.parametrize("language", READERS)
@pytest.mark.parametrize("command", ["ask", "diagnose"])
def test_a_form_declared_and_a_form_drawn_look_as_they_did(command: str, language: str) -> None:
    form = missing(registry()[command].command, "")
    assert form
    view = modal(form, READERS[language], {"channel": "C0HELP", "thread": "1.2"})
    same_as_kept(f"modals/{command}.{language}.json", json.dumps(view, ensure_ascii=False, indent=2) + "\n")


@pytest.mark.parametrize("language", READERS)
def test_the_placeholder_looks_as_it_did(language: str) -> None:
    for name, far in (("placeholder", None), ("progress", how_far(1, 3, "")), ("steps", how_far(1, 2, "shop-prod"))):
        shown = render(placeholder(far), READERS[language])
        assert check_blocks(shown.blocks) == []
        text = json.dumps({"text": shown.text, "blocks": shown.blocks}, ensure_ascii=False, indent=2) + "\n"
        same_as_kept(f"blocks/{name}.{language}.json", text)


def test_many_offers_are_a_menu_and_what_few_need_is_behind_the_dots() -> None:
    offers = tuple(Offer(Said("{span} ago", span=str(n)), f"why {n}", aside=n > 8) for n in range(11))
    (actions,) = render(Answer(Said("log"), Tone.ASK, offers=offers), EN).blocks[1:]
    menu, dots = actions["elements"]
    assert [option["value"] for option in menu["options"]] == [f"why {n}" for n in range(9)]
    assert [option["value"] for option in dots["options"]] == ["why 9", "why 10"]


def test_words_that_no_option_holds_are_kept_and_named() -> None:
    offers = tuple(Offer(Said("log"), f"why {n} {'x' * 200}") for n in range(6))
    rendered = render(Answer(Said("log"), Tone.ASK, offers=offers), EN)
    options = rendered.blocks[-1]["elements"][0]["options"]
    assert [rendered.kept[option["value"]] for option in options] == [offer.says for offer in offers]


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
