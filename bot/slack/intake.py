"""What a delivery asks, whatever its surface: mention, DM, slash command or button. Pure: payload in, Asked out.

A payload that asks nothing (a bot's words, an edit, an unknown event) is ``None``: acknowledged and forgotten.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.terminal import spoken

Body = Mapping[str, Any]

LONGEST = 40_000
"""Characters of a question that are kept; Slack itself cuts there."""
LONGEST_ID = 255
_SPOKEN = ("", "file_share", "thread_broadcast")
"""Subtypes of a message that a person wrote; edits, deletions, joins and bots have others."""
_MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")


@dataclass(frozen=True)
class Asked:
    """One question. ``keys`` are all ids by which the same question may arrive again (a retry, a mention's twin).

    ``thread``: the message whose thread the answer belongs in, empty for the channel itself.
    """

    keys: tuple[str, ...]
    kind: str
    channel: str
    thread: str
    user: str
    words: str
    direct: bool = False
    stranger: bool = False
    ts: str = ""
    """When it was said, where Slack tells: messages of one thread are answered in that order."""
    payload: Mapping[str, str] = field(default_factory=dict)


def thread_of(thread: str, user: str) -> str:
    """What talk goes on in a channel: a thread; where there is none, what one person asks there."""
    return thread or user


def asked(body: object, team: str, bot_user: str, enterprise: str = "") -> Asked | None:
    """The question in a delivery, or ``None``. Never raises: whatever shape arrives, it is looked at gently."""
    if not isinstance(body, Mapping):
        return None
    us = frozenset({team, enterprise} - {""})
    if _text(body, "command"):
        return _command(body, us)
    match _text(body, "type"):
        case "event_callback":
            return _event(body, us, bot_user)
        case "block_actions":
            return _click(body, us)
    return None


def _event(body: Body, us: frozenset[str], bot_user: str) -> Asked | None:
    event = _map(body, "event")
    kind, user = _text(event, "type"), _id(event, "user")
    direct = _text(event, "channel_type") == "im" or _id(event, "channel").startswith("D")
    if kind not in ("app_mention", "message") or (kind == "message" and not direct):
        return None
    if not user or user == bot_user or _text(event, "bot_id") or _text(event, "subtype") not in _SPOKEN:
        return None
    if "edited" in event:  # a mention that was edited into an old message comes as a mention
        return None
    channel, ts = _id(event, "channel"), _id(event, "ts")
    if not channel or not ts:
        return None
    words = _MENTION.sub(" ", _text(event, "text")[:LONGEST])
    home = _text(event, "user_team") or _text(event, "source_team") or _text(event, "team")
    keys = tuple(key for key in (_id(body, "event_id"), f"message:{channel}:{ts}") if key)
    return Asked(
        keys,
        "dm" if direct else "mention",
        channel,
        _id(event, "thread_ts") if direct else _id(event, "thread_ts") or ts,
        user,
        unescape(words).strip(),
        direct,
        bool(home) and bool(us) and home not in us,
        ts,
    )


def _command(body: Body, us: frozenset[str]) -> Asked | None:
    channel, user = _id(body, "channel_id"), _id(body, "user_id")
    key = _id(body, "trigger_id") or _text(body, "response_url")[:LONGEST_ID]
    if not user or not key:
        return None
    return Asked(
        (f"command:{key}",),
        "command",
        channel,
        "",
        user,
        unescape(_text(body, "text")[:LONGEST]).strip(),
        _text(body, "channel_name") == "directmessage",
        _foreign(_text(body, "team_id"), _text(body, "enterprise_id"), us),
        payload={"response_url": _text(body, "response_url")},
    )


def _click(body: Body, us: frozenset[str]) -> Asked | None:
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions and isinstance(actions[0], Mapping) else {}
    words = _text(action, "value") or _text(_map(action, "selected_option"), "value")
    user, container, message = _map(body, "user"), _map(body, "container"), _map(body, "message")
    channel = _id(_map(body, "channel"), "id") or _id(container, "channel_id")
    key = _id(body, "trigger_id") or _id(action, "action_ts")
    if not words or not key or not _id(user, "id") or _text(action, "action_id").startswith("link:"):
        return None
    thread = (
        _id(message, "thread_ts") or _id(container, "thread_ts") or _id(message, "ts") or _id(container, "message_ts")
    )
    private = container.get("is_ephemeral") is True
    return Asked(
        (f"click:{key}",),
        "click",
        channel,
        "" if private else thread,
        _id(user, "id"),
        words[:LONGEST],
        channel.startswith("D"),
        _foreign(_text(user, "team_id") or _id(_map(body, "team"), "id"), "", us),
        payload={
            "response_url": _text(body, "response_url"),
            "private": "yes" if private else "",
            "language": spoken(said) if (said := _text(message, "text")) else "",
        },
    )


def _foreign(team: str, enterprise: str, us: frozenset[str]) -> bool:
    return bool(team) and bool(us) and team not in us and enterprise not in us


def unescape(text: str) -> str:
    """Slack's three escapes undone; ``<@U…>``, ``<#C…|name>`` and links keep their readable part."""
    text = re.sub(r"<#[A-Z0-9]+\|([^>]*)>", r"#\1", text)
    text = re.sub(r"<((?:https?|mailto):[^|>\s]+)(?:\|[^>]*)?>", r"\1", text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _text(holder: Body, key: str) -> str:
    """A string as a database takes it: without NUL, and without halves of surrogate pairs."""
    value = holder.get(key)
    return value.replace("\0", "").encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _id(holder: Body, key: str) -> str:
    return _text(holder, key)[:LONGEST_ID]


def _map(holder: Body, key: str) -> Body:
    value = holder.get(key)
    return value if isinstance(value, Mapping) else {}
