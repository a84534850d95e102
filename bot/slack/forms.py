"""What must happen while somebody waits with a finger on the screen: modals are opened, searches are answered.

A trigger lives three seconds. What asks for a modal is stored like every question and held back so long: when the
modal was opened it is finished, when it was not, it is answered in words.
"""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Waited
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.assistant import find
from bot.blocks import Block
from bot.slack.intake import Asked, Typed
from bot.slack.modal import modal, suggestions
from bot.slack.post import Post
from bot.slack.reader import Readers
from commands.dialogue import Place, Request
from commands.registry import missing
from integrations.errors import IntegrationError

if TYPE_CHECKING:
    from bot.assistant import Assistant
    from integrations.store import Store

_log = logging.getLogger(__name__)

TRIGGER_S = 3.2
"""So long a question that asks for a modal is held back from the desk."""
PERSON_S = 0.8
SEARCH_S = 2.0
"""A search is acknowledged with what was found by then: Slack waits three seconds."""


class Forms:
    """A few threads of their own, so that no long question stands before a short wait."""

    def __init__(self, post: Post, readers: Readers, assistant: "Assistant", store: "Store") -> None:
        self._post = post
        self._readers = readers
        self._assistant = assistant
        self._store = store
        self._pool = ThreadPoolExecutor(8, thread_name_prefix="forms")

    def wanted(self, asked: Asked) -> bool:
        """Whether these words lack what a modal can ask for, and one can be opened."""
        if not asked.trigger or asked.stranger:
            return False
        registered, rest = find(asked.words)
        return missing(registered.command, rest) is not None

    def open(self, asked: Asked, delivery: str) -> None:
        """Open the modal, soon."""
        self._pool.submit(self._open, asked, delivery).add_done_callback(_complain)

    def search(self, typed: Typed) -> list[Block]:
        """What a search shows for what was typed."""
        try:
            return suggestions(self._pool.submit(self._find, typed).result(SEARCH_S))
        except Waited:
            _log.info("a search in %s took too long", typed.among)
        except IntegrationError as error:
            _log.info("a search in %s failed: %s", typed.among, error.says)
        return []

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _open(self, asked: Asked, delivery: str) -> None:
        try:
            reader = self._readers.of(asked.user, asked.words, asked.payload.get("language", ""), wait_s=PERSON_S)
            now = datetime.now(UTC)
            place = Place("slack", asked.channel, asked.thread, asked.direct)
            form = self._assistant.form(Request(asked.words, reader.person(), place, now, language=reader.language))
            if form is None:
                return
            back = {"channel": asked.channel, "thread": asked.thread, "direct": "yes" if asked.direct else ""}
            self._post.open(asked.trigger, modal(form, reader.words(now), {**back, **asked.payload}))
            self._store.finish(delivery, now)
        except IntegrationError as error:
            _log.info("no modal for %s, it is answered in words: %s", delivery, error.says)

    def _find(self, typed: Typed) -> tuple[str, ...]:
        reader = self._readers.of(typed.user, "", foreign=typed.stranger, wait_s=PERSON_S)
        place, now = Place("slack", typed.channel), datetime.now(UTC)
        request = Request(typed.text, reader.person(), place, now, language=reader.language)
        return self._assistant.choices(typed.among, request)


def _complain(opened: "Future[None]") -> None:
    if not opened.cancelled() and (error := opened.exception()):
        _log.error("a modal could not be opened: %s", type(error).__name__)
