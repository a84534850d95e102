"""Block Kit drawn as Slack draws it. Blocks that this page does not know are told by the message's plain text."""

from collections.abc import Callable, Mapping
from typing import Any

from nicegui.element import Element

from integrations.sandbox.page.controls import Controls, Tied
from integrations.sandbox.page.elements import el
from integrations.sandbox.page.emoji import DRAWN
from integrations.sandbox.page.hands import Hands
from integrations.sandbox.page.mrkdwn import Line, Name, Span, read
from integrations.sandbox.slack.state import Message, View
from knowledge.said import Said

Json = dict[str, Any]
_TAGS = {"bold": "strong", "italic": "em", "strike": "s"}


class Ink:
    """Draws Slack's mrkdwn into the current slot. ``name`` knows who or what stands behind an id."""

    def __init__(self, name: Name) -> None:
        self._name = name

    def text(self, text: Json) -> None:
        """A text object."""
        if text.get("type") == "plain_text":
            el("div", "md-line", str(text.get("text", "")))
        else:
            self.mrkdwn(str(text.get("text", "")))

    def mrkdwn(self, text: str) -> None:
        """Lines in their order; those of one list or quote together."""
        group: Element | None = None
        kind = ""
        for line in read(text, self._name):
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


def wrong_id(source: Message | View, block_id: str) -> str:
    """The id of the element that tells what is wrong with an input."""
    return f"wrong-{source.id if isinstance(source, View) else source.ts}-{block_id}"


class Pen:
    """Draws blocks into the current slot; ``hands`` is what a person can do with them."""

    def __init__(self, ink: Ink, hands: Hands) -> None:
        self._ink, self._say = ink, hands.visitor.say
        self._controls, self._source = Controls(hands), hands.source
        self._kinds: Mapping[str, Callable[[Json], object]] = {
            "section": self._section,
            "header": lambda block: el("h3", "bk-header", str(block["text"].get("text", ""))),
            "divider": lambda _: el("hr", "bk-divider"),
            "context": self._context,
            "actions": self._actions,
            "image": self._image,
            "input": self._input,
            "table": self._table,
        }

    def message(self, text: str, blocks: list[Json]) -> None:
        """A message's blocks, or its text where it has none that can be drawn."""
        known = [block for block in blocks if block.get("type") in self._kinds]
        if not known:
            self._ink.mrkdwn(text)
        for block in known:
            self.block(block)

    def block(self, block: Json) -> None:
        if draw := self._kinds.get(str(block.get("type"))):
            draw(block)

    def _section(self, block: Json) -> None:
        with el("div", "bk-section"):
            with el("div", "bk-text") as text:
                if block.get("text"):
                    self._ink.text(block["text"])
                if block.get("fields"):
                    with el("div", "bk-fields"):
                        for field in block["fields"]:
                            with el("div", "bk-field"):
                                self._ink.text(field)
            if block.get("accessory"):
                with el("div", "bk-accessory"):
                    self._element(block, block["accessory"], Tied(described=f"c{text.id}"))

    def _context(self, block: Json) -> None:
        with el("div", "bk-context"):
            for thing in block.get("elements", ()):
                if thing.get("type") == "image":
                    self._image(thing)
                else:
                    self._ink.text(thing)

    def _actions(self, block: Json) -> None:
        with el("div", "bk-actions"):
            for thing in block.get("elements", ()):
                self._element(block, thing)

    def _input(self, block: Json) -> None:
        """A label, the control, a hint. What is wrong stands under it, in an element that somebody else draws."""
        with el("div", "bk-input"):
            with el("div", "bk-label"):
                label = el("span", "", str(block["label"]["text"]))
                if block.get("optional"):
                    el("span", "bk-optional", self._say(Said("(optional)")))
            control = el("div")
            hint = el("div", "bk-hint", str((block.get("hint") or {}).get("text", "")))
            with control:
                wrong = wrong_id(self._source, block["block_id"])
                self._controls.draw(block, block["element"], Tied(f"c{label.id}", f"c{hint.id} {wrong}"))

    def _table(self, block: Json) -> None:
        with el("div", "bk-table", tabindex=0, role="group", aria_label=self._say(Said("Table"))), el("table"):
            for n, row in enumerate(block.get("rows", ())):
                with el("tr"):
                    for cell in row:
                        el("td" if n else "th", "", str(cell.get("text", "")))

    def _element(self, block: Json, thing: Json, tied: Tied | None = None) -> None:
        if thing.get("type") == "image":
            self._image(thing)
        else:
            self._controls.draw(block, thing, tied)

    def _image(self, block: Json) -> None:
        """Pictures are told, not fetched: the page leaves this machine for nothing."""
        el("span", "bk-image", str(block.get("alt_text", "")))
