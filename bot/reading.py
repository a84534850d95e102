"""One-shot readings of a text that ask no cluster and need no door: what a ticket says, and what is known about it."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot import terminal
from bot.settings import Settings
from bot.terminal import Format
from bot.words import Words
from commands.tools import ClusterEntry


def ticket(file: str, settings: Settings, *, at: str, tz: str, form: Format) -> int:
    """Read a ticket and print what it is understood to say. Returns the exit status."""
    from commands.understanding import understand

    zone = terminal.zone(settings)
    if tz:
        try:
            zone = ZoneInfo(tz)
        except (ZoneInfoNotFoundError, ValueError):
            terminal.stop(f"--tz wants a zone like Asia/Seoul, not {tz!r}")
    when = datetime.now(UTC)
    if at:
        try:
            when = datetime.fromisoformat(at)
        except ValueError:
            terminal.stop(f"--at wants a time like 2026-01-15T05:12:00+09:00, not {at!r}")
    if when.tzinfo is None:
        when = when.replace(tzinfo=zone)
    read, answer = understand(text_of(file), at=when, zone=zone, clusters=_clusters(settings))
    return terminal.show(answer, Words(read.language, zone, when), form)


def known(words: list[str], issues: str, *, language: str, form: Format) -> int:
    """Print the known issues that match a text, or what is wrong on a shelf. Returns the exit status."""
    from commands.known import lint, look_up

    checks = words[0] == "lint" and len(words) < 3
    text = " ".join(words) if words != ["-"] else text_of("-")
    shelf = words[1] if checks and len(words) > 1 else issues
    try:
        place = Path(shelf) if shelf else None
        answer = lint(place) if checks else look_up(text, place)
    except OSError as error:
        terminal.stop(f"{shelf} cannot be read: {error.strerror or error}", terminal.NOT_DONE)
    said = Words(language or ("en" if checks else terminal.spoken(text)))
    return terminal.show(answer, said, form)


def text_of(file: str) -> str:
    """A file's text, ``-`` for standard input; a sentence and the end where it cannot be read or is empty."""
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        terminal.stop(f"{file} cannot be read: {error.strerror}", terminal.NOT_DONE)
    text = raw.decode(errors="replace")
    if not text.strip():
        terminal.stop("the text is empty; - reads it from standard input")
    return text


def _clusters(settings: Settings) -> tuple[ClusterEntry, ...]:
    if settings.inventory:
        from integrations.inventory import read_inventory

        with terminal.complaints():
            return read_inventory(settings.inventory)
    # Here and not above: it imports the clients, which nobody waits for who keeps an inventory.
    from integrations.errors import IntegrationError
    from integrations.fleet import KubeFleet

    try:
        return tuple(KubeFleet(settings.kubeconfig).clusters())
    except IntegrationError:  # a ticket can be read where no cluster is known: it then names unknown ones
        return ()
