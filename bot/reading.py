"""One-shot readings of a text that ask no cluster and need no door: what a ticket says, and what is known about it."""

from collections.abc import Iterator
from contextlib import contextmanager
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
        except (ZoneInfoNotFoundError, ValueError, OSError):
            terminal.stop(f"--tz wants a zone like Asia/Seoul, not {tz!r}")
    when = terminal.instant(at) if at else datetime.now(UTC)
    if when.tzinfo is None:
        when = when.replace(tzinfo=zone)
    read, answer = understand(terminal.text_of(file), at=when, zone=zone, clusters=_clusters(settings))
    return terminal.show(answer, Words(read.language, zone, when), form)


def known(text: str, shelf: str, *, language: str, form: Format) -> int:
    """Print what another shelf knows about a text. Returns the exit status."""
    from commands.known import look_up

    with _readable(shelf):
        answer = look_up(text, Path(shelf))
    return terminal.show(answer, Words(language or terminal.spoken(text)), form)


def lint(shelf: str, *, language: str, form: Format) -> int:
    """Print what is wrong on a shelf (empty: the product's own). Returns the exit status."""
    from commands.known import lint

    with _readable(shelf):
        answer = lint(Path(shelf) if shelf else None)
    return terminal.show(answer, Words(language or "en"), form)


@contextmanager
def _readable(shelf: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        terminal.stop(f"{shelf} cannot be read: {error.strerror or error}", terminal.NOT_DONE)


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
