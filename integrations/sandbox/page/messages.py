"""Messages as a conversation shows them: who, when, what, its files, and the way to its replies."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from nicegui.element import Element

from integrations.sandbox.page.blocks import Ink, Pen
from integrations.sandbox.page.elements import button, el, icon, icon_button, menu
from integrations.sandbox.page.files import draw_file
from integrations.sandbox.page.hands import Hands
from integrations.sandbox.page.rows import Row
from integrations.sandbox.page.visitor import Visitor
from integrations.sandbox.slack.people import Member
from integrations.sandbox.slack.state import Message
from knowledge.said import Said


class Letters:
    """Draws messages. ``hands_on(message)`` is what a person can do with one, ``shortcut(id, message)`` starts one."""

    def __init__(
        self,
        visitor: Visitor,
        hands_on: Callable[[Message], Hands],
        open_thread: Callable[[Message], None],
        shortcut: Callable[[str, Message], None],
    ) -> None:
        self._visitor, self._hands_on, self._open, self._shortcut = visitor, hands_on, open_thread, shortcut
        self.ink = Ink(lambda key: _name(visitor, key))

    def row(self, message: Message, replies: Sequence[Message] = (), root: bool = False) -> Row:
        """A message as one row. ``root``: with the way to its replies."""
        v = self._visitor
        news = v.unread_replies(message, list(replies)) if root else 0
        last = replies[-1].ts if replies else ""
        looks = [v.language, v.user, len(replies), last, news, message.text, message.blocks, message.files]
        looks += [message.edited, message.reactions]

        def draw() -> None:
            self._draw(message, replies, root, news)

        return Row(message.ts, json.dumps(looks, ensure_ascii=False, default=str), draw)

    def _draw(self, message: Message, replies: Sequence[Message], root: bool, news: int) -> None:
        v = self._visitor
        author = v.room.workspace.members.get(message.user) or Member(message.user, message.user, message.user)
        classes = "message whisper" if message.to else "message"
        with el("article", classes, data_ts=message.ts, tabindex=-1, aria_label=self._label(author, message)):
            avatar(author)
            with el("div", "said"):
                if message.to:
                    with el("div", "only"):
                        icon("visibility")
                        el("span", "", v.say(Said("Only visible to you")))
                with el("div", "byline"):
                    el("strong", "author", author.real_name)
                    if author.kind == "bot":
                        el("span", "badge", "APP")
                    el("time", "when", _clock(message, v.me))
                    if message.edited:
                        el("span", "edited", v.say(Said("(edited)")))
                Pen(self.ink, self._hands_on(message)).message(message.text, message.blocks)
                for file in message.files:
                    draw_file(v, file)
                self._reactions(message)
                if root and replies:
                    self._replies(message, replies, news)
            self._tools(message, root)

    def _label(self, author: Member, message: Message) -> str:
        return f"{author.real_name}, {_clock(message, self._visitor.me)}"

    def _replies(self, message: Message, replies: Sequence[Message], news: int) -> None:
        v = self._visitor
        link = button("replies new" if news else "replies")
        link.on("click", lambda: self._open(message), args=[])
        with link:
            for user in list(dict.fromkeys(reply.user for reply in replies))[:3]:
                if member := v.room.workspace.members.get(user):
                    avatar(member, small=True)
            el("span", "", v.say(Said("{n:|reply|replies}", n=len(replies))))
            if news:
                el("span", "news", v.say(Said("{n} new", n=news)))
            else:
                el("span", "last", _clock(replies[-1], v.me))

    def _tools(self, message: Message, root: bool) -> None:
        """What shows at a message that is pointed at, or that the keyboard is at."""
        v = self._visitor
        offered = [] if message.to else [offer for offer in v.room.shortcuts if offer.message]
        if not offered and (message.to or not root):
            return
        with el("div", "tools"):
            if root and not message.to:
                reply = icon_button("tool", "chat_bubble_outline", v.say(Said("Reply in thread")))
                reply.on("click", lambda: self._open(message), args=[])
            if offered:
                label = v.say(Said("More actions"))
                opener = icon_button("tool", "more_vert", label)
                items = [(o.name, lambda o=o: self._shortcut(o.callback_id, message)) for o in offered]
                menu(opener, label, items)

    def _reactions(self, message: Message) -> None:
        if message.reactions:
            with el("div", "reactions"):
                for name, users in message.reactions.items():
                    with el("span", "reaction"):
                        self.ink.mrkdwn(f":{name}: {len(users)}")


def avatar(member: Member, small: bool = False) -> Element:
    """A square with the first letter of a name; the bot is a little cloud."""
    tint = sum(map(ord, member.id)) % 6
    sign = "" if member.name == "gurumi" else member.real_name[:1]
    kind = "bot" if member.name == "gurumi" else f"tint-{tint}"
    return el("span", f"avatar {kind}{' small' if small else ''}", sign, aria_hidden="true")


def _clock(message: Message, reader: Member) -> str:
    """The time of day where the reader is."""
    return f"{datetime.fromtimestamp(float(message.ts), ZoneInfo(reader.tz or 'UTC')):%H:%M}"


def _name(visitor: Visitor, key: str) -> str:
    workspace = visitor.room.workspace
    if key in workspace.members:
        return workspace.members[key].name
    return workspace.channels[key].name if key in workspace.channels else ""
