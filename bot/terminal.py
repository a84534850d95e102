"""The terminal face: one question, one answer, text for people and JSON for programs.

What takes long to import is imported where it is used, so that ``--version`` and a wrong word answer at once.
"""

import getpass
import logging
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.spinner import Spinner

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.wiring import House
    from bot.words import Words
    from commands.dialogue import Answer
    from integrations.errors import IntegrationError
    from integrations.store import Store

WRONG_USAGE = 2
NOT_DONE = 1
LOG_LINES = "%(asctime)s %(levelname)s %(name)s %(message)s"
_OURS = ("bot.", "commands.", "integrations.", "knowledge.")
_AHEAD = timedelta(minutes=5)
"""So much the asker's clock may be ahead of ours."""
_FIRST_YEAR, _LAST_YEAR = 2000, 2200


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"


class Memory(StrEnum):
    """What a configured database that cannot be used means: the answer is given without it, there is none, or it is
    what is asked about. ``KEPT``: needed, and where none is configured it is that of a bot on this machine."""

    WELCOME = "welcome"
    NEEDED = "needed"
    KEPT = "kept"
    EXAMINED = "examined"


def settings_or_exit() -> "Settings":
    """The settings, or one sentence a complaint and exit status 2."""
    from bot.settings import SettingsError, load

    try:
        return load()
    except SettingsError as error:
        stop(str(error))


def stop(sentence: str, status: int = WRONG_USAGE) -> NoReturn:
    """End with a sentence on standard error."""
    complain(sentence)
    raise SystemExit(status)


def complain(sentence: str) -> None:
    print(f"gurumi: {sentence}", file=sys.stderr)


@contextmanager
def complaints() -> Iterator[None]:
    """Errors that end a long-running command, as one sentence on standard error."""
    from bot.settings import SettingsError
    from integrations.errors import IntegrationError

    try:
        yield
    except SettingsError as error:
        stop(str(error))
    except IntegrationError as error:
        stop(_sentence(error), NOT_DONE)


def ask(
    words: str,
    settings: "Settings",
    *,
    cluster: str = "",
    namespace: str = "",
    at: str = "",
    language: str = "",
    form: Format = Format.TEXT,
    memory: Memory = Memory.WELCOME,
    only: str = "",
) -> int:
    """Put one request through the door, print the answer and return the exit status. ``only``: of an answer that has
    that datum nothing else is printed."""
    now = datetime.now(UTC)
    about = _asked_instant(at, now) if at else None
    broken = _log(settings)
    with Spinner() as spinner:
        from bot.assistant import failure
        from bot.words import Words
        from commands.dialogue import Person, Place, Request
        from integrations.errors import IntegrationError

        words = typed(words)
        request = Request(
            words=words,
            asker=Person(id=_login(), name=_login(), zone=zone(settings)),
            place=Place("terminal"),
            at=now,
            about=about,
            cluster=typed(cluster).strip(),
            namespace=typed(namespace).strip(),
            language=language or spoken(words),
        )
        try:
            house = _house(settings, memory)
            answer = house.assistant.answer(request, spinner.show)
            house.close()
        except IntegrationError as error:
            answer = failure(error)
    if only and only in answer.data and form is Format.TEXT:
        print(answer.data[only], end="")
        return 0
    status = show(answer, Words(request.language, request.asker.zone, now), form)
    if broken.seen:
        complain("something inside broke on the way; the same call with GURUMI_LOG_LEVEL=ERROR shows what.")
    return status


def show(answer: "Answer", words: "Words", form: Format = Format.TEXT) -> int:
    """Print an answer. What could not be done goes to standard error too."""
    from bot.plain import as_json, render
    from commands.dialogue import Bullets, Table, Tone

    failed = answer.tone in (Tone.FAILED, Tone.REFUSED)
    typed_here = replace(answer, offers=tuple(replace(offer, says=_call(offer.says)) for offer in answer.offers))
    if form is Format.JSON:
        print(as_json(answer, words))
        if failed:
            hint = next((p.items[:1] for p in answer.parts if isinstance(p, Bullets) and len(answer.parts) == 1), ())
            complain(" ".join(words.say(said) for said in (answer.headline, *hint)))
    elif failed and (
        len(answer.parts) > 1 or any(isinstance(part, Table) for part in answer.parts)
    ):  # a report of what is missing, which is worth a pipe
        print(render(typed_here, words))
        complain(words.say(answer.headline))
    else:
        print(render(typed_here, words), file=sys.stderr if failed else sys.stdout)
    return NOT_DONE if failed else 0


def spoken(words: str) -> str:
    """The language of some words: Korean as soon as one syllable of it stands there."""
    return "ko" if any("가" <= letter <= "힣" for letter in words) else "en"


def typed(words: str) -> str:
    """Words without what is no text: NUL characters, and bytes that were no UTF-8."""
    return words.replace("\0", " ").encode(errors="replace").decode()


def text_of(file: str) -> str:
    """A file's text, ``-`` for standard input; a sentence and the end where it cannot be read or is empty."""
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        stop(f"{file} cannot be read: {error.strerror}", NOT_DONE)
    text = raw.decode(errors="replace")
    if not text.strip():
        stop("the text is empty; - reads it from standard input")
    return text


def zone(settings: "Settings") -> tzinfo:
    """The zone of this terminal: ``TZ``, else the machine's."""
    if settings.zone:
        try:
            return ZoneInfo(settings.zone.lstrip(":"))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    return datetime.now(UTC).astimezone().tzinfo or UTC


def instant(text: str) -> datetime:
    """What ``--at`` names, with or without a zone; a sentence and the end where it is no time."""
    try:
        when = datetime.fromisoformat(typed(text).strip())
    except ValueError:
        stop(f"--at wants a time like 2026-01-15T05:12:00+09:00, not {text!r}")
    if not _FIRST_YEAR <= when.year <= _LAST_YEAR:
        stop(f"--at wants a time of our days, like 2026-01-15T05:12:00+09:00, not {text!r}")
    return when


def _asked_instant(text: str, now: datetime) -> datetime:
    when = instant(text)
    if when.tzinfo is None:
        stop(f"--at wants a time with its zone, like {text}+09:00 or {text}Z")
    if when > now + _AHEAD:
        stop(f"--at names a time to come, {text} (now it is {now:%Y-%m-%dT%H:%M}Z); is its zone right?")
    return when


def _call(says: str) -> str:
    """An offer's words as a shell takes them."""
    command, _, rest = says.partition(" ")
    return f"gurumi {command} {shlex.quote(rest)}" if command in ("ask", "known") else f"gurumi {says}"


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without a passwd entry for its user
        return "terminal"


def _house(settings: "Settings", memory: Memory) -> "House":
    from bot.settings import SettingsError
    from bot.wiring import build

    try:
        return build(settings, _store(settings, memory))
    except SettingsError as error:
        stop(str(error))


def _store(settings: "Settings", memory: Memory) -> "Store | None":
    """The database, when one is configured: a one-shot question leaves no state otherwise."""
    if settings.database_url is None and memory is not Memory.KEPT:
        return None
    from integrations.errors import IntegrationError
    from integrations.store import Store

    try:
        store = Store(settings.database)
        store.prepare()
    except IntegrationError as error:
        if memory in (Memory.NEEDED, Memory.KEPT):
            raise
        if memory is Memory.WELCOME:
            complain(f"nothing is recorded or remembered. {_sentence(error)}")
        return None
    return store


def _sentence(error: "IntegrationError") -> str:
    from bot.plain import terminal
    from bot.words import Words

    words = terminal(Words("en"))
    return " ".join(words.say(said) for said in (error.says, error.hint) if said)


class _Notes(logging.Handler):
    """What our modules warn of, as sentences; whoever wants tracebacks and times asks for a log by its level."""

    seen = False

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.seen = True
        elif record.name.startswith(_OURS):
            complain(record.getMessage())


def _log(settings: "Settings") -> _Notes:
    notes = _Notes(logging.WARNING)
    if "log_level" in settings.model_fields_set:
        logging.basicConfig(level=settings.log_level.upper(), format=LOG_LINES)
    else:
        logging.getLogger().addHandler(notes)
    return notes
