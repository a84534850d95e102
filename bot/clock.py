"""The clock: asks the commands that have a schedule, through the same door as everybody, one process at a time."""

import logging
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from bot.assistant import Assistant
from bot.settings import Settings
from bot.wiring import CLOCK
from commands.command import Command
from commands.dialogue import Person, Place, Request, Tone
from commands.registry import registry
from integrations.errors import IntegrationError

if TYPE_CHECKING:
    from integrations.store import Store

_log = logging.getLogger(__name__)

FORGETS = "17 3 * * *"
LATE_S = 60
"""A job that could not begin for so long waits for its next time instead."""


class Clock:
    """Runs until it is closed. Two processes of one database share the work: who is first at a time does it."""

    def __init__(self, settings: Settings, assistant: Assistant, store: "Store") -> None:
        self._assistant = assistant
        self._store = store
        self._worker = f"clock-{secrets.token_hex(6)}"
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": LATE_S}
        )
        self.jobs = dict(_jobs(settings))
        for name, schedule in self.jobs.items():
            trigger = CronTrigger.from_crontab(schedule, timezone=UTC)
            self._scheduler.add_job(self.ring, trigger, (registry()[name].command, trigger), id=name, max_instances=1)
        self._keep_days = settings.keep_days
        self._scheduler.add_job(self.forget, CronTrigger.from_crontab(FORGETS, timezone=UTC), id="forget")

    def forget(self) -> int:
        """Drop what is older than it shall be kept. How many rows that was; doing it twice does no harm."""
        try:
            return self._store.prune(datetime.now(UTC), self._keep_days)
        except IntegrationError as error:
            _log.error("old rows could not be dropped: %s", error.says)
            return 0

    def start(self) -> "Clock":
        self._scheduler.start()
        return self

    def close(self) -> None:
        """Ring no more. What is under way is left to its own deadline: it is written whole or not at all."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def ring(self, command: Command, trigger: CronTrigger) -> bool:
        """Ask one command now, unless another process did. Whether it was asked here."""
        now = datetime.now(UTC)
        try:
            if not self._store.lock(f"job/{command.name}", self._worker, now, _until_next(trigger, now)):
                return False
        except IntegrationError as error:
            _log.error("job %s could not begin: %s", command.name, error.says)
            return False
        answer = self._assistant.answer(Request(command.example, Person(CLOCK), Place(CLOCK), now))
        if answer.tone is Tone.FAILED:
            _log.warning("job %s: %s", command.name, answer.headline)
        return True


def _jobs(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every scheduled command and when it is asked; how often the journal visits is a setting."""
    for name, registered in registry().items():
        if name == "journal":
            if settings.journal_minutes:
                yield name, f"*/{settings.journal_minutes} * * * *"
        elif registered.command.schedule:
            yield name, registered.command.schedule


def _until_next(trigger: CronTrigger, now: datetime) -> float:
    """Seconds for which nobody else may do it: most of the time until it is due again."""
    due = trigger.get_next_fire_time(None, now)
    return 0.8 * max((due - now).total_seconds(), 1.0) if due else float(LATE_S)
