"""``gurumi run``: the bot for a real workspace, until SIGTERM."""

import logging
import signal
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.settings import Settings
from integrations.errors import IntegrationError

if TYPE_CHECKING:
    from integrations.store import Store

_log = logging.getLogger(__name__)


def run(settings: Settings, stop: threading.Event | None = None) -> None:
    """Work until ``stop`` (SIGTERM and SIGINT set it). Raises SettingsError and IntegrationError at the start only."""
    from bot.slack.face import SlackFace
    from bot.wiring import build

    stop = stop or _on_signals()
    store = open_store(settings)
    house = build(settings, store)
    face = SlackFace(settings, house.assistant, store, needs_groups=house.policy.names_groups)
    starter = threading.Thread(target=_watch, args=(stop, face.close), name="stop", daemon=True)
    starter.start()
    face.connect()
    stop.wait()
    starter.join(14)
    house.close()
    store.close()
    _log.info("stopped")


def open_store(settings: Settings) -> "Store":
    """The database, its schema up to date: a new one and a file of our own are migrated here, a team's by hand."""
    from integrations.store import Store

    store = Store(settings.database)
    if settings.database.startswith("sqlite") or store.empty():
        store.migrate()
    store.check()
    return store


def configure_logging(settings: Settings) -> None:
    """One line an event, on standard error."""
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("slack_bolt", "slack_sdk", "urllib3", "apscheduler"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLogger().level))


def _on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _watch(stop: threading.Event, close: Callable[[], None]) -> None:
    stop.wait()
    try:
        close()
    except IntegrationError as error:
        _log.warning("while stopping: %s", error.says)
