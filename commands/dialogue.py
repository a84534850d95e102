"""What is asked and what is answered, as plain data: Request, Answer and its parts, Offer, Notice."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

from knowledge.finding import Evidence
from knowledge.said import Said

UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Person:
    """Who asks. ``id`` is Slack's user id, or the login name in a terminal. ``groups`` are Slack user group ids."""

    id: str
    name: str = ""
    email: str = ""
    groups: frozenset[str] = frozenset()
    zone: tzinfo = UTC
    stranger: bool = False
    """From another workspace or organisation: refused in a sentence."""


@dataclass(frozen=True)
class Place:
    """Where it was asked. ``face``: ``terminal``, ``slack``, ``clock`` or ``alert``; the other fields are Slack's."""

    face: str
    channel: str = ""
    thread: str = ""
    direct: bool = False


@dataclass(frozen=True)
class Request:
    """One question. ``words`` are what was typed; ``args`` are those words fitted to the command's form.

    ``at``: when it was asked; ``begun``: when it was taken in hand, where it had to wait. ``about``: the instant it
    asks about, where a flag names one. ``cluster`` and
    ``namespace`` narrow it (flags, or the context of a thread). ``language``: ``en``, ``ko``, or empty for the
    language of the words.
    """

    words: str
    asker: Person
    place: Place
    at: datetime
    args: Mapping[str, str] = field(default_factory=dict)
    about: datetime | None = None
    cluster: str = ""
    namespace: str = ""
    language: str = ""
    begun: datetime | None = None
    context: Mapping[str, str] = field(default_factory=dict)
    """What this thread last talked about: ``about`` of the answer before. A question may lean on it."""

    def fitted(self, args: Mapping[str, str]) -> "Request":
        return replace(self, args=args)


class Tone(StrEnum):
    """The state of an answer. ``FOUND``, ``CLEAN`` and ``UNSURE`` (could not tell) are the three outcomes of looking;
    ``INFO`` is an answer that looked at nothing, ``ASK`` asks back, ``REFUSED`` and ``FAILED`` did not do it."""

    FOUND = "found"
    CLEAN = "clean"
    UNSURE = "unsure"
    INFO = "info"
    ASK = "ask"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True)
class Text:
    """A paragraph. ``strong`` makes it a small heading."""

    body: Said
    strong: bool = False


@dataclass(frozen=True)
class Bullets:
    """A list of sentences under an optional heading."""

    items: tuple[Said, ...]
    title: Said | None = None


@dataclass(frozen=True)
class Proof:
    """Evidence under its heading: object, field or event or log, value, time. Verbatim, redacted by the face."""

    items: tuple[Evidence, ...]
    title: Said | None = None


@dataclass(frozen=True)
class Fields:
    """Short labelled values."""

    items: tuple[tuple[Said, Said | str], ...]


@dataclass(frozen=True)
class Table:
    columns: tuple[Said, ...]
    rows: tuple[tuple[Said | str, ...], ...]


@dataclass(frozen=True)
class Code:
    """Verbatim text: a command, a manifest, the end of a log. ``title`` names the file when it is too long to show."""

    body: str
    title: str = ""


@dataclass(frozen=True)
class Context:
    """The small print: cluster, time, how long it took."""

    items: tuple[Said | str, ...]


@dataclass(frozen=True)
class Offer:
    """A button that holds words: pressing it asks those words again, with the presser's rights. ``aside``: one that
    few need, which a face may hide behind a menu."""

    label: Said
    says: str
    primary: bool = False
    aside: bool = False


@dataclass(frozen=True)
class Pick:
    """One of several offers, of which one may hold now (``chosen``: its words). Or one of so many that they are
    searched: ``among`` names them (``clusters``), and ``says`` are the words with ``{choice}`` in its place."""

    label: Said
    offers: tuple[Offer, ...] = ()
    chosen: str = ""
    among: str = ""
    says: str = ""


Part: TypeAlias = Text | Bullets | Proof | Fields | Table | Code | Context | Pick
"""The closed set of parts. None is named after one feature."""


@dataclass(frozen=True)
class Notice:
    """A message to somebody else. Its ``receipt`` names what is told and since when it is due: told once.

    ``to``: a person, a channel, ``topic:NAME`` for the thread of that topic's one message, or a webhook. ``calls``:
    people and user groups that are called by name. ``again``: words that are asked when it is delivered, in place of
    an answer that may be old by then. ``language``: empty for that of whoever reads it.
    """

    to: str
    answer: "Answer"
    receipt: str
    calls: tuple[str, ...] = ()
    language: str = ""
    again: str = ""


@dataclass(frozen=True)
class Answer:
    """``headline`` is the first line and stands alone. ``data`` is what ``--format json`` adds to the words.
    Answers of one ``topic`` edit one message. ``private``: shown to the asker alone where a face can do that."""

    headline: Said
    tone: Tone
    parts: tuple[Part, ...] = ()
    offers: tuple[Offer, ...] = ()
    notices: tuple[Notice, ...] = ()
    data: Mapping[str, object] = field(default_factory=dict)
    topic: str = ""
    private: bool = False
    silent: bool = False
    """It was heard and noted; nobody is told anything."""
    about: Mapping[str, str] = field(default_factory=dict)
    """``cluster``, ``namespace``, ``kind`` and ``name`` of what was looked at, for questions that follow."""
