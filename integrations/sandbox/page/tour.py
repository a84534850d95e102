"""The guided tour: a card that points at things, and does for a newcomer what people do here."""

from collections.abc import Callable
from dataclasses import dataclass

from nicegui.element import Element

from integrations.sandbox.page.elements import button, el, icon_button
from integrations.sandbox.page.visitor import Visitor
from knowledge.said import Said


@dataclass(frozen=True)
class Step:
    """``at``: a CSS selector of what it points at. ``arrange`` prepares the screen, also when one comes back to it.
    ``leads``: the words of the button that goes on, where going on does something: ``does``."""

    title: Said
    words: Said
    at: str = ""
    arrange: Callable[[], None] = lambda: None
    leads: Said | None = None
    does: Callable[[], None] = lambda: None


class Tour:
    """``steps()`` is asked when it begins: what there is to show depends on the app and the clusters."""

    def __init__(self, visitor: Visitor, host: Element, steps: Callable[[], list[Step]]) -> None:
        self._visitor, self._host, self._of = visitor, host, steps
        self._steps: list[Step] = []
        self._at = 0

    def begin(self) -> None:
        self._steps = self._of()
        self._arrive(0)

    def end(self) -> None:
        self._steps = []
        self.refresh()
        self._host.client.run_javascript("rehearsal.focus('tour')")

    def refresh(self) -> None:
        """The card anew: another step, or another language."""
        self._host.clear()
        if self._steps:
            with self._host:
                self._draw(self._steps[self._at])

    def _arrive(self, n: int) -> None:
        self._at = n
        self._steps[n].arrange()
        self.refresh()

    def _next(self) -> None:
        here = self._at
        self._steps[here].does()
        if here + 1 < len(self._steps):
            self._arrive(here + 1)
        else:
            self.end()

    def _back(self) -> None:
        if self._at:
            self._arrive(self._at - 1)

    def _heard(self, key: str) -> None:
        match key:
            case "Escape":
                self.end()
            case "ArrowRight":
                self._next()
            case "ArrowLeft":
                self._back()

    def _draw(self, step: Step) -> None:
        v = self._visitor
        last = self._at + 1 == len(self._steps)
        el("div", "tour-ring", aria_hidden="true")
        card = el("section", "tour-card", role="dialog", aria_labelledby="tour-title", aria_describedby="tour-words")
        card.props.update({"data-at": step.at, "tabindex": -1, "data-step": self._at + 1})
        card.on("keydown", lambda event: self._heard(str(event.args)), js_handler="(e) => rehearsal.tourKey(e, emit)")
        with card:
            with el("div", "tour-head"):
                el("span", "tour-count", f"{self._at + 1} / {len(self._steps)}")
                icon_button("tool", "close", v.say(Said("End the tour"))).on("click", self.end, args=[])
            el("h2", "tour-title", v.say(step.title), id="tour-title")
            el("p", "tour-words", v.say(step.words), id="tour-words")
            bar = el("div", "tour-bar", aria_hidden="true")
            with bar:
                el("span", "").style(f"width: {100 * (self._at + 1) / len(self._steps):.0f}%")
            with el("div", "tour-foot"):
                if self._at:
                    button("bk-button", v.say(Said("Back"))).on("click", self._back, args=[])
                words = step.leads or (Said("Done") if last else Said("Next"))
                on = button("bk-button primary tour-next", v.say(words))
                on.on("click", self._next, args=[])
