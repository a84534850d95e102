"""A container that uses nearly all the memory it may: a little more, and the kernel kills it.

One look shows how much, not whether it grows; what has been killed already is told as such.
"""

from collections.abc import Iterator

from knowledge.detector import Detector, Layer
from knowledge.facts.quantity import memory
from knowledge.facts.usage import worst_of_each
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity
from knowledge.objects import LimitRange, Pod, PodMetrics
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="res-memory-near-limit",
    severity=Severity.WARNING,
    needs=(Pod, PodMetrics),
    uses=(LimitRange,),
    layer=Layer.HYGIENE,
)

_NEAR = 0.9


def detect(seen: Snapshot) -> Iterator[Finding]:
    for workload, some in worst_of_each(seen, "memory", _NEAR):
        worst = some[0]
        yield Finding(
            DETECTOR,
            workload,
            Said(
                "Container {container} of {workload} uses {used} of its memory limit of {limit} ({share} %): a little "
                "more, and it is OOMKilled.",
                container=worst.status.name,
                workload=workload.name,
                used=memory(worst.used),
                limit=worst.limit.text,
                share=round(100 * worst.share),
            ),
            Confidence.PROVEN,
            evidence=worst.evidence,
            why=Said(
                "This is the working set: memory that the kernel cannot take back at once. A database that fills its "
                "cache may stay there for long; a program that keeps growing will be killed."
            ),
            remedies=(
                Remedy(
                    Said("See whether it grows: look twice, some minutes apart, or at its graph."),
                    f"kubectl -n {workload.namespace} top pod --containers",
                    Consent.LOOK,
                ),
                Remedy(
                    Said("Raise the memory limit, or lower what the program uses (heap size, caches, a leak)."),
                    f"kubectl -n {workload.namespace} set resources {workload.kind.lower()}/{workload.name} "
                    f"-c {worst.status.name} --limits=memory=<more than {worst.limit.text}>",
                    Consent.ASK,
                ),
            ),
            pods=tuple(Ref.to(usage.pod) for usage in some),
            discriminator=worst.status.name,
            at=worst.at,
        )
