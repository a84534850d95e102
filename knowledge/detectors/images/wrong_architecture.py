"""An image that was built for another processor architecture than the node's."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.log_facts import LogFact
from knowledge.facts.log_patterns import FactKind
from knowledge.facts.pulls import pulls
from knowledge.facts.runs import Group, facts_of, groups, proof_of
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Event, Node, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="image-wrong-architecture",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Node, Event),
    logs=True,
    hides=("pod-crashloop-app-exit", "pod-start-command-failed", "pod-container-restarted", "image-pull-not-found"),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for group in groups(seen):
        fact = next((f for f in facts_of(seen, group.first) if f.kind is FactKind.EXEC_FORMAT), None)
        if fact or "exec format error" in group.first.end.message:
            yield _ended(seen, group, fact)
    for pull in pulls(seen):
        if "no match for platform" in pull.cause:
            yield _finding(seen, pull.workload, pull.pod, pull.container, pull.cause[-120:], pull.pods, pull.evidence)


def _ended(seen: Snapshot, group: Group, fact: LogFact | None) -> Finding:
    run = group.first
    line = fact.line if fact else "exec format error"
    return _finding(seen, group.workload, run.pod, group.container, line, group.pods, proof_of(run, fact))


def _finding(
    seen: Snapshot,
    workload: Ref,
    pod: Pod,
    container: str,
    line: str,
    pods: tuple[Ref, ...],
    proof: tuple[Evidence, ...],
) -> Finding:
    node = seen.get(Node, "", pod.spec.node_name)
    here = node.status.node_info.architecture if node else ""
    works = _works_on(seen, workload, container)
    spec = pod.container(container)
    shown = [field_of(node, "status.nodeInfo.architecture", here)] if node else []
    return Finding(
        DETECTOR,
        workload,
        Said(
            "{workload} cannot run on node {node}{arch}: its image `{image}` is built for another processor type "
            "(`{line}`){works}.",
            workload=workload.name,
            node=pod.spec.node_name or "-",
            arch=f" ({here})" if here else "",
            image=spec.image if spec else "-",
            line=line,
            works=Said("; it runs on {arch}", arch=", ".join(works)) if works else "",
        ),
        Confidence.PROVEN if here and works and here not in works else Confidence.LIKELY,
        evidence=(*proof, *shown),
        why=Said(
            "A program is built for one processor type (amd64, arm64). Another type cannot execute it and says exec "
            "format error. A script without a first line such as #!/bin/sh gives the same error."
        ),
        remedies=(
            Remedy(Said("Build the image for all processor types of the cluster (docker buildx build --platform).")),
            Remedy(
                Said("Until then keep the pods on nodes of the fitting type."),
                "nodeSelector:\n  kubernetes.io/arch: amd64",
                Consent.ASK,
            ),
        ),
        pods=pods,
        discriminator=container,
        at=pod.metadata.creation_timestamp,
    )


def _works_on(seen: Snapshot, workload: Ref, container: str) -> list[str]:
    """The architectures of the nodes on which the same container of this workload runs."""
    found = set()
    for pod in seen.pods_of(workload):
        node = seen.get(Node, "", pod.spec.node_name)
        running = any(s.name == container and s.ready for s in pod.status.container_statuses)
        if node and running and node.status.node_info.architecture:
            found.add(node.status.node_info.architecture)
    return sorted(found)
