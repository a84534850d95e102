"""The room's thread: an HTTP server and a WebSocket server on loopback, and the loop that both run in."""

import asyncio
import socket
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol
from websockets.asyncio.server import serve

from integrations.sandbox.slack.socket import SocketMode

_T = TypeVar("_T")
START_SECONDS, STOP_SECONDS = 10.0, 5.0


class Server:
    """Listens from ``start`` to ``stop``."""

    def __init__(self, sockets: SocketMode) -> None:
        self._sockets = sockets
        self._peers: dict[tuple[str, int], asyncio.Transport] = {}
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread: threading.Thread | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = int(self._listener.getsockname()[1])

    def start(self, app: Starlette) -> None:
        self._thread = threading.Thread(target=self._run, args=(app,), name="rehearsal-slack", daemon=True)
        self._thread.start()
        if not self._ready.wait(START_SECONDS):
            raise RuntimeError("the rehearsal Slack did not start")

    def stop(self) -> None:
        if self._thread and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(STOP_SECONDS)

    def spawn(self, work: Coroutine[Any, Any, _T]) -> "Future[_T]":
        """Runs in the room's loop, from any thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def soon(self, work: Any, *args: Any) -> None:
        self._loop.call_soon_threadsafe(work, *args)

    def cut(self, peer: tuple[str, int]) -> None:
        """Ends a connection without a word."""
        if transport := self._peers.pop(peer, None):
            transport.abort()

    def _run(self, app: Starlette) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve(app))
        finally:
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(asyncio.sleep(0))
            self._loop.close()

    async def _serve(self, app: Starlette) -> None:
        peers = self._peers

        class Traceable(H11Protocol):  # type: ignore[misc]  # uvicorn is not checked
            """Remembers each connection, so that a fault can cut it."""

            def connection_made(self, transport: asyncio.Transport) -> None:
                super().connection_made(transport)
                peers[transport.get_extra_info("peername")] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                peers.pop(self.transport.get_extra_info("peername"), None)
                super().connection_lost(exc)

        config = uvicorn.Config(app, http=Traceable, ws="none", lifespan="off", log_config=None, access_log=False)
        http = uvicorn.Server(config)
        async with serve(self._sockets.serve, "127.0.0.1", 0, ping_interval=None, close_timeout=0.5) as sockets:
            self._sockets.port = next(iter(sockets.sockets)).getsockname()[1]
            serving = asyncio.create_task(http.serve(sockets=[self._listener]))
            while not http.started:
                await asyncio.sleep(0.005)
            self._ready.set()
            await self._end.wait()
            http.should_exit = True
            http.force_exit = True
            await serving
