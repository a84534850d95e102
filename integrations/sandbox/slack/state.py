"""What the workspace remembers: channels and their messages, ephemerals, views, triggers, response URLs, files."""

import itertools
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.slack.people import APP_ID, BOT_ID, BOT_USER, TEAM, Channel, Group, Member

Json = dict[str, Any]

TRIGGER_SECONDS, RESPONSE_URL_SECONDS, RESPONSE_URL_USES, MODAL_STACK = 3, 1800, 5, 3


@dataclass
class Message:
    """One message as it stands now. ``to``: shown to this person only."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str = ""
    bot_id: str = ""
    subtype: str = ""
    to: str = ""
    metadata: Json | None = None
    attachments: list[Json] = field(default_factory=list)
    files: list[Json] = field(default_factory=list)
    edited: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)

    def json(self) -> Json:
        shown: Json = {"type": "message", "user": self.user, "text": self.text, "ts": self.ts, "team": TEAM["id"]}
        for name in ("blocks", "thread_ts", "bot_id", "subtype", "metadata", "attachments", "files", "edited"):
            if value := getattr(self, name):
                shown[name] = value
        if self.bot_id == BOT_ID:
            shown |= {"app_id": APP_ID, "bot_profile": {"id": BOT_ID, "app_id": APP_ID, "name": "gurumi"}}
        if self.reactions:
            shown["reactions"] = [{"name": n, "users": u, "count": len(u)} for n, u in self.reactions.items()]
        return shown


@dataclass
class View:
    """A modal, or a person's Home tab. ``values`` is ``state.values``; ``errors`` stand under the inputs they name."""

    id: str
    user: str
    body: Json
    hash: str
    root: str = ""
    previous: str | None = None
    values: Json = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def json(self) -> Json:
        empty: Json = {"title": None, "submit": None, "close": None, "callback_id": "", "private_metadata": ""}
        empty |= {"external_id": "", "clear_on_close": False, "notify_on_close": False}
        own: Json = {"id": self.id, "team_id": TEAM["id"], "hash": self.hash, "state": {"values": self.values}}
        own |= {"root_view_id": self.root or self.id, "previous_view_id": self.previous, "app_id": APP_ID}
        return empty | self.body | own | {"app_installed_team_id": TEAM["id"], "bot_id": BOT_ID}


@dataclass
class Trigger:
    user: str
    born: float
    used: bool = False


@dataclass
class ResponseUrl:
    """Where an interaction may be answered: ``source`` is the message that was clicked, if it was one."""

    channel: str
    user: str
    born: float
    source: Message | None = None
    uses: int = 0


@dataclass
class Workspace:
    """All of it, behind one lock. ``changed`` wakes whoever waits and whoever watches."""

    members: dict[str, Member]
    channels: dict[str, Channel]
    groups: dict[str, Group]
    home_enabled: bool = True
    messages_tab: bool = True
    skew: float = 0.0
    messages: dict[str, dict[str, Message]] = field(default_factory=dict)
    ephemerals: list[Message] = field(default_factory=list)
    views: dict[str, View] = field(default_factory=dict)
    stacks: dict[str, list[str]] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    files: dict[str, Json] = field(default_factory=dict)
    offered: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    """What external selects showed last, by block id and action id."""
    statuses: dict[tuple[str, str], str] = field(default_factory=dict)
    prompts: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    watchers: list[Callable[[], None]] = field(default_factory=list)
    lock: threading.Condition = field(default_factory=lambda: threading.Condition(threading.RLock()))
    _numbers: Iterable[int] = field(default_factory=lambda: itertools.count(1))
    _last_ts: int = 0

    def now(self) -> float:
        """The workspace's clock, which tests may move."""
        return time.time() + self.skew

    def changed(self) -> None:
        with self.lock:
            self.lock.notify_all()
        for watcher in list(self.watchers):
            watcher()

    def fresh(self, prefix: str) -> str:
        """An id that was never given before."""
        return f"{prefix}0{next(iter(self._numbers)):06d}"

    def ts(self) -> str:
        """A moment that no other message has; it sorts as text."""
        with self.lock:
            self._last_ts = max(int(self.now() * 1_000_000), self._last_ts + 1)
            return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def channel(self, name: str) -> Channel | None:
        """By id, or by ``#name``."""
        if name in self.channels:
            return self.channels[name]
        bare = name.removeprefix("#")
        return next((c for c in self.channels.values() if c.name == bare and c.kind != "im"), None)

    def dm(self, user: str, other: str = BOT_USER) -> Channel:
        """The DM of two, opened when it is not yet there."""
        with self.lock:
            for channel in self.channels.values():
                if channel.kind == "im" and channel.members == {user, other}:
                    return channel
            channel = Channel(self.fresh("D"), "", {user, other}, kind="im")
            self.channels[channel.id] = channel
            return channel

    def member(self, name: str) -> Member | None:
        """By id, or by ``@name``."""
        bare = name.removeprefix("@")
        return self.members.get(name) or next((m for m in self.members.values() if m.name == bare), None)

    def post(self, message: Message) -> Message:
        with self.lock:
            if message.to:
                self.ephemerals.append(message)
            else:
                self.messages.setdefault(message.channel, {})[message.ts] = message
        self.changed()
        return message

    def find(self, channel: str, ts: str) -> Message | None:
        return self.messages.get(channel, {}).get(ts)

    def thread(self, channel: str, ts: str) -> list[Message]:
        """A parent and its replies, oldest first."""
        kept = self.messages.get(channel, {}).values()
        return sorted((m for m in kept if ts in (m.ts, m.thread_ts)), key=lambda m: m.ts)

    def trigger(self, user: str) -> str:
        trigger_id = f"{self.fresh('1')}.{self.fresh('2')}.rehearsal"
        self.triggers[trigger_id] = Trigger(user, self.now())
        return trigger_id

    def spend(self, trigger_id: str) -> Trigger | str:
        """The trigger, used up; or Slack's error code."""
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            return "invalid_trigger_id"
        if trigger.used:
            return "exchanged_trigger_id"
        if self.now() - trigger.born > TRIGGER_SECONDS:
            return "expired_trigger_id"
        trigger.used = True
        return trigger

    def show(self, user: str, body: Json, push: bool = False) -> View | str:
        """A modal on a person's screen, alone or on top of the others; or Slack's error code."""
        with self.lock:
            stack = self.stacks.setdefault(user, []) if push else self.stacks.setdefault(user, [])[:0]
            if push and len(stack) >= MODAL_STACK:
                return "push_limit_reached"
            external = body.get("external_id")
            if external and any(v.body.get("external_id") == external for v in self.views.values()):
                return "duplicate_external_id"
            root = stack[0] if stack else ""
            view = View(self.fresh("V"), user, body, self.new_hash(), root, stack[-1] if stack else None)
            if not push:
                self.close(user)
            self.views[view.id] = view
            self.stacks[user] = [*stack, view.id]
        self.changed()
        return view

    def replace(self, view: View, body: Json) -> None:
        """Other contents; what was typed stays where a block kept its ``block_id``."""
        with self.lock:
            kept = {block.get("block_id") for block in body["blocks"]}
            view.body, view.hash, view.errors = body, self.new_hash(), {}
            view.values = {key: value for key, value in view.values.items() if key in kept}
        self.changed()

    def close(self, user: str, every: bool = True) -> None:
        """Takes all modals, or the topmost, off a person's screen."""
        stack = self.stacks.get(user, [])
        for view_id in stack if every else stack[-1:]:
            self.views.pop(view_id, None)
        self.stacks[user] = [] if every else stack[:-1]
        self.changed()

    def new_hash(self) -> str:
        return f"{int(self.now())}.{self.fresh('h')}"
