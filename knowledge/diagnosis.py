"""Runs detectors over a snapshot and decides which finding is the headline.

The ranking, in this order: what explains others comes before what it explains; what concerns the asked subject before
what does not; proof; how near in time to the instant asked about; severity; distance from the subject. Nothing is
dropped: what is explained by another finding is told under it.
"""

import logging
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from knowledge.detector import Layer, Plugin
from knowledge.finding import Confidence, Finding, Ref
from knowledge.said import Said
from knowledge.snapshot import Gap, Snapshot

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Unclear:
    """A detection that could not be made, and why."""

    detector: str
    says: Said


@dataclass(frozen=True)
class Cause:
    """A finding and what it explains, nearest first."""

    finding: Finding
    explains: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Diagnosis:
    """``causes`` concern the subject, the headline first. ``asides`` were seen on the way and explain nothing that was
    asked: they are told last. ``unclear`` and ``gaps`` are what could not be told."""

    causes: tuple[Cause, ...] = ()
    asides: tuple[Cause, ...] = ()
    unclear: tuple[Unclear, ...] = ()
    gaps: tuple[Gap, ...] = ()
    judged: tuple[str, ...] = ()
    """Ids of the detectors that could look."""

    @property
    def headline(self) -> Cause | None:
        return self.causes[0] if self.causes else None


def examine(plugins: Iterable[Plugin], seen: Snapshot, about: Collection[Ref] = ()) -> Diagnosis:
    """Judge a snapshot. ``about``: the subjects that were asked for; empty means everything in it."""
    findings: dict[tuple[str, Ref, str], Finding] = {}
    unclear: list[Unclear] = []
    judged: list[str] = []
    for plugin in plugins:
        unread = next((gap for kind in plugin.detector.needs if (gap := seen.unread(kind))), None)
        try:
            found = list(plugin.detect(seen))
        except Exception:  # noqa: BLE001 - one broken detector must not silence the others
            _log.exception("detector %s failed on cluster %s", plugin.detector.id, seen.cluster)
            unclear.append(Unclear(plugin.detector.id, Said("This check failed inside the bot itself.")))
            continue
        for finding in found:
            findings.setdefault(finding.key, finding)
        if unread and not found:
            unclear.append(Unclear(plugin.detector.id, unread.says))
        else:
            judged.append(plugin.detector.id)
    causes, asides = rank(tuple(findings.values()), seen, about)
    return Diagnosis(causes, asides, tuple(unclear), seen.gaps, tuple(judged))


def rank(
    findings: Collection[Finding], seen: Snapshot, about: Collection[Ref] = ()
) -> tuple[tuple[Cause, ...], tuple[Cause, ...]]:
    """Order findings into causes with what they explain, split into those that concern ``about`` and the others."""
    reasons = {finding.key: tuple(_reasons(finding, findings)) for finding in findings}
    told: dict[tuple[str, Ref, str], list[Finding]] = {f.key: [] for f in findings if not reasons[f.key]}
    for finding in findings:
        for root in _roots(finding, reasons):
            if root.key != finding.key:
                told.setdefault(root.key, []).append(finding)
    causes = [Cause(f, tuple(told[f.key])) for f in findings if f.key in told]
    asked = set(about)
    concerning = [c for c in causes if _concerns(c, asked)]
    others = [c for c in causes if not _concerns(c, asked)]
    return tuple(sorted(concerning, key=lambda c: _order(c, seen, asked))), tuple(
        sorted(others, key=lambda c: _order(c, seen, asked))
    )


def _reasons(finding: Finding, findings: Collection[Finding]) -> Iterator[Finding]:
    """The findings that explain this one, one step up. What is only possible explains nothing that is proven."""
    for other in findings:
        if other.key == finding.key or other.confidence is Confidence.POSSIBLE < finding.confidence:
            continue
        if other.detector.layer is Layer.HYGIENE:
            continue
        same = other.subject == finding.subject
        if (
            (other.subject in finding.because and not (same and other.detector.layer <= finding.detector.layer))
            or (same and finding.detector.id in other.detector.hides)
            or (same and finding.detector.layer is Layer.SYMPTOM and other.detector.layer is Layer.CAUSE)
        ):
            yield other


def _roots(finding: Finding, reasons: dict[tuple[str, Ref, str], tuple[Finding, ...]]) -> Iterator[Finding]:
    """The ends of the chains above a finding. A circle of findings that explain each other ends where it began."""
    waiting, visited = [finding], {finding.key}
    while waiting:
        here = waiting.pop()
        above = [f for f in reasons[here.key] if f.key not in visited]
        if not above:
            yield here
        for step in above:
            visited.add(step.key)
            waiting.append(step)


def _concerns(cause: Cause, about: set[Ref]) -> bool:
    if not about:
        return cause.finding.detector.layer is not Layer.HYGIENE
    return any(
        f.subject in about or not about.isdisjoint(f.pods)
        for f in (cause.finding, *cause.explains)
        if f.detector.layer is not Layer.HYGIENE
    )


def _order(cause: Cause, seen: Snapshot, about: set[Ref]) -> tuple[float, ...]:
    """Smaller comes first."""
    finding = cause.finding
    away = abs(seen.at - finding.at) if finding.at else timedelta(days=36500)
    near = 0 if away <= timedelta(minutes=15) else 1 if away <= timedelta(days=1) else 2
    return (
        -finding.detector.layer,
        -min(len(cause.explains), 3) if finding.confidence is not Confidence.POSSIBLE else 0,
        -finding.confidence,
        near,
        -finding.gravity,
        0 if finding.subject in about or not about.isdisjoint(finding.pods) else 1,
        away.total_seconds(),
    )
