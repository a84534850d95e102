"""Messages on the screen: each drawn once, and again only when something about it changed."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from nicegui.element import Element

from integrations.sandbox.page.blocks import Pen
from integrations.sandbox.page.elements import button, el
from integrations.sandbox.page.visitor import Visitor
from integrations.sandbox.slack.people import Member
from integrations.sandbox.slack.state import Message
from knowledge.said import Said


@dataclass(frozen=True)
class Row:
    """One thing of the list. It is drawn again when ``looks`` changes."""

    key: str
    looks: str
    draw: Callable[[], None]


class Transcript:
    """Holds a list's rows in the order that it is given."""

    def __init__(self, container: Element) -> None:
        self._container = container
        self._shown: dict[str, tuple[str, Element]] = {}

    def show(self, rows: Sequence[Row]) -> None:
        keep = {row.key for row in rows}
        for key in [key for key in self._shown if key not in keep]:
            self._shown.pop(key)[1].delete()
        for index, row in enumerate(rows):
            looks, holder = self._shown.get(row.key, ("", None))
            if holder is None:
                with self._container:
                    holder = el("div", "row-of-list")
                if index < len(self._shown):
                    holder.move(target_index=index)
            elif looks == row.looks:
                continue
            holder.clear()
            with holder:
                row.draw()
            self._shown[row.key] = (row.looks, holder)


def message_row(
    visitor: Visitor,
    message: Message,
    replies: Sequence[Message],
    press: Callable[[Message, str, str | None], None],
    open_thread: Callable[[str], None] | None = None,
) -> Row:
    """A message as one row. ``open_thread``: show the way to its replies."""
    looks = [visitor.language, visitor.user, len(replies), message.text, message.blocks, message.files]
    looks += [message.edited, message.reactions]

    def draw() -> None:
        _draw(visitor, message, replies, press, open_thread)

    return Row(message.ts, json.dumps(looks, ensure_ascii=False, default=str), draw)


def _draw(
    visitor: Visitor,
    message: Message,
    replies: Sequence[Message],
    press: Callable[[Message, str, str | None], None],
    open_thread: Callable[[str], None] | None,
) -> None:
    room = visitor.room
    author = room.workspace.members.get(message.user) or Member(message.user, message.user, message.user)
    with el("article", "message whisper" if message.to else "message", data_ts=message.ts):
        avatar(author)
        with el("div", "said"):
            if message.to:
                el("div", "only", visitor.say(Said("Only visible to you")))
            with el("div", "byline"):
                el("strong", "author", author.real_name)
                if author.kind == "bot":
                    el("span", "badge", "APP")
                el("time", "when", _clock(message, visitor.me))
                if message.edited:
                    el("span", "edited", visitor.say(Said("(edited)")))
            pen = Pen(
                lambda key: _name(visitor, key),
                lambda action, value: press(message, action, value),
                visitor.say(Said("Choose …")),
            )
            pen.message(message.text, message.blocks)
            _files(visitor, message)
            _reactions(pen, message)
            if open_thread is not None and (replies or not message.to):
                _thread_link(visitor, message, replies, open_thread)


def _thread_link(
    visitor: Visitor, message: Message, replies: Sequence[Message], open_thread: Callable[[str], None]
) -> None:
    if replies:
        text = visitor.say(Said("{n:|reply|replies}", n=len(replies)))
        link = button("replies", text)
    else:
        link = button("reply-here", visitor.say(Said("Reply in thread")))
    link.on("click", lambda: open_thread(message.thread_ts or message.ts), args=[])


def _files(visitor: Visitor, message: Message) -> None:
    for file in message.files:
        with el("a", "file", href=f"/files/{file['id']}", download=file["name"]):
            el("span", "file-sign", aria_hidden="true")
            with el("span"):
                el("strong", "", str(file.get("title") or file["name"]))
                el("span", "file-size", visitor.say(Said("{size} bytes · download", size=file["size"])))


def _reactions(pen: Pen, message: Message) -> None:
    if message.reactions:
        with el("div", "reactions"):
            for name, users in message.reactions.items():
                with el("span", "reaction"):
                    pen.mrkdwn(f":{name}: {len(users)}")


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
