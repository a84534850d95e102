"""Takes deliveries from the inbox, asks the door and posts the answer; any number of desks and processes may do so.

Each delivery is posted once: before a post its mark is stored, after it its place. Whoever takes over a delivery from
a process that died edits the message that stands already, or looks up whether one does.
"""

import logging
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.blocks import Rendered, render
from bot.slack.people import People
from bot.slack.post import Post, Posted
from bot.terminal import spoken
from bot.words import Words
from commands.dialogue import Answer, Person, Place, Request, Tone
from integrations.errors import Denied, IntegrationError, Malformed, NotFound
from knowledge.said import Said

if TYPE_CHECKING:
    from integrations.store import Delivery, Store

    from bot.assistant import Assistant

_log = logging.getLogger(__name__)

LEASE_S = 25
"""After a process died, its deliveries are another's within this time and one poll."""
POLL_S = 1.0
PLACEHOLDER_AFTER_S = 1.2
"""An answer that is there sooner is posted at once; a later one edits a message that says that it is coming."""
GIVE_UP_AFTER = timedelta(hours=6)
_ANSWER = "answer"


class Desk:
    """A few threads that work the inbox. ``wake()``: something was accepted; ``close()``: finish what is in hand."""

    def __init__(
        self, name: str, store: "Store", assistant: "Assistant", post: Post, people: People, hands: int = 8
    ) -> None:
        self._name = name
        self._store = store
        self._assistant = assistant
        self._post = post
        self._people = people
        self._bell = threading.Semaphore(0)
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(f"{name}/{n}",), name=f"desk-{n}", daemon=True)
            for n in range(hands)
        ]
        self._keeper = threading.Thread(target=self._keep, name="desk-leases", daemon=True)

    def start(self) -> None:
        for thread in (*self._threads, self._keeper):
            thread.start()

    def wake(self) -> None:
        self._bell.release()

    def close(self, patience_s: float) -> None:
        """Take no more; wait for what is in hand, then give back the rest."""
        self._stop.set()
        for _ in self._threads:
            self._bell.release()
        end = _now() + timedelta(seconds=patience_s)
        for thread in self._threads:
            thread.join(max(0.0, (end - _now()).total_seconds()))
        for n, thread in enumerate(self._threads):
            if thread.is_alive():
                self._store.release(f"{self._name}/{n}")

    def _work(self, worker: str) -> None:
        while not self._stop.is_set():
            try:
                delivery = self._store.claim(worker, _now(), LEASE_S)
            except IntegrationError as error:
                _log.warning("the inbox cannot be read: %s", error.says)
                self._stop.wait(POLL_S * 2)
                continue
            if delivery is None:
                self._bell.acquire(timeout=POLL_S)
                continue
            self._one(delivery)

    def _one(self, delivery: "Delivery") -> None:
        try:
            self._serve(delivery)
            self._store.finish(delivery.id, _now())
            self._bell.release()  # the next of this thread may be waiting for us
        except (NotFound, Denied, Malformed) as error:
            _log.warning("delivery %s cannot be answered where it was asked: %s", delivery.id, error.says)
            self._finish(delivery)
        except IntegrationError as error:
            _log.warning("delivery %s will be tried again: %s", delivery.id, error.says)
            if _now() - delivery.received_at > GIVE_UP_AFTER:
                self._finish(delivery)
            else:
                self._stop.wait(POLL_S * 2)  # its lease ends by itself, and it is taken again
        except Exception:  # noqa: BLE001 - the faces' delivery loop: one bad delivery must not end the thread
            _log.exception("delivery %s failed", delivery.id)
            self._finish(delivery)

    def _finish(self, delivery: "Delivery") -> None:
        try:
            self._store.finish(delivery.id, _now())
        except IntegrationError as error:
            _log.warning("delivery %s could not be closed: %s", delivery.id, error.says)

    def _keep(self) -> None:
        """Prolong the leases of what is in hand."""
        while not self._stop.wait(LEASE_S / 3):
            for n in range(len(self._threads)):
                try:
                    self._store.renew(f"{self._name}/{n}", _now(), LEASE_S)
                except IntegrationError as error:
                    _log.warning("leases could not be prolonged: %s", error.says)
                    break

    def _serve(self, delivery: "Delivery") -> None:
        person = self._people.known(delivery.user)
        stranger = delivery.payload.get("stranger") == "yes"
        asker = Person(
            id=delivery.user,
            name=person.name,
            email=person.email,
            groups=self._people.groups(delivery.user),
            zone=person.zone,
            stranger=stranger or person.guest,
        )
        language = delivery.payload.get("language") or spoken(delivery.words) or "en"
        request = Request(
            words=delivery.words,
            asker=asker,
            place=Place("slack", delivery.channel, delivery.thread, delivery.payload.get("direct") == "yes"),
            at=delivery.received_at,
            language=language,
        )
        words = Words(language, person.zone, _now())
        spot = self._spot(delivery)
        answer = self._answer(request, spot, words)
        rendered = render(answer, words)
        if not rendered.blocks:
            rendered = Rendered(rendered.text, [], rendered.files)
        spot.answer(rendered, answer.private)

    def _answer(self, request: Request, spot: "Spot", words: Words) -> Answer:
        """Ask the door; when that takes a while, post a placeholder first."""
        timer = threading.Timer(PLACEHOLDER_AFTER_S, spot.placeholder, (_waiting(words),))
        timer.daemon = True
        timer.start()
        try:
            return self._assistant.answer(request)
        finally:
            timer.cancel()

    def _spot(self, delivery: "Delivery") -> "Spot":
        return Spot(delivery, self._store, self._post)


class Spot:
    """Where one delivery is answered, and what stands there already."""

    def __init__(self, delivery: "Delivery", store: "Store", post: Post) -> None:
        self._delivery = delivery
        self._store = store
        self._post = post
        self._lock = threading.Lock()
        self._done = False
        self._standing: Posted | None = None
        before = store.posted_before(delivery.id, _ANSWER)
        if before:
            self._standing = Posted(*before)
        elif store.unsure(delivery.id, _ANSWER):
            self._standing = self._look()

    def placeholder(self, rendered: Rendered) -> None:
        """Say that an answer is coming; only where it can be edited later, and at most once."""
        with self._lock:
            if self._done or self._standing or self._whispers():
                return
            try:
                self._standing = self._new(rendered)
            except IntegrationError as error:
                _log.info("no placeholder: %s", error.says)

    def answer(self, rendered: Rendered, private: bool) -> None:
        """Post the answer, or edit what stands there."""
        with self._lock:
            self._done = True
            if self._standing:
                try:
                    self._post.edit(self._standing, rendered)
                except NotFound:  # somebody deleted it meanwhile
                    self._standing = None
            if not self._standing:
                self._first(rendered, private)
        if rendered.files and self._standing:
            self._post.attach(self._standing.channel, self._delivery.thread or self._standing.ts, rendered.files)

    def _first(self, rendered: Rendered, private: bool) -> None:
        d = self._delivery
        url = d.payload.get("response_url", "")
        if self._whispers() or (private and url):
            self._aside(rendered, url)
            return
        if private and not d.payload.get("direct"):
            self._post.whisper(d.channel, d.user, d.thread, rendered)
            return
        try:
            self._standing = self._new(rendered)
        except (NotFound, Denied):
            # Not a member here, or the channel is closed: the person is told all the same.
            if url:
                self._aside(rendered, url)
            else:
                self._direct(rendered)

    def _aside(self, rendered: Rendered, url: str) -> None:
        try:
            self._post.respond(url, rendered)
        except NotFound:
            self._direct(rendered)

    def _direct(self, rendered: Rendered) -> None:
        channel = self._post.open_direct(self._delivery.user)
        self._standing = self._post.message(channel, "", rendered, self._delivery.id)

    def _new(self, rendered: Rendered) -> Posted:
        d = self._delivery
        self._store.posting(d.id, _ANSWER)
        where = self._post.message(d.channel, d.thread, rendered, d.id)
        self._store.posted(d.id, _ANSWER, where.channel, where.ts)
        return where

    def _look(self) -> Posted | None:
        """After a crash between a post and its record: is it there?"""
        if self._whispers():
            return None
        try:
            found = self._post.look_up(self._delivery.channel, self._delivery.thread, self._delivery.id)
        except (NotFound, Denied):
            return None
        if found:
            self._store.posted(self._delivery.id, _ANSWER, found.channel, found.ts)
        return found

    def _whispers(self) -> bool:
        """A slash command and a button of an ephemeral message are answered to that person alone."""
        payload = self._delivery.payload
        return bool(payload.get("response_url")) and (
            self._delivery.kind == "command" or payload.get("private") == "yes"
        )


def _waiting(words: Words) -> Rendered:
    return render(Answer(Said("Looking into it …"), Tone.INFO), words)


def _now() -> datetime:
    return datetime.now(UTC)
