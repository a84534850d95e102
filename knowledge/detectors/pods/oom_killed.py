"""A container that was killed because it used more memory than it may.

Not every kill by memory is a matter of the limit: without a limit, or with a SystemOOM, the node itself ran out.
"""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector
from knowledge.facts import messages
from knowledge.facts.heap import HeapFlag, heap_flag
from knowledge.facts.limits import Limit, memory_limit
from knowledge.facts.log_patterns import FactKind
from knowledge.facts.restart import Manner
from knowledge.facts.runs import Group, change_proof, facts_of, groups, proof_of, told_since
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, event_of, field_of
from knowledge.objects import Event, LimitRange, Node, Pod, ReplicaSet
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="pod-oomkilled",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Event, Node, LimitRange, ReplicaSet),
    logs=True,
    hides=(
        "pod-crashloop-app-exit",
        "pod-container-restarted",
        "pod-killed-from-outside",
        "res-heap-exceeds-limit",
        "res-memory-near-limit",
    ),
)

_NEAR = timedelta(minutes=2)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for group in groups(seen, Manner.OUT_OF_MEMORY):
        yield _finding(seen, group, Confidence.PROVEN)
    for group in groups(seen, Manner.KILLED):
        if group.first.end.exit_code == 137 and _system_oom(seen, group):
            yield _finding(seen, group, Confidence.LIKELY)


def _finding(seen: Snapshot, group: Group, confidence: Confidence) -> Finding:
    run, workload = group.first, group.workload
    limit = memory_limit(seen, run.pod, run.status)
    node_oom = _system_oom(seen, group)
    of_node = limit is None or (node_oom is not None and confidence is Confidence.LIKELY)
    container = run.container
    flag = heap_flag(container, limit.size) if container and limit else None
    node = run.pod.spec.node_name
    facts: list[Evidence] = [*proof_of(run)]
    path = f"spec.containers[{group.container}].resources.limits.memory"
    facts.insert(1, field_of(run.pod, limit.path if limit else path, limit.text if limit else "-"))
    if node_oom:
        facts.append(event_of(node_oom))
    if flag:
        facts.append(field_of(run.pod, flag.path, flag.text))
    return Finding(
        DETECTOR,
        workload,
        told_since(seen, group, _says(group, None if of_node else limit, flag)),
        confidence,
        evidence=(*facts, *change_proof(seen, group)),
        why=Said(
            "A memory limit is a hard ceiling: when the processes of a container need more, the Linux kernel kills "
            "them at once, without a warning to the program. Kubernetes then starts the container again."
        )
        if not of_node
        else Said(
            "When a machine has no memory left, the Linux kernel kills the process that uses the most beyond what it "
            "requested. A container without a limit can use up the whole machine."
        ),
        remedies=_remedies(group, limit),
        because=(Ref("Node", "", node),) if of_node and node else (),
        pods=group.pods,
        discriminator=group.container,
        at=run.at,
    )


def _says(group: Group, limit: Limit | None, flag: HeapFlag | None) -> Said:
    run = group.first
    if limit is None:
        return Said(
            "{workload} was OOMKilled (exit code {code}): node {node} ran out of memory, and container {container} was "
            "chosen; it has no memory limit of its own or was below it.",
            workload=group.workload.name,
            container=group.container,
            node=run.pod.spec.node_name or "-",
            code=run.end.exit_code,
        )
    if flag and flag.size >= 0.8 * limit.size:
        return Said(
            "{workload} was OOMKilled (exit code {code}): container {container} went over its memory limit of {limit}; "
            "{flag} lets the program use nearly all of it or more.",
            workload=group.workload.name,
            container=group.container,
            limit=limit.text,
            flag=flag.text,
            code=run.end.exit_code,
        )
    return Said(
        "{workload} was OOMKilled (exit code {code}): container {container} used more than its memory limit of {limit}"
        "{default}{times}.",
        workload=group.workload.name,
        container=group.container,
        limit=limit.text,
        default=Said(", the default that the namespace's LimitRange gives to containers without one")
        if limit.default
        else "",
        code=run.end.exit_code,
        times=Said(" ({n:|restart|restarts})", n=group.restarts) if group.restarts > 1 else "",
    )


def _remedies(group: Group, limit: Limit | None) -> tuple[Remedy, ...]:
    workload = group.workload
    value = "1Gi" if limit is None else f"<more than {limit.text}>"
    return (
        Remedy(
            Said("Raise the memory limit, or lower what the program uses (heap size, caches, a leak)."),
            f"kubectl -n {workload.namespace} set resources {workload.kind.lower()}/{workload.name} "
            f"-c {group.container} --limits=memory={value}",
            Consent.ASK,
        ),
        Remedy(
            Said("See what each container uses now."),
            f"kubectl -n {workload.namespace} top pod --containers",
            Consent.LOOK,
        ),
    )


def _system_oom(seen: Snapshot, group: Group) -> Event | None:
    """The node's report of its own memory shortage, about the time of the end."""
    run = group.first
    node = Ref("Node", "", run.pod.spec.node_name)
    for event in reversed(seen.events(node, "SystemOOM", "OOMKilling")):
        said = messages.system_oom(event.message)
        told_by_log = any(f.kind is FactKind.OUT_OF_MEMORY for f in facts_of(seen, run))
        near = run.at is None or event.last_seen is None or abs(run.at - event.last_seen) <= _NEAR
        if near and (said is not None or told_by_log):
            return event
    return None
