"""A program that runs, is ready, and logs errors again and again.

The log of a well pod is read only when it is asked why something fails or is slow.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.detector import Detector, Layer
from knowledge.facts.log_facts import LogFact, facts, lead, plain
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, log_of
from knowledge.objects import Pod
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Log, Snapshot

DETECTOR = Detector(id="pod-log-errors", severity=Severity.WARNING, needs=(Pod,), logs=True, layer=Layer.SYMPTOM)

_AGAIN = 2
"""Error lines that make more than a slip."""


@dataclass(frozen=True)
class _Voice:
    pod: Pod
    container: str
    fact: LogFact
    lines: int


def detect(seen: Snapshot) -> Iterator[Finding]:
    groups: dict[Ref, list[_Voice]] = defaultdict(list)
    for pod in seen.all(Pod):
        ready = pod.condition("Ready")
        if seen.has_logs(pod) and ready and ready.status == "True":
            groups[seen.workload(pod)].extend(_voices(seen, pod))
    for workload, voices in groups.items():
        if voices:
            yield _finding(
                seen, workload, max(voices, key=lambda voice: voice.lines), len({v.pod.metadata.uid for v in voices})
            )


def _voices(seen: Snapshot, pod: Pod) -> Iterator[_Voice]:
    for container in pod.spec.containers:
        log = seen.log(pod, container.name)
        serious = [fact for fact in facts(log) if not fact.mild] if log else []
        first = lead(serious)
        if log and first and (lines := _count(log, serious)) >= _AGAIN:
            yield _Voice(pod, container.name, first, lines)


def _count(log: Log, serious: list[LogFact]) -> int:
    said = {fact.line for fact in serious}
    return sum(plain(line).strip() in said for line in log.lines)


def _finding(seen: Snapshot, workload: Ref, voice: _Voice, pods: int) -> Finding:
    line = quoted(voice.fact.line)
    return Finding(
        DETECTOR,
        workload,
        Said(
            "{workload} runs and is ready, but its program logs errors ({pods} of {total:|pod|pods}, "
            "{lines:|line|lines} of late): `{line}`",
            workload=workload.name,
            pods=pods,
            total=len(seen.pods_of(workload)),
            lines=voice.lines,
            line=line,
        ),
        Confidence.POSSIBLE,
        evidence=(log_of(voice.pod, voice.container, line),),
        why=Said(
            "Kubernetes sees only whether a program runs and answers its probes. What it does with each request stands "
            "in its log alone."
        ),
        remedies=(
            Remedy(
                Said("Read the log from that line on."),
                f"kubectl -n {workload.namespace} logs {voice.pod.metadata.name} -c {voice.container} --tail=200",
                Consent.LOOK,
            ),
        ),
        pods=(Ref.to(voice.pod),),
    )
