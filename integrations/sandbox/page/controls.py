"""Block Kit's interactive elements as the browser's own controls: keyboards, phones and screen readers know them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from nicegui.element import Element

from integrations.sandbox.page.elements import begins_with, button, el, icon_button, menu
from integrations.sandbox.page.hands import Hands
from integrations.sandbox.page.lookup import Lookup
from integrations.sandbox.slack.elements import choices_of
from knowledge.said import Said

Json = dict[str, Any]
_TYPED = {
    "plain_text_input": "text",
    "number_input": "text",
    "email_text_input": "email",
    "url_text_input": "url",
    "datepicker": "date",
    "timepicker": "time",
    "datetimepicker": "datetime-local",
}
_VALUE = "(event) => emit(event.target.value)"
_LOCAL = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class Tied:
    """The ids of the label and of the words that explain an input."""

    label: str = ""
    described: str = ""


class Controls:
    """Draws one element into the current slot."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._say = hands.visitor.say

    def draw(self, block: Json, thing: Json, tied: Tied | None = None) -> None:
        tied = tied or Tied()
        match thing.get("type"):
            case "button":
                self._button(thing)
            case "overflow":
                self._overflow(thing)
            case "static_select":
                groups = [
                    (group["label"]["text"], _pairs(group["options"])) for group in thing.get("option_groups", ())
                ]
                self._select(block, thing, tied, _pairs(thing.get("options", ())), groups)
            case "users_select":
                self._select(block, thing, tied, self._hands.members())
            case "channels_select" | "conversations_select":
                self._select(block, thing, tied, self._hands.channels())
            case "external_select" | "multi_external_select":
                Lookup(self._hands, block, thing, tied.label, tied.described)
            case "radio_buttons" | "checkboxes" | "multi_static_select":
                self._marks(block, thing, tied, [(o["value"], o) for o in choices_of(thing)])
            case "multi_users_select":
                people = [(user, {"text": {"text": name}}) for user, name in self._hands.members()]
                self._marks(block, thing, tied, people)
            case kind if kind in _TYPED:
                self._field(block, thing, tied)

    def _button(self, thing: Json) -> None:
        label = str(thing["text"]["text"])
        classes = f"bk-button {thing.get('style', '')}".strip()
        hint = thing.get("accessibility_label")
        if thing.get("url"):
            made = el(
                "a", classes, label, href=thing["url"], target="_blank", rel="noopener noreferrer", aria_label=hint
            )
        else:
            made = button(classes, label, aria_label=hint)
        made.on("click", lambda: self._hands.press(thing), args=[])

    def _overflow(self, thing: Json) -> None:
        label = self._say(Said("More actions"))
        opener = icon_button("bk-button overflow", "more_horiz", label)
        items = [(o["text"]["text"], lambda v=o["value"]: self._hands.press(thing, v)) for o in thing["options"]]
        menu(opener, label, items)

    def _select(
        self,
        block: Json,
        thing: Json,
        tied: Tied,
        options: Sequence[tuple[str, str]],
        groups: Sequence[tuple[str, list[tuple[str, str]]]] = (),
    ) -> None:
        waiting = thing.get("placeholder", {}).get("text") or self._say(Said("Choose …"))
        before = value_of(self._hands.form.get(block["block_id"], thing))
        box = _tied(el("select", "bk-menu"), tied, waiting)
        with box:
            el("option", "", waiting, value="", selected=None if before else True)
            _options(options, before)
            for label, some in groups:
                with el("optgroup", "", label=label):
                    _options(some, before)

        def chosen(event: Any) -> None:
            form, block_id, action_id = self._hands.form, block["block_id"], thing["action_id"]
            back = form.values.get(block_id, {}).get(action_id)

            def undone() -> None:
                form.put(block_id, action_id, back)
                box.client.run_javascript(f"rehearsal.pick({box.id}, {json.dumps(value_of(back) or before or '')})")

            self._hands.enter(block, thing, str(event.args) or None, undone)

        box.on("change", chosen, js_handler=_VALUE)

    def _marks(self, block: Json, thing: Json, tied: Tied, options: Sequence[tuple[str, Json]]) -> None:
        """Radio buttons or checkboxes: all options open to see."""
        one = thing["type"] == "radio_buttons"
        now = self._hands.form.get(block["block_id"], thing)
        chosen = [value_of(now)] if one else [value_of(some) for some in now or ()]
        waiting = thing.get("placeholder", {}).get("text") or self._say(Said("Choose …"))
        with _tied(el("div", "bk-marks", role="radiogroup" if one else "group"), tied, waiting):
            for value, option in options:
                with el("label", "bk-mark"):
                    mark = el("input", "", type="radio" if one else "checkbox", checked=value in chosen or None)
                    mark.props["name"] = f"{block['block_id']}-{thing['action_id']}"
                    mark.on("change", self._marked(block, thing, value), js_handler="(e) => emit(e.target.checked)")
                    with el("span"):
                        el("span", "bk-mark-text", str(option["text"]["text"]))
                        if option.get("description"):
                            el("span", "bk-mark-says", str(option["description"]["text"]))

    def _marked(self, block: Json, thing: Json, value: str) -> Callable[[Any], None]:
        def marked(event: Any) -> None:
            if thing["type"] == "radio_buttons":
                self._hands.enter(block, thing, value)
                return
            others = [value_of(o) for o in self._hands.form.get(block["block_id"], thing) or () if value_of(o) != value]
            self._hands.enter(block, thing, [*others, value] if event.args else others)

        return marked

    def _field(self, block: Json, thing: Json, tied: Tied) -> None:
        kind = _TYPED[thing["type"]]
        many = bool(thing.get("multiline"))
        waiting = thing.get("placeholder", {}).get("text", "")
        box = el("textarea" if many else "input", "bk-field-box", placeholder=waiting or None, rows=4 if many else None)
        _tied(box, tied, waiting)
        if not many:
            box.props["type"] = kind
        if thing["type"] == "number_input":
            box.props["inputmode"] = "decimal"
        if thing.get("max_length"):
            box.props["maxlength"] = thing["max_length"]
        if thing.get("focus_on_load"):
            box.props["autofocus"] = True
        begins_with(box, self._shown(thing, self._hands.form.get(block["block_id"], thing)))
        box.on(
            "change" if thing["type"].endswith("picker") or block["type"] != "input" else "input",
            lambda event: self._hands.enter(block, thing, self._told(thing, str(event.args))),
            js_handler=_VALUE,
        )

    def _shown(self, thing: Json, value: Any) -> str:
        if thing["type"] == "datetimepicker" and value:
            return f"{datetime.fromtimestamp(int(value), self._zone()):{_LOCAL}}"
        return str(value or "")

    def _told(self, thing: Json, text: str) -> Any:
        if thing["type"] == "datetimepicker" and text:
            return int(datetime.strptime(text, _LOCAL).replace(tzinfo=self._zone()).timestamp())
        return text or None

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._hands.visitor.me.tz or "UTC")


def value_of(option: Any) -> str:
    """The value of an option, as it was declared or as it was entered."""
    return str(option["value"] if isinstance(option, dict) else option or "")


def _pairs(options: Sequence[Json]) -> list[tuple[str, str]]:
    return [(option["value"], option["text"]["text"]) for option in options]


def _options(options: Sequence[tuple[str, str]], chosen: str) -> None:
    for value, text in options:
        el("option", "", text, value=value, selected=True if value == chosen else None)


def _tied(made: Element, tied: Tied, waiting: str) -> Element:
    """The element with its name: that of its label, else what stands in it while it is empty."""
    if tied.label:
        made.props["aria-labelledby"] = tied.label
    elif waiting:
        made.props["aria-label"] = waiting
    if tied.described:
        made.props["aria-describedby"] = tied.described
    return made
