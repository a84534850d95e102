"""Who somebody is: name, e-mail, zone, groups. Remembered for an hour; nobody waits for what Slack does not give."""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.slack.post import Post
from integrations.errors import IntegrationError

_log = logging.getLogger(__name__)
KEPT_S = 3600.0
RETRY_S = 60.0
MOST = 20_000
"""People remembered at once; beyond it the memory begins anew."""


@dataclass(frozen=True)
class Known:
    """What Slack says of a person; the defaults are what we assume while it says nothing."""

    name: str = ""
    email: str = ""
    zone: tzinfo = UTC
    guest: bool = False
    """A guest or somebody of another organisation: refused in a sentence."""


class People:
    """Looks people up in Slack, briefly, and remembers them."""

    def __init__(self, post: Post, needs_groups: bool = False) -> None:
        self._post = post
        self._needs_groups = needs_groups
        self._known: dict[str, tuple[float, Known]] = {}
        self._groups: tuple[float, Mapping[str, frozenset[str]]] = (0.0, {})
        self._lock = threading.Lock()

    def known(self, user: str) -> Known:
        now = time.monotonic()
        with self._lock:
            kept = self._known.get(user)
        if kept and kept[0] > now:
            return kept[1]
        try:
            person, keep = _known(self._post.person(user)), KEPT_S
        except IntegrationError as error:
            _log.info("users.info gives nothing: %s", error.says)
            person, keep = (kept[1] if kept else Known()), RETRY_S
        with self._lock:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[user] = (now + keep, person)
        return person

    def groups(self, user: str) -> frozenset[str]:
        """User groups, ids and handles, as far as the policy names any."""
        if not self._needs_groups:
            return frozenset()
        now = time.monotonic()
        with self._lock:
            until, members = self._groups
        if until <= now:
            try:
                members, keep = self._post.groups(), KEPT_S
            except IntegrationError as error:
                _log.info("usergroups.list gives nothing: %s", error.says)
                keep = RETRY_S
            with self._lock:
                self._groups = (now + keep, members)
        return members.get(user, frozenset())


def _known(user: Mapping[str, Any]) -> Known:
    profile = user.get("profile")
    profile = profile if isinstance(profile, Mapping) else {}
    foreign = any(user.get(key) is True for key in ("is_stranger", "is_restricted", "is_ultra_restricted"))
    return Known(
        str(profile.get("display_name") or user.get("real_name") or user.get("name") or ""),
        str(profile.get("email") or ""),
        _zone(str(user.get("tz") or "")),
        foreign,
    )


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
