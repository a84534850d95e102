"""Where words are typed: Enter sends, Shift+Enter begins a line, Tab takes what is offered."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui.element import Element

from integrations.sandbox.page.completion import Suggestion, complete
from integrations.sandbox.page.elements import el, icon_button, menu
from integrations.sandbox.page.listbox import Listbox
from integrations.sandbox.page.visitor import Visitor
from knowledge.said import Said


class Composer:
    """A box with its own list of suggestions. ``send`` gets the text, ``shortcut`` the callback id of one."""

    def __init__(
        self,
        visitor: Visitor,
        send: Callable[[str], None],
        label: str,
        placeholder: str,
        shortcut: Callable[[str], None] | None = None,
    ) -> None:
        self._visitor, self._send = visitor, send
        self._offered: list[Suggestion] = []
        with el("div", "composer"):
            self._list = Listbox(visitor.say(Said("Suggestions")), lambda n: self._take(self._offered[n]))
            with el("div", "box"):
                if shortcut:
                    self._shortcuts(shortcut)
                self.box = self._box(label, placeholder)
                go = icon_button("send", "send", visitor.say(Said("Send")))
                go.on("click", self._heard, js_handler="(event) => rehearsal.send(event, emit)")

    def _shortcuts(self, shortcut: Callable[[str], None]) -> None:
        """What the app offers from everywhere, behind the lightning."""
        offered = [offer for offer in self._visitor.room.shortcuts if not offer.message]
        if offered:
            label = self._visitor.say(Said("Shortcuts"))
            opener = icon_button("tool", "bolt", label, data_key="shortcuts")
            menu(opener, label, [(o.name, partial(shortcut, o.callback_id)) for o in offered])

    def _box(self, label: str, placeholder: str) -> Element:
        box = el("textarea", "", rows=1, placeholder=placeholder, aria_label=label, maxlength=40_000)
        self._list.belongs_to(box)
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
                self._offer(self._suggested(str(told["text"])))
            case "move":
                self._list.move(int(told["by"]))
            case "take":
                self._list.take()
            case "close":
                self._offer([])

    def _suggested(self, text: str) -> list[Suggestion]:
        return complete(text, self._visitor.app.command, self._visitor.app.hints)

    def _offer(self, suggestions: list[Suggestion]) -> None:
        self._offered = suggestions
        say = self._visitor.say
        self._list.offer([(s.label, say(s.says) if s.says else "") for s in suggestions])

    def fill(self, text: str) -> None:
        """Writes for somebody; what that offers is shown."""
        self.box.client.run_javascript(f"rehearsal.fill({self.box.id}, {json.dumps(text)})")
        self._offer(self._suggested(text))

    def _take(self, suggestion: Suggestion) -> None:
        self.fill(suggestion.text)
