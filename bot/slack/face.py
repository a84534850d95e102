"""Connects to Slack and starts the rest: checks the tokens, stores what arrives, acknowledges it, works it off."""

import logging
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.error import URLError

from slack_bolt import Ack, App, BoltResponse
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_bolt.error import BoltError
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web import WebClient

from bot.settings import Settings, SettingsError
from bot.slack.desk import Desk
from bot.slack.intake import Asked, asked
from bot.slack.people import People
from bot.slack.post import TIMEOUT_S, Post
from integrations.errors import IntegrationError

if TYPE_CHECKING:
    from integrations.store import Store

    from bot.assistant import Assistant

_log = logging.getLogger(__name__)

SOCKETS = 10
"""Threads that take envelopes off the socket; each stores one and acknowledges it."""
CONNECT_PATIENCE_S = 300.0
_ANYTHING = re.compile(".*", re.DOTALL)
FINISH_S = 11.0
"""Seconds for what is in hand after SIGTERM; the whole stop stays below 15."""
_WRONG_TOKEN = (
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "not_allowed_token_type",
    "no_permission",
    "missing_scope",
    "forbidden_team",
)


@dataclass(frozen=True)
class Identity:
    """Who we are in this workspace, as ``auth.test`` says."""

    team: str
    enterprise: str
    user: str
    scopes: frozenset[str]


class SlackFace:
    """Socket Mode. ``connect`` raises SettingsError when a token is missing or wrong."""

    def __init__(self, settings: Settings, assistant: "Assistant", store: "Store", needs_groups: bool = False) -> None:
        self._settings = settings
        self._store = store
        self._stopping = threading.Event()
        self._bot_token = _token(settings.slack_bot_token, "SLACK_BOT_TOKEN", "xoxb-")
        self._app_token = _token(settings.slack_app_token, "SLACK_APP_TOKEN", "xapp-")
        base = settings.slack_api_url.rstrip("/") + "/"
        self._client = WebClient(token=self._bot_token, base_url=base, timeout=TIMEOUT_S)
        self._client.retry_handlers.clear()  # Post repeats calls itself, and looks first whether one was carried out
        self._post = Post(self._client, self._stopping)
        name = f"{socket.gethostname()}-{os.getpid()}"
        self._desk = Desk(name, store, assistant, self._post, People(self._post, needs_groups))
        self._handler: _Handler | None = None
        self.identity: Identity | None = None

    def connect(self) -> None:
        """Check the tokens, open the socket, begin to work. Waits for a Slack that does not answer yet."""
        self.identity = self._identify()
        app = self._app(self.identity)
        self._handler = _Handler(app, self._app_token, self._client)
        self._patiently(self._handler.connect, "SLACK_APP_TOKEN", "apps.connections.open")
        self._desk.start()
        _log.info("connected to Slack as %s in team %s", self.identity.user, self.identity.team)

    def connected(self) -> bool:
        return self._handler is not None and self._handler.client.is_connected()

    def close(self) -> None:
        """Close the socket, so that no more work comes, and finish what is in hand."""
        if self._handler:
            try:
                self._handler.client.close()
            except (AttributeError, OSError) as error:  # slack_sdk's close can race its own reconnect
                _log.info("the socket was already gone: %s", type(error).__name__)
        self._desk.close(FINISH_S)
        self._stopping.set()

    def _identify(self) -> Identity:
        answer = self._patiently(self._client.auth_test, "SLACK_BOT_TOKEN", "auth.test")
        scopes = next((v for k, v in answer.headers.items() if k.lower() == "x-oauth-scopes"), "")
        return Identity(
            str(answer.get("team_id") or ""),
            str(answer.get("enterprise_id") or ""),
            str(answer.get("user_id") or ""),
            frozenset(s.strip() for s in str(scopes).split(",") if s.strip()),
        )

    def _patiently(self, call: Callable[[], Any], variable: str, method: str) -> Any:
        """Call until Slack answers. A token that it refuses ends the start with the variable's name."""
        began, wait = time.monotonic(), 0.5
        while True:
            try:
                return call()
            except (SlackClientError, BoltError, URLError, OSError, HTTPException, ValueError) as error:
                code = str(error.response.get("error", "")) if isinstance(error, SlackApiError) else ""
                if code in _WRONG_TOKEN:
                    raise SettingsError(f"{variable}: Slack refuses this token ({code})") from None
                if time.monotonic() - began > CONNECT_PATIENCE_S:
                    raise SettingsError(f"SLACK_API_URL: Slack does not answer {method}") from None
                _log.warning("Slack does not answer %s yet (%s)", method, code or type(error).__name__)
            if self._stopping.wait(wait):
                raise SettingsError("stopped before Slack answered")
            wait = min(wait * 2, 5.0)

    def _app(self, identity: Identity) -> App:
        app = App(
            client=self._client,
            token_verification_enabled=False,
            authorize=lambda: _authorization(identity, self._bot_token),
            raise_error_for_unhandled_request=False,
            ignoring_self_events_enabled=False,
        )
        face = self

        @app.middleware  # stored before it is acknowledged: what Slack was told that we have, we have
        def take(body: Mapping[str, Any], next: Callable[[], BoltResponse]) -> BoltResponse:
            question = asked(body, identity.team, identity.user, identity.enterprise)
            if question is not None and not face.accept(question):
                return BoltResponse(status=503, body="")
            return next()

        def acknowledge(ack: Ack) -> None:
            ack()

        for listen in (app.event, app.action, app.shortcut, app.view, app.options, app.command):
            listen(_ANYTHING)(acknowledge)
        return app

    def accept(self, question: Asked) -> bool:
        """Store a question in the inbox. False when it could not be stored, and so must not be acknowledged."""
        from integrations.store import Delivery

        payload = {k: v for k, v in question.payload.items() if v}
        payload |= {"direct": "yes"} if question.direct else {}
        payload |= {"stranger": "yes"} if question.stranger else {}
        delivery = Delivery(
            id=question.keys[0],
            kind=question.kind,
            channel=question.channel,
            thread=question.thread,
            user=question.user,
            words=question.words,
            received_at=datetime.now(UTC),
            payload=payload,
        )
        try:
            if self._store.accept(delivery, also=question.keys[1:]):
                self._desk.wake()
        except IntegrationError as error:
            _log.error("a delivery could not be stored, Slack will send it again: %s", error.says)
            return False
        return True


class _Handler(SocketModeHandler):
    """Bolt's handler, except that everything which was not refused is acknowledged: also what Bolt cannot read."""

    def __init__(self, app: App, app_token: str, client: WebClient) -> None:
        super().__init__(app, app_token, web_client=client, concurrency=SOCKETS)

    def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        began = time.time()
        try:
            response = run_bolt_app(self.app, req)
        except Exception:  # noqa: BLE001 - the faces' delivery loop: a payload of any shape must not end the socket
            _log.exception("a delivery of type %s could not be read", req.type)
            response = BoltResponse(status=404)
        if response.status == 200:
            send_response(client, req, response, began)
        elif response.status != 503:
            client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))


def _authorization(identity: Identity, token: str) -> Any:
    from slack_bolt.authorization import AuthorizeResult

    return AuthorizeResult(
        enterprise_id=identity.enterprise, team_id=identity.team, bot_user_id=identity.user, bot_token=token
    )


def _token(secret: Any, variable: str, prefix: str) -> str:
    if secret is None:
        raise SettingsError(f"{variable} is not set: gurumi run needs it (docs/slack.md says where to get it)")
    value = str(secret.get_secret_value()).strip()
    if not value.startswith(prefix):
        raise SettingsError(f"{variable} must begin with {prefix}: it holds another kind of token")
    return value
