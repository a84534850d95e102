"""Takes deliveries from the inbox and has them worked off; any number of desks and processes may do so.

A delivery is held under a lease that is prolonged while somebody works on it. What cannot be posted for a passing
reason goes back into the inbox until a later time: no thread waits for it, and its lane keeps its order.
"""

import itertools
import logging
import queue
import random
import secrets
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.slack.clerk import Clerk
from bot.slack.meters import Meters
from bot.slack.post import Later
from bot.slack.spot import Taken
from integrations.errors import Denied, IntegrationError, Malformed, NotFound, Unauthenticated

if TYPE_CHECKING:
    from integrations.store import Delivery, Store

_log = logging.getLogger(__name__)

LEASE_S = 25
"""After a process died, its deliveries are another's within this time and one poll."""
POLL_S = 1.0
GIVE_UP_AFTER = timedelta(hours=6)
TOKEN_RETRY_S = 15.0
SILENCE_S = 600.0
FLEETING = {"home": timedelta(minutes=1), "prompts": timedelta(minutes=1)}
"""What nobody waits for any more after so long."""


class Desk:
    """A few threads that work the inbox. ``wake()``: something was accepted; ``close()``: finish what is in hand."""

    def __init__(
        self,
        name: str,
        store: "Store",
        clerk: Clerk,
        meters: Meters,
        hands: int = 8,
    ) -> None:
        # A container's next process has the same host name and number: only chance tells the two apart.
        self._name = f"{name}-{secrets.token_hex(4)}"
        self._store = store
        self._clerk = clerk
        self._meters = meters
        self._bell: queue.Queue[float] = queue.Queue(hands)
        self._stop = threading.Event()
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._holding: set[str] = set()
        self._troubles: dict[str, float] = {}
        self._threads = [threading.Thread(target=self._work, name=f"desk-{n}", daemon=True) for n in range(hands)]
        self._keeper = threading.Thread(target=self._keep, name="desk-leases", daemon=True)

    def start(self) -> None:
        for thread in (*self._threads, self._keeper):
            thread.start()

    def wake(self, settle_s: float = 0.0) -> None:
        """There is work, in ``settle_s``. As many rings as there are hands may wait, more would say nothing new."""
        try:
            self._bell.put_nowait(settle_s)
        except queue.Full:
            return

    def close(self, patience_s: float) -> None:
        """Take no more; wait for what is in hand, then give back the rest."""
        self._stop.set()
        end = time.monotonic() + patience_s
        started = [thread for thread in self._threads if thread.ident is not None]
        for _ in started:
            self.wake()
        for thread in started:
            thread.join(max(0.0, end - time.monotonic()))
        with self._lock:
            held = list(self._holding)
        for holder in held:
            self._store.release(holder)

    def _work(self) -> None:
        while not self._stop.is_set():
            holder = f"{self._name}/{next(self._numbers)}"  # one for each delivery: a lease is of one thing only
            try:
                delivery = self._store.claim(holder, _now(), LEASE_S)
            except IntegrationError as error:
                self._complain(error, "the inbox cannot be read")
                self._stop.wait(POLL_S * random.uniform(1, 3))
                continue
            if delivery is None:
                self._rest()
                continue
            with self._lock:
                self._holding.add(holder)
            try:
                self._one(holder, delivery)
            finally:
                with self._lock:
                    self._holding.discard(holder)

    def _rest(self) -> None:
        try:
            settle_s = self._bell.get(timeout=POLL_S * random.uniform(0.8, 1.2))
        except queue.Empty:
            return
        self._stop.wait(settle_s)

    def _one(self, holder: str, delivery: "Delivery") -> None:
        began = time.monotonic()

        def holds() -> bool:
            return self._store.renew(holder, _now(), LEASE_S) == 1

        try:
            self._clerk.serve(delivery, holds)
            self._finish(delivery)
            self._meters.answered.inc()
            self._meters.seconds.observe(time.monotonic() - began)
            self.wake()  # the next of this thread may be waiting for us
        except Taken:
            _log.warning("delivery %s is another's by now", delivery.id)
        except IntegrationError as error:
            self._failed(holder, delivery, error)
        except Exception:  # noqa: BLE001 - the faces' delivery loop: one bad delivery must not end the thread
            _log.exception("delivery %s failed", delivery.id)
            if not self._stop.is_set():  # while everything is being closed, anything may fail
                self._close_off(delivery)

    def _failed(self, holder: str, delivery: "Delivery", error: IntegrationError) -> None:
        final = error.system == "Slack" and isinstance(error, NotFound | Denied | Malformed)
        age = _now() - delivery.received_at
        if final or age > FLEETING.get(delivery.kind, GIVE_UP_AFTER):
            _log.warning("delivery %s cannot be answered: %s", delivery.id, error.says)
            self._close_off(delivery)
            return
        self._complain(error, f"delivery {delivery.id} will be tried again")
        wait = min(60.0, max(1.0, age.total_seconds() / 4))
        if isinstance(error, Later):
            wait = error.seconds
        elif isinstance(error, Unauthenticated):
            wait = TOKEN_RETRY_S
        try:
            self._store.postpone(holder, _now() + timedelta(seconds=wait + random.uniform(0.05, 0.4)))
        except IntegrationError as more:
            self._complain(more, "a delivery could not be put back; its lease will end")

    def _complain(self, error: IntegrationError, what: str) -> None:
        """Say it once, and again when it is still so after a while."""
        trouble, now = f"{error.system} {error.code}", time.monotonic()
        if now - self._troubles.get(trouble, -SILENCE_S) >= SILENCE_S:
            self._troubles[trouble] = now
            _log.warning("%s: %s", what, error.says)

    def _finish(self, delivery: "Delivery") -> None:
        """Close it; a database that is locked for a moment is asked again at once."""
        for pause in (0.3, 1.0, None):
            try:
                self._store.finish(delivery.id, _now())
                break
            except IntegrationError:
                if pause is None:
                    raise
                time.sleep(pause)
        self._clerk.forget(delivery.id)

    def _close_off(self, delivery: "Delivery") -> None:
        try:
            self._finish(delivery)
        except IntegrationError as error:
            _log.warning("delivery %s could not be closed: %s", delivery.id, error.says)

    def _keep(self) -> None:
        """Prolong the leases of what is in hand."""
        while not self._stop.wait(LEASE_S / 3):
            with self._lock:
                held = list(self._holding)
            for holder in held:
                try:
                    self._store.renew(holder, _now(), LEASE_S)
                except IntegrationError as error:
                    self._complain(error, "leases could not be prolonged")
                    break


def _now() -> datetime:
    return datetime.now(UTC)
