"""Working time: which hours of which days count, and when something that may take so long is due. Pure.

Instants are compared in UTC and hours are those of the wall clock, so that a day of 23 or 25 hours keeps its hours.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_FARTHEST = 3_660
"""Days that are looked through; a calendar that has no working day among them has none at all."""


@dataclass(frozen=True)
class Calendar:
    """``days``: 0 is Monday. A calendar without days works around the clock."""

    zone: tzinfo = UTC
    days: frozenset[int] = frozenset(range(5))
    begin: time = time(9)
    end: time = time(18)
    holidays: frozenset[date] = frozenset()

    def due(self, since: datetime, work: timedelta) -> datetime:
        """The instant at which so much working time has passed."""
        left = work
        for start, stop in self._spans(since):
            if left <= stop - start:
                return start + left
            left -= stop - start
        return since + work

    def worked(self, since: datetime, until: datetime) -> timedelta:
        """How much working time lies between two instants."""
        total = timedelta()
        for start, stop in self._spans(since):
            if start >= until:
                break
            total += min(stop, until) - start
        return total

    def works_at(self, now: datetime) -> bool:
        """Whether somebody is expected to be at work."""
        start, _ = next(self._spans(now), (None, None))
        return start is not None and start <= now

    def _spans(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working spans from an instant on, in UTC."""
        since = since.astimezone(UTC)
        first = since.astimezone(self.zone).date() - timedelta(days=1)  # a shift over midnight began yesterday
        for number in range(_FARTHEST):
            day = first + timedelta(days=number)
            if day.weekday() not in self.days or day in self.holidays:
                continue
            last = day if self.end > self.begin else day + timedelta(days=1)
            start = datetime.combine(day, self.begin, self.zone).astimezone(UTC)
            stop = datetime.combine(last, self.end, self.zone).astimezone(UTC)
            if stop > since and stop > start:
                yield max(start, since), stop
