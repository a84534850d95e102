"""The elements inside blocks: which exist, where each may stand, and the limits of their texts and options."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

BUTTON_TEXT, BUTTON_VALUE, URL, ACTION_ID = 75, 2_000, 3_000, 255
OPTION_TEXT, OPTION_VALUE, OPTIONS, FEW_OPTIONS, OVERFLOW = 75, 150, 100, 10, 5
PLACEHOLDER, INPUT_LENGTH = 150, 3_000
CONFIRM_TITLE, CONFIRM_TEXT, CONFIRM_BUTTON = 100, 300, 30


@dataclass(frozen=True)
class Spec:
    """One element type: its own properties, where it may stand, how many options it takes (0: it has none)."""

    own: frozenset[str] = field(default_factory=frozenset)
    section: bool = True
    action: bool = True
    input: bool = False
    options: int = 0


def _spec(own: str = "", **more: Any) -> Spec:
    return Spec(frozenset(own.split()), **more)


_SELECT = "placeholder focus_on_load"
ELEMENTS: dict[str, Spec] = {
    "button": _spec("text value url style accessibility_label"),
    "overflow": _spec("options", options=OVERFLOW),
    "static_select": _spec(f"{_SELECT} options option_groups initial_option", input=True, options=OPTIONS),
    "multi_static_select": _spec(
        f"{_SELECT} options option_groups initial_options max_selected_items", action=False, input=True, options=OPTIONS
    ),
    "external_select": _spec(f"{_SELECT} initial_option min_query_length", input=True),
    "multi_external_select": _spec(
        f"{_SELECT} initial_options min_query_length max_selected_items", action=False, input=True
    ),
    "users_select": _spec(f"{_SELECT} initial_user", input=True),
    "multi_users_select": _spec(f"{_SELECT} initial_users max_selected_items", action=False, input=True),
    "conversations_select": _spec(
        f"{_SELECT} initial_conversation default_to_current_conversation response_url_enabled filter", input=True
    ),
    "channels_select": _spec(f"{_SELECT} initial_channel response_url_enabled", input=True),
    "radio_buttons": _spec("options initial_option focus_on_load", input=True, options=FEW_OPTIONS),
    "checkboxes": _spec("options initial_options focus_on_load", input=True, options=FEW_OPTIONS),
    "datepicker": _spec(f"{_SELECT} initial_date", input=True),
    "timepicker": _spec(f"{_SELECT} initial_time timezone", input=True),
    "datetimepicker": _spec("initial_date_time focus_on_load", section=False, input=True),
    "plain_text_input": _spec(
        f"{_SELECT} initial_value multiline min_length max_length dispatch_action_config",
        section=False,
        action=False,
        input=True,
    ),
    "number_input": _spec(
        f"{_SELECT} is_decimal_allowed initial_value min_value max_value dispatch_action_config",
        section=False,
        action=False,
        input=True,
    ),
    "email_text_input": _spec(f"{_SELECT} initial_value", section=False, action=False, input=True),
    "url_text_input": _spec(f"{_SELECT} initial_value", section=False, action=False, input=True),
    "image": _spec("image_url slack_file alt_text", action=False),
    "feedback_buttons": _spec("positive_button negative_button", section=False, action=False),
    "icon_button": _spec("icon text value accessibility_label visible_to_user_ids", section=False, action=False),
}


def element(thing: object, allowed: set[str], at: str) -> Iterator[str]:
    """What is wrong with an element that stands where only some types may."""
    if not isinstance(thing, dict):
        yield f"must provide an object [json-pointer:{at}]"
        return
    kind = thing.get("type")
    if kind not in allowed or not isinstance(kind, str):
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    spec = ELEMENTS[kind]
    for name in thing:
        if name not in spec.own | {"type", "action_id", "confirm"}:
            yield f"invalid additional property: {name} [json-pointer:{at}]"
    yield from _short(thing, "action_id", ACTION_ID, at)
    if "confirm" in thing:
        yield from _confirm(thing["confirm"], f"{at}/confirm")
    if "placeholder" in thing:
        yield from text_object(thing["placeholder"], PLACEHOLDER, f"{at}/placeholder", plain=True)
    if kind == "button":
        yield from _button(thing, at)
    if spec.options:
        yield from _options(thing, spec.options, at)
    if kind == "plain_text_input":
        for name, least in (("min_length", 0), ("max_length", 1)):
            value = thing.get(name, least)
            if not isinstance(value, int) or not least <= value <= INPUT_LENGTH:
                yield f"must be between {least} and {INPUT_LENGTH} [json-pointer:{at}/{name}]"
        yield from _short(thing, "initial_value", INPUT_LENGTH, at)
    if kind == "number_input" and "is_decimal_allowed" not in thing:
        yield f"missing required field: is_decimal_allowed [json-pointer:{at}]"


def text_object(text: object, limit: int, at: str, plain: bool = False) -> Iterator[str]:
    """What is wrong with a ``plain_text`` or ``mrkdwn`` object."""
    if not isinstance(text, dict):
        yield f"must provide an object [json-pointer:{at}]"
        return
    kind = text.get("type")
    known = {"plain_text": {"type", "text", "emoji"}, "mrkdwn": {"type", "text", "verbatim"}}
    if kind not in known or (plain and kind != "plain_text"):
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    for name in text:
        if name not in known[kind]:
            yield f"invalid additional property: {name} [json-pointer:{at}]"
    body = text.get("text")
    if not isinstance(body, str):
        yield f"must provide a string [json-pointer:{at}/text]"
    elif not body:
        yield f"must be more than 0 characters [json-pointer:{at}/text]"
    elif len(body) > limit:
        yield f"must be less than {limit + 1} characters [json-pointer:{at}/text]"


def option_object(option: object, marks: bool, at: str) -> Iterator[str]:
    """What is wrong with an option; only in ``marks`` (radio buttons, checkboxes) its texts may be formatted."""
    if not isinstance(option, dict):
        yield f"must provide an object [json-pointer:{at}]"
        return
    yield from text_object(option.get("text"), OPTION_TEXT, f"{at}/text", plain=not marks)
    if not isinstance(option.get("value"), str):
        yield f"must provide a string [json-pointer:{at}/value]"
    yield from _short(option, "value", OPTION_VALUE, at)
    if "description" in option:
        yield from text_object(option["description"], OPTION_TEXT, f"{at}/description", plain=not marks)


def choices_of(thing: Json) -> list[Json]:
    """All options of an element, its groups taken together."""
    groups = [group.get("options", []) for group in thing.get("option_groups") or []]
    return [*thing.get("options", []), *(option for group in groups for option in group)]


def block_text(thing: object) -> int:
    """The characters of all texts inside a block."""
    if isinstance(thing, dict):
        own = thing.get("text")
        rest = sum(block_text(value) for key, value in thing.items() if key != "text" or not isinstance(own, str))
        return rest + (len(own) if isinstance(own, str) else 0)
    return sum(map(block_text, thing)) if isinstance(thing, list) else 0


def _button(thing: Json, at: str) -> Iterator[str]:
    yield from text_object(thing.get("text"), BUTTON_TEXT, f"{at}/text", plain=True)
    yield from _short(thing, "value", BUTTON_VALUE, at)
    yield from _short(thing, "url", URL, at)
    yield from _short(thing, "accessibility_label", BUTTON_TEXT, at)
    if thing.get("style", "primary") not in ("primary", "danger"):
        yield f"style must be primary or danger [json-pointer:{at}/style]"


def _options(thing: Json, limit: int, at: str) -> Iterator[str]:
    if ("options" in thing) == ("option_groups" in thing):
        yield f"must provide either options or option_groups [json-pointer:{at}]"
        return
    lists = [(f"{at}/options", thing.get("options"))]
    if "option_groups" in thing:
        groups = thing["option_groups"] if isinstance(thing["option_groups"], list) else []
        if not 0 < len(groups) <= OPTIONS:
            yield f"no more than {OPTIONS} items allowed [json-pointer:{at}/option_groups]"
        lists = [(f"{at}/option_groups/{i}/options", group.get("options")) for i, group in enumerate(groups)]
        for i, group in enumerate(groups):
            yield from text_object(group.get("label"), OPTION_TEXT, f"{at}/option_groups/{i}/label", plain=True)
    for place, options in lists:
        if not isinstance(options, list) or not options:
            yield f"no fewer than 1 items allowed [json-pointer:{place}]"
            continue
        if len(options) > limit:
            yield f"no more than {limit} items allowed [json-pointer:{place}]"
        for i, option in enumerate(options):
            yield from option_object(option, thing["type"] in ("radio_buttons", "checkboxes"), f"{place}/{i}")
    offered = choices_of(thing)
    chosen = [thing["initial_option"]] if "initial_option" in thing else thing.get("initial_options", [])
    if any(option not in offered for option in chosen):
        yield f"initial option must be one of the options [json-pointer:{at}]"


def _confirm(confirm: object, at: str) -> Iterator[str]:
    if not isinstance(confirm, dict):
        yield f"must provide an object [json-pointer:{at}]"
        return
    yield from text_object(confirm.get("title"), CONFIRM_TITLE, f"{at}/title", plain=True)
    yield from text_object(confirm.get("text"), CONFIRM_TEXT, f"{at}/text")
    for name in ("confirm", "deny"):
        yield from text_object(confirm.get(name), CONFIRM_BUTTON, f"{at}/{name}", plain=True)


def _short(thing: Json, name: str, limit: int, at: str) -> Iterator[str]:
    value = thing.get(name)
    if value is not None and not isinstance(value, str):
        yield f"must provide a string [json-pointer:{at}/{name}]"
    elif value is not None and len(value) > limit:
        yield f"must be less than {limit + 1} characters [json-pointer:{at}/{name}]"
