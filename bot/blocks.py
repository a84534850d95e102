"""Answer → Block Kit: pure, within Slack's limits, one look for all commands. What is cut says so and is put in a file.

Nothing from outside acts here: no mention, no broadcast, no link, no formatting, no emoji comes out of a value.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot import plain
from bot.mrkdwn import Mrkdwn, code, fence, shorten
from bot.words import Words
from commands.dialogue import Answer, Bullets, Code, Context, Fields, Offer, Part, Pick, Proof, Table, Text, Tone
from knowledge.finding import Evidence
from knowledge.said import Said

BLOCKS = 50
TEXT_OF_ALL_BLOCKS = 12_000
SECTION_TEXT = 3_000
FIELDS_OF_A_SECTION = 10
FIELD_TEXT = 2_000
HEADER_TEXT = 150
BUTTON_LABEL = 75
BUTTON_VALUE = 2_000
FALLBACK_TEXT = 3_000
OPTIONS, OPTION_TEXT, OPTION_VALUE, BLOCK_ID, OVERFLOW = 100, 75, 150, 255, 5
HOME_BLOCKS = 100
# Ours: what still reads well in a conversation.
CODE_SHOWN = 2_000
VALUE_SHOWN = 400
ROWS_SHOWN = 25
BUTTONS_SHOWN = 5
"""More offers than that become a menu."""
KEPT, FIND, CHOICE = "kept:", "find:", "{choice}"
"""How a name for words begins that no button or option can hold; how the action of a search begins, and where in its
words goes what was chosen."""

SIGNS = {
    Tone.FOUND: ":red_circle:",
    Tone.CLEAN: ":large_green_circle:",
    Tone.UNSURE: ":white_circle:",
    Tone.INFO: ":large_blue_circle:",
    Tone.ASK: ":grey_question:",
    Tone.REFUSED: ":no_entry:",
    Tone.FAILED: ":warning:",
}

Block = dict[str, Any]
_T = TypeVar("_T")


@dataclass(frozen=True)
class File:
    """Text that was too long for the message, whole."""

    name: str
    content: str


@dataclass(frozen=True)
class Rendered:
    """One message. ``text`` is what a notification and a screen reader tell; ``files`` belong in its thread.
    ``kept``: words too long for a button or an option, by the name that stands there instead."""

    text: str
    blocks: list[Block]
    files: tuple[File, ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)


def render(answer: Answer, words: Words) -> Rendered:
    """The answer as one message in the reader's language."""
    sheet = _Sheet(Mrkdwn.of(words), plain.terminal(words))
    sheet.add(_section(f"{SIGNS[answer.tone]} {sheet.strong(answer.headline)}"))
    for part in answer.parts:
        sheet.part(part)
    foot = list(_foot(answer.offers, sheet))
    blocks = sheet.fitted(BLOCKS - len(foot) - 1, _length(foot))
    if sheet.cut:
        sheet.files.append(File("answer.txt", plain.render(answer, words)))
        blocks.append(
            _small(sheet.words.say(Said("Shortened here: {name} holds the whole answer.", name="answer.txt")))
        )
    return Rendered(_fallback(answer, sheet.words), blocks + foot, tuple(sheet.files), sheet.kept)


def render_home(answer: Answer, words: Words) -> Rendered:
    """The answer as a page: its headline stands large, and what no page holds is left out and said."""
    sheet = _Sheet(Mrkdwn.of(words), plain.terminal(words))
    headline = plain_text(sheet.bare.say(answer.headline), HEADER_TEXT)
    sheet.add({"type": "header", "text": headline})
    for part in answer.parts:
        if isinstance(part, Text) and part.strong:
            sheet.add({"type": "divider"})
        sheet.part(part)
    foot = list(_foot(answer.offers, sheet))
    blocks = sheet.fitted(HOME_BLOCKS - len(foot) - 1, _length(foot))
    if sheet.cut:
        blocks.append(_small(sheet.words.say(Said("There is more than this page can hold."))))
    return Rendered(headline["text"], blocks + foot, (), sheet.kept)


@dataclass
class _Sheet:
    """The message while it is written."""

    words: Mrkdwn
    bare: Words
    blocks: list[Block] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    cut: bool = False

    def keep(self, words: str, limit: int) -> str:
        """The words, or a name for them where they are too long."""
        if len(words) <= limit:
            return words
        name = KEPT + hashlib.sha256(words.encode()).hexdigest()[:32]
        self.kept[name] = words
        return name

    def add(self, *blocks: Block) -> None:
        self.blocks.extend(blocks)

    def fitted(self, room: int, used: int) -> list[Block]:
        """The blocks that one message takes, of which so many characters are used already."""
        kept: list[Block] = []
        for block in self.blocks:
            used += _length(block)
            if len(kept) == room or used > TEXT_OF_ALL_BLOCKS:
                self.cut = True
                break
            kept.append(block)
        return kept

    def shorten(self, text: str, limit: int) -> str:
        self.cut = self.cut or len(text) > limit
        return shorten(text, limit)

    def strong(self, said: Said) -> str:
        text = self.shorten(self.words.say(said).strip(), SECTION_TEXT - 50)
        return f"*{text}*" if text else ""

    def attach(self, name: str, content: str) -> str:
        """Puts text into a file of its own, and says its name."""
        stem = re.sub(r"[^\w.-]+", "-", plain.one_line(name)).strip("-.")[:60] or "text"
        stem = stem if "." in stem else f"{stem}.txt"
        taken = {file.name for file in self.files}
        number = next(n for n in range(1, len(taken) + 2) if _numbered(stem, n) not in taken)
        self.files.append(File(_numbered(stem, number), content))
        return self.files[-1].name

    def part(self, part: Part) -> None:
        match part:
            case Text(body, strong):
                text = self.strong(body) if strong else self.words.say(body)
                self.lines([text])
            case Bullets(items, title):
                self.lines([*self.title(title), *(f"• {self.words.say(item)}" for item in items)])
            case Proof(items, title):
                self.lines([*self.title(title), *(self.evidence(item) for item in items)])
            case Fields(items):
                self.fields(items)
            case Table(columns, rows):
                self.table(columns, rows)
            case Code(body, title):
                self.code(body, title)
            case Context(items):
                text = " · ".join(said for item in items if (said := self.words.say(item)))
                if text:
                    self.add(_small(self.shorten(text, SECTION_TEXT)))
            case Pick():
                self.pick(part)

    def pick(self, pick: Pick) -> None:
        label = self.words.say(pick.label).strip() or "…"
        block_id = {}
        element: Block | None = None
        if pick.among and pick.says:
            element = {"type": "external_select", "action_id": f"{FIND}{pick.among}", "min_query_length": 0}
            if 0 < len(pick.chosen) <= OPTION_VALUE:
                element["initial_option"] = {"text": plain_text(pick.chosen, OPTION_TEXT), "value": pick.chosen}
            block_id = {"block_id": self.keep(pick.says, BLOCK_ID)}
        elif pick.offers:
            element = _menu(pick.offers, self, pick.chosen)
        if element is None or (
            block_id and any(block.get("block_id") == block_id["block_id"] for block in self.blocks)
        ):
            return
        element["placeholder"] = plain_text(self.bare.say(Said("Choose …")), OPTION_TEXT)
        text = _mrkdwn(self.shorten(label, SECTION_TEXT))
        self.add({"type": "section", **block_id, "text": text, "accessory": element})

    def title(self, title: Said | None) -> Iterator[str]:
        if title:
            yield self.strong(title)

    def lines(self, lines: Sequence[str]) -> None:
        """Lines in as few sections as hold them."""
        held = ""
        for line in (self.shorten(line, SECTION_TEXT) for line in lines if line.strip()):
            if held and len(held) + 1 + len(line) > SECTION_TEXT:
                self.add(_section(held))
                held = ""
            held = f"{held}\n{line}" if held else line
        if held:
            self.add(_section(held))

    def evidence(self, item: Evidence) -> str:
        place, path = plain.where_and_what(item, self.words)
        value = code(self.bare.say(item.value))
        if len(value) > VALUE_SHOWN:
            value = self.shorten(value, VALUE_SHOWN)
        bits = [code(self.bare.say(str(item.about))), " ".join(b for b in (place, code(self.bare.say(path))) if b)]
        if item.source == "field" and path:
            bits = [bits[0], f"{bits[1]} = {value}" if value else bits[1]]
        else:
            bits.append(value)
        if item.at:
            bits.append(self.words.value(item.at))
        return "• " + " · ".join(bit for bit in bits if bit)

    def fields(self, items: Sequence[tuple[Said, Said | str]]) -> None:
        texts = [
            self.shorten(f"*{self.words.say(label).strip()}*\n{self.words.say(value) or '-'}", FIELD_TEXT)
            for label, value in items
        ]
        for some in _by(FIELDS_OF_A_SECTION, texts):
            self.add({"type": "section", "fields": [_mrkdwn(text) for text in some]})

    def table(self, columns: Sequence[Said], rows: Sequence[Sequence[Said | str]]) -> None:
        cells = [[self.bare.say(cell) for cell in row] for row in rows]
        header = [self.bare.say(column) for column in columns]
        whole = plain.grid(header, cells)
        shown = plain.grid(header, cells[:ROWS_SHOWN])
        while len(shown) > 2 and len(fence("\n".join(shown))) > SECTION_TEXT:
            shown.pop()
        if len(fence("\n".join(shown))) > SECTION_TEXT:
            shown = []
        if any(line.strip() for line in shown):
            self.add(_section(fence("\n".join(shown))))
        left_out = len(rows) - max(0, len(shown) - 2)
        if left_out:
            name = self.attach("table.txt", "\n".join(whole) + "\n")
            self.add(_small(self.words.say(Said("{n} more in {name}.", n=left_out, name=name))))

    def code(self, body: str, title: str) -> None:
        whole = plain.verbatim(body)
        if title.strip():
            self.lines([code(self.bare.say(title))])
        shown = _both_ends(whole, CODE_SHOWN)
        if not whole.strip():
            return
        self.add(_section(fence(shown)))
        if shown != whole:
            name = self.attach(title or "text.txt", whole + "\n")
            self.add(_small(self.words.say(Said("Shortened here: {name} holds the whole text.", name=name))))


def _both_ends(text: str, limit: int) -> str:
    """The beginning and, where logs tell what happened, the longer end."""
    shown = text if len(text) <= limit else f"{text[: limit // 3]}\n […]\n{text[-limit * 2 // 3 :]}"
    return shown if len(fence(shown)) <= SECTION_TEXT else _both_ends(text, limit // 2)


def _foot(offers: Sequence[Offer], sheet: _Sheet) -> Iterator[Block]:
    """A row of buttons, or a menu where there are many; what few need is behind the three dots. Each asks its words."""
    wanted = [offer for offer in offers if offer.says.strip()]
    front = [offer for offer in wanted if not offer.aside]
    behind = [offer for offer in wanted if offer.aside][:OVERFLOW]
    elements: list[Block] = []
    if len(front) > BUTTONS_SHOWN:
        if (found := _menu(front, sheet)) is not None:
            elements.append({**found, "placeholder": plain_text(sheet.bare.say(Said("Choose …")), OPTION_TEXT)})
    else:
        elements += [_button(i, offer, sheet) for i, offer in enumerate(front)]
    if behind:
        options = [_option(offer, sheet) for offer in behind]
        elements.append({"type": "overflow", "action_id": "more", "options": options})
    if elements:
        yield {"type": "actions", "elements": elements}
    missing = len(wanted) - len(front[:OPTIONS]) - len(behind)
    if missing:
        yield _small(sheet.words.say(Said("Left out: {n:|button|buttons} that Slack cannot hold.", n=missing)))


def _menu(offers: Sequence[Offer], sheet: _Sheet, chosen: str = "") -> Block | None:
    """A select whose options hold words."""
    options = [_option(offer, sheet) for offer in offers[:OPTIONS] if offer.says.strip()]
    if not options:
        return None
    held = [option for option in options if chosen and option["value"] == sheet.keep(chosen, OPTION_VALUE)]
    initial = {"initial_option": held[0]} if held else {}
    return {"type": "static_select", "action_id": "pick", "options": options, **initial}


def _option(offer: Offer, sheet: _Sheet) -> Block:
    return {"text": plain_text(sheet.bare.say(offer.label), OPTION_TEXT), "value": sheet.keep(offer.says, OPTION_VALUE)}


def _button(number: int, offer: Offer, sheet: _Sheet) -> Block:
    text = plain_text(sheet.bare.say(offer.label), BUTTON_LABEL)
    style = {"style": "primary"} if offer.primary else {}
    value = sheet.keep(offer.says, BUTTON_VALUE)
    return {"type": "button", "action_id": f"ask:{number}", "text": text, "value": value, **style}


def plain_text(text: str, limit: int) -> Block:
    """One line that Slack reads as no markup; never empty, and a sign where it was cut."""
    text = plain.one_line(text).replace("<", "‹").replace(">", "›").strip() or "…"
    return {"type": "plain_text", "text": text if len(text) <= limit else text[: limit - 1] + "…", "emoji": False}


def _fallback(answer: Answer, words: Mrkdwn) -> str:
    """The message without its looks: the headline first, then what fits."""
    lines = [words.say(answer.headline)]
    for part in answer.parts:
        match part:
            case Text(body):
                lines.append(words.say(body))
            case Bullets(items, title):
                lines += [words.say(title)] if title else []
                lines += [f"• {words.say(item)}" for item in items]
            case Fields(fields):
                lines += [f"{words.say(label)}: {words.say(value)}" for label, value in fields]
            case Proof() | Table() | Code() | Context() | Pick():
                pass
    return shorten("\n".join(line for line in lines if line.strip()), FALLBACK_TEXT)


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def _small(text: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(text)]}


def _mrkdwn(text: str) -> Block:
    """``verbatim``: Slack makes no links or mentions of its own."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _length(thing: object) -> int:
    """The characters of all texts inside."""
    if isinstance(thing, Mapping):
        own = thing.get("text")
        return (len(own) if isinstance(own, str) else 0) + sum(map(_length, thing.values()))
    return sum(map(_length, thing)) if isinstance(thing, list) else 0


def _numbered(name: str, n: int) -> str:
    stem, _, ending = name.rpartition(".")
    return name if n == 1 else f"{stem}-{n}.{ending}"


def _by(size: int, items: Sequence[_T]) -> Iterable[Sequence[_T]]:
    return (items[i : i + size] for i in range(0, len(items), size))
