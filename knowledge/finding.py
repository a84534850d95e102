"""What a detector claims, with its proof: Evidence, Remedy, Finding."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from knowledge.detector import Detector, Layer
from knowledge.detector import Severity as Severity
from knowledge.objects import Event, Object
from knowledge.ref import Ref as Ref
from knowledge.said import Said


class Confidence(IntEnum):
    """``PROVEN``: the API says so in a field; ``LIKELY``: two or more independent signs; ``POSSIBLE``: one sign."""

    POSSIBLE = 1
    LIKELY = 2
    PROVEN = 3


class Source(StrEnum):
    FIELD = "field"
    EVENT = "event"
    LOG = "log"
    ABSENCE = "absence"


@dataclass(frozen=True)
class Evidence:
    """One piece of proof: the object, where in it (a field path, an event's reason, a container's log), the value."""

    source: Source
    about: Ref
    path: str
    value: str
    at: datetime | None = None


class Consent(StrEnum):
    """Who must agree before the bot may do it: ``LOOK`` nobody (read-only), ``SAFE`` the asker, ``ASK`` a second
    person, ``NEVER``: the bot only explains."""

    LOOK = "look"
    SAFE = "safe"
    ASK = "ask"
    NEVER = "never"


class Who(StrEnum):
    """Whose hands the fix needs."""

    OWNER = "owner"
    PLATFORM = "platform"


@dataclass(frozen=True)
class Remedy:
    """What to do, as words and, where one exists, as a command or a piece of manifest to copy."""

    says: Said
    command: str = ""
    consent: Consent = Consent.NEVER
    who: Who = Who.OWNER


@dataclass(frozen=True)
class Finding:
    """A claim with proof. ``subject`` is the object to be mended: the workload, not its forty pods.

    ``says`` is the cause in one sentence that stands alone: it names the object, what happened and the telling value.
    ``why`` explains it in plain words to someone who does not know Kubernetes well. ``because`` names other objects
    whose own finding, if they have one, is the cause of this one; ``victims`` other objects whose symptoms come from
    this one. ``discriminator`` tells two findings of one detector on one subject apart (a container, a volume). ``at``
    is when it happened.
    """

    detector: Detector
    subject: Ref
    says: Said
    confidence: Confidence
    evidence: tuple[Evidence, ...]
    why: Said | None = None
    remedies: tuple[Remedy, ...] = ()
    because: tuple[Ref, ...] = ()
    victims: tuple[Ref, ...] = ()
    pods: tuple[Ref, ...] = ()
    discriminator: str = ""
    at: datetime | None = None
    severity: Severity | None = None
    """Set where a finding is graver or milder than its detector usually is."""
    layer: Layer | None = None
    """Set where a finding is nearer to the end of the chain than its detector's usually are."""

    @property
    def gravity(self) -> Severity:
        return self.severity or self.detector.severity

    @property
    def depth(self) -> Layer:
        return self.detector.layer if self.layer is None else self.layer

    @property
    def key(self) -> tuple[str, Ref, str]:
        """The same finding in the next run has the same key: it holds facts only."""
        return (self.detector.id, self.subject, self.discriminator)


def field_of(thing: Object, path: str, value: object, at: datetime | None = None) -> Evidence:
    """Evidence that a field of an object holds a value."""
    return Evidence(Source.FIELD, Ref.to(thing), path, str(value), at)


def event_of(event: Event) -> Evidence:
    """Evidence that an event was recorded."""
    about = event.involved_object
    ref = Ref(about.kind, about.namespace, about.name, about.uid)
    times = f" (x{event.count})" if event.count > 1 else ""
    return Evidence(Source.EVENT, ref, event.reason, event.message + times, event.last_seen)


def log_of(pod: Object, container: str, line: str, at: datetime | None = None) -> Evidence:
    """Evidence that a container's log holds a line."""
    return Evidence(Source.LOG, Ref.to(pod), container, line, at)


def absence_of(kind: str, namespace: str, name: str) -> Evidence:
    """Evidence that an object which somebody names does not exist."""
    return Evidence(Source.ABSENCE, Ref(kind, namespace, name), "", "")
