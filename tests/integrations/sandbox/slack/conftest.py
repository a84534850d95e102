"""A room, and a small Bolt app that answers in it: the real Slack packages, unchanged."""

from collections.abc import Iterator

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from integrations.sandbox.slack.api import APP_TOKEN, BOT_TOKEN
from integrations.sandbox.slack.room import SlackRoom


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def room() -> Iterator[SlackRoom]:
    with SlackRoom(ack_seconds=0.5, retry_scale=0.001) as room:
        yield room


@pytest.fixture
def client(room: SlackRoom) -> WebClient:
    return WebClient(BOT_TOKEN, base_url=room.api_url, timeout=5)


@pytest.fixture
def app(room: SlackRoom, client: WebClient) -> Iterator[App]:
    """Connected over Socket Mode; listeners may still be added."""
    app = App(client=client)
    handler = SocketModeHandler(app, APP_TOKEN, ping_interval=0.5)
    handler.connect()
    room.connected()
    yield app
    handler.close()
