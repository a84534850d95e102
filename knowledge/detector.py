"""The form of a detector: a module with one ``DETECTOR`` and one ``detect(seen)``.

The first line of the module's docstring completes "this cluster has …". A detector fetches nothing: it judges a
Snapshot. Absence is the case to test first.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from knowledge.finding import Finding, Severity
from knowledge.finding import Layer as Layer
from knowledge.objects import Object
from knowledge.snapshot import Snapshot


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


Detect = Callable[[Snapshot], Iterator[Finding]]


@dataclass(frozen=True)
class Plugin:
    """A detector as the catalogue holds it."""

    detector: Detector
    detect: Detect
    summary: str
