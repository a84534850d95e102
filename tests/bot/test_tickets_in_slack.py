"""A ticket's life in Slack: a post opens it, one message tells it, buttons move it, people are called by name."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.settings import Settings
from bot.slack.intake import ASKS, TICKET_ABOUT
from bot.slack.presence import Presence
from integrations.sandbox.slack.state import Message
from knowledge.tickets.life import Solved, State, Ticket
from tests.bot.office import WAYS, Office, office

DESK = """
channels: [C0HELP]
team: [U0ALEX]
call: S0PLATFORM
hours: {zone: Asia/Seoul, days: [mon, tue, wed, thu, fri, sat, sun], from: "00:00", to: "00:00"}
remind_after: [1h]
"""
POST = "checkout in shop-prod keeps restarting, exit code 137"
TEMPLATE = """[Q&A] 장애 문의
1. Target cluster
shop-prod
2. User Account
minji.kim
3. Message
checkout 파드가 계속 재시작됩니다. exit code 137"""


@pytest.fixture(scope="module", params=WAYS)
def here(request: pytest.FixtureRequest) -> Iterator[Office]:
    with office(request.param, tickets=DESK) as opened:
        yield opened


def thread(here: Office, root: Message) -> list[Message]:
    return [m for m in here.said() if m.thread_ts == root.ts]


def opened(here: Office, text: str = POST, user: str = "minji") -> tuple[Message, Message, Ticket]:
    """A post, the one message that tells its ticket, and the ticket."""
    root = here.room.say(user, "k8s-help", f"{text} ({len(here.store.tickets())})")
    here.room.wait_for(lambda: [m for m in thread(here, root) if "OOMKilled" in m.text], 20)
    here.settled()
    (card,) = thread(here, root)
    ticket = here.store.ticket_in("C0HELP", root.ts)
    assert ticket
    return root, card, ticket


def press(here: Office, user: str, message: Message, says: str) -> None:
    blocks: list[dict[str, Any]] = message.blocks
    buttons = [e for b in blocks for e in (*b.get("elements", ()), b.get("accessory", {})) if isinstance(e, dict)]
    found = [e for e in buttons if e.get("value") == says or says in str(e.get("options", ""))]
    assert found, f"no button says {says}"
    value = None if found[0]["type"] == "button" else says
    here.room.click(user, message, found[0]["action_id"], value).wait()
    here.settled()


def test_a_post_that_mentions_nobody_is_half_answered_in_its_thread_by_one_message(here: Office) -> None:
    _, card, ticket = opened(here)
    assert card.text.startswith(f"#{ticket.number} ") or f"#{ticket.number} " in card.text
    assert "exitCode" in str(card.blocks)
    assert ticket.asker == "U0MINJI"


def test_a_mention_with_the_same_post_is_one_ticket_too(here: Office) -> None:
    before = len(here.store.tickets())
    opened(here, f"@gurumi {POST} once more")
    assert len(here.store.tickets()) == before + 1


def test_pressing_that_helped_edits_the_one_message(here: Office) -> None:
    root, card, ticket = opened(here)
    press(here, "minji", card, f"tickets helped {ticket.number}")
    (same,) = thread(here, root)
    assert same.ts == card.ts
    assert "tickets reopen" in str(same.blocks)
    assert here.store.ticket(ticket.number).solved is Solved.BOT


def test_not_yet_asks_back_under_it_and_the_message_is_told_anew(here: Office) -> None:
    root, card, ticket = opened(here)
    press(here, "minji", card, f"tickets notyet {ticket.number}")
    said = thread(here, root)
    assert len(said) == 2
    assert said[0].edited
    assert here.store.ticket(ticket.number).rounds == 1


def test_a_person_is_called_by_their_group_only_when_asked_for(here: Office) -> None:
    root, card, ticket = opened(here)
    assert "subteam" not in str(card.blocks)
    press(here, "minji", card, f"tickets call {ticket.number}")
    called = here.room.wait_for(lambda: [m for m in thread(here, root) if "<!subteam^S0PLATFORM>" in m.text], 10)
    assert len(called) == 1
    here.settled()
    press(here, "alex", called[0], f"tickets take {ticket.number}")
    after = here.store.ticket(ticket.number)
    assert (after.state, after.assignee) == (State.IN_PROGRESS, "U0ALEX")
    assert "alex" in str(thread(here, root)[0].blocks)
    assert len(thread(here, root)) == 2


def test_who_asked_is_told_when_a_person_closes_it(here: Office) -> None:
    root, _, ticket = opened(here)
    here.room.say("alex", "k8s-help", f"@gurumi tickets done {ticket.number} raised the limit", root.ts)
    told = here.room.wait_for(lambda: [m for m in thread(here, root) if "<@U0MINJI>" in m.text], 10)
    assert "raised the limit" in str(told[0].blocks)
    assert here.store.ticket(ticket.number).solved is Solved.PERSON


def test_a_word_of_the_team_in_the_thread_is_noted_and_not_answered(here: Office) -> None:
    root, _, ticket = opened(here)
    here.room.say("alex", "k8s-help", "I look into it", root.ts)
    here.settled()
    assert here.store.ticket(ticket.number).by_person
    assert len(thread(here, root)) == 1


def test_its_asker_asks_on_in_the_thread_and_it_is_known_what_about(here: Office) -> None:
    root, _, _ = opened(here)
    here.room.say("minji", "k8s-help", "and which node does it run on?", root.ts)
    here.room.wait_for(lambda: len(thread(here, root)) == 2, 15)
    here.settled()
    assert "checkout" in thread(here, root)[1].text


def test_a_template_in_a_direct_message_is_a_ticket(here: Office) -> None:
    before = len(here.store.tickets())
    here.room.say("noor", "dm", TEMPLATE)
    channel = here.room.place("dm", "noor").id
    here.room.wait_for(lambda: here.answers(channel), 20)
    here.settled()
    assert len(here.store.tickets()) == before + 1
    assert here.store.tickets()[-1].direct


def test_the_shortcut_on_a_message_opens_a_ticket_under_it(here: Office) -> None:
    message = here.room.say("alex", "general", f"look: {POST}")
    here.room.shortcut("alex", TICKET_ABOUT, message)
    here.room.wait_for(lambda: here.answers("general"), 20)
    here.settled()
    assert here.store.tickets()[-1].thread == message.ts


def test_the_form_opens_a_ticket_with_its_fields(here: Office) -> None:
    before = len(here.store.tickets())
    here.room.shortcut("haneul", f"{ASKS}ticket")
    view = here.room.wait_for(lambda: here.room.modal("haneul"), 5)
    here.room.suggest("haneul", view, "find:clusters").wait()
    values = {
        "field:cluster": {"find:clusters": "shop-prod"},
        "field:account": {"value": "haneul.lee"},
        "field:what": {"value": "checkout restarts with exit code 137"},
    }
    assert not here.room.submit(view, values).wait().seen_error
    channel = here.room.place("dm", "haneul").id
    here.room.wait_for(lambda: here.answers(channel), 20)
    here.settled()
    assert len(here.store.tickets()) == before + 1
    ticket = here.store.tickets()[-1]
    assert (ticket.clusters, ticket.about["account"]) == (("shop-prod",), "haneul.lee")


def test_what_is_asked_with_the_slash_command_is_told_there_and_kept_in_a_direct_message(here: Office) -> None:
    here.room.command("alex", "random", "/k8s", f"ticket {POST} in the slash command")
    here.room.wait_for(lambda: here.room.ephemerals("alex", "random"), 20)
    here.settled()
    ticket = here.store.tickets()[-1]
    place = here.store.topic(f"ticket/{ticket.number}")
    assert place
    assert place.channel == here.room.place("dm", "alex").id
    here.room.command("alex", "random", "/k8s", f"tickets priority {ticket.number} high")
    here.settled()
    (card,) = [m for m in here.said(place.channel) if m.ts == place.ts]
    assert card.edited


def test_an_attachment_is_not_read_and_that_is_said(here: Office) -> None:
    before = len(here.store.tickets())
    message = here.room.say("minji", "general", "x")
    event = message.json() | {
        "type": "message", "subtype": "file_share", "channel": "C0HELP", "channel_type": "channel",
        "ts": here.room.workspace.ts(), "text": f"{POST} see the file", "files": [{"id": "F1", "name": "screen.png"}],
    }  # fmt: skip
    here.room._emit("message", event)
    here.room.wait_for(lambda: len(here.store.tickets()) > before and here.store.tickets()[-1].told, 20)
    here.settled()
    assert "screen.png" in str(here.store.tickets()[-1].told["parts"])


def test_an_edited_and_a_deleted_post_change_nothing(here: Office) -> None:
    root, _, ticket = opened(here)
    before = len(here.store.tickets())
    here.room.edit(root, "another text")
    here.room.delete(root)
    here.settled()
    assert len(here.store.tickets()) == before
    assert here.store.ticket(ticket.number).text == ticket.text


def test_a_person_who_left_is_known_to_have_left(here: Office) -> None:
    presence = Presence(Settings(**here.room.environment))
    assert presence.is_here("U0MINJI")
    assert not presence.is_here("U0DORA")
    assert not presence.is_here("U0NOBODY")
    assert presence.is_here("minji")


def test_the_button_to_correct_opens_a_form_and_what_is_sent_edits_the_one_message(here: Office) -> None:
    root, card, ticket = opened(here, "checkout in shop-prod fails with OOMKilled, exit code 137")
    button = next(e for b in card.blocks for e in b.get("elements", ()) if e.get("value") == f"correct {ticket.number}")
    here.room.click("minji", card, button["action_id"])
    view = here.room.wait_for(lambda: here.room.modal("minji"), 5)
    values = {"field:number": {"value": str(ticket.number)}, "field:correction": {"value": "namespace shop"}}
    assert not here.room.submit(view, values).wait().seen_error
    here.room.wait_for(lambda: here.store.ticket(ticket.number).about["namespaces"], 10)
    here.settled()
    (same,) = thread(here, root)
    assert (same.ts, bool(same.edited)) == (card.ts, True)
