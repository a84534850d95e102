"""Many workloads that restarted together and share one thing: a node, a ConfigMap or Secret, an image, a dependency."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from knowledge.detector import Detector, Layer
from knowledge.facts.complaints import complaints
from knowledge.facts.dependency import behind, service_of
from knowledge.facts.log_patterns import NETWORK
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


def detect(seen: Snapshot) -> Iterator[Finding]:
    ends = sorted(_ends(seen), key=lambda end: end[0])
    for at, _ in ends:
        window = [(when, pod) for when, pod in ends if at <= when <= at + _WINDOW]
        owners: dict[Ref, list[Pod]] = defaultdict(list)
        for _, pod in window:
            owners[seen.workload(pod)].append(pod)
        if len(owners) < _OWNERS:
            continue
        shared = _shared(seen, owners)
        if shared:
            yield _finding(seen, at, owners, *shared)
            return


def _ends(seen: Snapshot) -> Iterator[tuple[datetime, Pod]]:
    for pod in seen.all(Pod):
        times = [s.last_end.finished_at for s in pod.lasting_statuses() if s.restart_count and s.last_end]
        newest = max((t for t in times if t and t.year > 1970), default=None)
        if newest and seen.at - newest <= timedelta(days=1):
            yield newest, pod


def _shared(seen: Snapshot, owners: dict[Ref, list[Pod]]) -> tuple[Ref, int] | None:
    counts: Counter[Ref] = Counter()
    called = _called(seen)
    for pods in owners.values():
        things = {Ref("Node", "", p.spec.node_name) for p in pods if p.spec.node_name}
        for pod in pods:
            things |= {Ref(k.RESOURCE.kind, pod.metadata.namespace, name) for k, name in settings_of(pod.spec)}
            things |= {Ref("Image", "", c.image) for c in pod.lasting_containers() if c.image}
            things |= set(called.get(Ref.to(pod), ()))
        counts.update(things)
    for thing, n in counts.most_common():
        if n < _SHARE * len(owners) or n < _OWNERS:
            return None
        if thing.kind != "Node" or len(seen.all(Node)) >= 3:
            return thing, n
    return None


def _called(seen: Snapshot) -> dict[Ref, set[Ref]]:
    """The Services that pods complain about in their logs."""
    found: dict[Ref, set[Ref]] = defaultdict(set)
    for complaint in complaints(seen, *NETWORK):
        service = service_of(seen, complaint.pod, complaint.fact)
        if service:
            found[Ref.to(complaint.pod)].add(Ref.to(service))
    return found


def _finding(seen: Snapshot, at: datetime, owners: dict[Ref, list[Pod]], shared: Ref, n: int) -> Finding:
    names = sorted(owner.name for owner in owners)
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
            "{owners} workloads restarted within ten minutes from {at:clock}; {n} of them share {kind} {shared} "
            "({names}).",
            owners=len(owners),
            at=at,
            n=n,
            kind=shared.kind,
            shared=shared.name,
            names=(*names[:6], *((Said("{n} more", n=len(names) - 6),) if len(names) > 6 else ())),
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
