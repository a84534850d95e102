"""SlackRoom: the workspace with its servers, driven from Python as people drive Slack with their hands."""

import html
import re
import time
from collections.abc import Callable, Iterable
from typing import Any

from integrations.sandbox.slack import payloads
from integrations.sandbox.slack.api import APP_TOKEN, BOT_TOKEN, WebApi
from integrations.sandbox.slack.chat import tell_change
from integrations.sandbox.slack.courier import Carrier, Courier, Delivery, HttpCarrier
from integrations.sandbox.slack.desk import Desk, interactive
from integrations.sandbox.slack.elements import choices_of
from integrations.sandbox.slack.faults import Faults, Limits
from integrations.sandbox.slack.people import (
    BOT_ID,
    BOT_USER,
    TEAM,
    Channel,
    Group,
    Member,
    Shortcut,
    cast,
    groups,
    rooms,
)
from integrations.sandbox.slack.replies import apply_command_ack, apply_options_ack, apply_view_ack
from integrations.sandbox.slack.server import Server
from integrations.sandbox.slack.socket import SocketMode
from integrations.sandbox.slack.state import Message, ResponseUrl, View, Workspace

Json = dict[str, Any]

SIGNING_SECRET = "rehearsal-signing-secret"
EVENTS = frozenset(
    {
        "app_mention",
        "message.channels",
        "message.groups",
        "message.im",
        "app_home_opened",
        "assistant_thread_started",
    }
)
SUGGESTED_AFTER = 3
"""Characters that an external select waits for, unless it says another number."""
_STREAMS = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}


class SlackRoom:
    """One workspace with the app installed. ``request_url``: deliver over HTTP instead of Socket Mode.

    ``retry_scale`` shortens the pauses before an event is delivered again, ``ack_seconds`` is Slack's patience.
    ``shortcuts`` are those of the app's manifest, for whoever draws the menus.
    """

    def __init__(
        self,
        people: Iterable[Member] | None = None,
        channels: Iterable[Channel] | None = None,
        user_groups: Iterable[Group] | None = None,
        events: Iterable[str] = EVENTS,
        request_url: str = "",
        ack_seconds: float = 3.0,
        retry_scale: float = 1.0,
        shortcuts: Iterable[Shortcut] = (),
    ) -> None:
        bot = Member(BOT_USER, "gurumi", "Gurumi", kind="bot")
        self.workspace = Workspace(
            members={m.id: m for m in [*(cast() if people is None else people), bot]},
            channels={c.id: c for c in (rooms() if channels is None else channels)},
            groups={g.id: g for g in (groups() if user_groups is None else user_groups)},
        )
        self.events = set(events)
        self.shortcuts = tuple(shortcuts)
        self.faults, self.limits, self.sockets = Faults(), Limits(), SocketMode()
        self._server = Server(self.sockets)
        self.desk = Desk(self.workspace, self._emit, self.sockets.ticket, self._url)
        self.calls: list[tuple[str, Json]] = []
        self._api = WebApi(self.desk, self.faults, self.limits, self._server.cut, self.calls)
        carrier: Carrier = self.sockets
        if request_url:
            carrier = HttpCarrier(request_url, SIGNING_SECRET, self.workspace.now)
        self._courier = Courier(carrier, self.faults, self._apply, ack_seconds, retry_scale)

    def __enter__(self) -> "SlackRoom":
        self._server.start(self._api.app())
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    @property
    def api_url(self) -> str:
        return self._url("/api/")

    @property
    def deliveries(self) -> list[Delivery]:
        """Everything the app was told, with the times of sending and acknowledging."""
        return self._courier.log

    @property
    def environment(self) -> dict[str, str]:
        """What the bot reads of its environment to work here."""
        return {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_API_URL": self.api_url,
        }

    def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Message:
        """Somebody writes. ``channel`` is a name, an id, or ``dm``; ``@gurumi`` in the text is a mention."""
        member, place = self.person(user), self.place(channel, user)
        message = Message(place.id, self.workspace.ts(), member.id, self._incoming(text), thread_ts=thread_ts or "")
        if member.kind == "bot":
            message.bot_id, message.subtype = f"B{member.id[1:]}", "bot_message"
        self.workspace.post(message)
        self._tell(member, place, message)
        return message

    def edit(self, message: Message, text: str) -> None:
        before = message.json()
        message.text, message.edited = self._incoming(text), {"user": message.user, "ts": self.workspace.ts()}
        self.workspace.changed()
        place, now = self.workspace.channels[message.channel], self.workspace.ts()
        tell_change(self.desk, place, "message_changed", now, message=message.json(), previous_message=before)

    def delete(self, message: Message) -> None:
        self.workspace.messages[message.channel].pop(message.ts)
        self.workspace.changed()
        place, now, before = self.workspace.channels[message.channel], self.workspace.ts(), message.json()
        tell_change(self.desk, place, "message_deleted", now, deleted_ts=message.ts, previous_message=before)

    def command(self, user: str, channel: str, command: str, text: str = "") -> Delivery:
        member, place = self.person(user), self.place(channel, user)
        url, trigger = self._response_url(place, member), self.workspace.trigger(member.id)
        told = payloads.slash_command(member, place, command, text, url, trigger)
        return self._send("slash_commands", told, takes_answer=True)

    def click(self, user: str, source: Message | View, action_id: str, value: Any = None) -> Delivery:
        """A button pressed, or ``value`` chosen in a menu. Raises ValueError when there is no such element."""
        member = self.person(user)
        blocks = _blocks(source)
        block, thing = _find(blocks, action_id)
        told = payloads.interaction("block_actions", member, self.workspace.trigger(member.id))
        offered = self.workspace.offered
        told |= {"actions": [payloads.action(block, thing, self.workspace.ts(), value, offered)]}
        if isinstance(source, View):
            if thing["type"] not in ("button", "overflow"):
                entered = payloads.entered(block, thing, value, offered)
                source.values.setdefault(block["block_id"], {})[action_id] = entered
            told |= payloads.about_view(source)
            told["state"] = {"values": source.values}
        else:
            place = self.workspace.channels[source.channel]
            told |= payloads.about_message(source, place)
            typed = {block["block_id"]: {action_id: value}}
            told |= {"state": {"values": payloads.state_of(blocks, typed, offered)}}
            told["response_url"] = self._response_url(place, member, source)
        return self._send("interactive", told)

    def submit(self, view: View, values: Json) -> Delivery:
        """Sends a modal. ``values``: by action id, or by block id and then action id. Raises ValueError for what Slack
        itself would not send."""
        view.values = payloads.state_of(view.body["blocks"], values, self.workspace.offered)
        view.errors = {}
        if empty := payloads.missing(view.body["blocks"], view.values):
            raise ValueError(f"required and empty: {', '.join(empty)}")
        member = self.person(view.user)
        told = payloads.interaction("view_submission", member, self.workspace.trigger(member.id))
        return self._send("interactive", told | {"view": view.json(), "response_urls": []}, takes_answer=True)

    def dismiss(self, view: View, every: bool = False) -> Delivery | None:
        """Closes a modal, or ``every`` one on the screen; the app hears of it only if it asked to."""
        self.workspace.close(view.user, every)
        if not view.body.get("notify_on_close"):
            return None
        told = payloads.interaction("view_closed", self.person(view.user))
        return self._send("interactive", told | {"view": view.json(), "is_cleared": every})

    def suggest(self, user: str, source: Message | View, action_id: str, typed: str = "") -> Delivery:
        """Types into an external select; ``options`` then tells what it shows. Raises ValueError for too little."""
        block, thing = _find(_blocks(source), action_id)
        if len(typed) < thing.get("min_query_length", SUGGESTED_AFTER):
            raise ValueError(f"{action_id} waits for more characters")
        about = (
            payloads.about_view(source)
            if isinstance(source, View)
            else payloads.about_message(source, self.workspace.channels[source.channel])
        )
        told = payloads.interaction("block_suggestion", self.person(user)) | about
        told |= {"action_id": action_id, "block_id": block["block_id"], "value": typed}
        return self._send("interactive", told, takes_answer=True)

    def options(self, source: Message | View, action_id: str) -> list[Json]:
        """The options that a select shows: its own, or what the app suggested last."""
        block, thing = _find(_blocks(source), action_id)
        return choices_of(thing) or self.workspace.offered.get((block["block_id"], action_id), [])

    def shortcut(self, user: str, callback_id: str, message: Message | None = None) -> Delivery:
        """A global shortcut, or one on a message."""
        member = self.person(user)
        kind = "message_action" if message else "shortcut"
        told = payloads.interaction(kind, member, self.workspace.trigger(member.id))
        told |= {"callback_id": callback_id, "action_ts": self.workspace.ts()}
        if message:
            place = self.workspace.channels[message.channel]
            told |= payloads.about_message(message, place) | {"message_ts": message.ts}
            told["response_url"] = self._response_url(place, member, message)
            del told["container"]
        return self._send("interactive", told)

    def open_home(self, user: str, tab: str = "home") -> None:
        member = self.person(user)
        event: Json = {"type": "app_home_opened", "user": member.id, "channel": self.workspace.dm(member.id).id}
        event |= {"tab": tab, "event_ts": self.workspace.ts()}
        if home := self.workspace.homes.get(member.id):
            event["view"] = home.json()
        self._emit("app_home_opened", event)

    def open_assistant(self, user: str) -> Message:
        """A new conversation with the app in its own pane: a thread in the DM, and the event of its start."""
        member = self.person(user)
        place = self.workspace.dm(member.id)
        root = Message(place.id, self.workspace.ts(), BOT_USER, "New Assistant Thread", bot_id=BOT_ID)
        root.subtype, root.thread_ts = "assistant_app_thread", root.ts
        self.workspace.post(root)
        thread = {"user_id": member.id, "context": {}, "channel_id": place.id, "thread_ts": root.ts}
        event: Json = {"type": "assistant_thread_started", "assistant_thread": thread, "event_ts": root.ts}
        self._emit("assistant_thread_started", event)
        return root

    def prompts(self, channel: str, thread_ts: str = "") -> list[Json]:
        """What the app suggests to ask in a DM, or in a conversation in its pane."""
        return self.workspace.prompts.get((channel, thread_ts), [])

    def messages(self, channel: str, user: str = "") -> list[Message]:
        """What a channel shows to everybody, oldest first."""
        kept = self.workspace.messages.get(self.place(channel, user).id, {})
        return sorted(kept.values(), key=lambda m: m.ts)

    def ephemerals(self, user: str, channel: str) -> list[Message]:
        """What a channel shows to one person only."""
        member, place = self.person(user), self.place(channel, user)
        return [m for m in self.workspace.ephemerals if (m.to, m.channel) == (member.id, place.id)]

    def modal(self, user: str) -> View | None:
        """The modal on top of a person's screen."""
        stack = self.workspace.stacks.get(self.person(user).id)
        return self.workspace.views[stack[-1]] if stack else None

    def home(self, user: str) -> View | None:
        return self.workspace.homes.get(self.person(user).id)

    def wait_for(self, true: Callable[[], Any], seconds: float = 10.0) -> Any:
        """Returns what ``true`` returns as soon as it is something."""
        end = time.monotonic() + seconds
        with self.workspace.lock:
            while not (found := true()):
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"still waiting after {seconds} s; calls: {[name for name, _ in self.calls]}")
                self.workspace.lock.wait(min(left, 0.05))
        return found

    def on_change(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Calls ``watcher`` after every change, from any thread; the result ends that."""
        self.workspace.watchers.append(watcher)
        return lambda: self.workspace.watchers.remove(watcher)

    def advance(self, seconds: float) -> None:
        """Moves the workspace's clock."""
        self.workspace.skew += seconds

    def disconnect(self, reason: str = "refresh_requested") -> None:
        self._server.spawn(self.sockets.disconnect(reason)).result(5)

    def drop(self) -> None:
        """Cuts every socket connection without a word."""
        self._server.soon(self.sockets.drop)

    def connected(self, seconds: float = 20.0) -> None:
        """Returns when the app has a socket connection."""
        self.wait_for(lambda: self.sockets.live, seconds)

    def person(self, name: str) -> Member:
        member = self.workspace.member(name)
        if member is None:
            raise ValueError(f"nobody here is called {name}")
        return member

    def place(self, name: str, user: str = "") -> Channel:
        if name == "dm":
            return self.workspace.dm(self.person(user).id)
        channel = self.workspace.channel(name)
        if channel is None:
            raise ValueError(f"there is no channel {name}")
        return channel

    def _tell(self, member: Member, place: Channel, message: Message) -> None:
        if BOT_USER not in place.members:
            return
        event = message.json() | {"channel": place.id, "event_ts": message.ts, "team": member.team}
        event["client_msg_id"] = f"rehearsal-{message.ts}"
        if member.team != TEAM["id"]:
            event |= {"user_team": member.team, "source_team": member.team}
        self._emit("message", event | {"channel_type": place.kind})
        if f"<@{BOT_USER}>" in message.text and place.kind != "im":
            self._emit("app_mention", event | {"type": "app_mention"})

    def _emit(self, kind: str, event: Json) -> None:
        place = self.workspace.channels.get(str(event.get("channel", "")))
        stream = _STREAMS[place.kind] if kind == "message" and place else kind
        if stream in self.events:
            shared = bool(place and place.shared)
            self._send("events_api", payloads.event_callback(event, self.workspace.now(), shared))

    def _send(self, kind: str, payload: Json, takes_answer: bool = False) -> Delivery:
        delivery = Delivery(kind, payload, takes_answer)
        self._courier.log.append(delivery)
        self._server.spawn(self._courier.deliver(delivery))
        return delivery

    def _apply(self, delivery: Delivery) -> str:
        payload, ack = delivery.payload, delivery.ack or {}
        if delivery.kind == "slash_commands":
            return apply_command_ack(self.desk, payload, ack)
        if payload.get("type") == "view_submission":
            return apply_view_ack(self.desk, payload, ack)
        if payload.get("type") == "block_suggestion":
            return apply_options_ack(self.desk, payload, ack)
        return ""

    def _response_url(self, place: Channel, member: Member, source: Message | None = None) -> str:
        name = self.workspace.fresh("R")
        self.workspace.response_urls[name] = ResponseUrl(place.id, member.id, self.workspace.now(), source)
        return self._url(f"/response/{name}")

    def _incoming(self, text: str) -> str:
        """Text as Slack hands it on: escaped, and people's names as mentions."""
        known = {m.name: m.id for m in self.workspace.members.values()}

        def mention(match: re.Match[str]) -> str:
            return f"<@{known[match[1]]}>" if match[1] in known else match[0]

        escaped = html.escape(text, quote=False)
        escaped = re.sub(r"&lt;(@[UW][A-Z0-9]+)&gt;", r"<\1>", escaped)
        return re.sub(r"(?<![\w<])@(\w+)", mention, escaped)

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.port}{path}"


def _blocks(source: Message | View) -> list[Json]:
    found: list[Json] = source.body["blocks"] if isinstance(source, View) else source.blocks
    return found


def _find(blocks: list[Json], action_id: str) -> tuple[Json, Json]:
    for block in blocks:
        for thing in interactive(block):
            if thing["action_id"] == action_id:
                return block, thing
    raise ValueError(f"nothing to use has the action_id {action_id}")
