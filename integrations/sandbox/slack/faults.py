"""What can be made to go wrong on purpose: answers of methods, envelopes, tokens, rate limits."""

import math
import threading
from collections import defaultdict
from dataclasses import dataclass, field

HANG_SECONDS = 60.0


@dataclass
class Fault:
    """The next ``times`` calls of a method: an HTTP status, ``html``, ``hang``, ``cut`` (no answer, nothing done),
    or ``lost`` (done, and the answer never arrives)."""

    method: str
    answer: int | str
    times: int = 1


@dataclass
class Faults:
    """The switches of a room. All are off to begin with."""

    revoked: bool = False
    delay: float = 0.0
    """Seconds that each envelope is held back."""
    duplicate: int = 0
    """So many of the next envelopes arrive twice."""
    reorder: int = 0
    """So many of the next envelopes arrive together, last one first."""
    hang_seconds: float = HANG_SECONDS
    _waiting: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, method: str, answer: int | str, times: int = 1) -> None:
        with self._lock:
            self._waiting.append(Fault(method, answer, times))

    def take(self, method: str) -> int | str | None:
        """What this call of the method meets."""
        with self._lock:
            for fault in self._waiting:
                if fault.method == method and fault.times > 0:
                    fault.times -= 1
                    return fault.answer
        return None


@dataclass
class Limits:
    """Slack's rate limits, counted per method over a minute and per channel over a second. Off until ``on``."""

    on: bool = False
    window: float = 60.0
    burst: int = 1
    """Messages that a channel takes within one second."""
    per_minute: dict[str, int] = field(default_factory=dict)
    """Other limits than those of the tiers, by method."""
    _calls: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def retry_after(self, method: str, tier: int, channel: str, now: float) -> int:
        """Seconds to wait, or 0: this call is allowed and counted."""
        if not self.on:
            return 0
        if method == "chat.postMessage":
            return self._count(f"{method} {channel}", self.burst, 1.0, now)
        most = self.per_minute.get(method, {1: 1, 2: 20, 3: 50, 4: 100}.get(tier, 600))
        return self._count(method, most, self.window, now)

    def _count(self, key: str, most: int, window: float, now: float) -> int:
        recent = self._calls[key] = [at for at in self._calls[key] if at > now - window]
        if len(recent) >= most:
            return max(1, math.ceil(recent[0] + window - now))
        recent.append(now)
        return 0
