"""What a delivery asks, whatever its surface: mention, DM, slash command or button. Pure: payload in, Asked out.

A payload that asks nothing (a bot's words, an edit, an unknown event) is ``None``: acknowledged and forgotten.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Body = Mapping[str, Any]

LONGEST = 40_000
"""Characters of a question that are kept; Slack itself cuts there."""
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
    payload: Mapping[str, str] = field(default_factory=dict)


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
    kind, user = _text(event, "type"), _text(event, "user")
    direct = _text(event, "channel_type") == "im"
    if kind not in ("app_mention", "message") or (kind == "message" and not direct):
        return None
    if not user or user == bot_user or _text(event, "bot_id") or _text(event, "subtype") not in _SPOKEN:
        return None
    channel, ts = _text(event, "channel"), _text(event, "ts")
    if not channel or not ts:
        return None
    words = (
        _MENTION.sub(" ", _text(event, "text")[:LONGEST]) if kind == "app_mention" else _text(event, "text")[:LONGEST]
    )
    home = _text(event, "user_team") or _text(event, "source_team") or _text(event, "team")
    keys = tuple(key for key in (_text(body, "event_id"), f"message:{channel}:{ts}") if key)
    return Asked(
        keys,
        "dm" if direct else "mention",
        channel,
        _text(event, "thread_ts") if direct else _text(event, "thread_ts") or ts,
        user,
        unescape(words).strip(),
        direct,
        bool(home) and bool(us) and home not in us,
        {"ts": ts},
    )


def _command(body: Body, us: frozenset[str]) -> Asked | None:
    channel, user = _text(body, "channel_id"), _text(body, "user_id")
    key = _text(body, "trigger_id") or _text(body, "response_url")
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
        {"response_url": _text(body, "response_url"), "trigger_id": _text(body, "trigger_id")},
    )


def _click(body: Body, us: frozenset[str]) -> Asked | None:
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions and isinstance(actions[0], Mapping) else {}
    words = _text(action, "value") or _text(_map(action, "selected_option"), "value")
    user, container, message = _map(body, "user"), _map(body, "container"), _map(body, "message")
    channel = _text(_map(body, "channel"), "id") or _text(container, "channel_id")
    key = _text(body, "trigger_id") or _text(action, "action_ts")
    if not words or not key or not _text(user, "id") or _text(action, "action_id").startswith("link:"):
        return None
    thread = (
        _text(message, "thread_ts")
        or _text(container, "thread_ts")
        or _text(message, "ts")
        or _text(container, "message_ts")
    )
    private = container.get("is_ephemeral") is True
    return Asked(
        (f"click:{key}",),
        "click",
        channel,
        "" if private else thread,
        _text(user, "id"),
        words[:LONGEST],
        channel.startswith("D"),
        _foreign(_text(user, "team_id") or _text(_map(body, "team"), "id"), "", us),
        {"response_url": _text(body, "response_url"), "private": "yes" if private else ""},
    )


def _foreign(team: str, enterprise: str, us: frozenset[str]) -> bool:
    return bool(team) and bool(us) and team not in us and enterprise not in us


def unescape(text: str) -> str:
    """Slack's three escapes undone; ``<@U…>``, ``<#C…|name>`` and links keep their readable part."""
    text = re.sub(r"<#[A-Z0-9]+\|([^>]*)>", r"#\1", text)
    text = re.sub(r"<((?:https?|mailto):[^|>\s]+)(?:\|[^>]*)?>", r"\1", text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _text(holder: Body, key: str) -> str:
    value = holder.get(key)
    return value if isinstance(value, str) else ""


def _map(holder: Body, key: str) -> Body:
    value = holder.get(key)
    return value if isinstance(value, Mapping) else {}
