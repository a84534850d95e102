"""What Slack refuses of Block Kit: lengths, counts, duplicate ids, unknown types and properties.

Complaints read as Slack's do and end with the place: ``must be less than 151 characters [json-pointer:/blocks/0]``.
"""

from collections.abc import Callable, Iterator
from typing import Any

from integrations.sandbox.slack.elements import ELEMENTS, block_text, element, text_object

Json = dict[str, Any]
Complaints = Iterator[str]

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
SECTION_TEXT, FIELDS, FIELD_TEXT, HEADER_TEXT = 3_000, 10, 2_000, 150
CONTEXT_ELEMENTS, ACTIONS, CONTEXT_ACTIONS = 10, 25, 5
LABEL, IMAGE_URL, IMAGE_ALT, MARKDOWN = 2_000, 3_000, 2_000, 12_000
TABLE_ROWS, TABLE_CELLS = 100, 20
ID, VIEW_TITLE, PRIVATE_METADATA, VIEW_BYTES = 255, 24, 3_000, 250_000
TEXT_OF_ALL_BLOCKS = 13_200
"""Not in Slack's documentation; where ``msg_blocks_too_long`` has been seen to begin."""

_INPUTS = {name for name, spec in ELEMENTS.items() if spec.input}
_SECTION = {name for name, spec in ELEMENTS.items() if spec.section}
_ACTIONS = {name for name, spec in ELEMENTS.items() if spec.action}
_CELLS = ("raw_text", "raw_number", "rich_text")


def check_blocks(blocks: object, surface: str = "message", at: str = "/blocks") -> list[str]:
    """Everything that is wrong with the blocks of a ``message``, a ``modal`` or a ``home`` tab."""
    if not isinstance(blocks, list):
        return [f"must provide an array [json-pointer:{at}]"]
    limit = MESSAGE_BLOCKS if surface == "message" else VIEW_BLOCKS
    found = [f"no more than {limit} items allowed [json-pointer:{at}]"] if len(blocks) > limit else []
    for i, block in enumerate(blocks):
        found += _block(block, f"{at}/{i}")
    return found + list(_twice(blocks, at)) + list(_sums(blocks, at))


def check_view(view: object, kind: tuple[str, ...] = ("modal",)) -> list[str]:
    """Everything that is wrong with a modal, or with a Home tab where ``kind`` says so."""
    if not isinstance(view, dict):
        return ["must provide an object [json-pointer:/view]"]
    surface = view.get("type")
    if surface not in kind:
        return [f"view type must be one of {', '.join(kind)} [json-pointer:/view/type]"]
    found = check_blocks(view.get("blocks"), surface, "/view/blocks")
    known = {"type", "blocks", "callback_id", "private_metadata", "external_id"}
    if surface == "modal":
        known |= {"title", "submit", "close", "clear_on_close", "notify_on_close", "submit_disabled"}
        found += text_object(view.get("title"), VIEW_TITLE, "/view/title", plain=True)
        for name in ("submit", "close"):
            if view.get(name) is not None:
                found += text_object(view[name], VIEW_TITLE, f"/view/{name}", plain=True)
        if not view.get("submit") and any(_is(block, "input") for block in _listed(view.get("blocks"))):
            found.append("a view with an input block needs submit [json-pointer:/view/submit]")
    found += [f"invalid additional property: {name} [json-pointer:/view]" for name in view if name not in known]
    for name, limit in (("private_metadata", PRIVATE_METADATA), ("callback_id", ID), ("external_id", ID)):
        value = view.get(name, "")
        if not isinstance(value, str):
            found.append(f"must provide a string [json-pointer:/view/{name}]")
        elif len(value) > limit:
            found.append(f"must be less than {limit + 1} characters [json-pointer:/view/{name}]")
    return found


def text_length(blocks: list[Json]) -> int:
    """The characters of a message's blocks that count towards ``msg_blocks_too_long``."""
    return sum(map(block_text, blocks))


def _block(block: object, at: str) -> list[str]:
    if not isinstance(block, dict):
        return [f"must provide an object [json-pointer:{at}]"]
    kind = block.get("type")
    if kind not in _BLOCKS:
        return [f"unsupported type: {kind} [json-pointer:{at}/type]"]
    known, check = _BLOCKS[kind]
    found = [f"invalid additional property: {n} [json-pointer:{at}]" for n in block if n not in known | {"type"}]
    block_id = block.get("block_id")
    if block_id is not None and (not isinstance(block_id, str) or not 0 < len(block_id) <= ID):
        found.append(f"must be between 1 and {ID} characters [json-pointer:{at}/block_id]")
    return found + list(check(block, at))


def _is(block: object, kind: str) -> bool:
    return isinstance(block, dict) and block.get("type") == kind


def _section(block: Json, at: str) -> Complaints:
    text, fields = block.get("text"), block.get("fields")
    if text is None and not fields:
        yield f"missing required field: text or fields [json-pointer:{at}]"
    if text is not None:
        yield from text_object(text, SECTION_TEXT, f"{at}/text")
    if fields is not None:
        yield from _list(fields, FIELDS, f"{at}/fields")
        for i, item in enumerate(fields if isinstance(fields, list) else ()):
            yield from text_object(item, FIELD_TEXT, f"{at}/fields/{i}")
    if "accessory" in block:
        yield from element(block["accessory"], _SECTION, f"{at}/accessory")


def _header(block: Json, at: str) -> Complaints:
    yield from text_object(block.get("text"), HEADER_TEXT, f"{at}/text", plain=True)


def _context(block: Json, at: str) -> Complaints:
    elements = block.get("elements")
    yield from _list(elements, CONTEXT_ELEMENTS, f"{at}/elements")
    for i, item in enumerate(elements if isinstance(elements, list) else ()):
        if _is(item, "image"):
            yield from _image_fields(item, f"{at}/elements/{i}")
        else:
            yield from text_object(item, SECTION_TEXT, f"{at}/elements/{i}")


def _actions(block: Json, at: str) -> Complaints:
    yield from _elements(block, at, ACTIONS, _ACTIONS)


def _context_actions(block: Json, at: str) -> Complaints:
    yield from _elements(block, at, CONTEXT_ACTIONS, {"feedback_buttons", "icon_button"})


def _elements(block: Json, at: str, limit: int, allowed: set[str]) -> Complaints:
    elements = block.get("elements")
    yield from _list(elements, limit, f"{at}/elements")
    seen: set[str] = set()
    for i, item in enumerate(elements if isinstance(elements, list) else ()):
        yield from element(item, allowed, f"{at}/elements/{i}")
        action_id = item.get("action_id") if isinstance(item, dict) else None
        if action_id in seen:
            yield f"`action_id` {action_id} already exists in this block [json-pointer:{at}/elements/{i}/action_id]"
        seen.add(action_id or f"#{i}")


def _image(block: Json, at: str) -> Complaints:
    yield from _image_fields(block, at)
    if "title" in block:
        yield from text_object(block["title"], LABEL, f"{at}/title", plain=True)


def _image_fields(block: Json, at: str) -> Complaints:
    if not (block.get("image_url") or block.get("slack_file")):
        yield f"missing required field: image_url [json-pointer:{at}]"
    for name, limit in (("image_url", IMAGE_URL), ("alt_text", IMAGE_ALT)):
        if len(block.get(name) or "") > limit:
            yield f"must be less than {limit + 1} characters [json-pointer:{at}/{name}]"
    if not isinstance(block.get("alt_text"), str):
        yield f"missing required field: alt_text [json-pointer:{at}]"


def _input(block: Json, at: str) -> Complaints:
    yield from text_object(block.get("label"), LABEL, f"{at}/label", plain=True)
    if block.get("hint") is not None:
        yield from text_object(block["hint"], LABEL, f"{at}/hint", plain=True)
    yield from element(block.get("element"), _INPUTS, f"{at}/element")


def _markdown(block: Json, at: str) -> Complaints:
    if not isinstance(block.get("text"), str) or not block["text"]:
        yield f"must provide a string [json-pointer:{at}/text]"


def _rich_text(block: Json, at: str) -> Complaints:
    yield from _list(block.get("elements"), 10_000, f"{at}/elements")
    allowed = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
    for i, item in enumerate(block.get("elements") or ()):
        if not isinstance(item, dict) or item.get("type") not in allowed:
            yield f"unsupported type [json-pointer:{at}/elements/{i}/type]"


def _table(block: Json, at: str) -> Complaints:
    rows = block.get("rows")
    yield from _list(rows, TABLE_ROWS, f"{at}/rows")
    for i, row in enumerate(rows if isinstance(rows, list) else ()):
        yield from _list(row, TABLE_CELLS, f"{at}/rows/{i}")
        for j, cell in enumerate(row if isinstance(row, list) else ()):
            if not isinstance(cell, dict) or cell.get("type") not in _CELLS:
                yield f"unsupported type [json-pointer:{at}/rows/{i}/{j}/type]"


def _list(value: object, limit: int, at: str) -> Complaints:
    if not isinstance(value, list):
        yield f"must provide an array [json-pointer:{at}]"
    elif not value:
        yield f"no fewer than 1 items allowed [json-pointer:{at}]"
    elif len(value) > limit:
        yield f"no more than {limit} items allowed [json-pointer:{at}]"


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _twice(blocks: list[Any], at: str) -> Complaints:
    seen: set[str] = set()
    for i, block in enumerate(blocks):
        block_id = block.get("block_id") if isinstance(block, dict) else None
        if block_id and block_id in seen:
            yield f"`block_id` {block_id} already exists [json-pointer:{at}/{i}/block_id]"
        seen.add(block_id or f"#{i}")


def _sums(blocks: list[Any], at: str) -> Complaints:
    if sum(len(b.get("text") or "") for b in blocks if _is(b, "markdown")) > MARKDOWN:
        yield f"markdown blocks must hold less than {MARKDOWN + 1} characters [json-pointer:{at}]"
    if sum(_is(b, "table") for b in blocks) > 1:
        yield f"only one table allowed [json-pointer:{at}]"


_BLOCKS: dict[str, tuple[set[str], Callable[[Json, str], Complaints]]] = {
    "section": ({"block_id", "text", "fields", "accessory", "expand"}, _section),
    "header": ({"block_id", "text"}, _header),
    "divider": ({"block_id"}, lambda _block, _at: iter(())),
    "context": ({"block_id", "elements"}, _context),
    "actions": ({"block_id", "elements"}, _actions),
    "context_actions": ({"block_id", "elements"}, _context_actions),
    "image": ({"block_id", "image_url", "slack_file", "alt_text", "title"}, _image),
    "input": ({"block_id", "label", "element", "hint", "optional", "dispatch_action"}, _input),
    "markdown": ({"block_id", "text"}, _markdown),
    "rich_text": ({"block_id", "elements"}, _rich_text),
    "table": ({"block_id", "rows", "column_settings"}, _table),
}
