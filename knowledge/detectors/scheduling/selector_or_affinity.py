"""A pod that waits because it asks for a node label that no node has."""

from collections import Counter
from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.placement import Obstacle, Waiting, waiting
from knowledge.facts.scheduling import unmet
from knowledge.finding import Consent, Finding, Remedy, Severity, field_of
from knowledge.objects import Event, Node, Pod
from knowledge.reading.near import near_names
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="sched-selector-or-affinity", severity=Severity.ERROR, needs=(Pod,), uses=(Node, Event))
_RENAMED = {
    "beta.kubernetes.io/arch": "kubernetes.io/arch",
    "beta.kubernetes.io/os": "kubernetes.io/os",
    "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
    "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
}


def detect(seen: Snapshot) -> Iterator[Finding]:
    for found in waiting(seen, Obstacle.SELECTOR):
        yield _finding(seen, found)


def _finding(seen: Snapshot, found: Waiting) -> Finding:
    demands = Counter(term for node in found.nodes for term in unmet(found.pod.spec, node))
    missing = tuple(term for term, n in demands.most_common() if n == len(found.nodes)) or tuple(
        term for term, _ in demands.most_common(2)
    )
    offered = _offered(seen, missing[0]) if missing else ()
    workload = found.workload
    return Finding(
        DETECTOR,
        workload,
        _says(found, missing, offered),
        found.confidence,
        evidence=(
            field_of(found.pod, "status.conditions[PodScheduled].message", found.message, found.since),
            field_of(found.pod, "spec.nodeSelector", _selector(found.pod)),
            *(field_of(node, "metadata.labels", _labels(node, missing)) for node in found.nodes[:3]),
        ),
        why=Said(
            "A nodeSelector or a required node affinity limits a pod to nodes with certain labels. When no node has "
            "them, the pod waits for ever, however empty the nodes are."
        ),
        remedies=(
            Remedy(
                Said("Correct the nodeSelector or the node affinity in the pod template."),
                f"kubectl -n {workload.namespace} edit {workload.kind.lower()}/{workload.name}",
                Consent.ASK,
            ),
            Remedy(Said("See which labels the nodes have."), "kubectl get nodes --show-labels", Consent.LOOK),
        ),
        pods=found.refs,
        at=found.since,
    )


def _says(found: Waiting, missing: tuple[str, ...], offered: tuple[str, ...]) -> Said:
    name, since = found.workload.name, found.since
    if not missing:
        return Said(
            "{workload} cannot be scheduled since {since:clock}: {refused} of {total} nodes didn't match Pod's node "
            "affinity/selector ({asked}).",
            workload=name,
            since=since,
            refused=found.counted("node affinity/selector") or found.total,
            total=found.total,
            asked=_selector(found.pod),
        )
    key = missing[0].partition("=")[0]
    if key in _RENAMED:
        return Said(
            "{workload} cannot be scheduled since {since:clock}: it asks for a node with {missing}, a label that "
            "nodes no longer carry; its name today is {renamed}.",
            workload=name,
            since=since,
            missing=missing,
            renamed=_RENAMED[key],
        )
    if offered:
        return Said(
            "{workload} cannot be scheduled since {since:clock}: it asks for a node with {missing} and none of the "
            "{total:|node|nodes} has it (node affinity/selector); the nodes have {offered}.",
            workload=name,
            since=since,
            missing=missing,
            total=len(found.obstacles),
            offered=offered,
        )
    return Said(
        "{workload} cannot be scheduled since {since:clock}: it asks for a node with {missing} and none of the "
        "{total:|node|nodes} has such a label (node affinity/selector).",
        workload=name,
        since=since,
        missing=missing,
        total=len(found.obstacles),
    )


def _offered(seen: Snapshot, term: str) -> tuple[str, ...]:
    """What nodes have instead of a demanded label: other values of the key, else keys spelt much alike."""
    key = term.partition("=")[0]
    labels = [(k, v) for node in seen.all(Node) for k, v in node.metadata.labels.items()]
    values = sorted({v for k, v in labels if k == key})
    if values:
        return tuple(f"{key}={v}" for v in values[:4])
    near = near_names(key, {k for k, _ in labels}, 1)
    return tuple(sorted({f"{k}={v}" for k, v in labels if k in near}))[:4]


def _selector(pod: Pod) -> str:
    return ", ".join(f"{k}={v}" for k, v in sorted(pod.spec.node_selector.items())) or "affinity.nodeAffinity"


def _labels(node: Node, missing: tuple[str, ...]) -> str:
    keys = {term.partition("=")[0] for term in missing}
    return ", ".join(f"{k}={v}" for k, v in sorted(node.metadata.labels.items()) if k in keys) or "-"
