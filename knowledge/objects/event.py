"""Events, read as ``v1``. API servers store one event for both APIs; ``RegardingEvent`` is what ``events.k8s.io`` makes
of it, for servers that show theirs only there."""

from datetime import datetime
from typing import ClassVar

from msgspec import field

from knowledge.objects.meta import Object, ObjectReference, Part, Resource

_MERGED = "(combined from similar events): "


class EventSource(Part):
    component: str = ""
    host: str = ""


class EventSeries(Part):
    count: int = 0
    last_observed_time: datetime | None = None


class Event(Object):
    RESOURCE: ClassVar[Resource] = Resource("Event", "", "v1", "events")
    involved_object: ObjectReference = field(default_factory=ObjectReference)
    related: ObjectReference | None = None
    type: str = ""
    reason: str = ""
    raw_message: str = field(default="", name="message")
    source: EventSource = field(default_factory=EventSource)
    reporting_component: str = ""
    first_timestamp: datetime | None = None
    last_timestamp: datetime | None = None
    event_time: datetime | None = None
    raw_count: int | None = field(default=None, name="count")
    series: EventSeries | None = None

    @property
    def message(self) -> str:
        """The message without the prefix that a merged event carries."""
        return self.raw_message.removeprefix(_MERGED)

    @property
    def last_seen(self) -> datetime | None:
        """Scheduler events have no ``lastTimestamp``, so several fields are asked in the order of their worth."""
        series = self.series.last_observed_time if self.series else None
        return (
            series or self.last_timestamp or self.event_time or self.first_timestamp or self.metadata.creation_timestamp
        )

    @property
    def first_seen(self) -> datetime | None:
        return self.first_timestamp or self.event_time or self.metadata.creation_timestamp

    @property
    def count(self) -> int:
        return (self.series.count if self.series else 0) or self.raw_count or 1

    @property
    def container(self) -> str:
        """The container named by ``fieldPath``, e.g. ``spec.containers{app}``; empty when the event names none."""
        path = self.involved_object.field_path
        return path[path.find("{") + 1 : -1] if path.endswith("}") and "{" in path else ""


class RegardingEvent(Object):
    RESOURCE: ClassVar[Resource] = Resource("Event", "events.k8s.io", "v1", "events")
    regarding: ObjectReference = field(default_factory=ObjectReference)
    related: ObjectReference | None = None
    type: str = ""
    reason: str = ""
    note: str = ""
    reporting_controller: str = ""
    deprecated_source: EventSource = field(default_factory=EventSource)
    deprecated_first_timestamp: datetime | None = None
    deprecated_last_timestamp: datetime | None = None
    deprecated_count: int | None = None
    event_time: datetime | None = None
    series: EventSeries | None = None

    def as_event(self) -> Event:
        return Event(
            metadata=self.metadata,
            involved_object=self.regarding,
            related=self.related,
            type=self.type,
            reason=self.reason,
            raw_message=self.note,
            source=self.deprecated_source,
            reporting_component=self.reporting_controller,
            first_timestamp=self.deprecated_first_timestamp,
            last_timestamp=self.deprecated_last_timestamp,
            event_time=self.event_time,
            raw_count=self.deprecated_count,
            series=self.series,
        )
