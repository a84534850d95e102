"""The Web API as slack_sdk meets it: arguments, tokens, scopes, errors, limits, faults."""

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from integrations.sandbox.slack.api import APP_TOKEN, BOT_TOKEN
from integrations.sandbox.slack.people import BOT_USER
from integrations.sandbox.slack.room import SlackRoom


def error_of(call: Callable[[], Any]) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as raised:
        call()
    body: dict[str, Any] = raised.value.response.data
    return body


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-other", "invalid_auth"), (APP_TOKEN, "not_allowed_token_type")],
)
def test_only_the_bots_own_token_is_let_in(room: SlackRoom, token: str, error: str) -> None:
    assert error_of(WebClient(token, base_url=room.api_url).auth_test)["error"] == error


def test_a_revoked_token_is_told_apart(room: SlackRoom, client: WebClient) -> None:
    assert client.auth_test()["user_id"] == BOT_USER
    room.faults.revoked = True
    assert error_of(client.auth_test)["error"] == "token_revoked"


def test_arguments_are_taken_from_query_form_and_json(room: SlackRoom) -> None:
    head = {"Authorization": f"Bearer {BOT_TOKEN}"}
    url = f"{room.api_url}users.info"
    requests = [
        urllib.request.Request(f"{url}?user=U0MINJI", headers=head),
        urllib.request.Request(url, b"user=U0MINJI", head),
        urllib.request.Request(url, b'{"user": "U0MINJI"}', head | {"Content-Type": "application/json"}),
        urllib.request.Request(f"{url}?user=U0MINJI", b"", head | {"Content-Type": "application/json"}),
    ]
    for request in requests:
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert json.load(answer)["user"]["name"] == "minji"


def test_a_scope_that_was_not_granted_is_named(room: SlackRoom, client: WebClient) -> None:
    room.desk.scopes.discard("users:read.email")
    error = error_of(lambda: client.users_lookupByEmail(email="minji@example.com"))
    assert (error["error"], error["needed"]) == ("missing_scope", "users:read.email")
    assert "email" not in client.users_info(user="U0MINJI")["user"]["profile"]
    assert "users:read.email" not in client.auth_test().headers["x-oauth-scopes"]


@pytest.mark.parametrize(
    ("channel", "error"),
    [("C0NOWHERE", "channel_not_found"), ("C0SECRET", "channel_not_found"), ("C0OLD", "is_archived")],
)
def test_where_the_bot_may_not_post_it_is_told_why(client: WebClient, channel: str, error: str) -> None:
    assert error_of(lambda: client.chat_postMessage(channel=channel, text="hi"))["error"] == error


def test_a_public_channel_takes_an_uninvited_bot_only_with_the_scope(room: SlackRoom, client: WebClient) -> None:
    client.chat_postMessage(channel="C0RANDOM", text="hi")
    room.desk.scopes.discard("chat:write.public")
    assert error_of(lambda: client.chat_postMessage(channel="C0RANDOM", text="hi"))["error"] == "not_in_channel"
    client.conversations_join(channel="C0RANDOM")
    client.chat_postMessage(channel="C0RANDOM", text="hi")


def test_messages_are_posted_updated_threaded_and_deleted(room: SlackRoom, client: WebClient) -> None:
    first = client.chat_postMessage(channel="#k8s-help", text="one")
    second = client.chat_postMessage(channel="C0HELP", text="two", thread_ts=first["ts"])
    assert second["ts"] > first["ts"]
    client.chat_update(channel="C0HELP", ts=first["ts"], text="changed")
    thread = client.conversations_replies(channel="C0HELP", ts=first["ts"])["messages"]
    assert [m["text"] for m in thread] == ["changed", "two"]
    assert thread[0]["reply_count"] == 1
    assert thread[0]["edited"]["user"] == BOT_USER
    history = client.conversations_history(channel="C0HELP")["messages"]
    assert [m["ts"] for m in history] == [first["ts"]]
    client.chat_delete(channel="C0HELP", ts=second["ts"])
    assert [m.text for m in room.messages("#k8s-help")] == ["changed"]


def test_only_its_own_messages_can_be_changed_and_only_so_long(room: SlackRoom, client: WebClient) -> None:
    said = room.say("minji", "#k8s-help", "mine")
    mine = client.chat_postMessage(channel="C0HELP", text="hi")["ts"]
    update = client.chat_update
    assert error_of(lambda: update(channel="C0HELP", ts=said.ts, text="x"))["error"] == "cant_update_message"
    assert error_of(lambda: update(channel="C0HELP", ts="1.000000", text="x"))["error"] == "message_not_found"
    assert error_of(lambda: update(channel="C0HELP", ts=mine, text="x" * 4001))["error"] == "msg_too_long"
    assert error_of(lambda: client.chat_postMessage(channel="C0HELP", text=" "))["error"] == "no_text"


def test_an_ephemeral_message_needs_its_reader_in_the_channel(room: SlackRoom, client: WebClient) -> None:
    client.chat_postEphemeral(channel="C0HELP", user="U0MINJI", text="only you")
    assert [m.text for m in room.ephemerals("minji", "#k8s-help")] == ["only you"]
    refused = error_of(lambda: client.chat_postEphemeral(channel="C0HELP", user="U0STELLA", text="hi"))
    assert refused["error"] == "user_not_in_channel"


def test_blocks_that_slack_would_refuse_are_refused_with_the_place(client: WebClient) -> None:
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]
    refused = error_of(lambda: client.chat_postMessage(channel="C0HELP", text="x", blocks=blocks))
    assert refused["error"] == "invalid_blocks"
    assert refused["response_metadata"]["messages"] == [
        "[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    ]


def test_people_are_found_unless_they_left(client: WebClient) -> None:
    assert client.users_lookupByEmail(email="minji@example.com")["user"]["tz"] == "Asia/Seoul"
    gone = error_of(lambda: client.users_lookupByEmail(email="dora@example.com"))
    assert gone["error"] == "users_not_found"
    assert client.users_info(user="U0DORA")["user"]["deleted"] is True
    assert error_of(lambda: client.conversations_open(users="U0DORA"))["error"] == "user_disabled"
    noor = client.users_info(user="U0NOOR", include_locale=True)["user"]
    assert "tz" not in noor
    assert "email" not in noor["profile"]
    assert client.users_info(user="U0STELLA")["user"]["is_stranger"] is True
    assert error_of(lambda: client.users_info(user="U0NOBODY"))["error"] == "user_not_found"


def test_lists_come_in_pages(client: WebClient) -> None:
    pages = [page["members"] for page in client.users_list(limit=4)]
    assert [len(page) for page in pages] == [4, 4, 1]
    assert error_of(lambda: client.users_list(cursor="nonsense"))["error"] == "invalid_cursor"


def test_channels_are_listed_as_far_as_the_bot_sees_them(client: WebClient) -> None:
    listed = client.conversations_list(types="public_channel,private_channel", exclude_archived=True)["channels"]
    assert {c["name"] for c in listed} == {"k8s-help", "general", "random", "on-call", "shared-partner"}
    assert client.conversations_info(channel="C0RANDOM")["channel"]["is_member"] is False
    assert "U0MINJI" in client.conversations_members(channel="C0HELP")["members"]
    assert client.usergroups_users_list(usergroup="S0PLATFORM")["users"] == ["U0ALEX", "U0HANEUL"]
    assert error_of(lambda: client.usergroups_users_list(usergroup="S0NONE"))["error"] == "no_such_subteam"


def test_a_dm_is_opened_once(client: WebClient) -> None:
    first = client.conversations_open(users="U0MINJI")["channel"]["id"]
    assert client.conversations_open(users="U0MINJI")["channel"]["id"] == first
    assert client.chat_postMessage(channel="U0MINJI", text="hi")["channel"] == first


def test_a_file_is_uploaded_in_three_steps(room: SlackRoom, client: WebClient) -> None:
    parent = client.chat_postMessage(channel="C0HELP", text="see below")["ts"]
    client.files_upload_v2(channel="C0HELP", thread_ts=parent, filename="log.txt", content="line one\n")
    shared = room.messages("#k8s-help")[-1]
    assert shared.thread_ts == parent
    assert shared.files[0]["name"] == "log.txt"
    assert room.workspace.files[shared.files[0]["id"]]["content"] == b"line one\n"


def test_reactions_links_and_status(room: SlackRoom, client: WebClient) -> None:
    ts = client.chat_postMessage(channel="C0HELP", text="hi")["ts"]
    client.reactions_add(channel="C0HELP", timestamp=ts, name="eyes")
    again = error_of(lambda: client.reactions_add(channel="C0HELP", timestamp=ts, name="eyes"))
    assert again["error"] == "already_reacted"
    client.reactions_remove(channel="C0HELP", timestamp=ts, name="eyes")
    assert room.messages("#k8s-help")[0].reactions == {}
    assert ts.replace(".", "") in client.chat_getPermalink(channel="C0HELP", message_ts=ts)["permalink"]
    client.assistant_threads_setStatus(channel_id="C0HELP", thread_ts=ts, status="looking")
    assert room.workspace.statuses["C0HELP", ts] == "looking"


def test_a_channel_takes_one_message_a_second_when_limits_are_on(room: SlackRoom, client: WebClient) -> None:
    room.limits.on = True
    client.chat_postMessage(channel="C0HELP", text="one")
    client.chat_postMessage(channel="C0GENERAL", text="another channel")
    with pytest.raises(SlackApiError) as raised:
        client.chat_postMessage(channel="C0HELP", text="two")
    assert raised.value.response.status_code == 429
    assert raised.value.response.headers["Retry-After"] == "1"
    room.advance(1)
    client.chat_postMessage(channel="C0HELP", text="two")


def test_a_method_takes_as_many_calls_a_minute_as_its_tier_allows(room: SlackRoom, client: WebClient) -> None:
    room.limits.on = True
    for _ in range(20):
        client.users_list()
    assert error_of(client.users_list)["error"] == "ratelimited"
    room.advance(60)
    client.users_list()


@pytest.mark.parametrize("answer", [500, 503, "html"])
def test_slack_can_be_in_trouble_for_some_calls(room: SlackRoom, client: WebClient, answer: int | str) -> None:
    room.faults.answer("auth.test", answer, times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError):
            client.auth_test()
    assert client.auth_test()["ok"]


def test_an_answer_can_be_lost_after_the_message_was_posted(room: SlackRoom) -> None:
    impatient = WebClient(BOT_TOKEN, base_url=room.api_url, timeout=5, retry_handlers=[])
    room.faults.answer("chat.postMessage", "lost")
    with pytest.raises(OSError, match=r"closed|reset"):
        impatient.chat_postMessage(channel="C0HELP", text="did you get this?")
    assert [m.text for m in room.messages("#k8s-help")] == ["did you get this?"]


def test_an_answer_can_take_longer_than_anybody_waits(room: SlackRoom) -> None:
    impatient = WebClient(BOT_TOKEN, base_url=room.api_url, timeout=1, retry_handlers=[])
    room.faults.answer("auth.test", "hang")
    with pytest.raises(OSError, match="timed out"):
        impatient.auth_test()
    assert impatient.auth_test()["ok"]
