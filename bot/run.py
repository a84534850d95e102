"""``gurumi run``: the bot for a real workspace, until SIGTERM."""

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.clock import Clock
from bot.settings import Settings, SettingsError
from bot.signals import stop_on_signals, wait_for
from bot.terminal import LOG_LINES
from bot.wiring import House, build
from integrations.errors import IntegrationError

if TYPE_CHECKING:
    from bot.slack.face import SlackFace
    from integrations.store import Store

_log = logging.getLogger(__name__)

LONGEST_STOP_S = 14


def run(settings: Settings, http: str = "", stop: threading.Event | None = None) -> None:
    """Work until ``stop`` (SIGTERM and SIGINT set it), over Socket Mode, or over HTTP at ``http`` (``HOST:PORT``).

    Raises SettingsError and IntegrationError at the start only.
    """
    from bot.slack.face import Stopped

    stop = stop or stop_on_signals()
    address = _address(http) if http else None
    store = open_store(settings)
    house = build(settings, store)
    face = _face(settings, house, store, address)
    clock = Clock(settings, house.assistant, store)
    closer = threading.Thread(target=_watch, args=(stop, face.close), name="stop", daemon=True)
    closer.start()
    try:
        face.connect()
        clock.start()
        wait_for(stop)
    except Stopped:
        _log.info("stopped before Slack answered")
    clock.close()
    if stop.is_set():
        closer.join(LONGEST_STOP_S)
    house.close()
    store.close()
    _log.info("stopped")


def open_store(settings: Settings) -> "Store":
    """The database, its schema up to date."""
    from integrations.store import Store

    store = Store(settings.database)
    store.prepare()
    return store


def configure_logging(settings: Settings) -> None:
    """One line an event, on standard error."""
    logging.basicConfig(level=settings.log_level.upper(), format=LOG_LINES)
    for noisy in ("slack_bolt", "urllib3", "apscheduler", "uvicorn", "asyncio", "alembic"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLogger().level))
    logging.getLogger("slack_sdk").setLevel(logging.CRITICAL)  # says at every try what we say once


def _face(settings: Settings, house: House, store: "Store", address: tuple[str, int] | None) -> "SlackFace":
    groups = house.policy.names_groups
    if address is None:
        from bot.slack.socket_mode import SocketFace

        return SocketFace(settings, house.assistant, store, needs_groups=groups)
    from bot.slack.http import HttpFace

    return HttpFace(settings, house.assistant, store, address, needs_groups=groups)


def _address(http: str) -> tuple[str, int]:
    host, _, port = http.rpartition(":")
    if not port.isdecimal() or not 0 <= int(port) < 65536:
        raise SettingsError(f"--http wants HOST:PORT, like 0.0.0.0:8080, not {http!r}")
    return host.strip("[]") or "0.0.0.0", int(port)


def _watch(stop: threading.Event, close: Callable[[], None]) -> None:
    stop.wait()
    try:
        close()
    except IntegrationError as error:
        _log.warning("while stopping: %s", error.says)
