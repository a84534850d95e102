"""One browser tab: who sits at it, where they look, what they have read, and what their hands do in the workspace."""

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.page.app import App
from integrations.sandbox.page.form import Form
from integrations.sandbox.slack.courier import Delivery
from integrations.sandbox.slack.people import BOT_USER, Channel, Member
from integrations.sandbox.slack.room import SlackRoom
from integrations.sandbox.slack.state import Message, View
from knowledge.said import Said

HELP = "C0HELP"
Say = Callable[[Said, str], str]
"""A sentence in a language: the floor above knows how to tell it."""

ROLES: Mapping[str, Said] = {
    "U0MINJI": Said("developer"),
    "U0ALEX": Said("on-call engineer"),
    "U0HANEUL": Said("platform lead"),
}


MESSAGES, HOME, THREADS = "messages", "home", "threads"
"""What the middle of the screen shows: a conversation, the app's Home tab, the threads one takes part in."""


@dataclass
class Visitor:
    """The state of a tab. Everything it shows is read from the room each time."""

    room: SlackRoom
    say_in: Say
    user: str
    language: str
    app: App
    channel: str = HELP
    thread: str = ""
    read: dict[tuple[str, str], str] = field(default_factory=dict)
    """Until when each person read each channel and thread: all tabs of a workspace share it."""
    since: str = ""
    """What is older is no news to anybody."""
    tab: str = MESSAGES
    clusters: bool = False
    notice: Said | None = None

    def __post_init__(self) -> None:
        self.sent: list[Delivery] = []
        now = self.room.workspace.ts()
        self._new = (now, now)
        self.did: list[str] = []
        self._forms: dict[str, Form] = {}

    def say(self, said: Said) -> str:
        return self.say_in(said, self.language)

    @property
    def me(self) -> Member:
        return self.room.person(self.user)

    @property
    def place(self) -> Channel:
        return self.room.workspace.channels[self.channel]

    def direct(self) -> Channel:
        """The DM with the bot."""
        return self.room.workspace.dm(self.user)

    def channels(self) -> list[Channel]:
        """The channels of this person, as a sidebar lists them."""
        with self.room.workspace.lock:
            mine = [c for c in self.room.workspace.channels.values() if self.user in c.members]
        return sorted((c for c in mine if c.kind != "im" and not c.archived), key=lambda c: c.name)

    def title(self, place: Channel) -> str:
        return "Gurumi" if place.kind == "im" else place.name

    def has_bot(self) -> bool:
        return BOT_USER in self.place.members

    def seen(self, channel: str) -> list[Message]:
        """Everything in a channel that this person sees, threads and ephemerals too, oldest first."""
        with self.room.workspace.lock:
            own = [m for m in self.room.workspace.ephemerals if (m.to, m.channel) == (self.user, channel)]
            return sorted([*self.room.workspace.messages.get(channel, {}).values(), *own], key=lambda m: m.ts)

    def roots(self, channel: str = "") -> list[tuple[Message, list[Message]]]:
        """What a channel's list shows: each message with the replies of its thread."""
        everything = self.seen(channel or self.channel)
        replies: dict[str, list[Message]] = {}
        for message in everything:
            if message.thread_ts and message.thread_ts != message.ts:
                replies.setdefault(message.thread_ts, []).append(message)
        tops = [m for m in everything if m.thread_ts in ("", m.ts) or m.subtype == "thread_broadcast"]
        return [(m, replies.get(m.ts, [])) for m in tops]

    def replies(self) -> list[Message]:
        """The open thread, its root first."""
        return [m for m in self.seen(self.channel) if self.thread and self.thread in (m.ts, m.thread_ts)]

    def threads(self) -> list[tuple[Message, list[Message]]]:
        """The threads that this person takes part in, the one that moved last first."""
        found = [pair for place in self.channels() for pair in self.roots(place.id) if self._mine(*pair)]
        return sorted(found, key=lambda pair: pair[1][-1].ts, reverse=True)

    def _mine(self, root: Message, replies: list[Message]) -> bool:
        here = [root, *replies]
        return bool(replies) and any(m.user == self.user or f"<@{self.user}>" in m.text for m in here)

    def unread(self, channel: str) -> int:
        """How many messages came that the channel's list would show."""
        return self._newer(channel, [root for root, _ in self.roots(channel)])

    def unread_replies(self, root: Message, replies: list[Message]) -> int:
        return self._newer(f"{root.channel} {root.ts}", replies) if self._mine(root, replies) else 0

    def unread_threads(self) -> int:
        return sum(bool(self.unread_replies(root, replies)) for root, replies in self.threads())

    def _newer(self, key: str, messages: list[Message]) -> int:
        after = self.read.get((self.user, key), self.since)
        return sum(message.ts > after and message.user != self.user for message in messages)

    def look(self) -> None:
        """What stands on the screen is read."""
        now = self.room.workspace.ts()
        if self.tab == MESSAGES:
            self.read[self.user, self.channel] = now
            if self.thread:
                self.read[self.user, f"{self.channel} {self.thread}"] = now

    def first_new(self) -> str:
        """The message above which the line of the new ones stands: the first that came since this person was here
        last and before they came again. Empty when there is none."""
        after, until = self._new
        return next((m.ts for m, _ in self.roots() if after < m.ts <= until and m.user != self.user), "")

    def become(self, user: str) -> None:
        """Somebody else sits down at this tab; they stay where they are, if they may be there."""
        was_direct = self.place.kind == "im"
        self.user, self.thread, self.notice = user, "", None
        if was_direct:
            self._arrive(self.direct().id)
        else:
            self._arrive(self.channel if user in self.place.members else HELP)
        if self.tab == HOME:
            self.open_home()

    def go(self, channel: str, thread: str = "") -> None:
        self.thread, self.tab, self.notice = thread, MESSAGES, None
        self._arrive(channel)

    def _arrive(self, channel: str) -> None:
        self.channel = channel
        self._new = (self.read.get((self.user, channel), self.since), self.room.workspace.ts())

    def turn(self, tab: str) -> None:
        """Another tab: of the app's conversation, or the threads."""
        self.tab, self.thread, self.notice = tab, "", None
        if tab == HOME:
            self.open_home()

    def open_home(self) -> None:
        """The app is told each time that somebody looks."""
        self.channel = self.direct().id
        self.room.open_home(self.user)

    def write(self, text: str, thread: str = "") -> None:
        """What was typed, as Slack takes it: a slash command, or words into the channel or thread."""
        self.notice = None
        word, _, rest = text.partition(" ")
        if word == self.app.command and thread:
            self.notice = Said("Slack takes {command} in channels and direct messages only.", command=word)
        elif word == self.app.command:
            self.sent.append(self.room.command(self.user, self.channel, word, rest.strip()))
        elif word.startswith("/"):
            self.notice = Said("{command} is not a command here. Try {known}.", command=word, known=self.app.command)
        elif self.user not in self.place.members:
            self.notice = Said("You are not in this channel.")
        else:
            message = self.room.say(self.user, self.channel, text, thread or None)
            if not thread and f"<@{BOT_USER}>" in message.text and self.has_bot() and self.place.kind != "im":
                self.thread = message.ts  # the answer comes there

    def ask(self, question: str) -> None:
        """A suggested question, sent as if it had been typed."""
        if self.tab != MESSAGES:
            self.go(self.channel)
        if not self.has_bot():
            self.go(HELP)
        self.write(question if self.place.kind == "im" else f"@gurumi {question}")

    def press(self, source: Message | View, action_id: str, value: Any = None) -> None:
        self.notice = None
        try:
            self.sent.append(self.room.click(self.user, source, action_id, value))
        except ValueError:
            self.notice = Said("That button is gone: the message changed meanwhile.")

    def shortcut(self, callback_id: str, message: Message | None = None) -> None:
        self.notice = None
        self.sent.append(self.room.shortcut(self.user, callback_id, message))

    def form(self, source: Message | View) -> Form:
        """What this tab entered into the inputs of a message or a view."""
        key = source.id if isinstance(source, View) else f"{source.channel} {source.ts}"
        return self._forms.setdefault(key, Form())

    def submit(self, view: View) -> None:
        """Sends a modal, if Slack itself has no complaint."""
        form, self.notice = self.form(view), None
        if not form.check(view.body["blocks"]):
            return
        try:
            self.sent.append(self.room.submit(view, form.of(view.body["blocks"])))
        except ValueError:
            self.notice = Said("Slack does not take this form: what was chosen is offered no longer.")

    def dismiss(self, view: View) -> None:
        self.notice = None
        self.room.dismiss(view)

    def waiting(self) -> bool:
        """Whether a form is on its way to the app."""
        return any(d.payload.get("type") == "view_submission" and not d.done.is_set() for d in self.sent)

    def converse(self) -> None:
        """A new conversation with the app, in a thread of its DM."""
        self.go(self.direct().id, self.room.open_assistant(self.user).ts)

    def prompts(self) -> Sequence[Mapping[str, str]]:
        """What the app suggests to ask in the open thread of its DM; of itself, as long as nobody has asked."""
        if not self.thread or self.place.kind != "im":
            return ()
        told = self.room.workspace.prompts.get((self.channel, self.thread), [])
        return told or (self.app.prompts if len(self.replies()) == 1 else ())

    def status(self) -> str:
        """What the app says that it is doing in the open thread or DM; empty when nothing."""
        statuses = self.room.workspace.statuses
        return html.unescape(statuses.get((self.channel, self.thread), ""))

    def failures(self) -> bool:
        """Whether a delivery ended; ``notice`` then says if Slack told this person that the app did not react."""
        done = [delivery for delivery in self.sent if delivery.done.is_set()]
        self.sent = [delivery for delivery in self.sent if not delivery.done.is_set()]
        failed = [delivery.seen_error for delivery in done if delivery.seen_error]
        if failed:
            self.notice = Said("Gurumi did not react in time. Slack says: {error}", error=failed[-1])
        return bool(done)
