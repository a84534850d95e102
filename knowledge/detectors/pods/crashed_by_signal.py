"""A program that crashed in native code."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.exit_codes import SIGNALS, meaning
from knowledge.facts.restart import Manner
from knowledge.facts.runs import Group, change_proof, groups, last_words, lead_of, proof_of, remedies_of, told_since
from knowledge.finding import Confidence, Finding, Severity, field_of
from knowledge.objects import Node, Pod, ReplicaSet
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="pod-crashed-by-signal",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Node, ReplicaSet),
    logs=True,
    hides=("pod-crashloop-app-exit", "pod-container-restarted"),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for group in groups(seen, Manner.SIGNAL):
        yield _finding(seen, group)


def _finding(seen: Snapshot, group: Group) -> Finding:
    run = group.first
    code = run.end.exit_code
    fact = lead_of(seen, run)
    line = quoted(fact.line) if fact else last_words(seen, run)
    says = Said(
        "{workload} crashed in native code: exit code {code} ({signal}, {meaning}).",
        workload=group.name,
        code=code,
        signal=SIGNALS[code],
        meaning=meaning(code),
    )
    if line:
        says = Said("{what} The last words of its log: `{line}`.", what=says, line=line)
    nodes = sorted({r.pod.spec.node_name for r in group.runs if r.pod.spec.node_name})
    return Finding(
        DETECTOR,
        group.workload,
        told_since(seen, group, says),
        Confidence.PROVEN,
        evidence=(
            *proof_of(run, fact),
            field_of(run.pod, "spec.nodeName", ", ".join(nodes)),
            field_of(run.pod, f"status.containerStatuses[{group.container}].imageID", run.status.image_id or "-"),
            *change_proof(seen, group),
        ),
        why=Said(
            "This is a fault of the program, of a library or (when it happens on one node only) of that machine. It is "
            "not a decision of Kubernetes, which only started the container again."
        ),
        remedies=remedies_of(seen, group),
        pods=group.pods,
        discriminator=group.container,
        at=run.at,
    )
