"""What both ways in from Slack share: who we are, and each delivery stored before it is acknowledged, then answered."""

import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.error import URLError

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.error import BoltError
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import WebClient

from bot.settings import Settings, SettingsError
from bot.slack.clerk import Clerk
from bot.slack.desk import Desk
from bot.slack.forms import TRIGGER_S, Forms
from bot.slack.intake import Asked, asked, typed, unfilled
from bot.slack.meters import Meters
from bot.slack.people import People
from bot.slack.post import TIMEOUT_S, Post
from bot.slack.reader import Readers
from bot.wiring import ticket_desk
from integrations.errors import IntegrationError

if TYPE_CHECKING:
    from bot.assistant import Assistant
    from integrations.store import Store

_log = logging.getLogger(__name__)

CONNECT_PATIENCE_S = 300.0
FINISH_S = 11.0
"""Seconds for what is in hand after SIGTERM; the whole stop stays below 15."""
SETTLE_S = 0.12
"""Messages of one thread may arrive in another order than they were written: so long an earlier one is waited for."""
NOT_STORED = 503
"""Slack is told nothing good and brings the delivery again."""
_LATE = timedelta(days=1)
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


class SlackFace:
    """``connect`` raises SettingsError when a token is missing or wrong; a way in adds how deliveries arrive."""

    def __init__(self, settings: Settings, assistant: "Assistant", store: "Store", needs_groups: bool = False) -> None:
        self.store = store
        self.meters = Meters()
        self._stopping = threading.Event()
        self._bot_token = token(settings.slack_bot_token, "SLACK_BOT_TOKEN", "xoxb-")
        base = settings.slack_api_url.rstrip("/") + "/"
        self.client = WebClient(token=self._bot_token, base_url=base, timeout=TIMEOUT_S)
        self.client.retry_handlers.clear()  # Post repeats calls itself, and looks first whether one was carried out
        post = Post(self.client, self._stopping)
        name = f"{socket.gethostname()}-{os.getpid()}"
        desk = ticket_desk(settings)
        self._tickets_in = desk.channels
        self._readers = Readers(People(post, needs_groups or desk.names_groups), store)
        self._forms = Forms(post, self._readers, assistant, store)
        self._desk = Desk(name, store, Clerk(store, assistant, post, self._readers), self.meters)
        self._app: App | None = None

    def connect(self) -> None:
        """Check the tokens, open the way in, begin to work. Waits for a Slack that does not answer yet."""
        identity = self._identify()
        self._app = self._built(identity)
        self._open(self._app)
        self._desk.start()
        _log.info("connected to Slack as %s in team %s", identity.user, identity.team)

    def close(self) -> None:
        """Let no more work in, and finish what is in hand."""
        if self._app is None:
            self._stopping.set()
        self._shut()
        self._desk.close(FINISH_S)
        self._stopping.set()
        self._forms.close()
        self._readers.close()

    def take(self, **request: Any) -> BoltResponse:
        """One delivery through Bolt: 200 when it may be acknowledged, ``NOT_STORED``, or 4xx for the unreadable."""
        if self._app is None:
            return BoltResponse(status=NOT_STORED)
        try:
            response = self._app.dispatch(BoltRequest(**request))
        except Exception as error:  # noqa: BLE001 - the faces' delivery loop: a payload of any shape must not end it
            _log.error("a delivery could not be read: %s", type(error).__name__)
            return BoltResponse(status=400)
        if response.status >= 500 and response.status != NOT_STORED:
            return BoltResponse(status=400)
        return response

    def accept(self, question: Asked) -> bool:
        """Store a question in the inbox. False when it could not be stored, and so must not be acknowledged."""
        from integrations.store import Delivery

        payload = {k: v for k, v in question.payload.items() if v}
        payload |= {"direct": "yes"} if question.direct else {}
        payload |= {"stranger": "yes"} if question.stranger else {}
        now = datetime.now(UTC)
        delivery = Delivery(
            id=question.keys[0],
            kind=question.kind,
            channel=question.channel,
            thread=question.thread,
            user=question.user,
            words=question.words,
            received_at=_said_at(question.ts, now),
            payload=payload,
        )
        form = self._forms.wanted(question)
        settle_s = TRIGGER_S if form else SETTLE_S if question.ts else 0.0
        ready_at = now + timedelta(seconds=settle_s) if settle_s else None
        try:
            if self.store.accept(delivery, question.keys[1:], ready_at):
                self.meters.accepted.inc()
                if form:
                    self._forms.open(question, delivery.id)
                else:
                    self._desk.wake(settle_s)
        except IntegrationError as error:
            _log.error("a delivery could not be stored, Slack will send it again: %s", error.says)
            return False
        return True

    def _open(self, app: App) -> None:
        """Let deliveries in."""
        raise NotImplementedError

    def _shut(self) -> None:
        """Let no more in."""
        raise NotImplementedError

    def _identify(self) -> Identity:
        answer = self._patiently(self.client.auth_test, "SLACK_BOT_TOKEN", "auth.test")
        return Identity(
            str(answer.get("team_id") or ""), str(answer.get("enterprise_id") or ""), str(answer.get("user_id") or "")
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
                raise Stopped
            wait = min(wait * 2, 5.0)

    def _built(self, identity: Identity) -> App:
        def take(body: Mapping[str, Any], next: Callable[[], BoltResponse]) -> BoltResponse:
            """Stored before it is acknowledged: what Slack was told that we have, we have."""
            if body.get("type") == "url_verification":
                return next()
            if (search := typed(body, identity.team, identity.enterprise)) is not None:
                return BoltResponse(status=200, body=json.dumps({"options": self._forms.search(search)}))
            if errors := unfilled(body):
                return BoltResponse(status=200, body=json.dumps({"response_action": "errors", "errors": errors}))
            question = asked(body, identity.team, identity.user, identity.enterprise, self._tickets_in)
            if question is not None and not self.accept(question):
                return BoltResponse(status=NOT_STORED)
            return BoltResponse(status=200)

        return App(
            client=self.client,
            token_verification_enabled=False,
            before_authorize=take,  # every delivery ends here: nothing of it is left for listeners
            **self._options(),
        )

    def _options(self) -> dict[str, Any]:
        """What Bolt has to know of this way in."""
        return {}


class Stopped(Exception):
    """The program was told to stop while it still waited for Slack."""


def token(secret: Any, variable: str, prefix: str = "") -> str:
    """A secret of the environment. Raises SettingsError when it is not set or plainly another kind of token."""
    if secret is None:
        raise SettingsError(f"{variable} is not set: gurumi run needs it (docs/slack.md says where to get it)")
    value = str(secret.get_secret_value()).strip()
    if not value.startswith(prefix):
        raise SettingsError(f"{variable} must begin with {prefix}: it holds another kind of token")
    return value


def _said_at(ts: str, now: datetime) -> datetime:
    """The time of a message; ours when it is none, or not of these days."""
    try:
        seconds, _, rest = ts.partition(".")
        said = datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int((rest or "0")[:6].ljust(6, "0")))
    except (ValueError, OverflowError, OSError):
        return now
    return said if abs(now - said) < _LATE else now
