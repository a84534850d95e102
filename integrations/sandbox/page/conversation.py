"""The middle of the screen: a conversation with its box to write in, the app's Home tab, or one's threads."""

from collections.abc import Callable
from dataclasses import dataclass

from nicegui.element import Element

from integrations.sandbox.page.composer import Composer
from integrations.sandbox.page.elements import button, el, icon, icon_button
from integrations.sandbox.page.hands import Hands
from integrations.sandbox.page.messages import Letters
from integrations.sandbox.page.questions import QUESTIONS
from integrations.sandbox.page.rows import Row, Rows
from integrations.sandbox.page.views import Home
from integrations.sandbox.page.visitor import HOME, MESSAGES, THREADS, Visitor
from integrations.sandbox.slack.state import Message, View
from knowledge.said import Said


@dataclass(frozen=True)
class Doings:
    """What the middle can set going."""

    write: Callable[[str], None]
    ask: Callable[[str], None]
    turn: Callable[[str], None]
    shortcut: Callable[[str], None]
    converse: Callable[[], None]
    tour: Callable[[], None]
    dismiss: Callable[[], None]
    hands_on: Callable[[Message | View], Hands]


class Conversation:
    """Built once for a place; ``refresh`` after every change."""

    def __init__(self, visitor: Visitor, letters: Letters, doings: Doings) -> None:
        self._visitor, self._letters, self._do = visitor, letters, doings
        self._home: Home | None = None
        self._rows: Rows | None = None
        v = visitor
        self._title()
        self._notice = el("div", "notice", role="alert")
        self._notice.set_visibility(False)
        self._noticed: object = None
        role = {"role": "log", "aria-live": "polite"} if v.tab == MESSAGES else {"role": "region"}
        label = v.say(Said("Messages")) if v.tab == MESSAGES else self._name()
        with el("div", "scroller", tabindex=0, aria_label=label, id="middle") as scroller:
            scroller.props.update(role)
            scroller.on("keydown", js_handler="(event) => rehearsal.walk(event)")
            if v.tab == HOME:
                self._home = Home(v, el("div", "home"), letters.ink, doings.hands_on)
            else:
                self._rows = Rows(el("div", "list"))
        if v.tab == MESSAGES:
            self._status = el("div", "status", role="status")
            self._suggestions()
            with el("div", id="main-composer", tabindex=-1, data_key="composer"):
                self._composer = Composer(v, doings.write, self._label(), self._placeholder(), doings.shortcut)
            self._notice.move(target_index=2)

    def refresh(self) -> None:
        v = self._visitor
        if self._home:
            self._home.refresh()
        if self._rows and v.tab == THREADS:
            self._rows.show(self._threads())
        elif self._rows:
            self._rows.show(self._messages())
            self._draw_status()
        self._draw_notice()

    def type(self, text: str) -> None:
        """Writes into the box, with what that offers."""
        if self._visitor.tab == MESSAGES:
            self._composer.fill(text)

    def _name(self) -> str:
        v = self._visitor
        return v.say(Said("Threads")) if v.tab == THREADS else v.title(v.place)

    def _title(self) -> None:
        v = self._visitor
        direct = v.place.kind == "im" and v.tab != THREADS
        with el("div", "title"):
            el("h1", "", self._name() if direct or v.tab == THREADS else f"# {v.place.name}")
            if direct:
                self._tabs()
            else:
                el("span", "topic", v.place.topic if v.tab == MESSAGES else "")

    def _tabs(self) -> None:
        v = self._visitor
        tabs = [(HOME, Said("Home"))] if v.app.home else []
        with el("div", "tabs", role="tablist", aria_label="Gurumi"):
            for tab, words in [*tabs, (MESSAGES, Said("Messages"))]:
                made = button("tab on" if tab == v.tab else "tab", v.say(words), role="tab", data_key=f"tab-{tab}")
                made.props["aria-selected"] = "true" if tab == v.tab else "false"
                made.props["aria-controls"] = "middle"
                made.on("click", lambda tab=tab: self._do.turn(tab), args=[])
        if v.app.assistant:
            new = icon_button("tool", "edit_note", v.say(Said("New conversation")))
            new.on("click", self._do.converse, args=[])

    def _label(self) -> str:
        v = self._visitor
        return v.say(Said("Message to {place}", place=v.title(v.place)))

    def _placeholder(self) -> str:
        v = self._visitor
        if v.place.kind == "im":
            return v.say(Said("Ask Gurumi anything about your clusters"))
        here, command = v.place.name, v.app.command
        if v.has_bot():
            return v.say(Said("Message #{place}: ask with @gurumi or {command}", place=here, command=command))
        return v.say(Said("Message #{place}: {command} works here, too", place=here, command=command))

    def _suggestions(self) -> None:
        v = self._visitor
        with el("div", "suggestions", role="group", aria_label=v.say(Said("Questions to try"))):
            el("span", "suggestions-title", v.say(Said("Try:")), aria_hidden="true")
            other = "ko" if v.language == "en" else "en"
            for language in (v.language, other):
                for question in QUESTIONS[language][: None if language == v.language else 1]:
                    chip = button("chip", question, lang=language)
                    chip.on("click", lambda q=question: self._do.ask(q), args=[])

    def _messages(self) -> list[Row]:
        v = self._visitor
        rows = [self._letters.row(m, replies, root=True) for m, replies in v.roots()]
        if new := v.first_new():
            at = next(n for n, row in enumerate(rows) if row.key == new)
            rows.insert(at, Row("new", v.language, lambda: el("div", "new-line", v.say(Said("New")))))
        intro = Row("intro", f"{v.language}{bool(rows)}", lambda: self._intro(bool(rows)))
        return [intro, *rows]

    def _threads(self) -> list[Row]:
        v = self._visitor
        rows = []
        for root, replies in v.threads():
            rows.append(self._where(root))
            rows.append(self._letters.row(root, replies, root=True))
        return rows or [
            Row("none", v.language, lambda: el("p", "empty", v.say(Said("You take part in no thread yet."))))
        ]

    def _where(self, root: Message) -> Row:
        name = f"# {self._visitor.room.workspace.channels[root.channel].name}"
        return Row(f"{root.ts} where", name, lambda: el("h2", "thread-where", name))

    def _intro(self, anything: bool) -> None:
        v, place = self._visitor, self._visitor.place
        say, name, command = v.say, place.name, v.app.command
        with el("div", "intro"):
            if place.kind == "im":
                el("h2", "", say(Said("You and Gurumi")))
                el(
                    "p",
                    "",
                    say(Said("Only you two read this. Ask as you would ask a colleague; no mention is needed.")),
                )
            elif v.has_bot():
                el("h2", "", say(Said("This is #{place}", place=name)))
                el("p", "", say(Said("Press a question below, or mention @gurumi: the answer comes in the thread.")))
                tour = button("tour-offer", data_key="tour-offer")
                tour.on("click", self._do.tour, args=[])
                with tour:
                    icon("explore")
                    el("span", "", say(Said("New here? Take the tour: three minutes.")))
            else:
                el("h2", "", say(Said("This is #{place}", place=name)))
                words = Said(
                    "Gurumi is not a member here. {command} works all the same, for you alone.", command=command
                )
                el("p", "", say(words))
            if not anything:
                el("p", "empty", say(Said("Nobody has written here yet.")))

    def _draw_status(self) -> None:
        draw_status(self._visitor, self._status, self._visitor.status() if not self._visitor.thread else "")

    def _draw_notice(self) -> None:
        v = self._visitor
        if v.notice == self._noticed:
            return
        self._noticed = v.notice
        self._notice.clear()
        self._notice.set_visibility(v.notice is not None)
        if v.notice:
            with self._notice:
                el("span", "", v.say(v.notice))
                icon_button("tool", "close", v.say(Said("Dismiss"))).on("click", self._do.dismiss, args=[])


def draw_status(visitor: Visitor, line: Element, status: str) -> None:
    """What the app says that it is doing, with dots that move."""
    words = visitor.say(Said("Gurumi {status}", status=status)) if status else ""
    line.clear()
    if words:
        with line:
            el("span", "dots", aria_hidden="true")
            el("span", "", words)
