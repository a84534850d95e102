"""The places of a workspace: threads, channels, the app; what is new in each."""

from collections.abc import Callable

from nicegui.element import Element

from integrations.sandbox.page.elements import button, el, icon
from integrations.sandbox.page.visitor import MESSAGES, THREADS, Visitor
from integrations.sandbox.slack.people import Channel
from knowledge.said import Said


class Sidebar:
    """``go(channel)`` and ``threads()`` lead there."""

    def __init__(self, visitor: Visitor, nav: Element, go: Callable[[str], None], threads: Callable[[], None]) -> None:
        self._visitor, self._nav, self._go, self._threads = visitor, nav, go, threads
        self._looks: object = None

    def refresh(self) -> None:
        v = self._visitor
        places = [*v.channels(), v.direct()]
        looks = [(place.id, v.unread(place.id), self._here(place)) for place in places]
        if (looks, v.unread_threads(), v.tab) != self._looks:
            self._looks = (looks, v.unread_threads(), v.tab)
            self._nav.clear()
            with self._nav:
                self._draw(places[:-1], places[-1])

    def _here(self, place: Channel) -> bool:
        return self._visitor.tab != THREADS and place.id == self._visitor.channel

    def _draw(self, channels: list[Channel], direct: Channel) -> None:
        v = self._visitor
        with el("div", "workspace"):
            el("span", "workspace-sign", aria_hidden="true")
            el("span", "", "Rehearsal")
        self._place("forum", v.say(Said("Threads")), v.tab == THREADS, v.unread_threads(), self._threads)
        el("h2", "group", v.say(Said("Channels")))
        for place in channels:
            self._channel("lock" if place.kind == "group" else "tag", place)
        el("h2", "group", v.say(Said("Apps")))
        self._channel("cloud", direct)
        el(
            "p",
            "sidebar-what",
            v.say(Said("A rehearsal: the real bot, a make-believe Slack, three make-believe clusters.")),
        )

    def _channel(self, sign: str, place: Channel) -> None:
        v = self._visitor
        new = v.unread(place.id) if v.tab != MESSAGES or place.id != v.channel else 0
        self._place(sign, v.title(place), self._here(place), new, lambda: self._go(place.id))

    def _place(self, sign: str, title: str, here: bool, new: int, go: Callable[[], None]) -> None:
        row = button(f"place{' here' if here else ''}{' unread' if new else ''}")
        row.props["aria-current"] = "page" if here else "false"
        row.on("click", lambda: go(), args=[])
        with row:
            if sign == "cloud":
                el("span", "place-sign cloud", aria_hidden="true")
            else:
                icon(sign).classes("place-sign")
            el("span", "place-name", title)
            if new:
                el("span", "count", str(new), aria_hidden="true")
                el("span", "unseen", self._visitor.say(Said("{n} unread", n=new)))
