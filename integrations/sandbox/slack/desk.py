"""What every Web API method works with: the workspace, the scopes granted, a way to tell events, and refusals."""

import json
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.slack import validate
from integrations.sandbox.slack.elements import ELEMENTS
from integrations.sandbox.slack.people import BOT_USER, Channel, Member
from integrations.sandbox.slack.state import Workspace

Json = dict[str, Any]

SCOPES = frozenset(
    [
        "app_mentions:read",
        "assistant:write",
        "channels:history",
        "channels:join",
        "channels:read",
        "chat:write",
        "chat:write.public",
        "commands",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "mpim:history",
        "mpim:read",
        "reactions:read",
        "reactions:write",
        "usergroups:read",
        "users:read",
        "users:read.email",
    ]
)
READ = {"channel": "channels:read", "group": "groups:read", "im": "im:read"}
HISTORY = {"channel": "channels:history", "group": "groups:history", "im": "im:history"}
MOST_TEXT, MOST_ATTACHMENTS, MOST_METADATA = 40_000, 100, 8_000


class Refused(Exception):
    """``{"ok": false, "error": code}`` with what else Slack says."""

    def __init__(self, code: str, complaints: Iterable[str] = (), **more: object) -> None:
        super().__init__(code)
        self.body: Json = {"ok": False, "error": code, **more}
        if messages := [f"[ERROR] {complaint}" for complaint in complaints]:
            self.body["response_metadata"] = {"messages": messages}


@dataclass
class Desk:
    """``emit(event type, inner event)`` tells the app, ``ticket()`` makes the address of one socket connection."""

    workspace: Workspace
    emit: Callable[[str, Json], None]
    ticket: Callable[[], str]
    url: Callable[[str], str]
    scopes: set[str] = field(default_factory=lambda: set(SCOPES))

    def need(self, *scopes: str) -> None:
        """One of these scopes must be granted."""
        if scopes and not self.scopes.intersection(scopes):
            provided = ",".join(sorted(self.scopes))
            raise Refused("missing_scope", needed=",".join(scopes), provided=provided)

    def channel(self, args: Json, name: str = "channel") -> Channel:
        """The channel that is named, if the bot can see it."""
        channel = self.workspace.channel(str(args.get(name) or ""))
        if channel is None or (channel.kind != "channel" and BOT_USER not in channel.members):
            raise Refused("channel_not_found")
        return channel

    def postable(self, args: Json) -> Channel:
        """The channel that is named, if the bot may post there; a user id means the DM."""
        name = str(args.get("channel") or "")
        member = self.workspace.members.get(name)
        channel = self.workspace.dm(member.id) if member and not member.deleted else self.channel(args)
        if channel.archived:
            raise Refused("is_archived")
        if BOT_USER not in channel.members and "chat:write.public" not in self.scopes:
            raise Refused("not_in_channel")
        if channel.kind == "im" and not self.workspace.messages_tab:
            raise Refused("messages_tab_disabled")
        return channel

    def member(self, user: object, error: str = "user_not_found") -> Member:
        member = self.workspace.members.get(str(user or ""))
        if member is None:
            raise Refused(error)
        return member


def content(args: Json, most: int = MOST_TEXT) -> Json:
    """``text``, ``blocks``, ``attachments``, ``metadata`` of a message, checked."""
    text = str(args.get("text") or "")
    blocks = parsed(args, "blocks", [], "invalid_blocks_format")
    attachments = parsed(args, "attachments", [], "invalid_attachments")
    markdown = args.get("markdown_text")
    if markdown and (text or blocks):
        raise Refused("markdown_text_conflict")
    text = text or str(markdown or "")
    if not (text.strip() or blocks or attachments):
        raise Refused("no_text")
    if len(text) > most or (markdown and len(text) > validate.MARKDOWN):
        raise Refused("msg_too_long")
    if len(attachments) > MOST_ATTACHMENTS:
        raise Refused("too_many_attachments")
    if complaints := validate.check_blocks(blocks):
        raise Refused("invalid_blocks", complaints)
    if validate.text_length(blocks) > validate.TEXT_OF_ALL_BLOCKS:
        raise Refused("msg_blocks_too_long")
    metadata = parsed(args, "metadata", None, "invalid_metadata_format")
    if metadata and not {"event_type", "event_payload"} <= set(metadata):
        raise Refused("invalid_metadata_schema")
    if metadata and len(json.dumps(metadata)) > MOST_METADATA:
        raise Refused("metadata_too_large")
    return {"text": text, "blocks": named(blocks), "attachments": attachments, "metadata": metadata}


def parsed(args: Json, name: str, default: Any, error: str) -> Any:
    """An argument that is JSON inside a form, or came as JSON already."""
    value = args.get(name)
    if value in (None, ""):
        return default
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            raise Refused(error) from None
    return value


def named(blocks: list[Json]) -> list[Json]:
    """The blocks with the ids that Slack gives to blocks and elements without one."""
    for block in blocks:
        block.setdefault("block_id", uuid.uuid4().hex[:5])
        for thing in interactive(block):
            thing.setdefault("action_id", uuid.uuid4().hex[:5])
    return blocks


def interactive(block: Json) -> list[Json]:
    """The elements of a block that a person can use."""
    inside = [block.get("element"), block.get("accessory"), *(block.get("elements") or [])]
    kinds = set(ELEMENTS) - {"image"}
    return [thing for thing in inside if isinstance(thing, dict) and thing.get("type") in kinds]


def yes(args: Json, name: str) -> bool:
    return str(args.get(name) or "").lower() in ("1", "true")


def page(items: list[Json], args: Json, most: int = 1000) -> tuple[list[Json], Json]:
    """One page, and the ``response_metadata`` that leads to the next."""
    cursor = str(args.get("cursor") or "")
    if cursor and not cursor.removeprefix("c").isdigit():
        raise Refused("invalid_cursor")
    limit = str(args.get("limit") or most)
    if not limit.isdigit() or not 0 < int(limit) <= most:
        raise Refused("invalid_limit")
    start = int(cursor.removeprefix("c") or 0)
    rest = start + int(limit)
    return items[start:rest], {"next_cursor": f"c{rest}" if rest < len(items) else ""}
