"""Gathers the detectors: every module below ``knowledge.detectors`` that declares ``DETECTOR``."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import knowledge.detectors
from knowledge.detector import Detector
from knowledge.finding import Finding
from knowledge.snapshot import Snapshot

Detect = Callable[[Snapshot], Iterator[Finding]]


@dataclass(frozen=True)
class Plugin:
    """A detector as the catalogue holds it."""

    detector: Detector
    detect: Detect
    summary: str


@cache
def detectors() -> Mapping[str, Plugin]:
    """Every detector by its id. A duplicate id or a module without ``detect`` is a defect and raises at once."""
    found: dict[str, Plugin] = {}
    for module in pkgutil.walk_packages(knowledge.detectors.__path__, "knowledge.detectors."):
        loaded = importlib.import_module(module.name)
        detector = getattr(loaded, "DETECTOR", None)
        if not isinstance(detector, Detector):
            continue
        if detector.id in found:
            raise ValueError(f"two detectors are called {detector.id}")
        summary = (loaded.__doc__ or "").strip().partition("\n")[0]
        found[detector.id] = Plugin(detector, loaded.detect, summary)
    return MappingProxyType(dict(sorted(found.items())))
