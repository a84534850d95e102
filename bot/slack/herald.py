"""Tells notices: under a topic's message, in a channel, to a person or to a webhook, calling people by name."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.blocks import Rendered, render
from bot.mrkdwn import calling
from bot.notices import Told, as_told
from bot.slack.post import Post
from bot.slack.reader import Readers
from bot.slack.spot import Spot
from bot.words import Words
from commands.dialogue import Answer, Person, Place, Request
from integrations.webhook import tell

if TYPE_CHECKING:
    from bot.assistant import Assistant
    from integrations.store import Delivery, Store

_log = logging.getLogger(__name__)
CLOCK = "clock"


class Herald:
    """One notice is one delivery: marked before it is posted, looked up after a crash, told once."""

    def __init__(self, store: "Store", assistant: "Assistant", post: Post, readers: Readers) -> None:
        self._store = store
        self._assistant = assistant
        self._post = post
        self._readers = readers

    def tell(self, delivery: "Delivery", holds: Callable[[], bool]) -> None:
        """Raises IntegrationError when it must be tried again."""
        notice = as_told(delivery)
        if notice.hook:
            tell(notice.hook, _alone(notice, self._words(notice)))
            return
        place = self._placed(delivery, notice)
        if place is None:
            _log.info("notice %s has no place: its message was never posted to Slack", delivery.id)
            return
        spot = Spot(place, self._store, self._post, holds)
        if spot.look(holds):
            return
        words = self._words(notice)
        if notice.again:
            request = Request(notice.again, Person(CLOCK), Place(CLOCK), datetime.now(UTC), language=words.language)
            answer = self._assistant.answer(request)
            spot.answer(self._rendered(answer, words), False, answer.topic)
            return
        spot.answer(_called(self._rendered(notice.answer, words), notice.calls), False)
        self._remember(place.channel, place.thread, notice.answer.about)

    def follow(self, topic: str, about: Mapping[str, str]) -> None:
        """What is asked under a topic's message is asked about it."""
        place = self._store.topic(topic) if topic else None
        if place:
            self._remember(place.channel, place.thread, about)

    def _remember(self, channel: str, thread: str, about: Mapping[str, str]) -> None:
        if channel and thread and about and not self._store.recall(channel, thread):
            self._store.remember(channel, thread, about, datetime.now(UTC))

    def _placed(self, delivery: "Delivery", notice: Told) -> "Delivery | None":
        """The delivery where it is told."""
        if notice.person:
            return replace(delivery, channel="", thread="", user=notice.person)
        if notice.channel:
            return replace(delivery, channel=notice.channel, thread="")
        place = self._store.topic(notice.topic)
        return replace(delivery, channel=place.channel, thread=place.thread) if place else None

    def _rendered(self, answer: Answer, words: Words) -> Rendered:
        rendered = render(answer, words)
        self._store.keep_words(rendered.kept, datetime.now(UTC))
        return rendered

    def _words(self, notice: Told) -> Words:
        """As whoever is called reads: one person in their own zone and language."""
        reader = notice.person or next((c for c in notice.calls if c[:1] in ("U", "W")), "")
        if not reader:
            return Words(notice.language or "en", UTC, datetime.now(UTC))
        known = self._readers.of(reader, "", notice.language)
        return known.words(datetime.now(UTC))


def _called(rendered: Rendered, calls: tuple[str, ...]) -> Rendered:
    """People and user groups by name, before everything else: that is what Slack notifies of."""
    if not calls:
        return rendered
    names = " ".join(map(calling, calls))
    block = {"type": "section", "text": {"type": "mrkdwn", "text": names}}
    return replace(rendered, text=f"{names} {rendered.text}", blocks=[block, *rendered.blocks])


def _alone(notice: Told, words: Words) -> str:
    """One line for a pager."""
    return words.say(notice.answer.headline)
