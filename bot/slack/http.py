"""HTTP: Slack at ``/slack/events``, and beside it ``/healthz``, ``/readyz`` and ``/metrics``.

What is not from Slack gets a 4xx. Bodies are read with a limit and a deadline, in the event loop; Bolt and the
database work in threads, so that nobody waits for anybody.
"""

import asyncio
import json
import logging
import socket
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import uvicorn
from slack_bolt import App, BoltResponse
from slack_bolt.adapter.starlette.handler import to_starlette_response
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.settings import Settings, SettingsError
from bot.slack.face import SlackFace, token
from bot.slack.post import attempt
from integrations.errors import IntegrationError

if TYPE_CHECKING:
    from bot.assistant import Assistant
    from integrations.store import Store

_log = logging.getLogger(__name__)

MOST = 1024 * 1024
"""Bytes of a body."""
BODY_S = 5.0
HEAD_S = 10.0
STOP_S = 2
TOKEN_KEPT_S = 30.0
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"


class HttpFace(SlackFace):
    """Needs the bot token and the signing secret. Listens on ``host``:``port`` once it is connected."""

    def __init__(
        self,
        settings: Settings,
        assistant: "Assistant",
        store: "Store",
        address: tuple[str, int],
        needs_groups: bool = False,
    ) -> None:
        super().__init__(settings, assistant, store, needs_groups)
        self._secret = token(settings.slack_signing_secret, "SLACK_SIGNING_SECRET")
        self._verifier = SignatureVerifier(self._secret)
        self._address = address
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._token_checked = (0.0, "")
        self.port = 0

    def _options(self) -> dict[str, Any]:
        return {"signing_secret": self._secret}

    def _open(self, _app: App) -> None:
        listener = _listener(self._address)
        self.port = int(listener.getsockname()[1])
        routes = [
            Route("/slack/events", self._events, methods=["POST"]),
            Route("/healthz", self._health),
            Route("/readyz", self._ready),
            Route("/metrics", self._metrics),
        ]
        config = uvicorn.Config(
            Starlette(routes=routes),
            http=_Impatient,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_S,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="http", daemon=True)
        self._thread.start()
        _log.info("listening on %s:%s", self._address[0], self.port)

    def _shut(self) -> None:
        if self._server and self._thread:
            self._server.should_exit = True
            self._thread.join(STOP_S + 1)

    async def _events(self, request: Request) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            body = await asyncio.wait_for(_read(request), BODY_S)
        except (TimeoutError, ClientDisconnect):
            return PlainTextResponse("the body did not arrive", 408, headers={"Connection": "close"})
        if body is None:
            return PlainTextResponse("the body is too large", 413, headers={"Connection": "close"})
        if kind not in (_JSON, _FORM):
            return PlainTextResponse("neither JSON nor a form", 415)
        checked = _form(body).get("ssl_check") == ["1"] if kind == _FORM else False
        if not checked and not self._signed(request, body):
            return PlainTextResponse("not signed by Slack, or too old", 401)
        if not _readable(kind, body):
            return PlainTextResponse("not readable", 400)
        response: BoltResponse = await run_in_threadpool(
            self.take, body=body.decode(), query=dict(request.query_params), headers=dict(request.headers)
        )
        return to_starlette_response(response)

    def _signed(self, request: Request, body: bytes) -> bool:
        stamp = request.headers.get("x-slack-request-timestamp", "")
        signature = request.headers.get("x-slack-signature", "")
        try:
            return self._verifier.is_valid(body, stamp, signature)
        except (ValueError, TypeError):  # a timestamp that is no number, a body or signature that is no text
            return False

    async def _health(self, _request: Request) -> Response:
        return PlainTextResponse("alive")

    async def _ready(self, _request: Request) -> Response:
        database, slack = await run_in_threadpool(self._database), await run_in_threadpool(self._slack)
        body = {"database": database or "ok", "slack": slack or "ok"}
        return JSONResponse(body, 503 if database or slack else 200)

    async def _metrics(self, _request: Request) -> Response:
        await run_in_threadpool(self._database)
        return Response(self.meters.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    def _database(self) -> str:
        """What is wrong with the database: the kind of error, or nothing."""
        try:
            self.meters.waiting.set(self.store.waiting())
        except IntegrationError as error:
            return error.code
        return ""

    def _slack(self) -> str:
        """What is wrong with the bot token, asked now and then."""
        until, trouble = self._token_checked
        if until > time.monotonic():
            return trouble
        try:
            attempt(self.client, "auth.test")
            trouble = ""
        except IntegrationError as error:
            trouble = error.code
        self._token_checked = (time.monotonic() + (2.0 if trouble else TOKEN_KEPT_S), trouble)
        return trouble


class _Impatient(H11Protocol):  # type: ignore[misc]  # uvicorn is not checked
    """Ends a connection whose first request does not get through its head."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self.loop.call_later(HEAD_S, self._enough)

    def _enough(self) -> None:
        if self.cycle is None and not self.transport.is_closing():
            self.transport.close()


async def _read(request: Request) -> bytes | None:
    """The body, or nothing when it is too large."""
    told = request.headers.get("content-length", "0")
    if not told.isdecimal() or int(told[:12]) > MOST:
        return None
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST:
            return None
    return bytes(body)


def _form(body: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(body.decode(), keep_blank_values=True)
    except ValueError:
        return {}


def _readable(kind: str, body: bytes) -> bool:
    """Whether there is an object in it: the body itself, a form's field ``payload``, or a form of plain fields."""
    try:
        if kind == _FORM:
            fields = _form(body)
            text = fields["payload"][0] if "payload" in fields else ""
            return isinstance(json.loads(text), dict) if text else bool(fields) and "payload" not in fields
        return isinstance(json.loads(body.decode()), dict)
    except (ValueError, RecursionError):
        return False


def _listener(address: tuple[str, int]) -> socket.socket:
    host, port = address
    try:
        return socket.create_server(address, family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=512)
    except OSError as error:
        raise SettingsError(f"--http: cannot listen on {host}:{port}: {error.strerror}") from None
