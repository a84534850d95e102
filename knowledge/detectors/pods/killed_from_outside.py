"""A container that was told to stop from outside (137 or 143) without a known sender."""

from collections.abc import Iterator

from knowledge.detector import Detector, Layer
from knowledge.facts.exit_codes import SIGNALS
from knowledge.facts.restart import Manner
from knowledge.facts.runs import Group, change_proof, groups, lead_of, logs_remedy, proof_of, told_since
from knowledge.finding import Confidence, Finding, Ref, Severity
from knowledge.objects import Event, Node, Pod, ReplicaSet
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="pod-killed-from-outside",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Event, Node, ReplicaSet),
    logs=True,
    layer=Layer.SYMPTOM,
    hides=("pod-container-restarted",),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for group in groups(seen, Manner.KILLED, Manner.REDEFINED):
        yield _finding(seen, group)


def _finding(seen: Snapshot, group: Group) -> Finding:
    run = group.first
    code = run.end.exit_code
    if run.verdict.manner is Manner.REDEFINED:
        says = Said(
            "{workload} was restarted on purpose: somebody changed the definition of its running pod "
            "(exit code {code}).",
            workload=group.name,
            code=code,
        )
    elif run.verdict.runner_up is Manner.LIVENESS:
        says = Said(
            "{workload} was killed from outside (exit code {code}, {signal}); who did it is not recorded any more. A "
            "failed liveness probe is possible, memory and node are the other suspects.",
            workload=group.name,
            code=code,
            signal=SIGNALS[code],
        )
    else:
        says = Said(
            "{workload} was killed from outside (exit code {code}, {signal}); no OOMKilled, no probe and no deletion "
            "is on record, so the sender is unknown.",
            workload=group.name,
            code=code,
            signal=SIGNALS[code],
        )
    node = run.pod.spec.node_name
    return Finding(
        DETECTOR,
        group.workload,
        told_since(seen, group, says),
        run.verdict.confidence if run.verdict.manner is Manner.REDEFINED else Confidence.POSSIBLE,
        evidence=(*proof_of(run, lead_of(seen, run)), *change_proof(seen, group)),
        why=Said(
            "The program did not end by itself: it received a signal. Events that would name the sender are kept for "
            "about one hour only. Exit code 137 is SIGKILL, 143 is SIGTERM."
        ),
        remedies=(logs_remedy(run),),
        because=(Ref("Node", "", node),) if node else (),
        pods=group.pods,
        discriminator=group.container,
        at=run.at,
    )
