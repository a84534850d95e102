"""Since when the journal has watched a cluster, and what it missed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

NEAR = timedelta(minutes=30)
"""A gap so near to an instant may hold what happened then."""


@dataclass(frozen=True)
class Missed:
    """A time in which nobody watched. ``code``: why; ``until`` is empty while it lasts."""

    since: datetime
    until: datetime | None
    code: str


@dataclass(frozen=True)
class Watch:
    """``since``: the first visit that succeeded, empty when none did. ``kept_since``: what is older was forgotten.
    ``last``: the last visit that succeeded."""

    since: datetime | None
    kept_since: datetime | None
    last: datetime | None
    bytes_read: int = 0
    missed: tuple[Missed, ...] = ()

    def watched(self, at: datetime) -> bool:
        """Whether what happened at an instant would have been recorded."""
        start = self.kept_since or self.since
        if start is None or self.last is None or at < start or at > self.last:
            return False
        return not any(gap.since <= at and (gap.until is None or at <= gap.until) for gap in self.missed)

    def near(self, start: datetime, end: datetime) -> Iterator[Missed]:
        """The gaps that touch a time or come near it."""
        for gap in self.missed:
            if gap.since <= end + NEAR and (gap.until is None or gap.until >= start - NEAR):
                yield gap
