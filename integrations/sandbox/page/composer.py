"""Where words are typed: Enter sends, Shift+Enter begins a line, Tab takes what is offered."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from nicegui.element import Element

from integrations.sandbox.page.completion import Hint, Suggestion, complete
from integrations.sandbox.page.elements import button, el
from integrations.sandbox.page.visitor import Visitor
from knowledge.said import Said


class Composer:
    """A box with its own list of suggestions. ``send`` gets the text."""

    def __init__(
        self, visitor: Visitor, hints: Sequence[Hint], send: Callable[[str], None], label: str, placeholder: str
    ) -> None:
        self._visitor, self._hints, self._send = visitor, hints, send
        self._offered: list[Suggestion] = []
        self._picked = 0
        with el("div", "composer"):
            self._list = el("div", "offered", role="listbox", aria_label=visitor.say(Said("Suggestions")))
            self._list.props["id"] = f"offered-{self._list.id}"
            with el("div", "box"):
                self.box = self._box(label, placeholder)
                go = button("send", "➤", aria_label=visitor.say(Said("Send")))
                go.on("click", self._heard, js_handler="(event) => rehearsal.send(event, emit)")
        self._list.set_visibility(False)

    def _box(self, label: str, placeholder: str) -> Element:
        box = el(
            "textarea", "", rows=1, placeholder=placeholder, aria_label=label, role="combobox", autocomplete="off",
            aria_expanded="false", aria_autocomplete="list", aria_controls=self._list.props["id"], maxlength=40_000,
        )  # fmt: skip
        box.on("keydown", self._heard, js_handler="(event) => rehearsal.key(event, emit)")
        box.on("input", self._heard, js_handler="(event) => rehearsal.typed(event, emit)")
        return box

    def _heard(self, event: Any) -> None:
        """What the browser's part tells: ``send``, ``typed``, ``move``, ``take`` or ``close``."""
        told = event.args if isinstance(event.args, dict) else {}
        match told.get("kind"):
            case "send":
                self._offer([])
                self._send(str(told["text"]))
            case "typed":
                self._offer(complete(str(told["text"]), self._visitor.command, self._hints))
            case "move" if self._offered:
                self._picked = (self._picked + int(told["by"])) % len(self._offered)
                self._draw()
            case "take" if self._offered:
                self._take(self._offered[self._picked])
            case "close":
                self._offer([])

    def _offer(self, suggestions: list[Suggestion]) -> None:
        if suggestions or self._offered:
            self._offered, self._picked = suggestions, 0
            self._draw()

    def _draw(self) -> None:
        self._list.clear()
        self._list.set_visibility(bool(self._offered))
        self.box.props["aria-expanded"] = "true" if self._offered else "false"
        active = f"{self._list.props['id']}-{self._picked}" if self._offered else ""
        self.box.props["aria-activedescendant"] = active
        self.box.update()
        with self._list:
            for n, suggestion in enumerate(self._offered):
                self._option(n, suggestion)

    def _option(self, n: int, suggestion: Suggestion) -> None:
        picked = n == self._picked
        option = el("div", "option picked" if picked else "option", role="option")
        option.props["aria-selected"] = "true" if picked else "false"
        option.props["id"] = f"{self._list.props['id']}-{n}"
        option.on("mousedown.prevent", lambda: self._take(suggestion), args=[])
        with option:
            el("span", "option-words", suggestion.label)
            if suggestion.says:
                el("span", "option-says", self._visitor.say(suggestion.says))

    def _take(self, suggestion: Suggestion) -> None:
        self.box.client.run_javascript(f"rehearsal.fill({self.box.id}, {json.dumps(suggestion.text)})")
        self._offer(complete(suggestion.text, self._visitor.command, self._hints))
