"""When a cluster was last alive, by its own objects: a recording is judged as of its own end, not as of today."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from knowledge.objects import Event, Node, Object, Pod

STALE = timedelta(days=1)
"""A live cluster's nodes report every few minutes (five by default); nothing newer than a day is a recording."""


def as_of(objects: Iterable[Object], now: datetime) -> datetime:
    """``now``, unless the newest time in the objects is more than a day older: then that time."""
    newest = max((at for thing in objects for at in _times(thing) if at <= now), default=now)
    return newest if now - newest > STALE else now


def _times(thing: Object) -> Iterator[datetime]:
    match thing:
        case Event():
            found = [thing.last_seen]
        case Node():
            found = [c.last_heartbeat_time or c.last_transition_time for c in thing.status.conditions]
        case Pod():
            states = [s for status in thing.status.container_statuses for s in (status.state, status.last_state)]
            found = [thing.metadata.creation_timestamp, *(c.last_transition_time for c in thing.status.conditions)]
            found += [s.running.started_at for s in states if s.running]
            found += [s.terminated.finished_at for s in states if s.terminated]
        case _:
            found = []
    yield from (at for at in found if at is not None)
