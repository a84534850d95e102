"""The workspace on one screen: sidebar, conversation, thread. Looks at the room and draws what changed."""

from collections.abc import Callable, Sequence

from nicegui import ui

from integrations.sandbox.page.completion import Hint
from integrations.sandbox.page.composer import Composer
from integrations.sandbox.page.elements import button, el
from integrations.sandbox.page.questions import QUESTIONS
from integrations.sandbox.page.transcript import Row, Transcript, avatar, message_row
from integrations.sandbox.page.visitor import ROLES, Visitor
from integrations.sandbox.slack.people import Channel
from integrations.sandbox.slack.state import Message
from knowledge.said import Said


class Screen:
    """Built for one visitor; ``refresh`` after every change of the room."""

    def __init__(self, visitor: Visitor, hints: Sequence[Hint]) -> None:
        self.visitor, self._hints = visitor, hints
        self._client = ui.context.client
        self._root = el("div", "room")
        self._sidebar_looks: object = None
        self._thread_looks: object = None
        self._thread_list: Transcript | None = None
        self.rebuild()

    def rebuild(self, focus: str = "") -> None:
        """Everything anew: another person, place or language. ``focus``: the key of what the keyboard is then at."""
        v = self.visitor
        v.look()
        self._root.clear()
        self._root.props["lang"] = v.language
        self._sidebar_looks = self._thread_looks = self._thread_list = None
        with self._root:
            el("a", "skip", v.say(Said("Skip to the message box")), href="#main-composer")
            self._topbar()
            with el("div", "columns"):
                self._sidebar = el("nav", "sidebar", aria_label=v.say(Said("Channels")))
                with el("section", "conversation", aria_label=v.title(v.place)):
                    self._conversation()
                self._aside = el("section", "thread", aria_label=v.say(Said("Thread")))
                self._aside.on(
                    "keydown", lambda: self._open(""), args=[], js_handler="(event) => rehearsal.escape(event, emit)"
                )
        self._client.run_javascript(f"rehearsal.sat({v.user!r}, {v.language!r}, {focus!r})")
        self.refresh()

    def refresh(self) -> None:
        v = self.visitor
        v.look()
        self._draw_sidebar()
        self._list.show(self._rows())
        self._draw_thread()
        self._draw_notice()

    def _topbar(self) -> None:
        v = self.visitor
        with el("header", "topbar"):
            menu = button("menu", "☰", aria_label=v.say(Said("Channels")), aria_expanded="false")
            menu.on("click", js_handler="() => rehearsal.menu()")
            el(
                "p",
                "what",
                v.say(Said("A rehearsal: the real bot, a make-believe Slack, three make-believe clusters.")),
            )
            with el("div", "people", role="group", aria_label=v.say(Said("Who you are"))):
                for user, role in ROLES.items():
                    self._person(user, role)
            other = "ko" if v.language == "en" else "en"
            words = button("tool", "한국어" if other == "ko" else "English", lang=other, data_key="language")
            words.on("click", lambda: self._speak(other), args=[])
            theme = button("tool", "◐", aria_label=v.say(Said("Light or dark")))
            theme.on("click", js_handler="() => rehearsal.theme()")

    def _person(self, user: str, role: Said) -> None:
        v = self.visitor
        member, mine = v.room.person(user), user == v.user
        label = f"{member.real_name}, {v.say(role)}"
        choice = button("person on" if mine else "person", aria_label=label, title=label, data_key=user)
        choice.props["aria-pressed"] = "true" if mine else "false"
        choice.on("click", lambda: self._change(lambda: v.become(user), user), args=[])
        with choice:
            avatar(member, small=True)
            with el("span", "person-words"):
                el("span", "person-name", member.real_name)
                el("span", "person-role", v.say(role))

    def _draw_sidebar(self) -> None:
        v = self.visitor
        places = [*v.channels(), v.direct()]
        looks = [(place.id, v.unread(place.id), place.id == v.channel) for place in places]
        if looks == self._sidebar_looks:
            return
        self._sidebar_looks = looks
        self._sidebar.clear()
        with self._sidebar:
            with el("div", "workspace"):
                el("span", "workspace-sign", aria_hidden="true")
                el("span", "", "Rehearsal")
            el("h2", "group", v.say(Said("Channels")))
            for place in places[:-1]:
                self._place(place, "lock" if place.kind == "group" else "hash")
            el("h2", "group", v.say(Said("Direct messages")))
            self._place(places[-1], "cloud")

    def _place(self, place: Channel, sign: str) -> None:
        v = self.visitor
        unread, here = v.unread(place.id), place.id == v.channel
        row = button(f"place{' here' if here else ''}{' unread' if unread else ''}")
        row.props["aria-current"] = "page" if here else "false"
        row.on("click", lambda: self._change(lambda: v.go(place.id), "composer"), args=[])
        with row:
            el("span", f"place-sign {sign}", aria_hidden="true")
            el("span", "place-name", v.title(place))
            if unread:
                el("span", "count", str(unread), aria_hidden="true")
                el("span", "unseen", v.say(Said("{n} unread", n=unread)))

    def _conversation(self) -> None:
        v, place = self.visitor, self.visitor.place
        with el("div", "title"):
            el("h1", "", v.title(place) if place.kind == "im" else f"# {place.name}")
            el("span", "topic", place.topic)
        with el("div", "scroller", tabindex=0, role="log", aria_label=v.say(Said("Messages"))):
            self._list = Transcript(el("div", "list"))
        self._notice = el("div", "notice", role="alert")
        self._suggestions()
        with el("div", id="main-composer", tabindex=-1, data_key="composer"):
            Composer(v, self._hints, lambda text: self._write(text), self._label(), self._placeholder())

    def _label(self) -> str:
        v = self.visitor
        return v.say(Said("Message to {place}", place=v.title(v.place)))

    def _placeholder(self) -> str:
        v = self.visitor
        if v.place.kind == "im":
            return v.say(Said("Ask Gurumi anything about your clusters"))
        if v.has_bot():
            return v.say(Said("Message #{place}: ask with @gurumi or {command}", place=v.place.name,
                              command=v.command))  # fmt: skip
        return v.say(Said("Message #{place}: {command} works here, too", place=v.place.name,
                          command=v.command))  # fmt: skip

    def _suggestions(self) -> None:
        v = self.visitor
        with el("div", "suggestions", role="group", aria_label=v.say(Said("Questions to try"))):
            el("span", "suggestions-title", v.say(Said("Try:")), aria_hidden="true")
            other = "ko" if v.language == "en" else "en"
            for language in (v.language, other):
                for question in QUESTIONS[language][: None if language == v.language else 1]:
                    chip = button("chip", question, lang=language)
                    chip.on("click", lambda q=question: self._ask(q), args=[])

    def _rows(self) -> list[Row]:
        v = self.visitor
        rows = [message_row(v, m, replies, self._press, self._open) for m, replies in v.roots()]
        intro = Row("intro", f"{v.language}{bool(rows)}", lambda: self._intro(bool(rows)))
        return [intro, *rows]

    def _intro(self, anything: bool) -> None:
        v, place = self.visitor, self.visitor.place
        with el("div", "intro"):
            if place.kind == "im":
                el("h2", "", v.say(Said("You and Gurumi")))
                el(
                    "p",
                    "",
                    v.say(Said("Only you two read this. Ask as you would ask a colleague; no mention is needed.")),
                )
            elif v.has_bot():
                el("h2", "", v.say(Said("This is #{place}", place=place.name)))
                el("p", "", v.say(Said("Press a question below, or mention @gurumi: the answer comes in the thread.")))
            else:
                el("h2", "", v.say(Said("This is #{place}", place=place.name)))
                el("p", "", v.say(Said("Gurumi is not a member here. {command} works all the same, for you alone.",
                                       command=v.command)))  # fmt: skip
            if not anything:
                el("p", "empty", v.say(Said("Nobody has written here yet.")))

    def _draw_thread(self) -> None:
        v = self.visitor
        looks = (v.channel, v.thread, v.language, v.user)
        if looks != self._thread_looks:
            self._thread_looks = looks
            self._aside.clear()
            self._thread_list = None
            self._aside.set_visibility(bool(v.thread))
            if v.thread:
                with self._aside:
                    self._thread_frame()
        if self._thread_list:
            self._thread_list.show([message_row(v, m, (), self._press) for m in v.replies()])

    def _thread_frame(self) -> None:
        v = self.visitor
        with el("div", "title"):
            el("h2", "", v.say(Said("Thread")))
            el("span", "topic", v.title(v.place))
            close = button("tool", "✕", aria_label=v.say(Said("Close the thread")))
            close.on("click", lambda: self._open(""), args=[])
        with el("div", "scroller", tabindex=0, role="log", aria_live="polite", aria_label=v.say(Said("Replies"))):
            self._thread_list = Transcript(el("div", "list"))
        words = v.say(Said("Reply, with @gurumi to ask on"))
        with el("div", data_key="thread-composer"):
            Composer(v, self._hints, lambda text: self._write(text, v.thread), v.say(Said("Reply in thread")), words)

    def _draw_notice(self) -> None:
        v = self.visitor
        self._notice.clear()
        self._notice.set_visibility(v.notice is not None)
        if v.notice:
            with self._notice:
                el("span", "", v.say(v.notice))
                close = button("tool", "✕", aria_label=v.say(Said("Dismiss")))
                close.on("click", self._dismiss, args=[])

    def _dismiss(self) -> None:
        self.visitor.notice = None
        self.refresh()

    def _speak(self, language: str) -> None:
        self.visitor.language = language
        self.rebuild("language")

    def _change(self, change: Callable[[], None], focus: str) -> None:
        change()
        self.rebuild(focus)

    def _open(self, thread: str) -> None:
        self.visitor.thread = thread
        self.refresh()
        self._client.run_javascript(f"rehearsal.focus({'thread-composer' if thread else 'composer'!r})")

    def _press(self, message: Message, action_id: str, value: str | None) -> None:
        self.visitor.press(message, action_id, value)
        self.refresh()

    def _ask(self, question: str) -> None:
        was = self.visitor.channel
        self.visitor.ask(question)
        self._sent(moved=self.visitor.channel != was)

    def _write(self, text: str, thread: str = "") -> None:
        self.visitor.write(text, thread)
        self._sent(moved=False)

    def _sent(self, moved: bool) -> None:
        self._client.run_javascript("rehearsal.follow()")
        if moved:
            self.rebuild()
        else:
            self.refresh()
