"""What stands in the inputs of one view, and what Slack's own client finds wrong with it before the app hears of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from knowledge.said import Said

Json = dict[str, Any]
_INITIAL = {
    "datepicker": "initial_date",
    "timepicker": "initial_time",
    "datetimepicker": "initial_date_time",
    "users_select": "initial_user",
    "multi_users_select": "initial_users",
    "conversations_select": "initial_conversation",
    "channels_select": "initial_channel",
    "static_select": "initial_option",
    "external_select": "initial_option",
    "radio_buttons": "initial_option",
    "multi_static_select": "initial_options",
    "multi_external_select": "initial_options",
    "checkboxes": "initial_options",
}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"https?://\S+")


@dataclass
class Form:
    """``values`` as ``SlackRoom.submit`` takes them: by block id, then action id."""

    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    complaints: dict[str, Said] = field(default_factory=dict)

    def put(self, block_id: str, action_id: str, value: Any) -> None:
        self.values.setdefault(block_id, {})[action_id] = value

    def get(self, block_id: str, thing: Json) -> Any:
        """What was entered, else what the element begins with."""
        entered = self.values.get(block_id, {})
        return entered[thing["action_id"]] if thing["action_id"] in entered else initial(thing)

    def of(self, blocks: list[Json]) -> dict[str, dict[str, Any]]:
        """What goes to the app: every block of the view, also where nothing was entered."""
        return {block["block_id"]: self.values.get(block["block_id"], {}) for block in blocks}

    def check(self, blocks: list[Json]) -> bool:
        """Whether the app may hear of it; ``complaints`` then says what may not stay, by block."""
        self.complaints = {
            block["block_id"]: said for block in blocks if block["type"] == "input" and (said := self._wrong(block))
        }
        return not self.complaints

    def _wrong(self, block: Json) -> Said | None:
        value = self.get(block["block_id"], block["element"])
        if value in (None, "", []):
            return None if block.get("optional") else Said("Please complete this required field.")
        return next(_complaints(block["element"], str(value)), None)


def initial(thing: Json) -> Any:
    """What an element begins with: an option, a list of options, a text, or None."""
    return thing.get(_INITIAL.get(thing["type"], "initial_value"))


def _complaints(thing: Json, value: str) -> Iterator[Said]:
    match thing["type"]:
        case "plain_text_input" if len(value) < thing.get("min_length", 0):
            yield Said("At least {n:|character|characters}, please.", n=thing["min_length"])
        case "number_input":
            yield from _number(thing, value)
        case "email_text_input" if not _EMAIL.fullmatch(value):
            yield Said("That is no e-mail address.")
        case "url_text_input" if not _URL.fullmatch(value):
            yield Said("That is no link: it begins with https://")


def _number(thing: Json, value: str) -> Iterator[Said]:
    whole = r"-?\d+" + (r"(\.\d+)?" if thing["is_decimal_allowed"] else "")
    if not re.fullmatch(whole, value):
        yield Said("A number, please.")
    elif "min_value" in thing and float(value) < float(thing["min_value"]):
        yield Said("{least} or more, please.", least=str(thing["min_value"]))
    elif "max_value" in thing and float(value) > float(thing["max_value"]):
        yield Said("{most} or less, please.", most=str(thing["max_value"]))
