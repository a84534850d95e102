"""What a delivery asks, whatever its surface: mention, DM, command, button, menu, modal, shortcut, Home. Pure.

A payload that asks nothing (a bot's words, an edit, an unknown event) is ``None``: acknowledged and forgotten.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.assistant import names_command
from bot.blocks import CHOICE, FIND, KEPT
from bot.slack.modal import lacking, sent
from bot.terminal import spoken

Body = Mapping[str, Any]

LONGEST = 40_000
"""Characters of a question that are kept; Slack itself cuts there."""
LONGEST_ID = 255
ASK, ASK_ABOUT, ASKS = "ask", "ask_about", "asks:"
"""The command of a question; the callback id of the shortcut on messages; how those of the others begin."""
TICKET, REPLY, TICKET_ABOUT = "ticket", "reply", "ticket_about"
"""The commands of a post where posts open tickets and of a word in its thread; the shortcut that opens one."""
_LOOKED_AT = 20
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
    trigger: str = ""
    """What a modal can be opened with, for three seconds."""


@dataclass(frozen=True)
class Typed:
    """What somebody typed into a search. ``among``: what it looks through."""

    among: str
    text: str
    user: str
    channel: str
    stranger: bool = False


def typed(body: object, team: str, enterprise: str = "") -> Typed | None:
    """The search in a delivery, or ``None``."""
    if not isinstance(body, Mapping) or _text(body, "type") != "block_suggestion":
        return None
    user, channel = _map(body, "user"), _id(_map(body, "channel"), "id")
    among = _id(body, "action_id").removeprefix(FIND)
    return Typed(
        among,
        _text(body, "value")[:LONGEST_ID],
        _id(user, "id"),
        channel,
        _stranger(body, frozenset({team, enterprise} - {""})),
    )


def unfilled(body: object) -> Mapping[str, str]:
    """What stands under the inputs of a modal that was sent with blanks only; nothing when it can be asked."""
    if not isinstance(body, Mapping) or _text(body, "type") != "view_submission":
        return {}
    return lacking(_map(body, "view"))


def thread_of(thread: str, user: str) -> str:
    """What talk goes on in a channel: a thread; where there is none, what one person asks there."""
    return thread or user


def asked(
    body: object, team: str, bot_user: str, enterprise: str = "", tickets_in: Collection[str] = ()
) -> Asked | None:
    """The question in a delivery, or ``None``. Never raises: whatever shape arrives, it is looked at gently.

    ``tickets_in``: channels in which a post opens a ticket, also one that mentions nobody.
    """
    if not isinstance(body, Mapping):
        return None
    us = frozenset({team, enterprise} - {""})
    if _text(body, "command"):
        return _command(body, us)
    match _text(body, "type"):
        case "event_callback":
            return _event(body, us, bot_user, tickets_in)
        case "block_actions":
            return _click(body, us)
        case "message_action":
            return _about_message(body, us)
        case "shortcut":
            return _shortcut(body, us)
        case "view_submission":
            return _sent(body, us)
    return None


def _event(body: Body, us: frozenset[str], bot_user: str, tickets_in: Collection[str]) -> Asked | None:
    event = _map(body, "event")
    kind, user = _text(event, "type"), _id(event, "user")
    if kind == "app_home_opened":
        return _home(body, event)
    if kind == "assistant_thread_started":
        return _conversation(body, event)
    direct = _text(event, "channel_type") == "im" or _id(event, "channel").startswith("D")
    for_tickets = _id(event, "channel") in tickets_in
    if kind not in ("app_mention", "message") or (kind == "message" and not direct and not for_tickets):
        return None
    if not user or user == bot_user or _text(event, "bot_id") or _text(event, "subtype") not in _SPOKEN:
        return None
    if "edited" in event:  # a mention that was edited into an old message comes as a mention
        return None
    channel, ts = _id(event, "channel"), _id(event, "ts")
    if not channel or not ts:
        return None
    said = _text(event, "text")[:LONGEST]
    words = unescape(_MENTION.sub(" ", said)).strip()
    called = bot_user and f"<@{bot_user}" in said
    if for_tickets:
        words = _posted(words, _id(event, "thread_ts"), bool(called))
    home = _text(event, "user_team") or _text(event, "source_team") or _text(event, "team")
    keys = tuple(key for key in (_id(body, "event_id"), f"message:{channel}:{ts}") if key)
    return Asked(
        keys,
        "dm" if direct else "mention",
        channel,
        _id(event, "thread_ts") if direct else _id(event, "thread_ts") or ts,
        user,
        words,
        direct,
        bool(home) and bool(us) and home not in us,
        ts,
        {"files": _files(event)},
    )


def _posted(words: str, thread: str, called: bool) -> str:
    """What a post means where posts open tickets: a ticket, a word in its thread, or what the bot is asked for."""
    if called and (thread or names_command(words)):
        return words
    return f"{REPLY} {words}" if thread else f"{TICKET} {words}"


def _files(event: Body) -> str:
    """Names of what is attached, which nobody reads."""
    files = event.get("files")
    named = files[:_LOOKED_AT] if isinstance(files, list) else []
    return ", ".join(_id(f, "name") or "?" for f in named if isinstance(f, Mapping))


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
        trigger=_id(body, "trigger_id"),
    )


def _click(body: Body, us: frozenset[str]) -> Asked | None:
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions and isinstance(actions[0], Mapping) else {}
    words = _chosen(action)
    user, container, message = _map(body, "user"), _map(body, "container"), _map(body, "message")
    channel = _id(_map(body, "channel"), "id") or _id(container, "channel_id")
    key = _id(body, "trigger_id") or _id(action, "action_ts")
    if not words or not key or not _id(user, "id") or _text(action, "action_id").startswith("link:"):
        return None
    if _text(container, "type") == "view" and _text(_map(body, "view"), "type") != "home":
        return None  # a choice within a modal counts when the modal is sent
    thread = (
        _id(message, "thread_ts") or _id(container, "thread_ts") or _id(message, "ts") or _id(container, "message_ts")
    )
    private = container.get("is_ephemeral") is True
    return Asked(
        (f"click:{key}",),
        "click" if channel else "home",
        channel,
        "" if private else thread,
        _id(user, "id"),
        words[:LONGEST],
        channel.startswith("D") or not channel,
        _stranger(body, us),
        payload={
            "response_url": _text(body, "response_url"),
            "private": "yes" if private else "",
            "language": spoken(said) if (said := _text(message, "text")) else "",
        },
        trigger=_id(body, "trigger_id"),
    )


def _chosen(action: Body) -> str:
    """The words of a button or an option; the words of a search with what was chosen in their place."""
    option = _text(_map(action, "selected_option"), "value")
    if _text(action, "action_id").startswith(FIND):
        return placed(_text(action, "block_id"), option) if option else ""
    return _text(action, "value") or option


def _about_message(body: Body, us: frozenset[str]) -> Asked | None:
    """A shortcut on a message: its text is the question, and the answer goes under it."""
    user, channel, message = _id(_map(body, "user"), "id"), _id(_map(body, "channel"), "id"), _map(body, "message")
    ts = _id(message, "ts") or _id(body, "message_ts")
    key = _id(body, "trigger_id") or _id(body, "action_ts")
    command = {ASK_ABOUT: ASK, TICKET_ABOUT: TICKET}.get(_text(body, "callback_id"))
    if not user or not channel or not ts or not key or command is None:
        return None
    said = unescape(_MENTION.sub(" ", _said(message)[:LONGEST])).strip()
    return Asked(
        (f"shortcut:{key}",),
        "message",
        channel,
        _id(message, "thread_ts") or ts,
        user,
        f"{command} {said}" if said else "help",
        channel.startswith("D"),
        _stranger(body, us),
        payload={"response_url": _text(body, "response_url"), "private": "" if said else "yes"},
    )


def _said(message: Body) -> str:
    """A message's text; where it has none, that of its attachments and blocks: an alert's, for instance."""
    if text := _text(message, "text").strip():
        return text
    found: list[str] = []
    for name in ("attachments", "blocks"):
        things = message.get(name)
        for thing in things[:_LOOKED_AT] if isinstance(things, list) else ():
            if isinstance(thing, Mapping):
                found += [_text(thing, "title"), _text(thing, "text") or _text(_map(thing, "text"), "text")]
    return "\n".join(text for text in found if text.strip())


def _shortcut(body: Body, us: frozenset[str]) -> Asked | None:
    """A shortcut of the app: its name is a command, whose form asks for the rest."""
    user, callback = _id(_map(body, "user"), "id"), _text(body, "callback_id")
    trigger = _id(body, "trigger_id")
    key = trigger or _id(body, "action_ts")
    if not user or not key or not callback.startswith(ASKS):
        return None
    words = callback.removeprefix(ASKS)
    return Asked((f"shortcut:{key}",), "shortcut", "", "", user, words, True, _stranger(body, us), trigger=trigger)


def _sent(body: Body, us: frozenset[str]) -> Asked | None:
    """A modal that was sent: its words, asked where it was opened or where its sender wants the answer."""
    view, user = _map(body, "view"), _id(_map(body, "user"), "id")
    form = sent(view)
    key = _id(view, "id") or _id(body, "trigger_id")
    if form is None or not user or not key:
        return None
    place = {name: value.replace("\0", "") for name, value in form.place.items()}
    channel = form.where[:LONGEST_ID] or place.pop("channel", "")[:LONGEST_ID]
    thread = "" if form.where else place.get("thread", "")[:LONGEST_ID]
    kept = {name: place.get(name, "") for name in ("response_url", "private")}
    return Asked(
        (f"form:{key}",),
        "command" if kept["response_url"] and not thread else "form",
        channel,
        thread,
        user,
        form.words[:LONGEST],
        not channel or channel.startswith("D"),
        _stranger(body, us),
        payload=kept,
    )


def _home(body: Body, event: Body) -> Asked | None:
    """Somebody opened the app: its Home, or the tab where they talk to it."""
    user, channel, key = _id(event, "user"), _id(event, "channel"), _id(body, "event_id")
    if not user or not key:
        return None
    if _text(event, "tab") == "messages":
        return Asked((key,), "prompts", channel, "", user, "help", True) if channel else None
    return Asked((key,), "home", "", "", user, "home", True)


def _conversation(body: Body, event: Body) -> Asked | None:
    """Somebody began to talk to the app in the pane that apps had before they were agents."""
    thread, key = _map(event, "assistant_thread"), _id(body, "event_id")
    user, channel, ts = _id(thread, "user_id"), _id(thread, "channel_id"), _id(thread, "thread_ts")
    if not user or not channel or not ts or not key:
        return None
    return Asked((key,), "prompts", channel, ts, user, "help", True)


def _stranger(body: Body, us: frozenset[str]) -> bool:
    """Whether an interaction comes from another organisation."""
    home = _text(_map(body, "user"), "team_id") or _id(_map(body, "team"), "id")
    return _foreign(home, "", us)


def placed(template: str, choice: str) -> str:
    """The words of a search with what was chosen in them; kept words are named, and get theirs later."""
    return f"{template} {choice}" if template.startswith(KEPT) else template.replace(CHOICE, choice)


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
