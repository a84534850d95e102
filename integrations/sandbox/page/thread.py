"""A thread beside the conversation: its messages, what the app suggests there, a box to reply in."""

from collections.abc import Callable, Mapping, Sequence

from nicegui.element import Element

from integrations.sandbox.page.composer import Composer
from integrations.sandbox.page.conversation import draw_status
from integrations.sandbox.page.elements import button, el, icon_button
from integrations.sandbox.page.messages import Letters
from integrations.sandbox.page.rows import Rows
from integrations.sandbox.page.visitor import Visitor
from knowledge.said import Said


class Thread:
    """Is there while one is open. ``write`` gets a reply; ``close`` puts it away."""

    def __init__(
        self,
        visitor: Visitor,
        aside: Element,
        letters: Letters,
        write: Callable[[str], None],
        close: Callable[[], None],
    ) -> None:
        self._visitor, self._aside, self._letters, self._write, self._close = visitor, aside, letters, write, close
        self._looks: object = None
        self._rows: Rows | None = None
        aside.on("keydown", lambda: close(), args=[], js_handler="(event) => rehearsal.escape(event, emit)")

    def refresh(self) -> None:
        v = self._visitor
        prompts = v.prompts()
        looks = (v.channel, v.thread, v.language, v.user, [p["message"] for p in prompts])
        if looks != self._looks:
            self._looks = looks
            self._aside.clear()
            self._rows = None
            self._aside.set_visibility(bool(v.thread))
            if v.thread:
                with self._aside:
                    self._frame(prompts)
        if self._rows:
            self._rows.show([self._letters.row(message) for message in v.replies()])
            draw_status(v, self._status, v.status())

    def _frame(self, prompts: Sequence[Mapping[str, str]]) -> None:
        v = self._visitor
        with el("div", "title"):
            el("h2", "", v.say(Said("Thread")))
            el("span", "topic", v.title(v.place))
            icon_button("tool", "close", v.say(Said("Close the thread"))).on("click", self._close, args=[])
        label = v.say(Said("Replies"))
        with el("div", "scroller", tabindex=0, role="log", aria_live="polite", aria_label=label) as scroller:
            scroller.on("keydown", js_handler="(event) => rehearsal.walk(event)")
            self._rows = Rows(el("div", "list"))
        self._status = el("div", "status", role="status")
        if prompts:
            with el("div", "suggestions", role="group", aria_label=v.say(Said("Questions to try"))):
                for prompt in prompts:
                    chip = button("chip", prompt["title"])
                    chip.on("click", lambda p=prompt: self._write(p["message"]), args=[])
        direct = v.place.kind == "im"
        words = v.say(Said("Reply") if direct else Said("Reply, with @gurumi to ask on"))
        with el("div", data_key="thread-composer"):
            Composer(v, self._write, v.say(Said("Reply in thread")), words)
