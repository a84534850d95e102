"""The form of a detector: a module with one ``DETECTOR`` and one ``detect(seen)``.

The first line of the module's docstring completes "this cluster has …". A detector fetches nothing: it judges a
Snapshot. Absence is the case to test first.
"""

from dataclasses import dataclass
from enum import IntEnum

from knowledge.objects import Object


class Severity(IntEnum):
    """``CRITICAL``: users are hit or data is at risk now; ``ERROR``: broken now; ``WARNING``: works, known to hurt;
    ``INFO``: expected behaviour that people ask about."""

    INFO = 1
    WARNING = 2
    ERROR = 3
    CRITICAL = 4


class Layer(IntEnum):
    """How near a detection is to the end of the chain. A cause about the same subject explains a symptom."""

    HYGIENE = 0
    """Works now and is known to hurt: reported, never the headline of an incident."""
    SYMPTOM = 1
    """A state that always has a reason elsewhere: a rollout that does not proceed, a Service without endpoints."""
    CAUSE = 2


@dataclass(frozen=True)
class Detector:
    """``needs``: kinds without which nothing can be told. ``uses``: kinds that help; where one could not be read the
    detector still judges, more carefully. ``logs``: it reads logs, which are fetched for suspects after a first pass.
    ``hides``: ids of detectors whose findings on the same subject, or on a finding's victims, are symptoms of this
    one.
    """

    id: str
    severity: Severity
    needs: tuple[type[Object], ...]
    uses: tuple[type[Object], ...] = ()
    logs: bool = False
    layer: Layer = Layer.CAUSE
    hides: tuple[str, ...] = ()
