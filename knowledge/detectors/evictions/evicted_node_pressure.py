"""A pod that its node evicted because the node itself ran low on memory, disk or process ids.

A pod that broke its own storage limit is another matter; an eviction asked for through the API has no such reason.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from knowledge.detector import Detector
from knowledge.facts.gone import about_pods, disruption, ended, whose
from knowledge.facts.messages import Eviction, eviction
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, Who, event_of, field_of
from knowledge.objects import Event, Node, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="pod-evicted-node-pressure",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Event, Node),
    hides=("pod-killed-from-outside", "pod-container-restarted"),
)


@dataclass(frozen=True)
class _Evicted:
    pod: Ref
    node: str
    text: Eviction
    evidence: Evidence
    at: datetime | None


def detect(seen: Snapshot) -> Iterator[Finding]:
    groups: dict[Ref, dict[Ref, _Evicted]] = defaultdict(dict)
    for found in _evicted(seen):
        if not found.text.by_own_limit:
            groups[whose(seen, found.pod)].setdefault(found.pod, found)
    for workload, evicted in groups.items():
        yield _finding(seen, workload, list(evicted.values()))


def _evicted(seen: Snapshot) -> Iterator[_Evicted]:
    for pod in seen.all(Pod):
        told = disruption(pod, "TerminationByKubelet")
        message = pod.status.message if pod.status.reason == "Evicted" else told.message if told else ""
        text = eviction(message)
        if text:
            evidence = field_of(pod, "status.message", message, ended(pod))
            yield _Evicted(Ref.to(pod), pod.spec.node_name, text, evidence, ended(pod))
    for about, event in about_pods(seen, "Evicted"):
        text = eviction(event.message)
        if text:
            yield _Evicted(about, event.source.host, text, event_of(event), event.last_seen)


def _finding(seen: Snapshot, workload: Ref, evicted: list[_Evicted]) -> Finding:
    newest = max(evicted, key=lambda e: e.at or seen.now.replace(year=1))
    nodes = tuple(sorted({e.node for e in evicted if e.node}))
    text, stale = newest.text, bool(newest.at and seen.now - newest.at > timedelta(days=1))
    return Finding(
        DETECTOR,
        workload,
        _says(workload, text, nodes, newest, len(evicted)),
        Confidence.PROVEN,
        evidence=tuple(e.evidence for e in evicted[:5]),
        why=Said(
            "When a machine runs short of memory or disk, the kubelet protects it by ending pods, first those that "
            "use more than they requested. Their controller starts replacements elsewhere."
        ),
        remedies=(
            Remedy(
                Said(
                    "Request what the program really uses of {resource}, so that it is not chosen first.",
                    resource=text.resource or text.condition,
                ),
                f"kubectl -n {workload.namespace} set resources {workload.kind.lower()}/{workload.name} "
                f"--requests={text.resource or 'memory'}=…",
                Consent.ASK,
            ),
            Remedy(
                Said("The platform team has to free or enlarge {nodes}.", nodes=nodes or Said("the node")),
                who=Who.PLATFORM,
            ),
            Remedy(
                Said("Evicted pods stay listed as Failed; delete the leftovers."),
                f"kubectl -n {workload.namespace} delete pod --field-selector=status.phase=Failed",
                Consent.SAFE,
            ),
        ),
        because=tuple(Ref("Node", "", name) for name in nodes),
        pods=tuple(e.pod for e in evicted),
        at=newest.at,
        severity=Severity.INFO if stale else None,
    )


def _says(workload: Ref, text: Eviction, nodes: tuple[str, ...], newest: _Evicted, pods: int) -> Said:
    if not text.resource:
        return Said(
            "{pods:|pod|pods} of {workload} were Evicted: node {nodes} had condition {condition}.",
            pods=pods,
            workload=workload.name,
            nodes=nodes or Said("(name not recorded)"),
            condition=text.condition,
        )
    greedy = text.offenders[0] if text.offenders else None
    use = (
        Said(
            "; container {container} was using {used}, its request is {requested}",
            container=greedy.who,
            used=greedy.used,
            requested=greedy.requested,
        )
        if greedy
        else ""
    )
    left = (
        Said(" (threshold {threshold}, available {available})", threshold=text.threshold, available=text.available)
        if text.threshold
        else ""
    )
    return Said(
        "{pods:|pod|pods} of {workload} Evicted from node {nodes} at {at:clock}: the node was low on resource: "
        "{resource}{left}{use}.",
        pods=pods,
        workload=workload.name,
        nodes=nodes or Said("(name not recorded)"),
        at=newest.at,
        resource=text.resource,
        left=left,
        use=use,
    )
