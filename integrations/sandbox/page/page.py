"""Serves the page on a loopback port: one screen a tab, told of every change in the room."""

import asyncio
import contextlib
import socket
import threading
import time
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from integrations.sandbox.kubernetes.room import KubernetesRoom
from integrations.sandbox.page.app import App
from integrations.sandbox.page.files import media_type
from integrations.sandbox.page.screen import Screen
from integrations.sandbox.page.visitor import ROLES, Say, Visitor
from integrations.sandbox.slack.room import SlackRoom

HOST = "127.0.0.1"
PORTS_TRIED = 50
_START_S, _STOP_S = 60.0, 5.0
_ASSETS = Path(__file__).parent / "assets"
_HEAD = '<link rel="stylesheet" href="/assets/page.css"><script src="/assets/page.js"></script>'
_TICK_S = 0.5
_NEWS_S = 4_200.0
"""What was said so long before the page opened is news to everybody."""
_SETTLE_S = 0.03
"""What happens within this time is drawn at once."""


class RehearsalPage:
    """The page in a ``with``. NiceGUI knows one application a process, so there is one page a process."""

    def __init__(self, room: SlackRoom, clusters: KubernetesRoom, say: Say, app: App, listener: socket.socket) -> None:
        self._room, self._clusters, self._say, self._installed = room, clusters, say, app
        self._listener = listener
        self._read: dict[tuple[str, str], str] = {}
        self._since = f"{time.time() - _NEWS_S:.6f}"
        config = uvicorn.Config(self._app(), log_config=None, access_log=False, timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, name="rehearsal-page", daemon=True)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._listener.getsockname()[1]}"

    def __enter__(self) -> "RehearsalPage":
        self._thread.start()
        end = time.monotonic() + _START_S
        while not self._server.started:
            if time.monotonic() > end or not self._thread.is_alive():
                raise RuntimeError("the page did not start")
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(_STOP_S)

    def _serve(self) -> None:
        self._server.run(sockets=[self._listener])

    def _app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)
        app.mount("/assets", StaticFiles(directory=_ASSETS))
        app.add_api_route("/files/{file_id}", self._file, include_in_schema=False)
        ui.page("/", title="Gurumi · Rehearsal")(self._screen)
        ui.run_with(
            app,
            title="Gurumi",
            favicon=_ASSETS / "cloud.svg",
            language="en-US",
            tailwind=False,
            show_welcome_message=False,
        )
        return app

    def _screen(self, request: Request) -> None:
        """One tab. ``?as=alex&lang=en`` sits somebody down at once."""
        asked = request.query_params
        wanted = self._room.workspace.member(asked.get("as", ""))
        user = wanted.id if wanted and wanted.id in ROLES else next(iter(ROLES))
        language = asked.get("lang", "")
        if language not in ("en", "ko"):
            language = "ko" if request.headers.get("accept-language", "").startswith("ko") else "en"
        ui.add_head_html(_HEAD)
        visitor = Visitor(self._room, self._say, user, language, self._installed, read=self._read, since=self._since)
        screen = Screen(visitor, self._clusters)
        self._follow(screen)

    def _follow(self, screen: Screen) -> None:
        """Draws after every change, once for several that come together."""
        loop, client = asyncio.get_running_loop(), ui.context.client
        planned = threading.Event()

        def draw() -> None:
            planned.clear()
            if not client.is_deleted:
                with client:
                    screen.refresh()

        def changed() -> None:
            if not planned.is_set():
                planned.set()
                loop.call_soon_threadsafe(loop.call_later, _SETTLE_S, draw)

        client.on_delete(self._room.on_change(changed))
        ui.timer(_TICK_S, screen.tick)

    def _file(self, file_id: str, shown: bool = False) -> Response:
        """A file to keep; ``shown``: a picture on the page."""
        file = self._room.workspace.files.get(file_id)
        if file is None or "content" not in file:
            return Response("no such file", status_code=404)
        how = "inline" if shown else "attachment"
        headers = {"Content-Disposition": how, "X-Content-Type-Options": "nosniff"}
        return Response(file["content"], media_type=media_type(file["name"]), headers=headers)


def listen(port: int) -> socket.socket:
    """The port, or the next free one. Raises OSError when there is none."""
    last = min(port + PORTS_TRIED, 65535)
    for candidate in range(port, last + 1):
        with contextlib.suppress(OSError):
            return socket.create_server((HOST, candidate))
    raise OSError(f"no port from {port} to {last} is free: choose another with --port")
