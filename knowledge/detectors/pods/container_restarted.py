"""A container that was started again inside its pod.

The fallback: it tells how the last run ended where no other detection knows why.
"""

from collections.abc import Iterator

from knowledge.detector import Detector, Layer
from knowledge.facts.exit_codes import meaning
from knowledge.facts.runs import Group, change_proof, groups, lead_of, logs_remedy, proof_of
from knowledge.finding import Confidence, Finding, Severity
from knowledge.objects import Event, Pod, ReplicaSet
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="pod-container-restarted",
    severity=Severity.INFO,
    needs=(Pod,),
    uses=(Event, ReplicaSet),
    logs=True,
    layer=Layer.SYMPTOM,
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for group in groups(seen):
        if group.first.status.restart_count >= 1:
            yield _finding(seen, group)


def _finding(seen: Snapshot, group: Group) -> Finding:
    run = group.first
    return Finding(
        DETECTOR,
        group.workload,
        Said(
            "Container {container} of {workload} was started again inside the same pod {pod} ({n:|restart|restarts}): "
            "its last run ended at {at} with exit code {code} ({reason}: {meaning}).",
            container=group.container,
            workload=group.workload.name,
            pod=run.pod.metadata.name,
            n=run.status.restart_count,
            at=run.at,
            code=run.end.exit_code,
            reason=run.end.reason or "Error",
            meaning=meaning(run.end.exit_code),
        ),
        Confidence.PROVEN,
        evidence=(*proof_of(run, lead_of(seen, run)), *change_proof(seen, group)),
        why=Said(
            "When a container ends, the kubelet starts it again in the same pod, with the same name and address. Only "
            "the last end is remembered."
        ),
        remedies=(logs_remedy(run),),
        pods=group.pods,
        discriminator=group.container,
        at=run.at,
    )
