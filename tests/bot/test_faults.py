"""Slack at its worst, over both ways in: every question is answered once, where it can be."""

import logging
import re
import time
from collections.abc import Iterator

import pytest

from integrations.sandbox.slack.people import BOT_USER
from integrations.sandbox.slack.state import Message
from tests.bot.office import QUESTION, WAYS, Office, office

WORDS = QUESTION.removeprefix("@gurumi ")


@pytest.fixture(params=WAYS)
def here(request: pytest.FixtureRequest) -> Iterator[Office]:
    with office(request.param) as opened:
        yield opened


@pytest.fixture
def socket() -> Iterator[Office]:
    with office("socket") as opened:
        yield opened


def once(here: Office, channel: str = "k8s-help", seconds: float = 20.0) -> Message:
    """The one answer, after everything has settled."""
    here.room.wait_for(lambda: here.answers(channel), seconds)
    here.settled(seconds)
    assert len(here.said(channel)) == 1
    return here.said(channel)[0]


def test_a_question_is_answered_once_in_its_thread(here: Office) -> None:
    asked = here.room.say("minji", "k8s-help", QUESTION)
    assert once(here).thread_ts == asked.ts


def test_a_slash_command_is_answered_to_the_asker(here: Office) -> None:
    here.room.command("minji", "random", "/k8s", WORDS)
    here.room.wait_for(lambda: here.room.ephemerals("minji", "random"))
    here.settled()
    (answer,) = here.room.ephemerals("minji", "random")
    assert "OOMKilled" in answer.text


def test_deliveries_that_come_twice_are_answered_once(here: Office) -> None:
    here.room.faults.duplicate = 4
    here.room.say("minji", "k8s-help", QUESTION)
    once(here)


def test_messages_that_arrive_in_disorder_are_answered_in_the_order_they_were_written(here: Office) -> None:
    here.room.say("minji", "dm", "help")
    here.settled()
    here.room.faults.reorder = 3
    asked = [here.room.say("minji", "dm", f"is checkout ok{'?' * n}").ts for n in (1, 2, 3)]
    channel = here.room.place("dm", "minji").id
    here.room.wait_for(lambda: len(here.said(channel)) == 4)
    here.settled()
    assert [_question(here, message) for message in here.said(channel)][1:] == asked


@pytest.mark.parametrize("fault", ["lost", "cut", "html", 500, 503, 429])
def test_a_post_that_goes_wrong_is_repeated_and_not_doubled(here: Office, fault: int | str) -> None:
    here.room.faults.answer("chat.postMessage", fault)
    here.room.say("minji", "k8s-help", QUESTION)
    once(here)


@pytest.mark.parametrize("times", [4, 7])
def test_a_longer_trouble_is_outlasted(socket: Office, times: int) -> None:
    socket.room.faults.answer("chat.postMessage", 503, times)
    socket.room.say("minji", "k8s-help", QUESTION)
    once(socket, seconds=40)


def test_an_answer_that_was_lost_many_times_is_looked_up(socket: Office) -> None:
    socket.room.faults.answer("chat.postMessage", "lost", 3)
    socket.room.faults.answer("conversations.replies", 503, 4)
    socket.room.say("minji", "k8s-help", QUESTION)
    once(socket, seconds=40)


def test_without_the_right_to_look_an_answer_is_still_given() -> None:
    with office(scopes=frozenset({"channels:history"})) as here:
        here.room.faults.answer("chat.postMessage", "cut")
        here.room.say("minji", "k8s-help", QUESTION)
        once(here)


def test_retry_after_in_one_channel_holds_up_no_other(socket: Office) -> None:
    socket.room.limits.on = True
    for n in range(4):
        socket.room.say("minji", "general", f"{QUESTION} {n}")
    socket.room.say("alex", "k8s-help", QUESTION)
    began = time.monotonic()
    socket.room.wait_for(lambda: socket.answers("k8s-help"), 20)
    assert time.monotonic() - began < 4
    socket.room.wait_for(lambda: len(socket.answers("general")) == 4, 30)
    socket.settled(30)
    assert len(socket.said("general")) == 4
    posts = [args for name, args in socket.room.calls if name == "chat.postMessage"]
    assert len(posts) <= 20, "it asks again only when it may"


def test_a_placeholder_becomes_the_answer(here: Office) -> None:
    here.hang()
    here.room.say("minji", "k8s-help", QUESTION)
    here.room.wait_for(lambda: here.said(), 5)
    assert "Looking into it" in here.said()[0].text
    here.room.wait_for(lambda: here.said()[0].edited, 30)
    here.settled(30)
    assert len(here.said()) == 1


def test_a_placeholder_whose_confirmation_was_lost_is_found_and_edited(socket: Office) -> None:
    socket.hang()
    socket.room.faults.answer("chat.postMessage", "lost", 3)
    socket.room.say("minji", "k8s-help", QUESTION)
    socket.settled(40)
    assert len(socket.said()) == 1
    assert "Looking into it" not in socket.said()[0].text


def test_a_placeholder_that_somebody_deleted_is_replaced(socket: Office) -> None:
    socket.hang()
    socket.room.say("minji", "k8s-help", QUESTION)
    (placeholder,) = socket.room.wait_for(socket.said, 5)
    socket.room.delete(placeholder)
    socket.settled(30)
    assert len(socket.said()) == 1
    assert "Looking into it" not in socket.said()[0].text


def test_where_the_channel_was_archived_meanwhile_the_person_is_told_directly(socket: Office) -> None:
    socket.room.say("minji", "k8s-help", QUESTION)
    socket.room.place("k8s-help").archived = True
    direct = socket.room.place("dm", "minji").id
    once(socket, direct)
    assert not socket.said()


def test_where_the_bot_was_removed_from_a_private_channel_the_person_is_told_directly(socket: Office) -> None:
    socket.room.say("alex", "on-call", QUESTION)
    socket.room.place("on-call").members.discard(BOT_USER)
    direct = socket.room.place("dm", "alex").id
    once(socket, direct)
    assert not socket.said("on-call")


def test_where_even_the_direct_message_is_closed_the_bot_gives_up_and_lives(socket: Office) -> None:
    socket.room.workspace.messages_tab = False
    socket.room.say("minji", "dm", WORDS)
    socket.settled()
    socket.room.say("minji", "k8s-help", QUESTION)
    once(socket)


def test_a_command_older_than_its_response_url_is_answered_by_direct_message(socket: Office) -> None:
    socket.hang()
    socket.room.command("minji", "random", "/k8s", WORDS)
    socket.room.wait_for(lambda: socket.store.waiting())
    socket.room.advance(1900)
    socket.settled(30)
    assert not socket.room.ephemerals("minji", "random")
    assert len(socket.said(socket.room.place("dm", "minji").id)) == 1


def test_a_revoked_token_is_said_once_and_what_waits_is_answered_when_it_works_again(
    socket: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    socket.room.faults.revoked = True
    for n in range(3):
        socket.room.say("minji", "k8s-help", f"{QUESTION} {n}")
    socket.room.wait_for(lambda: socket.store.waiting() == 3)
    time.sleep(3)
    said = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert len(said) == 1
    assert "token_revoked" in said[0].getMessage()
    socket.room.faults.revoked = False
    socket.room.wait_for(lambda: len(socket.answers()) == 3, 40)
    socket.settled()
    assert len(socket.said()) == 3


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "link_disabled", "too_many_websockets"])
def test_a_disconnect_is_survived(socket: Office, reason: str) -> None:
    socket.room.disconnect(reason)
    socket.room.connected(30)
    socket.room.say("minji", "k8s-help", QUESTION)
    once(socket)


def test_a_connection_that_is_cut_without_a_word_is_opened_again(socket: Office) -> None:
    socket.room.drop()
    socket.room.wait_for(lambda: not socket.room.sockets.live)
    socket.room.connected(15)
    socket.room.say("minji", "k8s-help", QUESTION)
    once(socket)


def test_what_cannot_be_stored_is_not_acknowledged_and_comes_again(here: Office) -> None:
    with here.store._write():  # SQLite has one writer, and this is it
        here.room.say("minji", "k8s-help", QUESTION)
        time.sleep(3.5)
        assert not any(d.acked for d in here.room.deliveries if d.payload["event"]["type"] == "app_mention")
    once(here)


@pytest.mark.parametrize("who", ["stella", "gus"])
def test_strangers_and_guests_are_refused_in_a_sentence_of_their_own(here: Office, who: str) -> None:
    channel = "shared-partner" if who == "stella" else "k8s-help"
    here.room.say(who, channel, QUESTION)
    here.room.wait_for(lambda: here.room.ephemerals(who, channel))
    here.settled()
    assert not here.said(channel)
    assert "people of this workspace" in here.room.ephemerals(who, channel)[0].text


def test_a_strangers_click_is_refused(socket: Office) -> None:
    socket.room.place("shared-partner").members.add("U0MINJI")
    socket.room.say("minji", "shared-partner", "@gurumi help")
    message = socket.room.wait_for(lambda: [m for m in socket.said("shared-partner") if _menu(m)])[0]
    socket.settled()
    before = len(socket.said("shared-partner"))
    socket.room.click("stella", message, *_menu(message))
    socket.room.wait_for(lambda: socket.room.ephemerals("stella", "shared-partner"))
    socket.settled()
    assert len(socket.said("shared-partner")) == before


def test_bots_edits_deletions_and_own_words_are_never_answered(here: Office) -> None:
    here.room.say("deploybot", "k8s-help", QUESTION)
    plain = here.room.say("minji", "k8s-help", "nothing for the bot")
    here.room.edit(plain, QUESTION)
    here.room.delete(here.room.say("minji", "k8s-help", "nothing either"))
    direct = here.room.say("minji", "dm", WORDS)
    once(here, here.room.place("dm", "minji").id)
    here.room.edit(direct, f"{WORDS} now")
    here.settled()
    time.sleep(0.5)
    assert not here.said()
    assert len(here.said(here.room.place("dm", "minji").id)) == 1


def test_a_mention_within_a_direct_message_is_one_question(here: Office) -> None:
    here.room.say("minji", "dm", QUESTION)
    once(here, here.room.place("dm", "minji").id)


def test_an_old_button_is_acknowledged_and_asks_its_words(socket: Office) -> None:
    socket.room.say("minji", "k8s-help", "@gurumi help")
    message = socket.room.wait_for(lambda: [m for m in socket.said() if _menu(m)])[0]
    socket.settled()
    socket.room.advance(40 * 24 * 3600)
    click = socket.room.click("alex", message, *_menu(message)).wait()
    assert click.acked
    socket.settled()


@pytest.mark.parametrize("fault", ["hang", "html", 500])
def test_nobody_waits_for_a_name_and_a_zone(socket: Office, fault: int | str) -> None:
    socket.room.faults.answer("users.info", fault, 3)
    began = time.monotonic()
    socket.room.say("minji", "k8s-help", QUESTION)
    once(socket)
    assert time.monotonic() - began < 4


def test_no_token_and_no_words_are_logged(socket: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    socket.room.say("minji", "k8s-help", f"{QUESTION} password=Tr0ub4dor-and-3")
    once(socket)
    assert not re.search(r"xox|xapp|Tr0ub4dor|restarting\?", caplog.text)
    assert "command=ask by=U0MINJI" in caplog.text


def test_a_follow_up_in_a_thread_is_about_what_was_talked_about(socket: Office) -> None:
    asked = socket.room.say("minji", "k8s-help", QUESTION)
    once(socket)
    socket.room.say("minji", "k8s-help", "@gurumi which node?", asked.ts)
    socket.room.wait_for(lambda: socket.answers(word="node-1"))
    socket.room.say("minji", "general", "@gurumi which node?")
    socket.room.wait_for(lambda: socket.said("general"))
    assert not socket.answers("general", "checkout runs on")


def _menu(message: Message) -> tuple[str, ...]:
    """The menu under a message, and its first option."""
    menus = [e for b in message.blocks if b["type"] == "actions" for e in b["elements"] if "options" in e]
    return (str(menus[0]["action_id"]), str(menus[0]["options"][0]["value"])) if menus else ()


def _question(here: Office, answer: Message) -> str:
    """The ts of the message that an answer is the answer to."""
    events = {d.payload["event_id"]: d.payload["event"]["ts"] for d in here.room.deliveries}
    mark = answer.metadata or {}
    return str(events[mark["event_payload"]["delivery"]])


@pytest.mark.parametrize(
    "words",
    [
        "why? " * 8_000,
        "🙂🙂🙂",
        ":thinking_face::fire:",
        "\u200b\u200d\ufeff",
        "\u202eyhw tuokcehc\u202c",
        "```\n```yaml\nkind: Pod\n```\n```\n````",
        "checkout\x00\x1b[31m why",
        "<!channel> <@U0ALEX> <https://evil.example|checkout> & < >",
        "왜 " * 3_000,
        "{question} {0} %s \\1",
        "(cluster , namespace )",
    ],
    ids=range(11),
)
def test_whatever_somebody_writes_is_answered_once(odd_office: Office, words: str) -> None:
    channel = odd_office.room.place("dm", "noor").id
    before = len(odd_office.said(channel))
    odd_office.room.say("noor", "dm", words)
    odd_office.room.wait_for(lambda: len(odd_office.said(channel)) > before, 20)
    odd_office.settled()
    (answer,) = odd_office.said(channel)[before:]
    assert "<!channel>" not in str(answer.json())
    assert "<@U0ALEX>" not in str(answer.json())


@pytest.fixture(scope="module")
def odd_office() -> Iterator[Office]:
    with office("socket") as opened:
        yield opened


def test_a_token_revoked_while_the_socket_is_lost_is_said_once_and_outlived(
    socket: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    socket.room.faults.revoked = True
    socket.room.drop()
    time.sleep(5)
    warnings = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert len(warnings) == 1
    assert "connection to Slack is lost" in warnings[0]
    socket.room.faults.revoked = False
    socket.room.connected(20)
    socket.room.say("minji", "k8s-help", QUESTION)
    once(socket)
