"""One browser tab: who sits at it, where they look, what they have read, and what their hands do in the workspace."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from integrations.sandbox.slack.courier import Delivery
from integrations.sandbox.slack.people import BOT_USER, Channel, Member
from integrations.sandbox.slack.room import SlackRoom
from integrations.sandbox.slack.state import Message
from knowledge.said import Said

HELP = "C0HELP"
Say = Callable[[Said, str], str]
"""A sentence in a language: the floor above knows how to tell it."""

ROLES: Mapping[str, Said] = {
    "U0MINJI": Said("developer"),
    "U0ALEX": Said("on-call engineer"),
    "U0HANEUL": Said("platform lead"),
}


@dataclass
class Visitor:
    """The state of a tab. Everything it shows is read from the room each time."""

    room: SlackRoom
    say_in: Say
    user: str
    language: str
    command: str
    channel: str = HELP
    thread: str = ""
    notice: Said | None = None

    def __post_init__(self) -> None:
        self.read: dict[tuple[str, str], str] = {}
        self.sent: list[Delivery] = []
        self.since = self.room.workspace.ts()

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

    def roots(self) -> list[tuple[Message, list[Message]]]:
        """What the channel's list shows: each message with the replies of its thread."""
        everything = self.seen(self.channel)
        replies: dict[str, list[Message]] = {}
        for message in everything:
            if message.thread_ts and message.thread_ts != message.ts:
                replies.setdefault(message.thread_ts, []).append(message)
        tops = [m for m in everything if m.thread_ts in ("", m.ts) or m.subtype == "thread_broadcast"]
        return [(m, replies.get(m.ts, [])) for m in tops]

    def replies(self) -> list[Message]:
        """The open thread, its root first."""
        return [m for m in self.seen(self.channel) if self.thread and self.thread in (m.ts, m.thread_ts)]

    def unread(self, channel: str) -> int:
        after = self.read.get((self.user, channel), self.since)
        return sum(m.ts > after and m.user != self.user for m in self.seen(channel))

    def look(self) -> None:
        """What stands on the screen is read."""
        self.read[self.user, self.channel] = self.room.workspace.ts()

    def become(self, user: str) -> None:
        """Somebody else sits down at this tab; they stay where they are, if they may be there."""
        was_direct = self.place.kind == "im"
        self.user, self.thread, self.notice = user, "", None
        if was_direct:
            self.channel = self.direct().id
        elif user not in self.place.members:
            self.channel = HELP

    def go(self, channel: str) -> None:
        self.channel, self.thread, self.notice = channel, "", None

    def write(self, text: str, thread: str = "") -> None:
        """What was typed, as Slack takes it: a slash command, or words into the channel or thread."""
        self.notice = None
        word, _, rest = text.partition(" ")
        if word == self.command and thread:
            self.notice = Said("Slack takes {command} in channels and direct messages only.", command=word)
        elif word == self.command:
            self.sent.append(self.room.command(self.user, self.channel, word, rest.strip()))
        elif word.startswith("/"):
            self.notice = Said("{command} is not a command here. Try {known}.", command=word, known=self.command)
        elif self.user not in self.place.members:
            self.notice = Said("You are not in this channel.")
        else:
            message = self.room.say(self.user, self.channel, text, thread or None)
            if not thread and f"<@{BOT_USER}>" in message.text and self.has_bot() and self.place.kind != "im":
                self.thread = message.ts  # the answer comes there

    def ask(self, question: str) -> None:
        """A suggested question, sent as if it had been typed."""
        if not self.has_bot():
            self.go(HELP)
        self.write(question if self.place.kind == "im" else f"@gurumi {question}")

    def press(self, message: Message, action_id: str, value: str | None = None) -> None:
        self.notice = None
        try:
            self.sent.append(self.room.click(self.user, message, action_id, value))
        except ValueError:
            self.notice = Said("That button is gone: the message changed meanwhile.")

    def failures(self) -> bool:
        """Whether Slack just told this person that the app did not react; ``notice`` then holds it."""
        done = [delivery for delivery in self.sent if delivery.done.is_set()]
        self.sent = [delivery for delivery in self.sent if not delivery.done.is_set()]
        failed = [delivery.seen_error for delivery in done if delivery.seen_error]
        if failed:
            self.notice = Said("Gurumi did not react in time. Slack says: {error}", error=failed[-1])
        return bool(failed)
