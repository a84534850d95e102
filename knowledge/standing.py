"""How a known issue stands in one cluster: proven by its detector, looked for and not found, or of other versions."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from knowledge.facts.image_ref import image_ref
from knowledge.known_issue import KnownIssue
from knowledge.objects import DaemonSet, Node
from knowledge.search import Match
from knowledge.snapshot import Snapshot

Version = tuple[int, ...]

_NUMBER = r"v?(\d+(?:\.\d+)*)(?:\.x)?"
_SINCE = re.compile(rf"(?:since )?{_NUMBER}(?:\+| and later)(?: as observed)?")
_BEFORE = re.compile(rf"(?:before|until|older than) {_NUMBER}")
_BETWEEN = re.compile(rf"{_NUMBER} to {_NUMBER}")
_FOUND = re.compile(r"\d+(?:\.\d+)*")


class Standing(StrEnum):
    """``PROVEN``: its detector found it here. ``CLEAN``: its detector looked, and it is not here. ``ELSEWHERE``: it
    is bound to versions that do not run here. ``OPEN``: none of it can be told."""

    PROVEN = "proven"
    OPEN = "open"
    CLEAN = "clean"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Span:
    """Versions from ``low`` on and below ``high``; ``None`` leaves a side open."""

    low: Version | None = None
    high: Version | None = None

    def holds(self, version: Version) -> bool:
        """An API server tells no patch level: what is not said counts as high enough."""
        return (self.low is None or version >= self.low[: len(version)]) and (self.high is None or version < self.high)


def standing(
    issue: KnownIssue, found: Collection[str], judged: Collection[str], running: Mapping[str, Collection[Version]]
) -> Standing:
    """``found`` and ``judged``: ids of detectors that found something, and of those that could look. ``running``: the
    versions of each component that run in the cluster (``versions_in``)."""
    if issue.detector in found:
        return Standing.PROVEN
    for affected in issue.affected:
        span, here = span_of(affected.versions), running.get(affected.component)
        if span and here and not any(span.holds(version) for version in here):
            return Standing.ELSEWHERE
    return Standing.CLEAN if issue.detector in judged else Standing.OPEN


_ORDER = (Standing.PROVEN, Standing.OPEN, Standing.CLEAN, Standing.ELSEWHERE)


def weighed(matches: Sequence[Match], standings: Mapping[str, Standing]) -> list[Match]:
    """Matches anew in order: what was proven here before what is open, and last what is surely not here."""
    return sorted(matches, key=lambda m: (_ORDER.index(standings.get(m.issue.id, Standing.OPEN)), -m.score))


def span_of(words: str) -> Span | None:
    """The versions that a range in words means; ``None`` where it says more than a range does."""
    text = words.strip().lower()
    if match := _SINCE.fullmatch(text):
        return Span(low=_version(match[1]))
    if match := _BEFORE.fullmatch(text):
        return Span(high=_version(match[1]))
    if match := _BETWEEN.fullmatch(text):
        last = _version(match[2])
        return Span(_version(match[1]), (*last[:-1], last[-1] + 1))
    return None


def versions_in(seen: Snapshot) -> dict[str, frozenset[Version]]:
    """The versions of what runs in a cluster, by the names that known issues use. What was not read is left out."""
    infos = [node.status.node_info for node in seen.all(Node)]
    told = {
        "linux-kernel": [info.kernel_version for info in infos],
        "kubernetes": [info.kubelet_version for info in infos],
        "containerd": [
            info.container_runtime_version for info in infos if info.container_runtime_version.startswith("containerd")
        ],
        "cilium": [
            image_ref(container.image).tag
            for agent in seen.all(DaemonSet)
            if agent.metadata.name == "cilium"
            for container in agent.spec.template.spec.containers
            if container.name == "cilium-agent"
        ],
    }
    running = {name: frozenset(map(_version, filter(_FOUND.search, texts))) for name, texts in told.items()}
    if seen.version:
        running["kubernetes"] |= {seen.version}
    return {name: versions for name, versions in running.items() if versions}


def _version(text: str) -> Version:
    match = _FOUND.search(text)
    return tuple(map(int, match[0].split("."))) if match else ()
