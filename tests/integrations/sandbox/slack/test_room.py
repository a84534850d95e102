"""The room as an app meets it: events, commands, clicks, modals, retries, reconnections."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from slack_bolt import Ack, App, BoltResponse, Respond, Say
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from integrations.sandbox.slack.room import SIGNING_SECRET, SlackRoom
from integrations.sandbox.slack.state import View

BUTTONS = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "Again?"}},
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "ask:0", "text": {"type": "plain_text", "text": "Go"}, "value": "why cart"}
        ],
    },
]


def modal(**more: Any) -> dict[str, Any]:
    name = {"type": "plain_text_input", "action_id": "name"}
    block = {"type": "input", "block_id": "who", "label": {"type": "plain_text", "text": "Name"}, "element": name}
    title = {"type": "plain_text", "text": "A ticket"}
    return {"type": "modal", "callback_id": "ticket", "title": title, "submit": title, "blocks": [block], **more}


def test_a_mention_is_answered_in_its_thread(room: SlackRoom, app: App) -> None:
    @app.event("app_mention")
    def answer(event: dict[str, Any], say: Say) -> None:
        say(f"you said {event['text']}", thread_ts=event["ts"])

    asked = room.say("minji", "#k8s-help", "@gurumi why cart <now>")
    reply = room.wait_for(lambda: [m for m in room.messages("#k8s-help") if m.thread_ts == asked.ts])[0]
    assert reply.text == "you said <@U0GURUMI> why cart &lt;now&gt;"
    assert room.workspace.thread(asked.channel, asked.ts) == [asked, reply]


def test_a_dm_arrives_and_a_channel_without_the_bot_stays_silent(room: SlackRoom, app: App) -> None:
    @app.event("message")
    def answer(event: dict[str, Any], say: Say) -> None:
        say(f"{event['channel_type']}: {event['text']}")

    room.say("minji", "#random", "nobody hears this")
    room.say("alex", "dm", "hello")
    assert room.wait_for(lambda: room.messages("dm", "alex")[1:])[0].text == "im: hello"
    assert len(room.messages("#random")) == 1


def test_events_that_nobody_subscribed_to_are_not_sent(app: App, room: SlackRoom) -> None:
    room.events.discard("app_home_opened")
    room.open_home("minji")
    assert room.deliveries == []


def test_a_strangers_message_says_which_organisation_it_is_from(room: SlackRoom, app: App) -> None:
    @app.event("message")
    def hear() -> None: ...

    room.say("stella", "#shared-partner", "hi")
    told = room.deliveries[0].wait().payload
    assert told["is_ext_shared_channel"] is True
    assert told["event"]["user_team"] != told["team_id"]


def test_the_text_of_an_acknowledged_command_is_shown_to_its_asker_alone(room: SlackRoom, app: App) -> None:
    @app.command("/k8s")
    def answer(ack: Ack, command: dict[str, Any]) -> None:
        ack(f"{command['channel_name']}: {command['text']}")

    delivery = room.command("minji", "#random", "/k8s", "why cart").wait()
    assert delivery.acked
    assert [m.text for m in room.ephemerals("minji", "#random")] == ["random: why cart"]
    assert room.messages("#random") == []
    assert room.ephemerals("alex", "#random") == []


def test_a_response_url_works_five_times_within_half_an_hour(room: SlackRoom, app: App) -> None:
    codes: list[int] = []

    @app.command("/k8s")
    def answer(ack: Ack, respond: Respond) -> None:
        ack()
        for n in range(6):
            codes.append(respond(f"answer {n}", response_type="in_channel").status_code)

    room.command("minji", "#random", "/k8s").wait()
    room.wait_for(lambda: len(codes) == 6)
    assert codes == [200] * 5 + [404]
    assert len(room.messages("#random")) == 5
    room.advance(3600)
    late = room.command("minji", "#random", "/k8s")
    room.advance(3600)
    body = json.dumps({"text": "late"}).encode()
    request = urllib.request.Request(late.payload["response_url"], body)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(request, timeout=5)


def test_a_command_that_nobody_acknowledges_is_an_error_for_its_asker_and_is_not_sent_again(
    room: SlackRoom, app: App
) -> None:
    delivery = room.command("minji", "#k8s-help", "/unknown").wait()
    assert delivery.seen_error == "operation_timeout"
    assert len(delivery.attempts) == 1


def test_an_event_that_nobody_acknowledges_is_sent_four_times_with_one_event_id(room: SlackRoom, app: App) -> None:
    room.open_home("minji")
    delivery = room.deliveries[0].wait()
    assert [a.number for a in delivery.attempts] == [0, 1, 2, 3]
    assert len({a.envelope_id for a in delivery.attempts}) == 4
    assert not delivery.acked


def test_a_click_carries_the_value_and_the_message(room: SlackRoom, app: App, client: WebClient) -> None:
    @app.action("ask:0")
    def pressed(ack: Ack, action: dict[str, Any], respond: Respond) -> None:
        ack()
        respond(f"asked: {action['value']}", replace_original=True)

    client.chat_postMessage(channel="#k8s-help", text="Again?", blocks=BUTTONS)
    message = room.messages("#k8s-help")[0]
    delivery = room.click("alex", message, "ask:0").wait()
    assert delivery.payload["message"]["ts"] == message.ts
    assert delivery.latency is not None
    assert delivery.latency < 0.5
    assert room.wait_for(lambda: message.text == "asked: why cart")


def test_a_click_on_an_ephemeral_message_does_not_repeat_it(room: SlackRoom, app: App, client: WebClient) -> None:
    client.chat_postEphemeral(channel="C0HELP", user="U0ALEX", text="Again?", blocks=BUTTONS)
    delivery = room.click("alex", room.ephemerals("alex", "#k8s-help")[0], "ask:0")
    assert "message" not in delivery.payload
    assert delivery.payload["container"]["is_ephemeral"] is True
    with pytest.raises(ValueError, match="no-such"):
        room.click("alex", room.ephemerals("alex", "#k8s-help")[0], "no-such")


def test_a_modal_opens_complains_grows_and_closes(room: SlackRoom, app: App) -> None:
    @app.command("/k8s")
    def start(ack: Ack, client: WebClient, body: dict[str, Any]) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=modal())

    @app.view("ticket")
    def submitted(ack: Ack, view: dict[str, Any]) -> None:
        name = view["state"]["values"]["who"]["name"]["value"]
        match name:
            case "bad":
                ack(response_action="errors", errors={"who": "not this one"})
            case "more":
                ack(response_action="push", view=modal(private_metadata="second"))
            case _:
                ack()

    room.command("minji", "#k8s-help", "/k8s", "ticket")
    view = room.wait_for(lambda: room.modal("minji"))
    with pytest.raises(ValueError, match="required and empty"):
        room.submit(view, {})
    room.submit(view, {"name": "bad"}).wait()
    assert view.errors == {"who": "not this one"}
    room.submit(view, {"name": "more"}).wait()
    second = room.modal("minji")
    assert second is not None
    assert second.previous == view.id
    room.submit(second, {"name": "good"}).wait()
    assert room.modal("minji") is view
    room.dismiss(view)
    assert room.modal("minji") is None


def test_a_trigger_opens_one_modal_within_three_seconds(room: SlackRoom, client: WebClient) -> None:
    trigger = room.workspace.trigger("U0MINJI")
    client.views_open(trigger_id=trigger, view=modal())
    late = room.workspace.trigger("U0MINJI")
    room.advance(4)
    for used, error in ((trigger, "exchanged_trigger_id"), (late, "expired_trigger_id"), ("x", "invalid_trigger_id")):
        assert _error(lambda used=used: client.views_open(trigger_id=used, view=modal())) == error


def test_a_home_tab_belongs_to_one_person_and_is_locked_by_its_hash(room: SlackRoom, client: WebClient) -> None:
    view = {"type": "home", "blocks": BUTTONS}
    first = client.views_publish(user_id="U0MINJI", view=view)["view"]
    client.views_publish(user_id="U0MINJI", view=view, hash=first["hash"])
    stale = _error(lambda: client.views_publish(user_id="U0MINJI", view=view, hash=first["hash"]))
    assert stale == "hash_conflict"
    assert room.home("minji") is not None
    assert room.home("alex") is None


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "too_many_websockets"])
def test_after_a_disconnect_the_app_comes_back_and_hears_again(room: SlackRoom, app: App, reason: str) -> None:
    heard = threading.Event()

    @app.event("app_mention")
    def hear() -> None:
        heard.set()

    before = len(_opened(room))
    room.disconnect(reason)
    room.wait_for(lambda: len(_opened(room)) > before and room.sockets.live)
    room.say("minji", "#k8s-help", "@gurumi still there?")
    assert heard.wait(5)


def test_a_connection_cut_without_a_word_is_replaced(room: SlackRoom, app: App) -> None:
    before = len(_opened(room))
    room.drop()
    room.wait_for(lambda: len(_opened(room)) > before and room.sockets.live, 20)


def test_the_eleventh_connection_is_refused(room: SlackRoom) -> None:
    with ExitStack() as held:
        links = [held.enter_context(connect(room.sockets.ticket(), proxy=None)) for _ in range(11)]
        first_words = [json.loads(link.recv(5)) for link in links]
    assert [word["type"] for word in first_words] == ["hello"] * 10 + ["disconnect"]
    assert first_words[-1]["reason"] == "too_many_websockets"


def test_a_ticket_is_for_one_connection(room: SlackRoom) -> None:
    url = room.sockets.ticket()
    with connect(url, proxy=None) as first, connect(url, proxy=None) as second:
        assert json.loads(first.recv(5))["type"] == "hello"
        with pytest.raises(ConnectionClosed):
            second.recv(5)


def test_envelopes_can_come_twice_and_out_of_order(room: SlackRoom, app: App) -> None:
    heard: list[str] = []

    @app.event("app_mention")
    def hear(event: dict[str, Any]) -> None:
        heard.append(event["text"].split()[-1])

    room.events.discard("message.channels")
    room.faults.reorder = 3
    for word in ("one", "two", "three"):
        room.say("minji", "#k8s-help", f"@gurumi {word}")
    room.wait_for(lambda: len(heard) == 3)
    assert heard == ["three", "two", "one"]
    room.faults.duplicate = 1
    room.say("minji", "#k8s-help", "@gurumi twice")
    room.wait_for(lambda: heard.count("twice") == 2)


def test_watchers_hear_of_every_change(room: SlackRoom) -> None:
    changes: list[int] = []
    stop = room.on_change(lambda: changes.append(len(room.messages("#general"))))
    room.say("alex", "#general", "hi")
    stop()
    room.say("alex", "#general", "again")
    assert changes == [1]


def test_over_http_every_delivery_is_signed_and_retried() -> None:
    seen: list[tuple[dict[str, str], bytes]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((dict(self.headers), body))
            answer = b'{"text": "got it"}' if b"command" in body else b""
            self.send_response(500 if b"app_mention" in body and len(seen) < 3 else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/slack/events"
    with SlackRoom(request_url=url, retry_scale=0.001, events={"app_mention"}) as room:
        room.say("minji", "#k8s-help", "@gurumi hi")
        assert room.deliveries[0].wait().acked
        room.command("minji", "#k8s-help", "/k8s", "why").wait()
        assert [m.text for m in room.ephemerals("minji", "#k8s-help")] == ["got it"]
    server.shutdown()
    server.server_close()
    assert [headers.get("X-Slack-Retry-Num") for headers, _ in seen] == [None, "1", "2", None]
    assert seen[1][0]["X-Slack-Retry-Reason"] == "http_error"
    assert all(SignatureVerifier(SIGNING_SECRET).is_valid_request(body, headers) for headers, body in seen)


def _opened(room: SlackRoom) -> list[str]:
    return [name for name, _ in room.calls if name == "apps.connections.open"]


def _error(call: Callable[[], Any]) -> str:
    with pytest.raises(SlackApiError) as raised:
        call()
    return str(raised.value.response["error"])


SEARCH = {"type": "external_select", "action_id": "find", "min_query_length": 0}
FOUND = [{"text": {"type": "plain_text", "text": name}, "value": name} for name in ("shop-prod", "shop-dev")]


def choosing(**more: Any) -> dict[str, Any]:
    label = {"type": "plain_text", "text": "Cluster"}
    return modal(blocks=[{"type": "input", "block_id": "cluster", "label": label, "element": SEARCH}], **more)


def opened(room: SlackRoom, app: App, client: WebClient, view: dict[str, Any]) -> View:
    @app.shortcut("open")
    def open_it(ack: Ack, shortcut: dict[str, Any]) -> None:
        ack()
        client.views_open(trigger_id=shortcut["trigger_id"], view=view)

    room.shortcut("minji", "open")
    shown: View = room.wait_for(lambda: room.modal("minji"))
    return shown


def test_a_search_shows_what_the_app_suggests_and_nothing_else_can_be_chosen(
    room: SlackRoom, app: App, client: WebClient
) -> None:
    @app.options("find")
    def suggest(ack: Ack, payload: dict[str, Any]) -> None:
        ack(options=[option for option in FOUND if payload["value"] in option["value"]])

    @app.view("ticket")
    def submitted(ack: Ack) -> None:
        ack()

    view = opened(room, app, client, choosing())
    with pytest.raises(ValueError, match="offers no"):
        room.submit(view, {"find": "shop-prod"})
    assert not room.suggest("minji", view, "find", "prod").wait().seen_error
    assert [option["value"] for option in room.options(view, "find")] == ["shop-prod"]
    told = room.submit(view, {"find": "shop-prod"}).wait().payload
    assert told["view"]["state"]["values"]["cluster"]["find"]["selected_option"]["value"] == "shop-prod"


@pytest.mark.parametrize(
    "answer",
    [
        {"options": FOUND * 51},
        {"options": [{"text": "no object", "value": "x"}]},
        {"options": [{"text": {"type": "plain_text", "text": "x"}, "value": "v" * 151}]},
        {"options": FOUND, "option_groups": []},
        {},
    ],
)
def test_suggestions_that_slack_does_not_take_are_an_error_for_who_searches(
    room: SlackRoom, app: App, client: WebClient, answer: dict[str, Any]
) -> None:
    @app.options("find")
    def suggest(ack: Ack) -> BoltResponse:
        ack()
        return BoltResponse(status=200, body=json.dumps(answer))

    view = opened(room, app, client, choosing())
    assert room.suggest("minji", view, "find").wait().seen_error == "invalid_arguments"


def test_closing_all_modals_says_so(room: SlackRoom, app: App, client: WebClient) -> None:
    view = opened(room, app, client, modal(notify_on_close=True))
    closed = room.dismiss(view, every=True)
    assert closed
    assert closed.payload["is_cleared"] is True
    assert room.modal("minji") is None


def test_more_characters_than_an_input_takes_cannot_be_typed(room: SlackRoom, app: App, client: WebClient) -> None:
    short = modal()
    short["blocks"][0]["element"]["max_length"] = 3
    view = opened(room, app, client, short)
    with pytest.raises(ValueError, match="0 to 3 characters"):
        room.submit(view, {"name": "four"})


def test_a_conversation_with_the_app_begins_with_an_event_and_shows_what_it_suggests(
    room: SlackRoom, app: App, client: WebClient
) -> None:
    @app.event("assistant_thread_started")
    def begin(event: dict[str, Any]) -> None:
        thread = event["assistant_thread"]
        prompts = [{"title": "Restarts", "message": "why does cart restart?"}]
        client.assistant_threads_setSuggestedPrompts(
            channel_id=thread["channel_id"], thread_ts=thread["thread_ts"], prompts=prompts
        )

    root = room.open_assistant("minji")
    assert room.wait_for(lambda: room.prompts(root.channel, root.ts))[0]["title"] == "Restarts"


def test_a_chosen_option_of_a_message_stands_in_its_state_too(room: SlackRoom, app: App, client: WebClient) -> None:
    menu = {"type": "static_select", "action_id": "pick", "options": FOUND}
    client.chat_postMessage(channel="#k8s-help", text="Which?", blocks=[{"type": "actions", "elements": [menu]}])
    told = room.click("minji", room.messages("#k8s-help")[0], "pick", "shop-dev").payload
    (values,) = told["state"]["values"].values()
    assert values["pick"]["selected_option"]["value"] == told["actions"][0]["selected_option"]["value"] == "shop-dev"
