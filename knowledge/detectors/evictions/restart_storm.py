"""Many workloads that restarted together and share one thing: a node, a ConfigMap or Secret, an image, a dependency,
the error that their logs end with, or, when nothing nearer is common to them, their namespace.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from knowledge.detector import Detector, Layer
from knowledge.facts.complaints import complaints
from knowledge.facts.dependency import behind, service_of
from knowledge.facts.log_patterns import NETWORK
from knowledge.facts.runs import last_words, runs
from knowledge.finding import Confidence, Evidence, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Node, Pod, Service
from knowledge.relations import settings_of
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="restart-storm", severity=Severity.CRITICAL, needs=(Pod,), uses=(Node, Service), logs=True, layer=Layer.SYMPTOM
)
_WINDOW = timedelta(minutes=10)
_OWNERS = 5
_SHARE = 0.6
_OTHERS = 3
"""Of so few nodes or namespaces it is chance that all restarts fall on one."""
_VARIES = re.compile(r"[0-9a-f]{8,}|\d+")
"""What differs between two lines that say the same: times, ids, numbers."""


def detect(seen: Snapshot) -> Iterator[Finding]:
    ends = sorted(_ends(seen), key=lambda end: end[0])
    if len({seen.workload(pod) for _, pod in ends}) < _OWNERS:
        return
    called, said = _called(seen), _said(seen)
    for at, _ in ends:
        window = [(when, pod) for when, pod in ends if at <= when <= at + _WINDOW]
        owners: dict[Ref, list[Pod]] = defaultdict(list)
        for _, pod in window:
            owners[seen.workload(pod)].append(pod)
        if len(owners) < _OWNERS:
            continue
        shared = _shared(seen, owners, called, said)
        if shared:
            yield _finding(seen, at, owners, *shared)
            return


def _ends(seen: Snapshot) -> Iterator[tuple[datetime, Pod]]:
    for pod in seen.all(Pod):
        times = [s.last_end.finished_at for s in pod.lasting_statuses() if s.restart_count and s.last_end]
        newest = max((t for t in times if t and t.year > 1970), default=None)
        if newest and seen.at - newest <= timedelta(days=1):
            yield newest, pod


def _shared(
    seen: Snapshot, owners: dict[Ref, list[Pod]], called: dict[Ref, set[Ref]], said: dict[Ref, str]
) -> tuple[Ref, int, str] | None:
    """What most of them share, how many do, and the line where it is what their logs say."""
    things: Counter[Ref] = Counter()
    lines: Counter[str] = Counter()
    spaces: Counter[Ref] = Counter()
    for owner, pods in owners.items():
        things.update({thing for pod in pods for thing in _uses(pod, called)})
        lines.update({said[ref] for ref in map(Ref.to, pods) if ref in said})
        spaces[Ref("Namespace", "", owner.namespace)] += 1
    enough = max(_SHARE * len(owners), _OWNERS)
    for thing, n in things.most_common():
        if n >= enough and (thing.kind != "Node" or len(seen.all(Node)) >= _OTHERS):
            return thing, n, ""
    for line, n in lines.most_common(1):
        if n >= enough:
            return spaces.most_common(1)[0][0], n, line
    for space, n in spaces.most_common(1):
        if n >= enough and len({pod.metadata.namespace for pod in seen.all(Pod)}) >= _OTHERS:
            return space, n, ""
    return None


def _uses(pod: Pod, called: dict[Ref, set[Ref]]) -> Iterator[Ref]:
    if pod.spec.node_name:
        yield Ref("Node", "", pod.spec.node_name)
    for kind, name in settings_of(pod.spec):
        yield Ref(kind.RESOURCE.kind, pod.metadata.namespace, name)
    for container in pod.lasting_containers():
        if container.image:
            yield Ref("Image", "", container.image)
    yield from called.get(Ref.to(pod), ())


def _said(seen: Snapshot) -> dict[Ref, str]:
    """The last line of each pod's log before it ended, without what differs from one to the next."""
    lines = {Ref.to(run.pod): _VARIES.sub("…", last_words(seen, run)) for run in runs(seen)}
    return {pod: line for pod, line in lines.items() if line}


def _called(seen: Snapshot) -> dict[Ref, set[Ref]]:
    """The Services that pods complain about in their logs."""
    found: dict[Ref, set[Ref]] = defaultdict(set)
    for complaint in complaints(seen, *NETWORK):
        service = service_of(seen, complaint.pod, complaint.fact)
        if service:
            found[Ref.to(complaint.pod)].add(Ref.to(service))
    return found


def _finding(seen: Snapshot, at: datetime, owners: dict[Ref, list[Pod]], shared: Ref, n: int, line: str) -> Finding:
    names = sorted(owner.name for owner in owners)
    told = (*names[:6], *((Said("{n} more", n=len(names) - 6),) if len(names) > 6 else ()))
    pods = [pod for group in owners.values() for pod in group]
    service = seen.get(Service, shared.namespace, shared.name) if shared.kind == "Service" else None
    evidence: list[Evidence] = []
    for pod in pods[:8]:
        status = next(s for s in pod.lasting_statuses() if s.restart_count and s.last_end)
        evidence.append(
            field_of(pod, f"status.containerStatuses[{status.name}].restartCount", status.restart_count, at)
        )
    return Finding(
        DETECTOR,
        shared,
        Said(
            "{owners} workloads restarted within ten minutes from {at:clock}; the logs of {n} of them end with the "
            "same line: `{line}` ({names}).",
            owners=len(owners),
            at=at,
            n=n,
            line=line,
            names=told,
        )
        if line
        else Said(
            "{owners} workloads restarted within ten minutes from {at:clock}; {n} of them share {kind} {shared} "
            "({names}).",
            owners=len(owners),
            at=at,
            n=n,
            kind=shared.kind,
            shared=shared.name,
            names=told,
        ),
        Confidence.LIKELY,
        evidence=tuple(evidence),
        why=Said(
            "When many programs restart together the reason is mostly what they have in common, not each of them."
        ),
        remedies=(Remedy(Said("Look first at what they share and what changed on it at that time.")),),
        because=tuple(map(Ref.to, behind(seen, service))) if service else (),
        pods=tuple(Ref.to(pod) for pod in pods),
        at=at,
    )
