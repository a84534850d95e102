"""Who somebody is: name, e-mail, zone, groups. Remembered for an hour; nobody waits for what Slack does not give."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Waited
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.slack.post import Post
from bot.words import LANGUAGES
from integrations.errors import IntegrationError

_log = logging.getLogger(__name__)
KEPT_S = 3600.0
RETRY_S = 60.0
WAIT_S = 1.8
"""An answer waits so long for who asks; what Slack says later is known the next time."""
MOST = 20_000
"""People remembered at once; beyond it the memory begins anew."""
_T = TypeVar("_T")


@dataclass(frozen=True)
class Known:
    """What Slack says of a person; the defaults are what we assume while it says nothing."""

    name: str = ""
    email: str = ""
    zone: tzinfo = UTC
    language: str = ""
    """That of their Slack, where it is one of ours."""
    guest: bool = False
    """A guest or somebody of another organisation: refused in a sentence."""
    groups: frozenset[str] = frozenset()


class People:
    """Looks people up in Slack, briefly, and remembers them."""

    def __init__(self, post: Post, needs_groups: bool = False) -> None:
        self._post = post
        self._needs_groups = needs_groups
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="people")
        self._persons: _Shelf[Known] = _Shelf(self._pool)
        self._groups: _Shelf[Mapping[str, frozenset[str]]] = _Shelf(self._pool)

    def known(self, user: str, wait_s: float = WAIT_S) -> Known:
        """The person with their groups (as far as a policy names any), after ``wait_s`` at most."""
        until = time.monotonic() + wait_s
        if self._needs_groups:
            self._groups.begin("", self._post.groups)
        self._persons.begin(user, lambda: _known(self._post.person(user)))
        person = self._persons.get(user, until) or Known()
        if not self._needs_groups:
            return person
        members = self._groups.get("", until) or {}
        return replace(person, groups=members.get(user, frozenset()))

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


@dataclass
class _Shelf(Generic[_T]):
    """Things fetched in the background, one fetch for each key at a time, kept for a while."""

    pool: ThreadPoolExecutor
    kept: dict[str, tuple[float, _T | None]] = field(default_factory=dict)
    coming: dict[str, "Future[_T | None]"] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, key: str, fetch: Callable[[], _T]) -> None:
        with self.lock:
            until, _ = self.kept.get(key, (0.0, None))
            if until <= time.monotonic() and key not in self.coming:
                self.coming[key] = self.pool.submit(self._fetch, key, fetch)

    def get(self, key: str, until: float) -> _T | None:
        """What was fetched; what was known before when the fetch fails or takes too long."""
        with self.lock:
            coming = self.coming.get(key)
        if coming is not None:
            try:
                return coming.result(max(0.0, until - time.monotonic()))
            except Waited:
                _log.info("Slack is slow to say who somebody is")
        with self.lock:
            return self.kept.get(key, (0.0, None))[1]

    def _fetch(self, key: str, fetch: Callable[[], _T]) -> _T | None:
        thing, keep = None, RETRY_S
        try:
            thing, keep = fetch(), KEPT_S
        except IntegrationError as error:
            _log.info("Slack does not say who somebody is: %s", error.says)
        with self.lock:
            if thing is None:
                thing = self.kept.get(key, (0.0, None))[1]
            if len(self.kept) >= MOST:
                self.kept.clear()
            self.kept[key] = (time.monotonic() + keep, thing)
            self.coming.pop(key, None)
        return thing


def _known(user: Mapping[str, Any]) -> Known:
    profile = user.get("profile")
    profile = profile if isinstance(profile, Mapping) else {}
    foreign = any(user.get(key) is True for key in ("is_stranger", "is_restricted", "is_ultra_restricted"))
    return Known(
        str(profile.get("display_name") or user.get("real_name") or user.get("name") or ""),
        str(profile.get("email") or ""),
        zone(str(user.get("tz") or "")),
        _language(str(user.get("locale") or "")),
        foreign,
    )


def _language(locale: str) -> str:
    spoken = locale.partition("-")[0].lower()
    return spoken if spoken in LANGUAGES else ""


def zone(name: str) -> tzinfo:
    """The zone of that name; UTC for none, and for what is no zone."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
