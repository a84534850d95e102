"""One message for one answer: a placeholder, its progress, and the answer in its place, whatever becomes of an edit."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from unittest.mock import patch

import pytest
from slack_sdk.web import WebClient

from bot.blocks import File, Rendered
from bot.slack.post import NUDGES_A_MINUTE, Post
from bot.slack.spot import Spot
from integrations.sandbox.slack.api import BOT_TOKEN
from integrations.sandbox.slack.people import BOT_USER
from integrations.sandbox.slack.room import SlackRoom
from integrations.sandbox.slack.state import Message
from integrations.store import Delivery, Store


class Counter:
    """A workspace, a database, and one delivery to answer."""

    def __init__(self, room: SlackRoom, store: Store) -> None:
        self.room, self.store = room, store
        client = WebClient(token=BOT_TOKEN, base_url=room.api_url, timeout=8, retry_handlers=[])
        self.post = Post(client, Event())
        asked = room.say("minji", "k8s-help", "@gurumi why?")
        now = datetime.now(UTC)
        self.delivery = Delivery("Ev1", "mention", asked.channel, asked.ts, "U0MINJI", "why?", now, {})
        store.accept(self.delivery)

    def spot(self) -> Spot:
        found = Spot(self.delivery, self.store, self.post, lambda: True)
        found.look(lambda: True)
        return found

    def said(self) -> list[Message]:
        return [m for m in self.room.messages("k8s-help") if m.user == BOT_USER]


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    no_proxy = {name: "" for name in os.environ if "proxy" in name.lower()}
    with patch.dict(os.environ, no_proxy), SlackRoom() as room:
        store = Store(f"sqlite:///{tmp_path / 'gurumi.db'}")
        store.migrate()
        yield Counter(room, store)
        store.close()


def told(text: str, *files: File) -> Rendered:
    return Rendered(text, [], files)


def test_progress_edits_one_message_and_the_answer_takes_its_place(counter: Counter) -> None:
    spot = counter.spot()
    for step in ("looking", "1 of 3", "2 of 3"):
        spot.progress(told(step))
        assert [m.text for m in counter.said()] == [step]
    spot.answer(told("the cause"), private=False)
    spot.progress(told("3 of 3"))
    assert [m.text for m in counter.said()] == ["the cause"]


def test_an_edit_that_comes_late_never_hides_the_answer(counter: Counter) -> None:
    spot = counter.spot()
    spot.progress(told("looking"))
    counter.room.faults.hang_seconds = 4
    counter.room.faults.answer("chat.update", "hang")
    spot.progress(told("1 of 3"))
    spot.answer(told("the cause"), private=False)
    time.sleep(3)
    assert [m.text for m in counter.said()] == ["the cause"]


def test_progress_waits_for_nobody_and_is_left_out_while_slack_wants_less(counter: Counter) -> None:
    spot = counter.spot()
    spot.progress(told("looking"))
    counter.room.faults.answer("chat.update", 429)
    spot.progress(told("1 of 3"))
    spot.progress(told("2 of 3"))
    assert [m.text for m in counter.said()] == ["looking"]
    assert len([name for name, _ in counter.room.calls if name == "chat.update"]) == 0
    spot.answer(told("the cause"), private=False)
    assert [m.text for m in counter.said()] == ["the cause"]


def test_progress_leaves_answers_most_of_the_edits_that_slack_allows(counter: Counter) -> None:
    spot = counter.spot()
    for n in range(60):
        spot.progress(told(f"{n} of 60"))
    spot.answer(told("the cause"), private=False)
    edits = [args["text"] for name, args in counter.room.calls if name == "chat.update"]
    assert len(edits) == NUDGES_A_MINUTE + 1
    assert edits[-1] == counter.said()[0].text == "the cause"


def test_a_message_deleted_while_it_is_edited_is_posted_anew_once(counter: Counter) -> None:
    spot = counter.spot()
    spot.progress(told("looking"))
    counter.room.delete(counter.said()[0])
    spot.progress(told("1 of 3"))
    assert counter.said() == []
    spot.answer(told("the cause"), private=False)
    counter.spot().answer(told("the cause"), private=False)
    assert [m.text for m in counter.said()] == ["the cause"]


def test_whoever_takes_over_between_the_deletion_and_the_new_message_finds_the_new_one(counter: Counter) -> None:
    spot = counter.spot()
    spot.progress(told("looking"))
    counter.room.delete(counter.said()[0])
    mine = counter.delivery
    counter.store.posting(mine.id, "answer")
    counter.post.message(mine.channel, mine.thread, told("the cause"), mine.id, mine.received_at)  # and then killed
    counter.spot().answer(told("the cause"), private=False)
    assert [m.text for m in counter.said()] == ["the cause"]


@pytest.mark.parametrize("fault", [429, 503])
def test_a_file_is_attached_once_though_slack_takes_it_late(counter: Counter, fault: int) -> None:
    counter.room.faults.answer("files.getUploadURLExternal", fault)
    log = File("app.log", "가나다\n" * 100)
    spot = counter.spot()
    spot.answer(told("the cause", log), private=False)
    counter.spot().answer(told("the cause", log), private=False)
    answer, shared = counter.said()
    assert (answer.text, shared.thread_ts) == ("the cause", counter.delivery.thread)
    (kept,) = counter.room.workspace.files.values()
    assert kept["content"].decode() == log.content


def test_a_file_whose_confirmation_was_lost_is_not_attached_twice(counter: Counter) -> None:
    counter.room.faults.answer("files.completeUploadExternal", "lost")
    log = File("app.log", "line\n")
    counter.spot().answer(told("the cause", log), private=False)
    counter.spot().answer(told("the cause", log), private=False)
    assert len([m for m in counter.said() if m.files]) == 1


def test_nothing_that_is_posted_unfurls(counter: Counter) -> None:
    counter.spot().answer(told("see https://example.com"), private=False)
    posts = [args for name, args in counter.room.calls if name == "chat.postMessage"]
    assert posts
    assert all(args["unfurl_links"] is False and args["unfurl_media"] is False for args in posts)
