"""The terminal face: one question, one answer, text for people and JSON for programs.

What takes long to import is imported where it is used, so that ``--version`` and a wrong word answer at once.
"""

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.words import Words
    from commands.dialogue import Answer

WRONG_USAGE = 2
NOT_DONE = 1


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"


def settings_or_exit() -> "Settings":
    """The settings, or one sentence a complaint and exit status 2."""
    from bot.settings import SettingsError, load

    try:
        return load()
    except SettingsError as error:
        stop(str(error))


def stop(sentence: str, status: int = WRONG_USAGE) -> NoReturn:
    """End with a sentence on standard error."""
    print(f"gurumi: {sentence}", file=sys.stderr)
    raise SystemExit(status)


@contextmanager
def complaints() -> Iterator[None]:
    """Errors that end a long-running command, as one sentence on standard error."""
    from bot.settings import SettingsError
    from bot.words import Words
    from integrations.errors import IntegrationError

    try:
        yield
    except SettingsError as error:
        stop(str(error))
    except IntegrationError as error:
        words = Words("en")
        hint = f" {words.say(error.hint)}" if error.hint else ""
        stop(f"{words.say(error.says)}{hint}", NOT_DONE)


def ask(
    words: str,
    settings: "Settings",
    *,
    cluster: str = "",
    namespace: str = "",
    at: str = "",
    language: str = "",
    form: Format = Format.TEXT,
) -> int:
    """Put one request through the door, print the answer and return the exit status."""
    from bot.wiring import build
    from bot.words import Words
    from commands.dialogue import Person, Place, Request

    now = datetime.now(UTC)
    request = Request(
        words=words,
        asker=Person(id=_login(), name=_login(), zone=zone(settings)),
        place=Place("terminal"),
        at=now,
        about=_instant(at) if at else None,
        cluster=cluster,
        namespace=namespace,
        language=language or spoken(words),
    )
    with complaints():
        house = build(settings, _store(settings))
    with _Progress(quiet=form is Format.JSON) as progress:
        answer = house.assistant.answer(request, progress.show)
    house.close()
    return show(answer, Words(request.language, request.asker.zone, now), form)


def show(answer: "Answer", words: "Words", form: Format = Format.TEXT) -> int:
    """Print an answer. What could not be done goes to standard error too."""
    from bot.plain import as_json, render
    from commands.dialogue import Tone

    failed = answer.tone in (Tone.FAILED, Tone.REFUSED)
    if form is Format.JSON:
        print(as_json(answer, words))
        if failed:
            print(f"gurumi: {words.say(answer.headline)}", file=sys.stderr)
    else:
        print(render(answer, words), file=sys.stderr if failed else sys.stdout)
    return NOT_DONE if failed else 0


def spoken(words: str) -> str:
    """The language of some words: Korean as soon as one syllable of it stands there."""
    return "ko" if any("가" <= letter <= "힣" for letter in words) else "en"


def zone(settings: "Settings") -> tzinfo:
    """The zone of this terminal: ``TZ``, else the machine's."""
    if settings.zone:
        try:
            return ZoneInfo(settings.zone.lstrip(":"))
        except (ZoneInfoNotFoundError, ValueError):
            pass
    return datetime.now(UTC).astimezone().tzinfo or UTC


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without a passwd entry for its user
        return "terminal"


def _instant(text: str) -> datetime:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        stop(f"--at wants a time like 2026-01-15T05:12:00+09:00, not {text!r}")
    if when.tzinfo is None:
        stop(f"--at wants a time with its zone, like {text}+09:00 or {text}Z")
    return when


def _store(settings: "Settings"):  # type: ignore[no-untyped-def]
    """The database, when one is configured: a one-shot question leaves no state otherwise."""
    if settings.database_url is None:
        return None
    from integrations.store import Store

    return Store(settings.database)


class _Progress:
    """A line on standard error while something takes longer than a second, where somebody can see it."""

    def __init__(self, quiet: bool) -> None:
        self._on = sys.stderr.isatty() and not quiet

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self._on:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def show(self, done: int, total: int, what: str) -> None:
        if self._on and done < total:
            print(f"\r\033[K{done}/{total} {what}", end="", file=sys.stderr, flush=True)
