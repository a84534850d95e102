"""Slack's mrkdwn, read: text in, lines and spans out. Pure; what draws them decides how they look.

As in Slack, ``*bold*`` needs a word's edge around it, nothing is markup inside code, and ``&lt;`` is a character.
"""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from integrations.sandbox.page.emoji import DRAWN, EMOJI


@dataclass(frozen=True)
class Span:
    """A run of text. ``kind`` is empty, ``bold``, ``italic``, ``strike``, ``code``, ``link``, ``mention``, or ``sign``
    (a drawn emoji; ``text`` is its name)."""

    kind: str
    text: str = ""
    href: str = ""
    inside: tuple["Span", ...] = ()


@dataclass(frozen=True)
class Line:
    """``kind`` is ``text``, ``item``, ``quote``, ``gap``, or ``fence``, whose one span holds all of its lines."""

    kind: str
    spans: tuple[Span, ...] = ()


Name = Callable[[str], str]
"""The name behind an id; empty when nobody has it."""

_FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<angle>[^<>\n]+)>"
    r"|:(?P<emoji>[a-z0-9_+-]+):"
    r"|(?<![\w*])\*(?=\S)(?P<bold>[^*\n]+?)(?<=\S)\*(?![\w*])"
    r"|(?<![\w_])_(?=\S)(?P<italic>[^_\n]+?)(?<=\S)_(?![\w_])"
    r"|(?<![\w~])~(?=\S)(?P<strike>[^~\n]+?)(?<=\S)~(?![\w~])"
)
_QUOTE = re.compile(r"^(?:&gt;|>) ?")
_ITEM = re.compile(r"^\s*[•◦] ")
_SAFE = ("http://", "https://", "mailto:")


def read(text: str, name: Name) -> list[Line]:
    """Every line of a text, fences whole."""
    lines: list[Line] = []
    end = 0
    for fence in _FENCE.finditer(text):
        lines += _lines(text[end : fence.start()], name)
        lines.append(Line("fence", (Span("code", html.unescape(fence[1])),)))
        end = fence.end()
    return lines + list(_lines(text[end:], name))


def _lines(text: str, name: Name) -> Iterator[Line]:
    for line in text.strip("\n").split("\n") if text.strip() else ():
        if not line.strip():
            yield Line("gap")
        elif _QUOTE.match(line):
            yield Line("quote", spans(_QUOTE.sub("", line), name))
        elif _ITEM.match(line):
            yield Line("item", spans(_ITEM.sub("", line), name))
        else:
            yield Line("text", spans(line, name))


def spans(text: str, name: Name) -> tuple[Span, ...]:
    """The runs of one line."""
    found: list[Span] = []
    end = 0
    for match in _INLINE.finditer(text):
        span = _span(match, name)
        if span is None:
            continue
        if match.start() > end:
            found.append(Span("", html.unescape(text[end : match.start()])))
        found.append(span)
        end = match.end()
    if end < len(text):
        found.append(Span("", html.unescape(text[end:])))
    return tuple(found)


def _span(match: re.Match[str], name: Name) -> Span | None:
    kind, body = match.lastgroup or "", match[match.lastgroup or 0]
    match kind:
        case "code":
            return Span("code", html.unescape(body))
        case "emoji":
            if body in DRAWN:
                return Span("sign", body)
            return Span("", EMOJI[body]) if body in EMOJI else None
        case "angle":
            return _angle(body, name)
    return Span(kind, inside=spans(body, name))


def _angle(body: str, name: Name) -> Span:
    target, _, label = html.unescape(body).partition("|")
    if target.startswith("@"):
        return Span("mention", f"@{label or name(target[1:]) or target[1:]}")
    if target.startswith("#"):
        return Span("mention", f"#{label or name(target[1:]) or target[1:]}")
    if target.startswith("!"):
        return Span("mention", label or f"@{target[1:]}")
    if target.startswith(_SAFE):
        return Span("link", label or target, href=target)
    return Span("", label or target)
