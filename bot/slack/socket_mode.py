"""Socket Mode: deliveries over a WebSocket that we opened, so that no address of ours has to be reachable."""

import logging
import os
import random
import socket
import threading
import time
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.error import URLError

from slack_bolt import App
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from slack_bolt.adapter.socket_mode.internals import build_headers, send_response
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.settings import Settings
from bot.slack.face import NOT_STORED, SlackFace, token

if TYPE_CHECKING:
    from bot.assistant import Assistant
    from integrations.store import Store

_log = logging.getLogger(__name__)

SOCKETS = 10
"""Threads that take envelopes off the socket; each stores one and acknowledges it."""
_LOOK_S = 1.0
_SHUT_S = 3.0
"""So long its closing is waited for; whoever is told to stop has little time."""


class SocketFace(SlackFace):
    """Needs the bot token and an app-level token."""

    def __init__(self, settings: Settings, assistant: "Assistant", store: "Store", needs_groups: bool = False) -> None:
        super().__init__(settings, assistant, store, needs_groups)
        self._app_token = token(settings.slack_app_token, "SLACK_APP_TOKEN", "xapp-")
        self._handler: _Handler | None = None

    def connected(self) -> bool:
        return self._handler is not None and self._handler.client.is_connected()

    def _open(self, app: App) -> None:
        self._handler = _Handler(app, self, self._app_token)
        self._patiently(self._handler.connect, "SLACK_APP_TOKEN", "apps.connections.open")
        threading.Thread(target=self._watch, name="slack-socket", daemon=True).start()

    def _shut(self) -> None:
        """slack_sdk waits without an end for its own threads, one of which may be connecting anew just now."""
        if self._handler is None:
            return
        closing = threading.Thread(target=self._close, args=(self._handler.client,), name="slack-close", daemon=True)
        closing.start()
        closing.join(_SHUT_S)

    def _close(self, client: SocketModeClient) -> None:
        try:
            client.close()
        except (AttributeError, OSError, RuntimeError) as error:  # slack_sdk's close can race its own reconnect
            _log.info("the socket was already gone: %s", type(error).__name__)

    def _watch(self) -> None:
        """Connect again what was cut, and say once that it was lost and once that it is back.

        slack_sdk does so too, but takes most of a minute to notice that the other side is gone, and Slack repeats an
        event after a minute for the last but one time.
        """
        was = True
        while self._handler is not None and not self._stopping.wait(_LOOK_S):
            client = self._handler.client
            if client.closed:
                return
            now = client.is_connected() and not _ended(client)
            if was and not now:
                _log.warning("the connection to Slack is lost; connecting again until it succeeds")
            if now and not was:
                _log.info("connected to Slack again")
            was = now
            if not now:
                self._reconnect(client)

    def _reconnect(self, client: SocketModeClient) -> None:
        try:
            if client.current_session is not None:
                client.current_session.disconnect()
            client.connect_to_new_endpoint()
        except (SlackClientError, URLError, OSError, HTTPException, ValueError) as error:
            _log.debug("not connected yet: %s", type(error).__name__)
            self._stopping.wait(random.uniform(1, 5))


class _Handler(SocketModeHandler):
    """Bolt's handler, except that everything which was stored or cannot be read is acknowledged, whatever its shape."""

    def __init__(self, app: App, face: SocketFace, app_token: str) -> None:
        quiet = logging.getLogger(f"{__name__}.client")  # it repeats itself for as long as a connection fails
        quiet.setLevel(logging.CRITICAL)
        super().__init__(app, app_token, logger=quiet, web_client=face.client, concurrency=SOCKETS)
        self._face = face
        self.client.message_listeners.append(self._acknowledge_unreadable)

    def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        began = time.time()
        response = self._face.take(mode="socket_mode", body=req.payload, headers=build_headers(req))
        try:
            if response.status == 200:
                send_response(client, req, response, began)
            elif response.status != NOT_STORED:
                client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))
        except (SlackClientError, OSError, AttributeError) as error:
            _log.info("an acknowledgement could not be sent, Slack will repeat: %s", type(error).__name__)

    def _acknowledge_unreadable(self, client: Any, message: dict[str, Any], _raw: str | None) -> None:
        """slack_sdk makes a request of an envelope with a payload that is an object or a text, and drops others."""
        envelope = message.get("envelope_id")
        if isinstance(envelope, str) and not ("type" in message and isinstance(message.get("payload"), dict | str)):
            _log.warning("an envelope without a payload was acknowledged")
            client.send_socket_mode_response(SocketModeResponse(envelope_id=envelope))


def _ended(client: SocketModeClient) -> bool:
    """Whether the other side has closed: then there is nothing to read but the end, below TLS too."""
    session = client.current_session
    connection = session.sock if session else None
    if connection is None:
        return True
    try:
        with socket.socket(fileno=os.dup(connection.fileno())) as same:
            return same.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except (OSError, ValueError):  # closed on our side meanwhile
        return True
