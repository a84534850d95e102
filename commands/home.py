"""What concerns one person, on one page: their clusters, what they asked, what they may do, their settings.

Each command that has something to say there says it itself, in a function ``home``.
"""

from commands.command import Command
from commands.dialogue import Answer, Bullets, Context, Offer, Part, Pick, Request, Text, Tone
from commands.tools import Tools
from knowledge.said import Said

COMMAND = Command(name="home", says=Said("Your clusters, what you asked, what you may do, and your settings."))
_LAST = ("help", "settings")
_ASKED = 5


def handle(request: Request, tools: Tools) -> Answer:
    first = [section for name, section in tools.sections.items() if name not in _LAST]
    last = [tools.sections[name] for name in _LAST if name in tools.sections]
    parts: list[Part] = []
    for section in first:
        parts += section(request, tools)
    parts += _questions(request, tools)
    for section in last:
        parts += section(request, tools)
    parts.append(Context((Said("as of {now}", now=request.at),)))
    name = request.asker.name
    headline = Said("Hello, {name}", name=name) if name else Said("Hello")
    ask = Offer(Said("Ask a question"), "ask", primary=True)
    return Answer(headline, Tone.INFO, tuple(parts), (ask,), topic="home", private=True)


def _questions(request: Request, tools: Tools) -> list[Part]:
    """What is on its way, and what was answered lately."""
    if tools.ledger is None:
        return []
    asker = request.asker.id
    waiting = [
        Said("On its way: {words} ({at:ago})", words=_short(words), at=at)
        for words, at in tools.ledger.waiting_of(asker)
        if words != request.words
    ]
    asked = list(dict.fromkeys(row_words for row_words, _ in tools.ledger.asked(asker, _ASKED * 3)))[:_ASKED]
    if not waiting and not asked:
        return []
    parts: list[Part] = [Text(Said("Your questions"), strong=True)]
    if waiting:
        parts.append(Bullets(tuple(waiting)))
    if asked:
        again = tuple(Offer(Said("{words}", words=_short(words)), words) for words in asked)
        parts.append(Pick(Said("Asked lately; choosing one asks it again"), again))
    return parts


def _short(words: str) -> str:
    line = " ".join(words.split()).removeprefix("ask ")
    return line if len(line) <= 70 else line[:69] + "…"
