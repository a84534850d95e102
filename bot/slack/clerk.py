"""Works off one delivery: asks the door, shows progress, answers in place; or draws a Home, or suggests questions."""

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.blocks import KEPT, Rendered, plain_text, render, render_home
from bot.slack.herald import Herald
from bot.slack.intake import placed, thread_of
from bot.slack.post import Post
from bot.slack.reader import Reader, Readers
from bot.slack.spot import Spot
from bot.words import Words
from commands.dialogue import Answer, Context, Place, Request, Tone
from commands.tools import Progress
from integrations.errors import Denied, Malformed, NotFound
from knowledge.said import Said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.assistant import Assistant
    from integrations.store import Delivery, Store

_log = logging.getLogger(__name__)

PLACEHOLDER_AFTER_S = 1.2
"""An answer that is there sooner is posted at once; a later one edits a message that says that it is coming."""
PROGRESS_EVERY_S = 3.0
"""Slack takes some fifty edits a minute, of all messages together."""
KEPT_READY = 500
"""Answers that are kept in memory until Slack takes them."""
HOME = "home"
PROMPTS, PROMPT_TITLE = 4, 75


@dataclass(frozen=True)
class Ready:
    """An answer that Slack did not take yet."""

    spot: Spot
    rendered: Rendered
    private: bool
    topic: str = ""
    about: "Mapping[str, str]" = field(default_factory=dict)


class Clerk:
    """Safe for threads: each delivery is one thread's."""

    def __init__(self, store: "Store", assistant: "Assistant", post: Post, readers: Readers) -> None:
        self._store = store
        self._assistant = assistant
        self._post = post
        self._readers = readers
        self._herald = Herald(store, assistant, post, readers)
        self._lock = threading.Lock()
        self._ready: OrderedDict[str, Ready] = OrderedDict()

    def serve(self, delivery: "Delivery", holds: "Callable[[], bool]") -> None:
        """Raises IntegrationError when it must be tried again, and Taken when it is another's by now."""
        match delivery.kind:
            case "home":
                self._home(delivery, holds)
            case "prompts":
                self._suggest(delivery)
            case "notice":
                self._herald.tell(delivery, holds)
            case _:
                self._question(delivery, holds)

    def forget(self, delivery_id: str) -> None:
        """It is answered, or never will be."""
        with self._lock:
            self._ready.pop(delivery_id, None)

    def _question(self, delivery: "Delivery", holds: "Callable[[], bool]") -> None:
        with self._lock:
            ready = self._ready.get(delivery.id)
        spot = ready.spot if ready else Spot(delivery, self._store, self._post, holds)
        if spot.look(holds):
            if ready:
                spot.files(ready.rendered)
            return
        if ready is None:
            reader = self._reader(delivery)
            words = reader.words(_now())
            with _Waiting(spot, words) as waiting:
                answer = self._answer(delivery, reader, waiting.tell)
            if answer.silent:
                return
            ready = self._keep(delivery, spot, answer, words)
        spot.answer(ready.rendered, ready.private, ready.topic)
        self._herald.follow(ready.topic, ready.about)

    def _home(self, delivery: "Delivery", holds: "Callable[[], bool]") -> None:
        """Somebody's Home, drawn anew; a question that was asked there is answered in a direct message."""
        if delivery.words == HOME:
            self._draw_home(delivery)
            return
        with self._lock:
            asked_before = delivery.id in self._ready
        if not asked_before:
            reader = self._reader(delivery)
            answer = self._answer(delivery, reader)
            if answer.topic == HOME:
                self._draw_home(delivery)
                return
            spot = Spot(delivery, self._store, self._post, holds)
            self._keep(delivery, spot, answer, reader.words(_now()))
        self._question(delivery, holds)

    def _draw_home(self, delivery: "Delivery") -> None:
        delivery = replace(delivery, words=HOME)
        reader = self._reader(delivery)
        rendered = render_home(self._answer(delivery, reader), reader.words(_now()))
        self._store.keep_words(rendered.kept, _now())
        self._post.publish(delivery.user, {"type": "home", "blocks": rendered.blocks})

    def _suggest(self, delivery: "Delivery") -> None:
        reader = self._reader(delivery)
        words = reader.words(_now())
        offers = self._answer(delivery, reader).offers[:PROMPTS]
        prompts = [{"title": plain_text(words.say(o.label), PROMPT_TITLE)["text"], "message": o.says} for o in offers]
        if not prompts:
            return
        try:
            self._post.suggest(delivery.channel, delivery.thread, prompts)
        except (Denied, NotFound, Malformed) as error:  # an app that is no agent has no place for them
            _log.info("no questions are suggested: %s", error.says)

    def _reader(self, delivery: "Delivery") -> Reader:
        payload = delivery.payload
        foreign = payload.get("stranger") == "yes"
        return self._readers.of(delivery.user, delivery.words, payload.get("language") or "", foreign)

    def _answer(self, delivery: "Delivery", reader: Reader, progress: Progress | None = None) -> Answer:
        words = delivery.words
        if words.startswith(KEPT) and delivery.kind in ("click", "home"):
            name, _, choice = words.partition(" ")
            words = placed(self._store.kept_words(name), choice) if choice else self._store.kept_words(name)
            if not words:
                return Answer(Said("That button is too old: please ask again."), Tone.ASK, private=True)
        thread = thread_of(delivery.thread, delivery.user)
        request = Request(
            words=words,
            asker=reader.person(),
            place=Place("slack", delivery.channel, delivery.thread, delivery.payload.get("direct") == "yes"),
            at=delivery.received_at,
            begun=_now(),
            language=reader.language,
            context={**(self._store.recall(delivery.channel, thread) or {}), **_files(delivery)},
        )
        answer = self._assistant.answer(request, progress) if progress else self._assistant.answer(request)
        if answer.about:
            self._store.remember(delivery.channel, thread, answer.about, _now())
        if delivery.kind in ("form", "message") and delivery.channel and reader.known.name:
            answer = replace(answer, parts=(*answer.parts, Context((Said("asked by {name}", name=reader.known.name),))))
        return answer

    def _keep(self, delivery: "Delivery", spot: Spot, answer: Answer, words: Words) -> Ready:
        """The door's answer, rendered; kept until it is posted."""
        topic = "" if answer.topic == HOME else answer.topic  # a Home is everybody's own, and no message
        ready = Ready(spot, render(answer, words), answer.private, topic, answer.about)
        self._store.keep_words(ready.rendered.kept, _now())
        with self._lock:
            self._ready[delivery.id] = ready
            if len(self._ready) > KEPT_READY:
                self._ready.popitem(last=False)
        return ready


def _files(delivery: "Delivery") -> dict[str, str]:
    """What is attached, by name."""
    names = delivery.payload.get("files")
    return {"files": str(names)} if names else {}


class _Waiting:
    """While the door is asked: one message that says that an answer is coming, and how far it is."""

    def __init__(self, spot: Spot, words: Words) -> None:
        self._spot = spot
        self._words = words
        self._over = threading.Event()
        self._how_far: Said | None = None
        self._thread = threading.Thread(target=self._show, name="progress", daemon=True)

    def __enter__(self) -> "_Waiting":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def tell(self, done: int, total: int, what: str) -> None:
        self._how_far = how_far(done, total, what)

    def _show(self) -> None:
        shown: Answer | None = None
        wait = PLACEHOLDER_AFTER_S
        while not self._over.wait(wait):
            wait = PROGRESS_EVERY_S
            answer = placeholder(self._how_far)
            if answer != shown:
                shown = answer
                self._spot.progress(render(answer, self._words))


def placeholder(far: Said | None = None) -> Answer:
    """What stands there until the answer does."""
    return Answer(Said("Looking into it …"), Tone.INFO, (Context((far,)),) if far else ())


def how_far(done: int, total: int, what: str) -> Said | None:
    """Nothing, where there is only one thing to wait for."""
    if total < 2:
        return None
    if what:
        return Said("{what}: {done} of {total}", what=what, done=done, total=total)
    return Said("{done} of {total} have answered", done=done, total=total)


def _now() -> datetime:
    return datetime.now(UTC)
