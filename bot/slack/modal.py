"""A Form as a modal, and a modal that was sent as words. Pure: where the answer goes travels in the view itself."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.blocks import FIND, Block, plain_text
from bot.words import Words
from commands.form import Field, Form, Kind, filled
from knowledge.said import Said

TITLE, METADATA, LABEL, OPTION_TEXT, OPTION_VALUE, OPTIONS, TYPED = 24, 3_000, 2_000, 75, 150, 100, 3_000
CALLBACK = "form"
_FIELD = "field:"


@dataclass(frozen=True)
class Sent:
    """A modal that was sent: its words, and the place that it was opened for, or another one that was chosen in it."""

    words: str
    place: Mapping[str, str]
    where: str = ""


def modal(form: Form, words: Words, place: Mapping[str, str]) -> Block:
    """The view that asks for a form's fields. ``place`` comes back with it."""
    blocks: list[Block] = []
    if form.intro:
        blocks.append({"type": "section", "text": plain_text(words.say(form.intro), LABEL)})
    fields = [field for field in form.fields if field.kind is not Kind.WHERE or not place.get("channel")]
    blocks += [_input(field, words) for field in fields]
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain_text(words.say(form.title), TITLE),
        "submit": plain_text(words.say(form.submit), TITLE),
        "close": plain_text(words.say(Said("Cancel")), TITLE),
        "private_metadata": _metadata(form.words, {**place, "language": words.language}),
        "blocks": blocks,
    }


def suggestions(values: Iterable[str]) -> list[Block]:
    """What a search shows."""
    fit = [value for value in values if 0 < len(value) <= OPTION_VALUE]
    return [_option(value, value) for value in fit[:OPTIONS]]


def sent(view: Mapping[str, Any]) -> Sent | None:
    """What a modal of ours says; ``None`` when it is none, or came damaged."""
    told = _told(view)
    template = told.pop("form", "")
    if view.get("callback_id") != CALLBACK or not template:
        return None
    values = dict(_values(view))
    where = values.pop("", "")
    return Sent(filled(template, values), told, where)


def lacking(view: Mapping[str, Any]) -> dict[str, str]:
    """What Slack shows under the inputs that hold nothing but blanks, by block."""
    if view.get("callback_id") != CALLBACK:
        return {}
    words = Words(_told(view).get("language", "en"))
    values = dict(_values(view))
    blocks = view.get("blocks")
    must = [
        str(block.get("block_id"))
        for block in (blocks if isinstance(blocks, list) else ())
        if isinstance(block, Mapping) and block.get("type") == "input" and not block.get("optional")
    ]
    empty = [name for name in must if name.startswith(_FIELD) and not values.get(name.removeprefix(_FIELD), "").strip()]
    return {name: words.say(Said("Please fill this in.")) for name in empty}


def _metadata(template: str, place: Mapping[str, str]) -> str:
    kept = {key: value for key, value in place.items() if value}
    text = json.dumps({"form": template, **kept}, ensure_ascii=False)
    if len(text) > METADATA:  # the way back is the longest, and a direct message reaches the person too
        kept.pop("response_url", None)
        text = json.dumps({"form": template, **kept}, ensure_ascii=False)
    return text


def _told(view: Mapping[str, Any]) -> dict[str, str]:
    try:
        told = json.loads(str(view.get("private_metadata") or "{}"))
    except (ValueError, RecursionError):
        return {}
    return {k: v for k, v in told.items() if isinstance(v, str)} if isinstance(told, dict) else {}


def _values(view: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each field with what was put in; the place for the answer has no name."""
    state = view.get("state")
    values = state.get("values") if isinstance(state, Mapping) else None
    for block_id, inside in values.items() if isinstance(values, Mapping) else ():
        if isinstance(block_id, str) and block_id.startswith(_FIELD) and isinstance(inside, Mapping):
            for thing in inside.values():
                if isinstance(thing, Mapping):
                    place = thing.get("type") == "conversations_select"
                    yield "" if place else block_id.removeprefix(_FIELD), _value(thing)


def _value(thing: Mapping[str, Any]) -> str:
    option, moment = thing.get("selected_option"), thing.get("selected_date_time")
    if isinstance(option, Mapping):
        found = option.get("value")
    elif isinstance(moment, int) and 0 < moment < 2**33:
        found = datetime.fromtimestamp(moment, UTC).isoformat(timespec="minutes").replace("+00:00", "Z")
    else:
        found = thing.get("value") or thing.get("selected_conversation")
    return found.replace("\0", "").encode("utf-8", "replace").decode() if isinstance(found, str) else ""


def _input(field: Field, words: Words) -> Block:
    block: Block = {
        "type": "input",
        "block_id": f"{_FIELD}{field.name}",
        "label": plain_text(words.say(field.label), LABEL),
        "element": _element(field, words),
        "optional": field.optional,
    }
    if field.hint:
        block["hint"] = plain_text(words.say(field.hint), LABEL)
    return block


def _element(field: Field, words: Words) -> Block:
    match field.kind:
        case Kind.TEXT | Kind.LONG:
            most = min(field.longest, TYPED)
            element: Block = {"type": "plain_text_input", "action_id": "value", "max_length": most}
            element |= {"multiline": True} if field.kind is Kind.LONG else {}
            return element | ({"initial_value": field.value[:most]} if field.value else {})
        case Kind.CHOICE:
            options = [_option(words.say(c.label), c.value) for c in field.choices[:OPTIONS]]
            chosen = [option for option in options if option["value"] == field.value]
            initial = {"initial_option": chosen[0]} if chosen else {}
            return {"type": "static_select", "action_id": "value", "options": options, **initial}
        case Kind.SEARCH:
            fits = 0 < len(field.value) <= OPTION_VALUE
            initial = {"initial_option": _option(field.value, field.value)} if fits else {}
            return {
                "type": "external_select",
                "action_id": f"{FIND}{field.among}",
                "min_query_length": 0,
                **initial,
            }
        case Kind.TIME:
            return {"type": "datetimepicker", "action_id": "value"}
        case Kind.WHERE:
            kinds = {"include": ["public", "private"], "exclude_external_shared_channels": True}
            return {"type": "conversations_select", "action_id": "value", "filter": kinds}


def _option(label: str, value: str) -> Block:
    return {"text": plain_text(label, OPTION_TEXT), "value": value}
