"""A small Slack app on Bolt that uses every surface: what the page shows of an app is tested against it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.web import WebClient

from integrations.sandbox.slack.people import Shortcut
from integrations.sandbox.slack.room import SlackRoom

SHORTCUTS = (Shortcut("ask", "Ask a question"), Shortcut("about", "Ask about this", message=True))
CLUSTERS = ("shop-prod", "shop-dev", "data-prod")
Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(text: str) -> Json:
    return {"text": plain(text), "value": text}


def field(block_id: str, label: str, element: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element} | more


def form(about: str = "") -> Json:
    kinds = {"type": "radio_buttons", "action_id": "kind", "options": [option("restart"), option("network")]}
    blocks = [
        field("words", "What happens?", {"type": "plain_text_input", "action_id": "words", "multiline": True}
              | ({"initial_value": about} if about else {}), hint=plain("In your own words")),
        field("cluster", "Cluster", {"type": "external_select", "action_id": "cluster", "min_query_length": 0}),
        field("kind", "Kind", kinds, optional=True),
        field("since", "Minutes ago", {"type": "number_input", "action_id": "since", "is_decimal_allowed": False},
              optional=True),
        {"type": "actions", "block_id": "more", "elements": [
            {"type": "button", "action_id": "help", "text": plain("Explain")}]},
    ]  # fmt: skip
    return modal("ask", "Ask a question", blocks, submit=plain("Ask"))


def modal(callback: str, title: str, blocks: list[Json], **more: Any) -> Json:
    return {"type": "modal", "callback_id": callback, "title": plain(title), "blocks": blocks} | more


def said(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def home(count: int) -> Json:
    button = {"type": "button", "action_id": "again", "text": plain("Look again")}
    looks = {"type": "section", "text": {"type": "mrkdwn", "text": f"Looked *{count}* times"}, "accessory": button}
    return {"type": "home", "blocks": [{"type": "header", "text": plain("Your clusters")}, looks]}


def _declare(app: App) -> None:
    counts: dict[str, int] = {}

    def show_home(client: WebClient, user: str) -> None:
        counts[user] = counts.get(user, 0) + 1
        client.views_publish(user_id=user, view=home(counts[user]))

    @app.shortcut("ask")
    def ask(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=form())

    @app.shortcut("about")
    def about(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=form(body["message"]["text"]))

    @app.options("cluster")
    def clusters(ack: Any, payload: Json) -> None:
        ack(options=[option(name) for name in CLUSTERS if payload["value"] in name])

    @app.action("help")
    def explain(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        client.views_push(trigger_id=body["trigger_id"], view=modal("why", "Explained", [said("It asks the *bot*.")]))

    @app.view("ask")
    def asked(ack: Any, view: Json, client: WebClient, body: Json) -> None:
        values = view["state"]["values"]
        words = values["words"]["words"]["value"]
        if "?" not in words:
            ack(response_action="errors", errors={"words": "A question ends with a question mark."})
            return
        cluster = values["cluster"]["cluster"]["selected_option"]["value"]
        told = modal("done", "Asked", [said(f"Asked of *{cluster}*: {words}")])
        ack(response_action="update", view=told)

    @app.action("again")
    def again(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        show_home(client, body["user"]["id"])

    @app.event("app_home_opened")
    def opened(event: Json, client: WebClient) -> None:
        if event["tab"] == "home":
            show_home(client, event["user"])

    @app.action("delete")
    def deleted(ack: Any, respond: Any) -> None:
        ack()
        respond(text="It is gone.", replace_original=True)

    @app.event("message")
    def heard() -> None:
        """Nothing to say."""


@contextmanager
def little_app(room: SlackRoom) -> Iterator[None]:
    """Connected to a room for as long as the block runs."""
    keys = room.environment
    client = WebClient(token=keys["SLACK_BOT_TOKEN"], base_url=room.api_url)
    app = App(client=client, token_verification_enabled=False)
    _declare(app)
    handler = SocketModeHandler(app, keys["SLACK_APP_TOKEN"], web_client=client)
    handler.connect()
    try:
        room.connected()
        yield
    finally:
        handler.disconnect()
