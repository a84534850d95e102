"""Where one delivery is answered, and what stands there already: posted once, whatever is lost on the way.

A mark is stored before a post and its place after it. Whoever finds a mark without a place looks the message up. What
is told to one person alone cannot be looked up: when nobody knows whether it arrived, it is told again, because an
answer seen twice is better than none.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.blocks import File, Rendered
from bot.slack.post import Post, Posted
from integrations.errors import Denied, IntegrationError, Malformed, NotFound, Overloaded, Unreachable

if TYPE_CHECKING:
    from integrations.store import Delivery, Store

_log = logging.getLogger(__name__)

FILE_PATIENCE = timedelta(minutes=2)
"""So long a file is tried again; the thread waits for it."""
_ANSWER = "answer"
_ASIDE = "aside"
"""In place of a message's ts: it was told to one person alone."""


class Taken(Exception):
    """The lease ended and another process has the delivery in hand."""


class Spot:
    """``holds`` says whether the delivery is still ours: asked before everything that people see."""

    def __init__(self, delivery: "Delivery", store: "Store", post: Post, holds: Callable[[], bool]) -> None:
        self._delivery = delivery
        self._store = store
        self._post = post
        self._holds = holds
        self._lock = threading.Lock()
        self._done = False
        self._standing: Posted | None = None
        self._unsure = False
        self._told = False
        self._doubtful = False
        self._direct_channel = ""

    def look(self, holds: Callable[[], bool]) -> bool:
        """Read the marks. True when the answer is known to have been told to one person: nothing is left to do."""
        with self._lock:
            self._holds, self._done = holds, False
            before = self._store.posted_before(self._delivery.id, _ANSWER)
            if before and before[1] == _ASIDE:
                self._told = True
            elif before:
                self._standing = Posted(*before)
            elif self._store.unsure(self._delivery.id, _ANSWER):
                self._unsure = True
            return self._told

    def progress(self, rendered: Rendered) -> None:
        """Say that an answer is coming, then how far it is; only where it can be edited later, in one message."""
        with self._lock:
            if self._done or self._whispers():
                return
            try:
                if self._standing:
                    self._nudge(self._standing, rendered)
                elif not self._unsure and self._holds():
                    self._standing = self._put(*self._place(), rendered)
            except (NotFound, Denied) as error:
                _log.info("no progress is shown: %s", error.says)
                self._done = True
            except IntegrationError as error:
                _log.info("no progress is shown for now: %s", error.says)

    def _nudge(self, where: Posted, rendered: Rendered) -> None:
        try:
            self._post.nudge(where, rendered)
        except Unreachable:
            self._doubtful = True
            raise

    def answer(self, rendered: Rendered, private: bool, topic: str = "") -> None:
        """Post the answer, or edit what stands there, or the one message of its topic. Raises Taken when it is no
        longer ours to post."""
        with self._lock:
            self._done = True
            if topic and not self._told and self._edited(topic, rendered):
                return
            if self._told:
                return
            if not self._holds():
                raise Taken
            if topic and self._whispers():
                self._by_itself(topic, rendered)
            try:
                self._tell(rendered, private)
            except Malformed as error:
                if error.system != "Slack" or not rendered.blocks:
                    raise
                _log.error("Slack does not take the blocks of %s, its text alone is posted", self._delivery.id)
                self._tell(replace(rendered, blocks=[]), private)
            if topic:
                self._stands_for(topic)
        self.files(rendered)

    def _edited(self, topic: str, rendered: Rendered) -> bool:
        """Whether the topic's one message says it now, and nothing more is to be told where it was asked."""
        place = self._store.topic(topic)
        if place is None or (self._standing and self._standing.ts == place.ts):
            return False
        if not self._holds():
            raise Taken
        try:
            self._post.edit(Posted(place.channel, place.ts), rendered)
        except (NotFound, Denied) as error:  # somebody deleted it: the next one takes its place
            _log.info("the message of %s cannot be edited: %s", topic, error.says)
            return False
        delivery = self._delivery
        if self._whispers() or delivery.channel != place.channel or delivery.thread not in (place.thread, place.ts):
            return False
        if self._standing:
            self._clear(self._standing)
        self._store.posted(delivery.id, _ANSWER, place.channel, place.ts)
        return True

    def _stands_for(self, topic: str) -> None:
        """From now on the topic is told here."""
        here, delivery = self._standing, self._delivery
        if here is None or self._store.topic(topic):
            return
        thread = delivery.thread if here.channel == delivery.channel else ""
        self._store.topic_at(topic, here.channel, here.ts, thread or here.ts)

    def _by_itself(self, topic: str, rendered: Rendered) -> None:
        """What one person alone sees cannot be edited: they get the topic's message as a direct message too."""
        delivery = self._delivery
        if self._store.topic(topic):
            return
        channel = self._post.open_direct(delivery.user)
        lost = self._store.unsure(delivery.id, topic)
        where = self._post.look_up(channel, "", delivery.id, delivery.received_at) if lost else None
        if where is None:
            self._store.posting(delivery.id, topic)
            where = self._post.message(channel, "", rendered, delivery.id, delivery.received_at)
        self._store.topic_at(topic, where.channel, where.ts, where.ts)
        self._store.posted(delivery.id, topic, where.channel, where.ts)

    def files(self, rendered: Rendered) -> None:
        """What did not fit into the answer, beside it."""
        for file in rendered.files:
            self._attach(file)

    def _place(self) -> tuple[str, str]:
        """Channel and thread of the answer; what was asked in no channel is answered in a direct message."""
        if not self._direct_channel and not self._delivery.channel:
            self._direct_channel = self._post.open_direct(self._delivery.user)
        return (self._delivery.channel, self._delivery.thread) if self._delivery.channel else (self._direct_channel, "")

    def _tell(self, rendered: Rendered, private: bool) -> None:
        aside = self._whispers() or (private and not self._direct())
        if self._standing and self._doubtful and not aside:
            self._clear(self._standing)
        if self._standing and not aside:
            try:
                self._post.edit(self._standing, rendered)
                return
            except (NotFound, Denied) as error:  # somebody deleted it, or editing is closed there
                _log.info("what stands there cannot be edited: %s", error.says)
                self._standing = None
        if aside:
            self._aside(rendered)
            return
        try:
            self._standing = self._put(*self._place(), rendered)
        except (NotFound, Denied) as error:
            if error.system != "Slack" or not self._delivery.channel:
                raise
            # Not a member here, or the channel is closed: the person is told all the same.
            _log.info("no answer into the channel: %s", error.says)
            if self._delivery.payload.get("response_url"):
                self._aside(rendered)
            else:
                self._by_direct_message(rendered)

    def _clear(self, where: Posted) -> None:
        """Take away a message of which an edit is still on its way: it could come after the answer, and hide it."""
        try:
            self._post.remove(where)
        except (NotFound, Denied) as error:
            _log.info("what stands there cannot be removed: %s", error.says)
        self._standing, self._doubtful = None, False

    def _aside(self, rendered: Rendered) -> None:
        """To one person alone, where they asked; by direct message when that is not possible."""
        delivery = self._delivery
        if self._standing:
            self._post.remove(self._standing)
            self._standing = None
        self._store.posting(delivery.id, _ANSWER)
        url = delivery.payload.get("response_url", "")
        try:
            if url:
                self._post.respond(url, rendered)
            elif not delivery.channel:
                self._by_direct_message(rendered)
                return
            else:
                self._post.whisper(delivery.channel, delivery.user, delivery.thread, rendered)
        except (NotFound, Denied) as error:
            _log.info("no answer for one person there: %s", error.says)
            self._by_direct_message(rendered)
            return
        self._told = True
        self._store.posted(delivery.id, _ANSWER, delivery.channel, _ASIDE)

    def _by_direct_message(self, rendered: Rendered) -> None:
        channel = self._post.open_direct(self._delivery.user)
        self._standing = self._put(channel, "", rendered)

    def _put(self, channel: str, thread: str, rendered: Rendered) -> Posted:
        """A new message, unless one whose confirmation was lost stands there: that is edited."""
        delivery = self._delivery
        where = None
        if self._unsure:
            where = self._post.look_up(channel, thread, delivery.id, delivery.received_at)
        if where:
            self._post.edit(where, rendered)
        else:
            self._store.posting(delivery.id, _ANSWER)
            self._unsure = True
            where = self._post.message(channel, thread, rendered, delivery.id, delivery.received_at)
        self._standing = where  # known from here on, even if it cannot be recorded
        self._store.posted(delivery.id, _ANSWER, where.channel, where.ts)
        self._unsure = False
        return where

    def _attach(self, file: File) -> None:
        """A file beside the answer. One that was begun before a crash is not repeated: it cannot be looked up."""
        delivery, key = self._delivery, f"file {file.name}"
        if self._store.unsure(delivery.id, key) or self._store.posted_before(delivery.id, key):
            return
        try:
            file_id = self._post.upload(file)
            self._store.posting(delivery.id, key)
            if self._standing:
                channel = self._standing.channel
                thread = self._standing.ts if channel != delivery.channel else delivery.thread or self._standing.ts
            else:
                channel, thread = self._post.open_direct(delivery.user), ""
            self._post.attach(channel, thread, file.name, file_id)
        except IntegrationError as error:
            passing = isinstance(error, Overloaded | Unreachable) and not self._store.unsure(delivery.id, key)
            if passing and datetime.now(UTC) - delivery.received_at < FILE_PATIENCE:
                raise
            _log.warning("a file could not be attached: %s", error.says)
            return
        self._store.posted(delivery.id, key, channel, thread or "-")

    def _direct(self) -> bool:
        return self._delivery.payload.get("direct") == "yes"

    def _whispers(self) -> bool:
        """A slash command and a button of an ephemeral message are answered to that person alone."""
        payload = self._delivery.payload
        return bool(payload.get("response_url")) and (
            self._delivery.kind == "command" or payload.get("private") == "yes"
        )
