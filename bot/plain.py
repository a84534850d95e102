"""Answer → text for a terminal, or JSON for a program. What came from outside loses what could steer a terminal."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum, IntEnum

from rich.cells import cell_len
from rich.style import Style

from bot.words import Words
from commands.dialogue import Answer, Bullets, Code, Context, Fields, Offer, Part, Pick, Proof, Table, Text, Tone
from knowledge.finding import Evidence, Ref, Source
from knowledge.said import Said
from knowledge.secrets.redaction import redact

WIDTH = 100
_LABEL_WIDTH = 28

SIGNS = {
    Tone.FOUND: ("✗", "bold red"),
    Tone.CLEAN: ("✓", "bold green"),
    Tone.UNSURE: ("?", "bold yellow"),
    Tone.INFO: ("•", "bold"),
    Tone.ASK: ("?", "bold cyan"),
    Tone.REFUSED: ("⊘", "bold magenta"),
    Tone.FAILED: ("!", "bold red"),
}
_ANSI = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]")


def render(answer: Answer, words: Words, width: int = WIDTH, colour: bool = False) -> str:
    """The answer as lines of at most ``width`` cells; verbatim text and single long words are never broken."""
    words = terminal(words)
    sign, style = SIGNS[answer.tone]
    headline = "\n".join(_wrap(words.say(answer.headline), width, f"{sign} ", "  "))
    chunks = [Style.parse(style).render(headline) if colour else headline]
    chunks += ["\n".join(_part(part, words, width)) for part in answer.parts]
    if answer.offers:
        chunks.append("\n".join(_offers(answer.offers, words, width)))
    return "\n\n".join(chunk for chunk in chunks if chunk) + "\n"


def as_json(answer: Answer, words: Words) -> str:
    """The answer as one JSON object, indented.

    ``headline`` (one sentence), ``tone`` (``found``, ``clean``, ``unsure``, ``info``, ``ask``, ``refused``,
    ``failed``), ``language`` (``en`` or ``ko``), ``text`` (the whole answer), ``offers`` (what may be asked next), and
    everything the command says for programs beside it. ``findings`` and ``gaps`` (what could not be read) are always
    there, as lists.
    """
    said = terminal(words)
    picked = (offer for part in answer.parts if isinstance(part, Pick) for offer in part.offers)
    own = {
        "headline": said.say(answer.headline),
        "tone": answer.tone.value,
        "language": words.language,
        "text": render(answer, words),
        "offers": [{"label": said.say(o.label), "says": one_line(redact(o.says))} for o in (*answer.offers, *picked)],
    }
    data = {key: _plain_data(value, said) for key, value in answer.data.items()}
    return json.dumps({"findings": [], "gaps": [], **data, **own}, ensure_ascii=False, indent=2)


def visible(text: str) -> str:
    """The text without escape sequences, control and format characters: colours, cursor moves, overrides of the
    writing direction, zero-width characters. Line ends and tabs stay."""
    text = _ANSI.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        " " if category in ("Zl", "Zp") else c
        for c in text
        if (category := unicodedata.category(c)) not in ("Cc", "Cf", "Cs") or c in "\n\t"
    )


def terminal(words: Words) -> Words:
    """The same words, with values from outside made fit for a terminal."""
    return _Terminal(words.language, words.zone, words.now)


@dataclass(frozen=True)
class _Terminal(Words):
    def quote(self, text: str) -> str:
        return one_line(text)


def one_line(text: str) -> str:
    """The text as it can stand in a sentence."""
    return re.sub(r"\s*[\n\t]\s*", " ", visible(text).strip())


def verbatim(text: str) -> str:
    """Text that keeps its lines: a log, a manifest, a value with many lines."""
    return visible(redact(text)).expandtabs(4).strip("\n")


def grid(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Aligned lines, header and rule first; a Korean letter is two cells wide."""
    header = list(columns)
    lines = [[*row][: len(header)] for row in rows]
    lines = [row + [""] * (len(header) - len(row)) for row in lines]
    widths = [max(cell_len(row[i]) for row in [header, *lines]) for i in range(len(header))]
    rule = ["-" * width for width in widths]
    return [
        "  ".join(_padded(c, w) for c, w in zip(row, widths, strict=True)).rstrip() for row in [header, rule, *lines]
    ]


def where_and_what(item: Evidence, words: Words) -> tuple[str, str]:
    """A piece of evidence after its object: our own word for the kind of place, if it needs one, and the path."""
    match item.source:
        case Source.EVENT:
            return words.say(Said("event")), item.path
        case Source.LOG:
            return words.say(Said("log")), item.path
        case Source.ABSENCE:
            return words.say(Said("does not exist")), ""
        case Source.FIELD:
            return "", item.path


def _part(part: Part, words: Words, width: int) -> Iterator[str]:
    match part:
        case Text(body):
            yield from _wrap(words.say(body), width)
        case Bullets(items, title):
            yield from _titled(title, words, width)
            for item in items:
                yield from _wrap(words.say(item), width, "- ", "  ")
        case Proof(proofs, title):
            yield from _titled(title, words, width)
            for proof in proofs:
                yield from _evidence(proof, words, width)
        case Fields(pairs):
            labels = [words.say(label) for label, _ in pairs]
            edge = min(max((cell_len(label) for label in labels), default=0), _LABEL_WIDTH)
            for label, (_, value) in zip(labels, pairs, strict=True):
                yield from _wrap(words.say(value), width, _padded(label, edge) + "  ", " " * (edge + 2))
        case Table(columns, rows):
            yield from grid(map(words.say, columns), ([*map(words.say, row)] for row in rows))
        case Code(body, title):
            if title:
                yield one_line(title) + ":"
            yield from (f"    {line}".rstrip() for line in verbatim(body).split("\n"))
        case Context(notes):
            yield from _wrap(" · ".join(map(words.say, notes)), width)
        case Pick(label, offers, chosen, _, says):
            held = next((offer for offer in offers if offer.says == chosen), None)
            now = Said("{label}: {value}", label=label, value=held.label if held else chosen)
            yield from _wrap(words.say(now if held or chosen else label), width)
            yield from _offers(
                offers or (Offer(Said("{value}", value="…"), says.replace("{choice}", "…")),), words, width
            )


def _evidence(item: Evidence, words: Words, width: int) -> Iterator[str]:
    place, path = where_and_what(item, words)
    about = " ".join(bit for bit in (words.say(str(item.about)), place, words.say(path)) if bit)
    when = f" [{words.value(item.at)}]" if item.at else ""
    value = verbatim(item.value)
    if "\n" in value:
        yield from _wrap(about + when + ":", width, "- ", "  ")
        yield from (f"    {line}".rstrip() for line in value.split("\n"))
    else:
        yield from _wrap(about + (f" = {value}" if value else "") + when, width, "- ", "  ")


def _titled(title: Said | None, words: Words, width: int) -> Iterator[str]:
    if title:
        yield from _wrap(words.say(title), width)


def _offers(offers: Iterable[Offer], words: Words, width: int) -> Iterator[str]:
    for offer in offers:
        yield from _wrap(words.say(offer.label), width, "> ", "  ")
        yield f"    {one_line(offer.says)}"


def _wrap(text: str, width: int, first: str = "", rest: str = "") -> Iterator[str]:
    """Lines of at most ``width`` cells, broken at blanks only."""
    line = first
    filled = False
    for word in text.split():
        if filled and cell_len(line) + 1 + cell_len(word) > width:
            yield line
            line, filled = rest, False
        line += f" {word}" if filled else word
        filled = True
    if filled or first:
        yield line.rstrip()


def _padded(text: str, width: int) -> str:
    return text + " " * max(0, width - cell_len(text))


def _plain_data(value: object, words: Words) -> object:
    match value:
        case Said():
            return words.say(value)
        case Ref():
            return {"kind": value.kind, "namespace": value.namespace, "name": value.name}
        case IntEnum():
            return value.name.lower()
        case Enum():
            return value.value
        case None | bool() | int() | float():
            return value
        case str():
            return visible(redact(value))
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Mapping():
            return {str(key): _plain_data(item, words) for key, item in value.items()}
        case Iterable():
            return [_plain_data(item, words) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {f.name: _plain_data(getattr(value, f.name), words) for f in fields(value)}
        case _:
            return visible(redact(str(value)))
