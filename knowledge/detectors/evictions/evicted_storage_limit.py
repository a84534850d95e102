"""A pod that was evicted because it wrote more to local disk than its own limit allows. The node was well."""

from collections import defaultdict
from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.gone import about_pods, ended, whose
from knowledge.facts.messages import Eviction, eviction
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, event_of, field_of
from knowledge.objects import Event, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="pod-evicted-storage-limit",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Event,),
    hides=("pod-killed-from-outside", "pod-container-restarted"),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    groups: dict[Ref, dict[Ref, tuple[Eviction, Evidence]]] = defaultdict(dict)
    for pod in seen.all(Pod):
        text = eviction(pod.status.message) if pod.status.reason == "Evicted" else None
        if text and text.by_own_limit:
            told = field_of(pod, "status.message", pod.status.message, ended(pod))
            groups[seen.workload(pod)].setdefault(Ref.to(pod), (text, told))
    for about, event in about_pods(seen, "Evicted"):
        text = eviction(event.message)
        if text and text.by_own_limit:
            groups[whose(seen, about)].setdefault(about, (text, event_of(event)))
    for workload, evicted in groups.items():
        texts = list(evicted.values())
        yield Finding(
            DETECTOR,
            workload,
            _says(workload, texts[0][0], len(evicted)),
            Confidence.PROVEN,
            evidence=tuple(told for _, told in texts[:5]),
            why=Said(
                "Logs, emptyDir volumes and files written inside a container lie on the node's disk and count against "
                "the ephemeral-storage limit. A pod above it is removed, and those files are lost."
            ),
            remedies=(
                Remedy(
                    Said("Raise limits.ephemeral-storage or the volume's sizeLimit, or write and log less."),
                    f"kubectl -n {workload.namespace} edit {workload.kind.lower()}/{workload.name}",
                    Consent.ASK,
                ),
                Remedy(Said("Data that has to last belongs on a PersistentVolumeClaim.")),
            ),
            pods=tuple(evicted),
            at=max((told.at for _, told in texts if told.at), default=None),
        )


def _says(workload: Ref, text: Eviction, pods: int) -> Said:
    if text.volume:
        return Said(
            "{pods:|pod|pods} of {workload} Evicted: emptyDir volume {volume} grew over its sizeLimit of {limit}; the "
            "node was not short of disk.",
            pods=pods,
            workload=workload.name,
            volume=text.volume,
            limit=text.limit,
        )
    if text.container:
        return Said(
            "{pods:|pod|pods} of {workload} Evicted: container {container} exceeded its local ephemeral-storage limit "
            "of {limit}; the node was not short of disk.",
            pods=pods,
            workload=workload.name,
            container=text.container,
            limit=text.limit,
        )
    return Said(
        "{pods:|pod|pods} of {workload} Evicted: together its containers exceeded their ephemeral-storage limit of "
        "{limit}; the node was not short of disk.",
        pods=pods,
        workload=workload.name,
        limit=text.limit,
    )
