"""The workspace on one screen: sidebar, conversation, thread, clusters. Looks at the room and draws what changed."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from integrations.sandbox.kubernetes.room import KubernetesRoom
from integrations.sandbox.page.clusters import Clusters
from integrations.sandbox.page.conversation import Conversation, Doings
from integrations.sandbox.page.dialog import confirmation
from integrations.sandbox.page.elements import el
from integrations.sandbox.page.hands import Hands
from integrations.sandbox.page.messages import Letters
from integrations.sandbox.page.sidebar import Sidebar
from integrations.sandbox.page.thread import Thread
from integrations.sandbox.page.topbar import Turns, draw_topbar
from integrations.sandbox.page.tour import Tour
from integrations.sandbox.page.tour_steps import Stage, steps
from integrations.sandbox.page.views import Modal
from integrations.sandbox.page.visitor import MESSAGES, THREADS, Visitor
from integrations.sandbox.slack.state import Message, View
from knowledge.said import Said

Json = dict[str, Any]


class Screen:
    """Built for one visitor; ``refresh`` after every change of the room."""

    def __init__(self, visitor: Visitor, clusters: KubernetesRoom) -> None:
        self.visitor, self._clusters_room = visitor, clusters
        self._client = ui.context.client
        self._letters = Letters(visitor, self._hands, self._open_root, self._shortcut)
        self._root = el("div", "room")
        self._above = el("div", "room above")
        self.tour = Tour(visitor, self._above, lambda: steps(self._stage()))
        self.rebuild()

    def rebuild(self, focus: str = "") -> None:
        """Everything anew: another person, place or language. ``focus``: the key of what the keyboard is then at."""
        v = self.visitor
        v.look()
        self._root.clear()
        self._root.props["lang"] = v.language
        self._above.props["lang"] = v.language
        turns = Turns(self.become, self._speak, self.tour.begin, lambda: self.show_clusters(not v.clusters))
        with self._root:
            el("a", "skip", v.say(Said("Skip to the message box")), href="#main-composer")
            draw_topbar(v, turns)
            with el("div", "columns"):
                nav = el("nav", "sidebar", aria_label=v.say(Said("Channels")), id="sidebar")
                with el("section", "conversation", aria_label=v.title(v.place)):
                    self._middle = Conversation(v, self._letters, self._doings())
                thread = el("aside", "thread", aria_label=v.say(Said("Thread")))
                clusters = el("aside", "panel", aria_label=v.say(Said("The clusters")), id="clusters")
            dialogs = el("div", "dialogs")
        self._dialogs = dialogs
        self._sidebar = Sidebar(v, nav, lambda place: self.go(place), lambda: self.turn(THREADS))
        self._thread = Thread(v, thread, self._letters, self._reply, lambda: self._open(""))
        self._panel = Clusters(
            v, clusters, self._clusters_room, self.ask, lambda: self.show_clusters(False), self.refresh
        )
        self._modal = Modal(v, dialogs, self._letters.ink, self._hands, self.refresh)
        self._client.run_javascript(f"rehearsal.sat({v.user!r}, {v.language!r}, {focus!r})")
        self.refresh()
        self.tour.refresh()

    def refresh(self) -> None:
        self.visitor.look()
        self._sidebar.refresh()
        self._middle.refresh()
        self._thread.refresh()
        self._panel.refresh()
        self._modal.refresh()

    def tick(self) -> None:
        """Twice a second: what time brings, and what the app did not answer."""
        if self.visitor.failures():
            self.refresh()
        self._panel.refresh()

    def become(self, user: str) -> None:
        self._change(lambda: self.visitor.become(user), user)

    def go(self, channel: str, thread: str = "") -> None:
        self._change(lambda: self.visitor.go(channel, thread), "composer")

    def turn(self, tab: str) -> None:
        self._change(lambda: self.visitor.turn(tab), "composer" if tab == MESSAGES else f"tab-{tab}")

    def show_clusters(self, shown: bool) -> None:
        self.visitor.clusters = shown
        self.refresh()
        self._client.run_javascript(f"rehearsal.shown('clusters', {'true' if shown else 'false'})")

    def ask(self, question: str) -> None:
        before = (self.visitor.channel, self.visitor.tab)
        self.visitor.ask(question)
        self._sent(moved=(self.visitor.channel, self.visitor.tab) != before)

    def _doings(self) -> Doings:
        return Doings(
            write=self._write,
            ask=self.ask,
            turn=self.turn,
            shortcut=self._shortcut,
            converse=lambda: self._change(self.visitor.converse, "thread-composer"),
            tour=self.tour.begin,
            dismiss=self._dismiss,
            hands_on=self._hands,
        )

    def _stage(self) -> Stage:
        return Stage(
            self.visitor,
            self._clusters_room,
            ask=self.ask,
            go=self.go,
            turn=self.turn,
            become=self.become,
            show_clusters=self.show_clusters,
            type=lambda text: self._middle.type(text),
            send=self._send_typed,
            do=lambda deed: self._panel.do(deed),
        )

    def _hands(self, source: Message | View) -> Hands:
        return Hands(self.visitor, source, self.refresh, self._confirm, self.visitor.form(source))

    def _confirm(self, asked: Json, then: Callable[[], None], otherwise: Callable[[], None]) -> None:
        v = self.visitor
        with self._dialogs:
            confirmation(self._letters.ink, asked, v.say(Said("Yes")), v.say(Said("No")), then, otherwise)

    def _speak(self, language: str) -> None:
        self.visitor.language = language
        self.rebuild("language")

    def _change(self, change: Callable[[], None], focus: str) -> None:
        change()
        self.rebuild(focus)

    def _open_root(self, root: Message) -> None:
        thread = root.thread_ts or root.ts
        if self.visitor.tab == MESSAGES:
            self._open(thread)
        else:
            self._change(lambda: self.visitor.go(root.channel, thread), "thread-composer")

    def _open(self, thread: str) -> None:
        self.visitor.thread = thread
        self.refresh()
        self._client.run_javascript(f"rehearsal.focus({'thread-composer' if thread else 'composer'!r})")

    def _shortcut(self, callback_id: str, message: Message | None = None) -> None:
        self.visitor.shortcut(callback_id, message)
        self.refresh()

    def _reply(self, text: str) -> None:
        self._write(text, self.visitor.thread)

    def _write(self, text: str, thread: str = "") -> None:
        self.visitor.write(text, thread)
        self._sent(moved=False)

    def _send_typed(self, text: str) -> None:
        self._middle.type("")
        self._write(text)

    def _dismiss(self) -> None:
        self.visitor.notice = None
        self.refresh()

    def _sent(self, moved: bool) -> None:
        self._client.run_javascript("rehearsal.follow()")
        if moved:
            self.rebuild()
        else:
            self.refresh()
