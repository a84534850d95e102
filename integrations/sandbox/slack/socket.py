"""Socket Mode: tickets, hello, envelopes and their acknowledgements, disconnect, connections cut without a word."""

import asyncio
import itertools
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from integrations.sandbox.slack.courier import Attempt, Delivery, NotAcked
from integrations.sandbox.slack.people import APP_ID

Json = dict[str, Any]
MOST_CONNECTIONS = 10
CONNECTION_SECONDS = 18_060


@dataclass
class Link:
    """One connection. ``leaving``: told to go, so it gets no new envelope."""

    connection: ServerConnection
    leaving: bool = False


@dataclass
class SocketMode:
    """Carries each envelope over one of the app's connections."""

    port: int = 0
    links: list[Link] = field(default_factory=list)
    refused: int = 0
    _tickets: set[str] = field(default_factory=set)
    _waiting: dict[str, "asyncio.Future[Json]"] = field(default_factory=dict)
    _turn: "itertools.count[int]" = field(default_factory=itertools.count)

    def ticket(self) -> str:
        ticket = str(uuid.uuid4())
        self._tickets.add(ticket)
        return f"ws://127.0.0.1:{self.port}/link/?ticket={ticket}&app_id={APP_ID}"

    @property
    def live(self) -> list[Link]:
        return [link for link in self.links if not link.leaving]

    async def serve(self, connection: ServerConnection) -> None:
        """One connection, from its ticket to its end."""
        path = connection.request.path if connection.request else ""
        ticket = path.partition("ticket=")[2].partition("&")[0]
        if ticket not in self._tickets:
            await connection.close(4401, "ticket")
            return
        self._tickets.discard(ticket)
        if len(self.links) >= MOST_CONNECTIONS:
            self.refused += 1
            await connection.send(_disconnect("too_many_websockets"))
            await connection.close()
            return
        link = Link(connection)
        try:
            await connection.send(json.dumps(self._hello()))
            self.links.append(link)
            async for frame in connection:
                self._acknowledged(frame)
        except ConnectionClosed:
            pass
        finally:
            if link in self.links:
                self.links.remove(link)

    async def carry(self, delivery: Delivery, attempt: Attempt, seconds: float) -> Json:
        live = self.live
        if not live:
            raise NotAcked("connection_failed")
        link = live[next(self._turn) % len(live)]
        envelope: Json = {"type": delivery.kind, "envelope_id": attempt.envelope_id, "payload": delivery.payload}
        envelope["accepts_response_payload"] = delivery.takes_answer
        if delivery.kind == "events_api":
            envelope |= {"retry_attempt": attempt.number, "retry_reason": attempt.reason}
        answer = self._waiting[attempt.envelope_id] = asyncio.get_running_loop().create_future()
        try:
            await link.connection.send(json.dumps(envelope))
            return await asyncio.wait_for(answer, seconds)
        except TimeoutError:
            raise NotAcked("timeout") from None
        except ConnectionClosed:
            raise NotAcked("connection_failed") from None
        finally:
            self._waiting.pop(attempt.envelope_id, None)

    async def disconnect(self, reason: str) -> None:
        """Asks the app to replace every connection."""
        for link in self.live:
            link.leaving = reason != "warning"
            await link.connection.send(_disconnect(reason))

    def drop(self) -> None:
        """Cuts every connection without a close frame."""
        for link in list(self.links):
            link.leaving = True
            link.connection.transport.abort()

    def _acknowledged(self, frame: str | bytes) -> None:
        try:
            ack = json.loads(frame)
        except ValueError:
            return
        waiting = self._waiting.get(ack.get("envelope_id", "")) if isinstance(ack, dict) else None
        if waiting and not waiting.done():
            waiting.set_result(ack.get("payload") or {})

    def _hello(self) -> Json:
        debug = {"host": "applink-rehearsal", "build_number": 10, "approximate_connection_time": CONNECTION_SECONDS}
        count = len(self.links) + 1
        return {"type": "hello", "num_connections": count, "connection_info": {"app_id": APP_ID}, "debug_info": debug}


def _disconnect(reason: str) -> str:
    return json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-rehearsal"}})
