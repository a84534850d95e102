"""Said → a sentence in Korean or English. One loader for all ``ko.po`` files, one place for particles and plurals."""

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from knowledge.said import Said, Value
from knowledge.secrets.redaction import redact

LANGUAGES = ("en", "ko")
_FLOORS = ("bot", "commands", "integrations", "knowledge")


@dataclass(frozen=True)
class Words:
    """How one person reads: their language, their time zone, and what "now" is for ages."""

    language: str
    zone: tzinfo = UTC
    now: datetime | None = None

    def say(self, said: Said | str) -> str:
        """A sentence. Values are redacted; a template without a translation is told in English."""
        if isinstance(said, str):
            return self.quote(redact(said))
        template = catalogue(self.language).get(said.template, said.template)
        return _Sentence(self).vformat(self.frame(template), (), said.values)

    def quote(self, text: str) -> str:
        """A value as it stands in a sentence; a face whose markup it could imitate overrides this."""
        return text

    def frame(self, template: str) -> str:
        """Our own words around the values, with what a face must escape in them."""
        return template

    def clock(self, when: datetime) -> str:
        """``05:12 KST`` today, ``2026-01-14 05:12 KST`` on another day; the age goes beside it."""
        local = when.astimezone(self.zone)
        today = self.now.astimezone(self.zone).date() if self.now else None
        day = "" if local.date() == today else f"{local:%Y-%m-%d} "
        return f"{day}{local:%H:%M} {local:%Z}".strip()

    def ago(self, when: datetime) -> str:
        """``3 h ago``, ``3시간 전``; empty without a now."""
        if self.now is None:
            return ""
        span = self.now - when
        if span < timedelta(0):
            return self.say(Said("in {span}", span=-span))
        return self.say(Said("{span} ago", span=span))

    def span(self, length: timedelta) -> str:
        """A duration by its largest unit, or its two largest where the first is small: ``1 h 20 min``."""
        seconds = int(abs(length).total_seconds())
        sizes = ((86400, Said("d")), (3600, Said("h")), (60, Said("min")), (1, Said("s")))
        for i, (size, unit) in enumerate(sizes):
            if seconds >= size or size == 1:
                whole, rest = divmod(seconds, size)
                text = self._amount(whole, unit)
                if whole < 3 and i + 1 < len(sizes) and rest // sizes[i + 1][0]:
                    text += " " + self._amount(rest // sizes[i + 1][0], sizes[i + 1][1])
                return text
        return ""

    def _amount(self, n: int, unit: Said) -> str:
        joint = "" if self.language == "ko" else " "
        return f"{n}{joint}{self.say(unit)}"

    def value(self, value: Value) -> str:
        """One value of a template, without a format."""
        match value:
            case None:
                return "-"
            case Said():
                return self.say(value)
            case datetime():
                age = self.ago(value)
                return f"{self.clock(value)} ({age})" if age else self.clock(value)
            case timedelta():
                return self.span(value)
            case tuple():
                return ", ".join(self.value(v) for v in value)
            case _:
                return self.quote(redact(str(value)))


class _Sentence(string.Formatter):
    """``str.format`` with our three formats: a particle pair, a plural, a time."""

    def __init__(self, words: Words) -> None:
        self.words = words

    def format_field(self, value: Value, spec: str) -> str:
        if spec.startswith("|"):
            one, many = spec[1:].split("|")
            return f"{self.words.value(value)} {one if value == 1 else many}"
        if spec == "clock" and isinstance(value, datetime):
            return self.words.clock(value)
        if spec == "ago" and isinstance(value, datetime):
            return self.words.ago(value)
        text = self.words.value(value)
        if spec.startswith("+"):
            return particle(text, spec[1:])
        if "/" in spec:
            return text + particle(text, spec)
        return text


_DIGIT_ENDS = {"0": True, "1": True, "3": True, "6": True, "7": True, "8": True}
_RIEUL_DIGITS = "178"
_CLOSED_ENDS = frozenset({"ng", "le", "me", "ne"})
_OPEN_ENDS = frozenset({"st", "ft", "nt", "lt", "rt", "ct", "pt", "xt", "ht", "rk", "sk", "nk", "lk", "nc", "lp", "mp"})
"""Ends of English words whose last letter sounds otherwise: table 테이블, volume 볼륨; test 테스트, task 태스크."""


_SPELLED = re.compile(r"(?<![a-z])[bcdfghj-np-tvwxz]{2,4}[^0-9a-z가-힣]*$")
"""An abbreviation without vowels is read letter by letter: db 디비, sql 에스큐엘."""


def particle(word: str, pair: str) -> str:
    """The fitting one of ``은/는``, ``이/가``, ``을/를``, ``으로/로`` and the like for a word's last sound.

    Latin words are read as Koreans read them aloud: by the sound of the last letter, as far as it can be told
    (``pod`` → 파드가, ``shop`` → 샵이, ``checkout`` → 체크아웃이, ``orders-db`` → 디비가).
    """
    with_final, without = pair.split("/")
    last = re.sub(r"[^0-9A-Za-z가-힣]+$", "", word)[-1:]
    if not last:
        return f"{with_final}({without})"
    if "가" <= last <= "힣":
        final = (ord(last) - 0xAC00) % 28
        closed, rieul = final != 0, final == 8
    elif last.isdigit():
        closed, rieul = last in _DIGIT_ENDS, last in _RIEUL_DIGITS
    elif _SPELLED.search(word.lower()):
        closed, rieul = last.lower() in "lmnr", last.lower() in "lr"
    else:
        sound = re.sub(r"[^a-z]", "", word.lower())[-2:]
        closed = sound in _CLOSED_ENDS or (last.lower() in "bcklmnpt" and sound not in _OPEN_ENDS)
        rieul = last.lower() == "l" or sound == "le"
    if with_final.startswith("으로"):
        return without if not closed or rieul else with_final
    return with_final if closed else without


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """All templates of a language, gathered from the ``<language>.po`` files of the four floors."""
    if language == "en":
        return {}
    from babel.messages.pofile import read_po  # here and not above: English needs none of it

    found: dict[str, str] = {}
    for floor in _FLOORS:
        for file in _po_files(resources.files(floor), f"{language}.po"):
            with file.open("rb") as stream:
                for message in read_po(stream, locale=language):
                    if message.id and message.string and not message.fuzzy:
                        found[str(message.id)] = str(message.string)
    return found


def _po_files(folder: Traversable, name: str) -> list[Traversable]:
    found = []
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.name.startswith(("_", ".")):
            found += _po_files(entry, name)
        elif entry.name == name:
            found.append(entry)
    return found
