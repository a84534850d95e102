"""Modals, shortcuts, menus, Home and conversations: each asks words, with the rights of whoever uses it."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.slack.intake import ASK_ABOUT, ASKS
from integrations.sandbox.slack.people import BOT_USER, Member
from integrations.sandbox.slack.state import Message, View
from tests.bot.office import QUESTION, WAYS, Office, office

WORDS = QUESTION.removeprefix("@gurumi ")


@pytest.fixture(scope="module", params=WAYS)
def here(request: pytest.FixtureRequest) -> Iterator[Office]:
    with office(request.param) as opened:
        yield opened


@pytest.fixture
def socket() -> Iterator[Office]:
    with office("socket") as opened:
        yield opened


def shown(here: Office, user: str = "minji") -> View:
    view: View = here.room.wait_for(lambda: here.room.modal(user), 5)
    return view


def direct(here: Office, user: str = "minji") -> list[Message]:
    return here.said(here.room.place("dm", user).id)


def input_of(view: View, name: str) -> dict[str, Any]:
    (element,) = [b["element"] for b in view.body["blocks"] if b.get("block_id") == f"field:{name}"]
    return dict(element)


def test_the_shortcut_opens_a_form_whose_words_are_answered_in_a_direct_message(here: Office) -> None:
    before = len(direct(here))
    assert here.room.shortcut("minji", f"{ASKS}ask").wait().acked
    view = shown(here)
    assert here.room.submit(view, {"field:question": {"value": WORDS}}).wait().acked
    here.room.wait_for(lambda: len(direct(here)) > before and "OOMKilled" in direct(here)[-1].text)
    here.settled()
    assert len(direct(here)) == before + 1
    assert here.room.modal("minji") is None


def test_a_question_of_a_form_may_be_answered_in_a_channel_with_the_name_of_who_asked(here: Office) -> None:
    here.room.shortcut("alex", f"{ASKS}ask")
    view = shown(here, "alex")
    here.room.submit(view, {"field:question": {"value": WORDS}, "field:where": {"value": "C0GENERAL"}})
    answer = here.room.wait_for(lambda: here.answers("general"))[-1]
    here.settled()
    assert "asked by alex" in str(answer.blocks)


def test_a_cluster_is_found_by_typing_and_narrows_the_question(here: Office) -> None:
    here.room.shortcut("minji", f"{ASKS}ask")
    view = shown(here)
    assert not here.room.suggest("minji", view, "find:clusters", "PROD").wait().seen_error
    assert [o["value"] for o in here.room.options(view, "find:clusters")] == ["shop-prod"]
    here.room.suggest("minji", view, "find:clusters", "nothing-like-it").wait()
    assert here.room.options(view, "find:clusters") == []
    here.room.suggest("minji", view, "find:clusters").wait()
    values = {"field:question": {"value": WORDS}, "field:cluster": {"find:clusters": "shop-prod"}}
    sent = here.room.submit(view, values).wait()
    assert not sent.seen_error
    here.settled()


def test_blanks_are_no_question(here: Office) -> None:
    here.room.shortcut("minji", f"{ASKS}ask")
    view = shown(here)
    sent = here.room.submit(view, {"field:question": {"value": "  \n "}}).wait()
    assert not sent.seen_error
    assert "field:question" in view.errors
    here.room.dismiss(view)


def test_a_command_without_the_words_it_needs_opens_its_form_and_is_answered_where_it_was_asked(here: Office) -> None:
    before = len(here.room.ephemerals("minji", "random"))
    here.room.command("minji", "random", "/k8s", "diagnose")
    view = shown(here)
    assert input_of(view, "cluster")["type"] == "external_select"
    here.room.suggest("minji", view, "find:clusters").wait()
    here.room.submit(view, {"field:cluster": {"find:clusters": "shop-prod"}, "field:namespace": {"value": None}}).wait()
    here.room.wait_for(lambda: len(here.room.ephemerals("minji", "random")) > before)
    here.settled()
    assert len(here.room.ephemerals("minji", "random")) == before + 1
    assert not here.room.messages("random")


def test_a_modal_speaks_the_language_of_its_persons_slack(here: Office) -> None:
    here.room.command("minji", "random", "/k8s", "diagnose")
    assert shown(here).body["submit"]["text"] == "질문하기"
    here.room.dismiss(shown(here))
    here.room.command("alex", "random", "/k8s", "diagnose")
    assert shown(here, "alex").body["submit"]["text"] == "Ask"
    here.room.dismiss(shown(here, "alex"))


@pytest.mark.parametrize("fault", ["hang", 500, 429, "html", "cut"])
def test_where_no_modal_can_be_opened_the_command_is_answered_in_words_with_a_button(
    socket: Office, fault: int | str
) -> None:
    socket.room.faults.answer("views.open", fault, 1)
    assert socket.room.command("alex", "random", "/k8s", "diagnose").wait().acked
    (answer,) = socket.room.wait_for(lambda: socket.room.ephemerals("alex", "random"), 12)
    socket.settled()
    assert "diagnose needs cluster" in answer.text
    socket.room.click("alex", answer, "ask:0")
    assert shown(socket, "alex")


def test_a_trigger_that_expired_is_no_trouble(socket: Office) -> None:
    socket.room.faults.delay = 0.2
    command = socket.room.command("alex", "random", "/k8s", "diagnose")
    socket.room.advance(10)
    assert command.wait().acked
    (answer,) = socket.room.wait_for(lambda: socket.room.ephemerals("alex", "random"), 12)
    assert "diagnose needs cluster" in answer.text


def test_the_shortcut_on_a_message_answers_in_the_thread_of_that_message(here: Office) -> None:
    said = here.room.say("alex", "k8s-help", WORDS)
    assert here.room.shortcut("minji", ASK_ABOUT, said).wait().acked
    here.room.wait_for(lambda: [m for m in here.answers() if m.thread_ts == said.ts])
    here.settled()
    assert len([m for m in here.said() if m.thread_ts == said.ts]) == 1


def test_the_text_of_an_alert_is_found_in_its_attachments(here: Office) -> None:
    alert = Message("C0HELP", here.room.workspace.ts(), "U0DEPLOYBOT", "", bot_id="B0DEPLOYBOT")
    alert.attachments = [{"title": "Firing", "text": "checkout restarts all the time"}]
    here.room.workspace.post(alert)
    here.room.shortcut("minji", ASK_ABOUT, alert)
    here.room.wait_for(lambda: [m for m in here.answers() if m.thread_ts == alert.ts])
    here.settled()


def test_the_shortcut_where_the_bot_is_no_member_answers_that_person_alone(here: Office) -> None:
    said = here.room.say("minji", "random", WORDS)
    here.room.desk.scopes.discard("chat:write.public")
    before = len(here.room.ephemerals("minji", "random"))
    here.room.shortcut("minji", ASK_ABOUT, said)
    here.room.wait_for(lambda: len(here.room.ephemerals("minji", "random")) > before)
    here.settled()
    assert not here.said("random")


def test_home_shows_clusters_rights_and_settings(here: Office) -> None:
    here.room.open_home("alex")
    home = here.room.wait_for(lambda: here.room.home("alex"))
    page = str(home.body["blocks"])
    for word in ("Hello, alex", "shop-prod", "You may ask", "Language", "Time zone"):
        assert word in page


def test_a_language_chosen_in_home_is_that_of_home_and_of_every_answer(socket: Office) -> None:
    socket.room.open_home("alex")
    home = socket.room.wait_for(lambda: socket.room.home("alex"))
    (language,) = [b for b in home.body["blocks"] if "settings language ko" in str(b)]
    assert language["accessory"]["initial_option"]["value"] == "settings language auto"
    language["accessory"]["action_id"] = "pick-language"
    socket.room.click("alex", home, "pick-language", "settings language ko").wait()
    socket.room.wait_for(lambda: "안녕하세요" in str(socket.room.home("alex").body))  # type: ignore[union-attr]
    socket.settled()
    assert not direct(socket, "alex")
    socket.room.say("alex", "k8s-help", QUESTION)
    assert "메모리" in socket.room.wait_for(socket.answers)[0].text


def test_a_zone_chosen_in_home_is_that_of_every_answer(socket: Office) -> None:
    socket.room.open_home("alex")
    home = socket.room.wait_for(lambda: socket.room.home("alex"))
    socket.room.suggest("alex", home, "find:zones", "new york").wait()
    socket.room.click("alex", home, "find:zones", "America/New_York").wait()
    socket.settled()
    assert socket.store.preference("U0ALEX").zone == "America/New_York"
    socket.room.say("alex", "k8s-help", QUESTION)
    answer = socket.room.wait_for(socket.answers)[0]
    assert "EST" in str(answer.blocks) or "EDT" in str(answer.blocks)


def test_a_question_asked_in_home_is_answered_in_a_direct_message(here: Office) -> None:
    here.room.open_home("minji")
    home = here.room.wait_for(lambda: here.room.home("minji"))
    here.settled()
    before = len(direct(here))
    here.room.suggest("minji", home, "find:clusters").wait()
    here.room.click("minji", home, "find:clusters", "shop-prod")
    here.room.wait_for(lambda: len(direct(here)) > before)
    here.settled()
    assert len(direct(here)) == before + 1


def test_the_button_of_home_opens_the_form(here: Office) -> None:
    here.room.open_home("alex")
    home = here.room.wait_for(lambda: here.room.home("alex"))
    here.room.click("alex", home, "ask:0")
    assert input_of(shown(here, "alex"), "question")["multiline"]
    here.room.dismiss(shown(here, "alex"))
    here.settled()


def test_where_somebody_begins_to_talk_to_it_questions_are_suggested_and_nothing_is_written(here: Office) -> None:
    before = len(direct(here, "haneul"))
    here.room.open_home("haneul", "messages")
    channel = here.room.place("dm", "haneul").id
    prompts = here.room.wait_for(lambda: here.room.prompts(channel))
    assert 0 < len(prompts) <= 4
    here.settled()
    assert here.room.home("haneul") is None
    assert len(direct(here, "haneul")) == before


def test_an_app_that_is_no_agent_suggests_nothing_and_works() -> None:
    with office(scopes=frozenset({"assistant:write"})) as here:
        here.room.open_home("minji", "messages")
        here.settled()
        here.room.say("minji", "k8s-help", QUESTION)
        here.room.wait_for(here.answers)


def test_a_home_that_slack_does_not_take_at_once_is_published_later(socket: Office) -> None:
    socket.room.faults.answer("views.publish", 503, 3)
    socket.room.open_home("minji")
    socket.room.wait_for(lambda: socket.room.home("minji"), 20)


def test_a_conversation_begins_with_suggestions_and_is_answered_in_its_thread(socket: Office) -> None:
    root = socket.room.open_assistant("minji")
    prompts = socket.room.wait_for(lambda: socket.room.prompts(root.channel, root.ts))
    assert 0 < len(prompts) <= 4
    asked = socket.room.say("minji", "dm", WORDS, root.ts)
    answer = socket.room.wait_for(lambda: [m for m in direct(socket) if "OOMKilled" in m.text])[0]
    assert answer.thread_ts == asked.thread_ts == root.ts


@pytest.mark.parametrize("kind", ["guest", "visitor", "stranger"])
def test_guests_and_strangers_are_refused_on_every_surface(socket: Office, kind: str) -> None:
    person = Member("U0GAST", "gast", "Gast", "Europe/Berlin", kind=kind)
    socket.room.workspace.members[person.id] = person
    socket.room.place("k8s-help").members.add(person.id)
    said = socket.room.say("minji", "k8s-help", "look at checkout")
    socket.room.shortcut("gast", f"{ASKS}ask")
    refused = "people of this workspace"
    socket.room.wait_for(lambda: [m for m in direct(socket, "gast") if refused in m.text], 12)
    assert socket.room.modal("gast") is None
    socket.room.shortcut("gast", ASK_ABOUT, said)
    socket.room.wait_for(lambda: [m for m in socket.room.ephemerals("gast", "k8s-help") if refused in m.text])
    socket.room.open_home("gast")
    assert refused in str(socket.room.wait_for(lambda: socket.room.home("gast")).body)
    socket.settled()
    assert not socket.said()


def test_what_a_guest_types_into_a_search_finds_nothing(socket: Office) -> None:
    socket.room.shortcut("minji", f"{ASKS}ask")
    view = shown(socket)
    socket.room.suggest("gus", view, "find:clusters").wait()
    assert socket.room.options(view, "find:clusters") == []


def test_a_form_that_was_sent_before_a_kill_is_known_by_its_view_and_asked_once(socket: Office) -> None:
    socket.room.shortcut("minji", f"{ASKS}ask")
    view = shown(socket)
    socket.room.submit(view, {"field:question": {"value": WORDS}}).wait()
    socket.room.workspace.views[view.id] = view
    socket.room.submit(view, {"field:question": {"value": WORDS}}).wait()
    socket.room.wait_for(lambda: direct(socket))
    socket.settled()
    assert len(direct(socket)) == 1


@pytest.mark.parametrize("who", ["minji", "alex"])
def test_help_is_told_in_the_language_of_the_persons_slack(here: Office, who: str) -> None:
    before = len(here.room.ephemerals(who, "general"))
    here.room.command(who, "general", "/k8s", "help")
    here.room.wait_for(lambda: len(here.room.ephemerals(who, "general")) > before)
    text = here.room.ephemerals(who, "general")[-1].text
    assert ("대신 살펴보고" in text) == (who == "minji")
    assert BOT_USER not in text


def test_what_home_tells_is_told_to_each_person_alone(socket: Office) -> None:
    for who in ("alex", "haneul"):
        socket.room.command(who, "random", "/k8s", "home")
        socket.room.say(who, "k8s-help", "@gurumi settings language en")
    for who in ("alex", "haneul"):
        socket.room.wait_for(lambda who=who: socket.room.ephemerals(who, "random"))
        socket.room.wait_for(lambda who=who: socket.room.ephemerals(who, "k8s-help"))
        assert who in socket.room.ephemerals(who, "random")[0].text.partition("\n")[0]
    socket.settled()
    assert not [*direct(socket, "alex"), *direct(socket, "haneul"), *socket.said()]


def test_progress_of_many_clusters_is_shown_in_the_message_that_becomes_the_answer() -> None:
    with office(clusters=("shop-prod", "shop-dev")) as here:
        here.hang("shop-dev")
        here.room.say("alex", "k8s-help", "@gurumi is anything wrong?")
        (message,) = here.room.wait_for(here.said, 6)
        here.room.wait_for(lambda: "1 of 2 have answered" in str(message.blocks), 6)
        here.room.wait_for(lambda: "Looking into it" not in message.text, 20)
        here.settled()
        assert here.said() == [message]
        assert "OOMKilled" in str(message.blocks)


def test_a_form_is_in_the_language_of_its_person_and_answered_in_that_of_the_question(socket: Office) -> None:
    socket.room.shortcut("minji", f"{ASKS}ask")
    view = shown(socket)
    assert view.body["submit"]["text"] == "질문하기"
    socket.room.submit(view, {"field:question": {"value": WORDS}})
    assert "memory" in socket.room.wait_for(lambda: direct(socket))[0].text
    socket.room.shortcut("alex", f"{ASKS}ask")
    view = shown(socket, "alex")
    assert view.body["submit"]["text"] == "Ask"
    socket.room.submit(view, {"field:question": {"value": "checkout이 왜 자꾸 재시작돼요?"}})
    assert "메모리" in socket.room.wait_for(lambda: direct(socket, "alex"))[0].text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("settings", "Your settings"),
        ("settings language klingon", "A language is one of auto, ko, en."),
        ("settings zone Mars/Olympus", "I know no zone called Mars/Olympus"),
        ("settings zone ../../etc/passwd", "I know no zone called"),
        ("settings colour blue", "There are two settings"),
        ("settings zone Europe/Berlin", "That is how I answer you"),
        ("settings zone slack", "That is how I answer you"),
    ],
)
def test_settings_are_words_too(here: Office, words: str, told: str) -> None:
    before = len(here.room.ephemerals("alex", "random"))
    here.room.command("alex", "random", "/k8s", words)
    here.room.wait_for(lambda: len(here.room.ephemerals("alex", "random")) > before)
    assert told in here.room.ephemerals("alex", "random")[-1].text


def test_more_clusters_than_are_asked_at_once_are_searched() -> None:
    names = tuple(f"shop-{n:02d}" for n in range(14))
    with office(clusters=names) as here:
        here.room.say("alex", "k8s-help", QUESTION)
        (message,) = here.room.wait_for(here.said)
        assert not here.room.suggest("alex", message, "find:clusters", "13").wait().seen_error
        assert [o["value"] for o in here.room.options(message, "find:clusters")] == ["shop-13"]
        here.room.click("alex", message, "find:clusters", "shop-13")
        here.room.wait_for(here.answers)
        here.settled()
        assert len(here.said()) == 2


def test_words_too_long_for_an_option_are_asked_all_the_same() -> None:
    long = f"{WORDS} {'It began this morning after the deploy. ' * 12}"
    names = tuple(f"shop-{n:02d}" for n in range(14))
    with office(clusters=names) as here:
        here.room.say("alex", "k8s-help", f"@gurumi {long}")
        (message,) = here.room.wait_for(here.said)
        here.room.suggest("alex", message, "find:clusters", "13").wait()
        here.room.click("alex", message, "find:clusters", "shop-13")
        here.room.wait_for(here.answers)
        here.settled()
