"""Block Kit drawn as Slack draws it. Blocks that this page does not know are told by the message's plain text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nicegui.element import Element

from integrations.sandbox.page.elements import button, el
from integrations.sandbox.page.emoji import DRAWN
from integrations.sandbox.page.mrkdwn import Line, Name, Span, read
from integrations.sandbox.slack.elements import choices_of

Json = dict[str, Any]
_TAGS = {"bold": "strong", "italic": "em", "strike": "s"}


@dataclass(frozen=True)
class Pen:
    """Draws into the current slot. ``press(action_id, value)`` is what a button or menu does."""

    name: Name
    press: Callable[[str, str | None], None]
    choose: str

    def message(self, text: str, blocks: list[Json]) -> None:
        """A message's blocks, or its text where it has none that can be drawn."""
        known = [block for block in blocks if block.get("type") in self._kinds()]
        if not known:
            self.mrkdwn(text)
        for block in known:
            self._kinds()[block["type"]](block)

    def _kinds(self) -> Mapping[str, Callable[[Json], None]]:
        return {
            "section": self._section,
            "header": lambda block: self._plain("h3", "bk-header", block["text"]),
            "divider": lambda _: _drawn(el("hr", "bk-divider")),
            "context": self._context,
            "actions": self._actions,
            "image": lambda block: self._image(block),
        }

    def _section(self, block: Json) -> None:
        with el("div", "bk-section"):
            with el("div", "bk-text"):
                if block.get("text"):
                    self._text(block["text"])
                if block.get("fields"):
                    with el("div", "bk-fields"):
                        for field in block["fields"]:
                            with el("div", "bk-field"):
                                self._text(field)
            if block.get("accessory"):
                with el("div", "bk-accessory"):
                    self._element(block["accessory"])

    def _context(self, block: Json) -> None:
        with el("div", "bk-context"):
            for thing in block.get("elements", ()):
                if thing.get("type") == "image":
                    self._image(thing)
                else:
                    self._text(thing)

    def _actions(self, block: Json) -> None:
        with el("div", "bk-actions"):
            for thing in block.get("elements", ()):
                self._element(thing)

    def _element(self, thing: Json) -> None:
        match thing.get("type"):
            case "button":
                label = str(thing["text"]["text"])
                style = f"bk-button {thing.get('style', '')}".strip()
                made = button(style, label, aria_label=thing.get("accessibility_label") or None)
                made.on("click", lambda: self.press(thing["action_id"], None), args=[])
            case "static_select" | "overflow":
                self._menu(thing)
            case "image":
                self._image(thing)

    def _menu(self, thing: Json) -> None:
        """A menu of options, as the browser draws one: keyboards, phones and screen readers know it."""
        waiting = thing.get("placeholder", {}).get("text") or ("⋯" if thing["type"] == "overflow" else self.choose)
        picked = thing.get("initial_option", {}).get("value")
        menu = el("select", "bk-menu", aria_label=waiting if waiting != "⋯" else self.choose)
        with menu:
            el("option", "", waiting, value="", selected=None if picked else True)
            for option in choices_of(thing):
                chosen = True if option["value"] == picked else None
                el("option", "", str(option["text"]["text"]), value=option["value"], selected=chosen)
        menu.on(
            "change",
            lambda event: self.press(thing["action_id"], str(event.args)) if event.args else None,
            js_handler="(event) => emit(event.target.value)",
        )

    def _image(self, block: Json) -> None:
        """Pictures are told, not fetched: the page leaves this machine for nothing."""
        el("span", "bk-image", str(block.get("alt_text", "")))

    def _text(self, text: Json) -> None:
        if text.get("type") == "plain_text":
            self._plain("div", "", text)
        else:
            self.mrkdwn(str(text.get("text", "")))

    def _plain(self, tag: str, classes: str, text: Json) -> None:
        el(tag, classes, str(text.get("text", "")))

    def mrkdwn(self, text: str) -> None:
        """Lines in their order; those of one list or quote together."""
        group: Element | None = None
        kind = ""
        for line in read(text, self.name):
            if line.kind != kind:
                group = el("ul", "md-list") if line.kind == "item" else None
                group = el("blockquote", "md-quote") if line.kind == "quote" else group
            kind = line.kind
            if group:
                with group:
                    self._line(line)
            else:
                self._line(line)

    def _line(self, line: Line) -> None:
        match line.kind:
            case "fence":
                el("pre", "md-fence", line.spans[0].text, tabindex=0)
            case "gap":
                el("div", "md-gap")
            case kind:
                with el("li" if kind == "item" else "div", "md-line"):
                    self._spans(line.spans)

    def _spans(self, spans: tuple[Span, ...]) -> None:
        for span in spans:
            match span.kind:
                case "code":
                    el("code", "md-code", span.text)
                case "sign":
                    label = span.text.replace("_", " ")
                    el("span", f"sign {span.text}", DRAWN[span.text], role="img", aria_label=label)
                case "mention":
                    el("span", "md-mention", span.text)
                case "link":
                    el("a", "", span.text, href=span.href, target="_blank", rel="noopener noreferrer")
                case "":
                    el("span", "", span.text)
                case kind:
                    with el(_TAGS[kind]):
                        self._spans(span.inside)


def _drawn(_: Element) -> None:
    """For shapes that need nothing more."""
