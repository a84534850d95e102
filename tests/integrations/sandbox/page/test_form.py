"""What Slack's own client finds wrong with a form before the app hears of it."""

from typing import Any

import pytest

from bot.words import Words
from integrations.sandbox.page.form import Form


def block(element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "input", "block_id": "b", "element": {"action_id": "a"} | element} | more


def complaint(element: dict[str, Any], value: Any, **more: Any) -> str:
    form = Form()
    form.put("b", "a", value)
    form.check([block(element, **more)])
    return Words("en").say(form.complaints["b"]) if form.complaints else ""


WHOLE = {"type": "number_input", "is_decimal_allowed": False, "min_value": "1", "max_value": "9"}


@pytest.mark.parametrize(
    ("element", "value", "told"),
    [
        ({"type": "plain_text_input"}, None, "Please complete this required field."),
        ({"type": "plain_text_input", "min_length": 5}, "four", "At least 5 characters, please."),
        ({"type": "plain_text_input", "min_length": 4}, "four", ""),
        (WHOLE, "1.5", "A number, please."),
        (WHOLE | {"is_decimal_allowed": True}, "1.5", ""),
        (WHOLE, "0", "1 or more, please."),
        (WHOLE, "10", "9 or less, please."),
        ({"type": "email_text_input"}, "minji at example", "That is no e-mail address."),
        ({"type": "email_text_input"}, "minji@example.com", ""),
        ({"type": "url_text_input"}, "example.com", "That is no link: it begins with https://"),
        ({"type": "checkboxes", "options": []}, [], "Please complete this required field."),
    ],
)
def test_what_may_not_be_sent_is_said(element: dict[str, Any], value: Any, told: str) -> None:
    assert complaint(element, value) == told


def test_an_optional_field_may_stay_empty() -> None:
    assert complaint({"type": "plain_text_input"}, None, optional=True) == ""


def test_what_an_element_begins_with_counts_until_something_else_is_entered() -> None:
    form, begun = Form(), block({"type": "plain_text_input", "initial_value": "why?"})
    assert form.check([begun])
    assert form.of([begun]) == {"b": {}}
    form.put("b", "a", None)
    assert not form.check([begun])


def test_every_block_is_told_so_that_no_value_is_taken_for_another_ones() -> None:
    form = Form()
    form.put("b", "a", "words")
    other = {"type": "input", "block_id": "c", "element": {"type": "plain_text_input", "action_id": "b"}}
    assert form.of([block({"type": "plain_text_input"}), other]) == {"b": {"a": "words"}, "c": {}}
