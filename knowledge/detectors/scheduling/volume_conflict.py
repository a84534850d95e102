"""A pod that waits because its disk can be used only where no node can take the pod."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.placement import Obstacle, Waiting, claims_of, elsewhere, volumes_of, waiting
from knowledge.finding import Consent, Evidence, Finding, Ref, Remedy, Severity, Who, field_of
from knowledge.objects import Event, Node, PersistentVolume, PersistentVolumeClaim, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="sched-volume-conflict",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Node, PersistentVolumeClaim, PersistentVolume, Event),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for found in waiting(seen, Obstacle.VOLUME):
        says, evidence, volumes = _says(seen, found)
        yield Finding(
            DETECTOR,
            found.workload,
            says,
            found.confidence,
            evidence=(
                field_of(found.pod, "status.conditions[PodScheduled].message", found.message, found.since),
                *evidence,
            ),
            why=Said(
                "A cloud disk or a local disk exists in one place only (a zone, a node), and only so many disks fit on "
                "one machine. The scheduler must put the pod where its disk can be used."
            ),
            remedies=(
                Remedy(
                    Said("Free room where the disk is: the platform team can add or empty a node there."),
                    "kubectl get nodes -L topology.kubernetes.io/zone",
                    Consent.LOOK,
                    Who.PLATFORM,
                ),
                Remedy(Said("Or restore the data from a snapshot onto a disk in another place.")),
            ),
            because=volumes,
            pods=found.refs,
            at=found.since,
        )


def _says(seen: Snapshot, found: Waiting) -> tuple[Said, tuple[Evidence, ...], tuple[Ref, ...]]:
    name, since = found.workload.name, found.since
    for claim, volume in volumes_of(seen, found.pod):
        missed = next((m for node in found.nodes if (m := elsewhere(volume, node))), ())
        if missed:
            there = [n for n in seen.all(Node) if not elsewhere(volume, n)]
            evidence = (field_of(volume, "spec.nodeAffinity.required", ", ".join(missed)),)
            if there:
                return (
                    Said(
                        "{workload} cannot be scheduled since {since:clock}: its disk (PVC {claim}, volume {volume}) "
                        "can be used only at {place}, and the nodes there cannot take the pod ({nodes}); the others "
                        "have a volume node affinity conflict.",
                        workload=name,
                        since=since,
                        claim=claim.metadata.name,
                        volume=volume.metadata.name,
                        place=missed,
                        nodes=tuple(n.metadata.name for n in there[:4]),
                    ),
                    evidence,
                    tuple(Ref.to(n) for n in there),
                )
            return (
                Said(
                    "{workload} cannot be scheduled since {since:clock}: its disk (PVC {claim}, volume {volume}) can "
                    "be used only at {place}, and no node is there (volume node affinity conflict on {refused} nodes).",
                    workload=name,
                    since=since,
                    claim=claim.metadata.name,
                    volume=volume.metadata.name,
                    place=missed,
                    refused=len(found.nodes),
                ),
                evidence,
                (),
            )
    words = found.refusals(Obstacle.VOLUME)
    return (
        Said(
            "{workload} cannot be scheduled since {since:clock} because of its disk ({claims}): the scheduler says of "
            "{total:|node|nodes}: {words}.",
            workload=name,
            since=since,
            claims=tuple(claim for claim, _ in claims_of(seen, found.pod)),
            total=found.total,
            words=words,
        ),
        (),
        (),
    )
