"""Tells a recorded cluster, served long afterwards as it was, from one that lives; and what its present was.

A living cluster shows it: nodes report every few minutes, events last for an hour or a day, and a container in
back-off ends every five minutes. Where one of these is old, the newest time that anything carries was the present.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from knowledge.objects import Event, Node, Object, Pod

_ASLEEP = timedelta(days=2)


def recorded_at(objects: Collection[Object], now: datetime) -> datetime | None:
    """When a recording was made; ``None`` for a cluster that lives or does not say."""
    signs = [at for thing in objects for at in _signs(thing)]
    if not signs or now - max(signs) < _ASLEEP:
        return None
    present = max(at for thing in objects for at in _times(thing))
    return present if now - present >= _ASLEEP else None


def _signs(thing: Object) -> Iterator[datetime]:
    """Times that are always young in a living cluster."""
    match thing:
        case Node():
            if (ready := thing.condition("Ready")) and ready.status == "True" and ready.last_heartbeat_time:
                yield ready.last_heartbeat_time
        case Event():
            if thing.last_seen:
                yield thing.last_seen
        case Pod():
            for status in thing.lasting_statuses():
                waiting, end = status.state.waiting, status.last_end
                if waiting and waiting.reason == "CrashLoopBackOff" and end and end.finished_at:
                    yield end.finished_at


def _times(thing: Object) -> Iterator[datetime]:
    yield from _signs(thing)
    if thing.metadata.creation_timestamp:
        yield thing.metadata.creation_timestamp
    yield from (field.time for field in thing.metadata.managed_fields if field.time)
    if isinstance(thing, Pod):
        yield from (c.last_transition_time for c in thing.status.conditions if c.last_transition_time)
        for status in thing.lasting_statuses():
            if status.state.running and status.state.running.started_at:
                yield status.state.running.started_at
            if status.last_end and status.last_end.finished_at:
                yield status.last_end.finished_at
    if isinstance(thing, Node):
        for condition in thing.status.conditions:
            yield from (t for t in (condition.last_heartbeat_time, condition.last_transition_time) if t)
