"""Runs detectors over a snapshot and decides which finding is the headline.

The ranking, in this order: what explains others comes before what it explains; what concerns the asked subject before
what does not; what is broken before what is not yet; proof; how near in time to the instant asked about; severity;
distance from the subject. Nothing is dropped: what is explained by another finding is told under it.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from knowledge.catalogue import Plugin
from knowledge.detector import Layer
from knowledge.finding import Confidence, Finding, Ref, Severity
from knowledge.relations import dependencies, subject_pods
from knowledge.said import Said
from knowledge.snapshot import Gap, Snapshot

_Key = tuple[str, Ref, str]
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
    """Judge a snapshot. ``about``: the subjects that were asked for; empty means everything in it.

    A cluster that was recorded long ago is judged as of then: its crash loops are not history.
    """
    seen = seen.as_recorded()
    findings: dict[_Key, Finding] = {}
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


def within(diagnosis: Diagnosis, namespace: str) -> Diagnosis:
    """What of a diagnosis concerns one namespace: its own objects, and those of none, like nodes."""
    mine = tuple(
        cause
        for cause in diagnosis.causes
        if any(f.subject.namespace in ("", namespace) for f in (cause.finding, *cause.explains))
    )
    return replace(diagnosis, causes=mine)


def visible(diagnosis: Diagnosis, may: Callable[[str], bool]) -> Diagnosis:
    """What of a diagnosis somebody may be told who may not ask about every namespace (empty: what has none)."""
    causes, asides = (
        tuple(
            Cause(c.finding, tuple(f for f in c.explains if may(f.subject.namespace)))
            for c in told
            if may(c.finding.subject.namespace)
        )
        for told in (diagnosis.causes, diagnosis.asides)
    )
    return replace(diagnosis, causes=causes, asides=asides)


def rank(
    findings: Collection[Finding], seen: Snapshot, about: Collection[Ref] = ()
) -> tuple[tuple[Cause, ...], tuple[Cause, ...]]:
    """Order findings into causes with what they explain, split into those that concern ``about`` and the others."""
    near = _Neighbours(findings)
    reasons = {finding.key: tuple(_reasons(finding, near.of(finding))) for finding in findings}
    above = {finding.key: _above(finding, reasons) for finding in findings}
    roots = {f.key: f for f in findings if _is_root(f, above[f.key], reasons)}
    told: dict[_Key, list[Finding]] = {key: [] for key in roots}
    for finding in findings:
        for key in above[finding.key]:
            if key in roots and key != finding.key:
                told[key].append(finding)
    causes = [Cause(f, tuple(told[key])) for key, f in roots.items()]
    asked = set(about)
    concerning = [c for c in causes if _concerns(c, asked)]
    if asked and not concerning:
        # What is told of pods of the asked one is told of it, and of a node what its pods put down to it.
        held = {Ref.to(pod) for ref in asked for pod in subject_pods(seen, ref)}
        concerning = [c for c in causes if (held and _concerns(c, held)) or _blames(c, asked)]
    if asked and not any(c.finding.gravity >= Severity.ERROR for c in concerning):
        # The asked one is well itself: what ails those that its own log complains of is why it fails.
        needed, there = set(dependencies(seen, asked)), {c.finding.key for c in concerning}
        concerning += [c for c in causes if c.finding.key not in there and _ails(c.finding, needed)]
    told_of = {c.finding.key for c in concerning}
    others = [c for c in causes if c.finding.key not in told_of]
    return tuple(sorted(concerning, key=lambda c: _order(c, seen, asked))), tuple(
        sorted(others, key=lambda c: _order(c, seen, asked))
    )


class _Neighbours:
    """Findings by what they are about and whom they hit: among thousands only these few can explain one."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.by_subject: dict[Ref, list[Finding]] = defaultdict(list)
        self.by_victim: dict[Ref, list[Finding]] = defaultdict(list)
        for finding in findings:
            self.by_subject[finding.subject].append(finding)
            for victim in finding.victims:
                self.by_victim[victim].append(finding)

    def of(self, finding: Finding) -> Iterable[Finding]:
        groups = (
            self.by_subject[finding.subject],
            self.by_victim.get(finding.subject, ()),
            *(self.by_subject.get(ref, ()) for ref in finding.because),
        )
        return {other.key: other for group in groups for other in group}.values()


def _blames(cause: Cause, asked: set[Ref]) -> bool:
    return any(not asked.isdisjoint(f.because) for f in (cause.finding, *cause.explains))


def _reasons(finding: Finding, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings that explain this one, one step up. What is only possible explains nothing that is proven."""
    for other in findings:
        if other.key == finding.key or other.confidence is Confidence.POSSIBLE < finding.confidence:
            continue
        if other.depth is Layer.HYGIENE:
            continue
        same = other.subject == finding.subject
        hit = same or finding.subject in other.victims
        if (
            (other.subject in finding.because and not (same and other.depth <= finding.depth))
            or (hit and finding.detector.id in other.detector.hides)
            or (hit and finding.depth is Layer.SYMPTOM and other.depth is Layer.CAUSE)
        ):
            yield other


def _above(finding: Finding, reasons: Mapping[_Key, tuple[Finding, ...]]) -> dict[_Key, Finding]:
    """Every finding on a chain above this one; the finding itself when it stands in a circle."""
    waiting, found = list(reasons[finding.key]), dict[_Key, Finding]()
    while waiting:
        step = waiting.pop()
        if step.key not in found:
            found[step.key] = step
            waiting.extend(reasons[step.key])
    return found


def _is_root(finding: Finding, above: Mapping[_Key, Finding], reasons: Mapping[_Key, tuple[Finding, ...]]) -> bool:
    """Whether nothing explains a finding. Of findings that explain each other in a circle the surest is the root."""
    if not above:
        return True
    if finding.key not in above or any(not reasons[key] for key in above):
        return False
    return finding == max(above.values(), key=lambda f: (f.depth, f.confidence, f.gravity, f.key))


def _concerns(cause: Cause, about: set[Ref]) -> bool:
    if not about:
        return cause.finding.depth is not Layer.HYGIENE
    return any(
        f.subject in about or not about.isdisjoint((*f.pods, *f.victims))
        for f in (cause.finding, *cause.explains)
        if f.depth is not Layer.HYGIENE
    )


def _ails(finding: Finding, needed: set[Ref]) -> bool:
    """Whether something is broken about one of the objects that are needed."""
    broken = finding.gravity >= Severity.ERROR and finding.depth is not Layer.HYGIENE
    return broken and (finding.subject in needed or not needed.isdisjoint((*finding.pods, *finding.victims)))


def _order(cause: Cause, seen: Snapshot, about: set[Ref]) -> tuple[float, ...]:
    """Smaller comes first."""
    finding = cause.finding
    away = abs(seen.at - finding.at) if finding.at else timedelta(days=36500)
    near = 0 if away <= timedelta(minutes=15) else 1 if away <= timedelta(days=1) else 2
    return (
        -finding.depth,
        -min(len(cause.explains), 3) if finding.confidence is not Confidence.POSSIBLE else 0,
        0 if finding.gravity >= Severity.ERROR else 1,
        -finding.confidence,
        near,
        -finding.gravity,
        0 if finding.subject in about or not about.isdisjoint((*finding.pods, *finding.victims)) else 1,
        away.total_seconds(),
    )
