"""Block Kit as strict as Slack is: each limit once at its edge and once beyond it."""

from typing import Any

import pytest

from integrations.sandbox.slack.validate import check_blocks, check_view

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "x", **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def button(**more: Any) -> Json:
    return {"type": "button", "action_id": "a", "text": plain("Go"), **more}


def select(n: int, **more: Any) -> Json:
    options = [{"text": plain("one"), "value": str(i)} for i in range(n)]
    return {"type": "static_select", "action_id": "s", "options": options, **more}


EDGES: list[tuple[str, list[Json], list[Json]]] = [
    ("blocks of a message", [section()] * 50, [section()] * 51),
    ("text of a section", [section("x" * 3000)], [section("x" * 3001)]),
    (
        "fields",
        [{"type": "section", "fields": [mrkdwn("x" * 2000)] * 10}],
        [{"type": "section", "fields": [mrkdwn("x")] * 11}],
    ),
    ("a field", [{"type": "section", "fields": [mrkdwn("x")]}], [{"type": "section", "fields": [mrkdwn("x" * 2001)]}]),
    ("a header", [{"type": "header", "text": plain("x" * 150)}], [{"type": "header", "text": mrkdwn("x")}]),
    (
        "a context",
        [{"type": "context", "elements": [mrkdwn("x")] * 10}],
        [{"type": "context", "elements": [mrkdwn("x")] * 11}],
    ),
    ("a text", [section("x")], [section("")]),
    ("a button's text", [actions(button(text=plain("x" * 75)))], [actions(button(text=plain("x" * 76)))]),
    ("a button's value", [actions(button(value="x" * 2000))], [actions(button(value="x" * 2001))]),
    ("a button's style", [actions(button(style="danger"))], [actions(button(style="warning"))]),
    ("options", [actions(select(100))], [actions(select(101))]),
    ("no options", [actions(select(1))], [actions(select(0))]),
    ("action ids in a block", [actions(button(), button(action_id="b"))], [actions(button(), button())]),
    ("block ids", [section(block_id="a"), section(block_id="b")], [section(block_id="a"), section(block_id="a")]),
    ("block types", [{"type": "divider"}], [{"type": "marquee"}]),
    ("properties", [section(expand=True)], [section(colour="red")]),
    ("properties of a text", [section()], [{"type": "section", "text": {**mrkdwn("x"), "emoji": True}}]),
    ("elements of actions", [actions(button())], [actions({"type": "plain_text_input", "action_id": "a"})]),
    ("a menu beside a section", [section(accessory=select(1))], [section(accessory={"type": "number_input"})]),
]


@pytest.mark.parametrize(("good", "bad"), [e[1:] for e in EDGES], ids=[e[0] for e in EDGES])
def test_what_slack_takes_and_what_it_refuses(good: list[Json], bad: list[Json]) -> None:
    assert check_blocks(good) == []
    assert check_blocks(bad) != []


def view(**more: Any) -> Json:
    return {"type": "modal", "title": plain("A ticket"), "blocks": [section()], **more}


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (view(title=plain("x" * 24)), view(title=plain("x" * 25))),
        (view(blocks=[section()] * 100), view(blocks=[section()] * 101)),
        (view(private_metadata="x" * 3000), view(private_metadata="x" * 3001)),
        (view(callback_id="x" * 255), view(callback_id="x" * 256)),
        (view(), view(channel="C0HELP")),
        (view(submit=plain("Send")), view(submit=plain("x" * 25))),
    ],
    ids=["title", "blocks", "private_metadata", "callback_id", "properties", "submit"],
)
def test_what_slack_takes_of_a_modal(good: Json, bad: Json) -> None:
    assert check_view(good) == []
    assert check_view(bad) != []


def test_a_modal_with_an_input_needs_a_submit() -> None:
    text = {"type": "plain_text_input", "action_id": "a"}
    asks = [{"type": "input", "label": plain("Name"), "element": text}]
    assert check_view(view(blocks=asks)) != []
    assert check_view(view(blocks=asks, submit=plain("Send"))) == []
