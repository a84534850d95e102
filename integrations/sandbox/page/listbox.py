"""The list of suggestions above a text box: what is offered, which one is picked, as keyboards and screen readers
know it."""

from collections.abc import Callable, Sequence

from nicegui.element import Element

from integrations.sandbox.page.elements import el

Shown = tuple[str, str]
"""The words of one option, and what is said of it."""


class Listbox:
    """``take(n)`` is called with the number of what was chosen by hand or by key."""

    def __init__(self, label: str, take: Callable[[int], None]) -> None:
        self._take = take
        self._offered: Sequence[Shown] = ()
        self._picked = 0
        self._box: Element | None = None
        self._list = el("div", "offered", role="listbox", aria_label=label)
        self._list.set_visibility(False)

    def belongs_to(self, box: Element) -> None:
        """The text box that it completes."""
        self._box = box
        box.props.update(
            {
                "role": "combobox",
                "autocomplete": "off",
                "aria-expanded": "false",
                "aria-autocomplete": "list",
                "aria-controls": f"c{self._list.id}",
            }
        )

    def offer(self, shown: Sequence[Shown]) -> None:
        if shown or self._offered:
            self._offered, self._picked = shown, 0
            self._draw()

    def move(self, by: int) -> None:
        if self._offered:
            self._picked = (self._picked + by) % len(self._offered)
            self._draw()

    def take(self) -> None:
        if self._offered:
            self._take(self._picked)

    def _draw(self) -> None:
        self._list.clear()
        self._list.set_visibility(bool(self._offered))
        if self._box:
            self._box.props["aria-expanded"] = "true" if self._offered else "false"
            self._box.props["aria-activedescendant"] = self._id(self._picked) if self._offered else ""
            self._box.update()
        with self._list:
            for n in range(len(self._offered)):
                self._option(n)

    def _option(self, n: int) -> None:
        words, says = self._offered[n]
        picked = n == self._picked
        option = el("div", "option picked" if picked else "option", role="option")
        option.props["aria-selected"] = "true" if picked else "false"
        option.props["id"] = self._id(n)
        option.on("mousedown.prevent", lambda: self._take(n), args=[])
        with option:
            el("span", "option-words", words)
            if says:
                el("span", "option-says", says)

    def _id(self, n: int) -> str:
        return f"c{self._list.id}-{n}"
