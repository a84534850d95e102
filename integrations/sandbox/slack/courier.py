"""Delivers events, commands and interactions, over Socket Mode or HTTP; waits, retries, and keeps a log of it all."""

import asyncio
import hashlib
import hmac
import json
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

import httpx

from integrations.sandbox.slack.faults import Faults

Json = dict[str, Any]

ACK_SECONDS = 3.0
RETRY_AFTER = (0.0, 60.0, 300.0)


@dataclass
class Attempt:
    """One envelope on its way. Times are of the monotonic clock."""

    envelope_id: str
    number: int
    sent_at: float
    acked_at: float | None = None
    reason: str = ""


@dataclass
class Delivery:
    """One event, command or interaction. ``ack`` is the payload of its acknowledgement; ``seen_error`` is what the
    person was told instead."""

    kind: str
    payload: Json
    takes_answer: bool = False
    attempts: list[Attempt] = field(default_factory=list)
    ack: Json | None = None
    seen_error: str = ""
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def acked(self) -> bool:
        return self.ack is not None

    @property
    def latency(self) -> float | None:
        """Seconds from the first sending to the first acknowledgement."""
        times = [a.acked_at for a in self.attempts if a.acked_at]
        return min(times) - self.attempts[0].sent_at if times else None

    def wait(self, seconds: float = 10.0) -> "Delivery":
        """Returns when it is acknowledged or given up."""
        if not self.done.wait(seconds):
            raise TimeoutError(f"{self.kind} is neither acknowledged nor given up after {seconds} s")
        return self


class Carrier(Protocol):
    """A way to the app: answers the acknowledgement's payload, or raises ``NotAcked``."""

    async def carry(self, delivery: Delivery, attempt: Attempt, seconds: float) -> Json: ...


class NotAcked(Exception):
    """No acknowledgement; the text is Slack's ``retry_reason``."""


@dataclass
class Courier:
    """``scale`` shortens the pauses between retries, and nothing else."""

    carrier: Carrier
    faults: Faults
    apply: Callable[[Delivery], str]
    ack_seconds: float = ACK_SECONDS
    scale: float = 1.0
    log: list[Delivery] = field(default_factory=list)
    _held: list[asyncio.Event] = field(default_factory=list)
    _release: "asyncio.Task[None] | None" = None

    async def deliver(self, delivery: Delivery) -> None:
        twice = self._comes_twice(delivery)
        try:
            await self._hold()
            tries = len(RETRY_AFTER) + 1 if delivery.kind == "events_api" else 1
            for number in range(tries):
                if number:
                    await asyncio.sleep(RETRY_AFTER[number - 1] * self.scale)
                if await self._attempt(delivery, number):
                    break
            else:
                delivery.seen_error = "" if delivery.kind == "events_api" else "operation_timeout"
            if twice:
                await self._attempt(delivery, 1)
        finally:
            delivery.done.set()

    async def _attempt(self, delivery: Delivery, number: int) -> bool:
        reason = delivery.attempts[-1].reason if delivery.attempts else ""
        attempt = Attempt(str(uuid.uuid4()), number, time.monotonic(), reason=reason)
        delivery.attempts.append(attempt)
        try:
            ack = await self.carrier.carry(delivery, attempt, self.ack_seconds)
        except NotAcked as silence:
            attempt.reason = str(silence)
            return False
        attempt.acked_at = time.monotonic()
        if not delivery.acked:
            delivery.ack = ack
            delivery.seen_error = self.apply(delivery)
        return True

    def _comes_twice(self, delivery: Delivery) -> bool:
        if self.faults.duplicate <= 0 or delivery.kind != "events_api":
            return False
        self.faults.duplicate -= 1
        return True

    async def _hold(self) -> None:
        if self.faults.delay:
            await asyncio.sleep(self.faults.delay)
        if self.faults.reorder > 0:
            self.faults.reorder -= 1
            mine = asyncio.Event()
            self._held.append(mine)
            if self.faults.reorder == 0:
                held, self._held = self._held[::-1], []
                self._release = asyncio.get_running_loop().create_task(_one_by_one(held))
            await mine.wait()


async def _one_by_one(held: list[asyncio.Event]) -> None:
    for event in held:
        event.set()
        await asyncio.sleep(0.02)


@dataclass
class HttpCarrier:
    """Posts to a request URL, signed as Slack signs."""

    url: str
    signing_secret: str
    clock: Callable[[], float]

    async def carry(self, delivery: Delivery, attempt: Attempt, seconds: float) -> Json:
        headers, body = self.signed(delivery)
        if attempt.number:
            headers |= {"X-Slack-Retry-Num": str(attempt.number), "X-Slack-Retry-Reason": attempt.reason}
        try:
            async with httpx.AsyncClient(timeout=seconds, trust_env=False) as client:
                answer = await client.post(self.url, content=body, headers=headers)
        except httpx.TimeoutException:
            raise NotAcked("http_timeout") from None
        except httpx.HTTPError:
            raise NotAcked("connection_failed") from None
        if not answer.is_success:
            raise NotAcked("http_error")
        return _payload(answer)

    def signed(self, delivery: Delivery) -> tuple[dict[str, str], bytes]:
        """Headers and body of one request."""
        match delivery.kind:
            case "events_api":
                kind, body = "application/json", json.dumps(delivery.payload)
            case "slash_commands":
                kind, body = "application/x-www-form-urlencoded", urlencode(delivery.payload)
            case _:
                kind = "application/x-www-form-urlencoded"
                body = urlencode({"payload": json.dumps(delivery.payload)})
        stamp = str(int(self.clock()))
        digest = hmac.new(self.signing_secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        signature = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
        return {"Content-Type": kind, **signature}, body.encode()


def _payload(answer: httpx.Response) -> Json:
    try:
        found = answer.json()
    except ValueError:
        return {"text": answer.text} if answer.text else {}
    return found if isinstance(found, dict) else {}
