"""A program that runs but says it is not ready, so that it gets no traffic.

A pod that has only just started, or that is being deleted, is not it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta

from knowledge.detector import Detector, Layer
from knowledge.facts.backends import not_ready_since, services_for
from knowledge.facts.log_facts import facts, lead
from knowledge.facts.probing import failures, terms
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, event_of, field_of
from knowledge.objects import ContainerStatus, Event, Pod, Probe, Service
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="probe-readiness-failing",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Event, Service),
    logs=True,
    layer=Layer.SYMPTOM,
)

_LEAST = timedelta(minutes=5)
_SEEN_FAILING = timedelta(minutes=1)


def detect(seen: Snapshot) -> Iterator[Finding]:
    found: dict[tuple[Ref, str], list[tuple[Pod, ContainerStatus]]] = defaultdict(list)
    for pod in seen.all(Pod):
        if pod.status.phase != "Running" or pod.metadata.deletion_timestamp:
            continue
        for status in pod.lasting_statuses():
            if _unready(seen, pod, status):
                found[seen.workload(pod), status.name].append((pod, status))
        yield from _gates(seen, pod)
    for (workload, container), members in found.items():
        yield from _finding(seen, workload, container, members)


def _unready(seen: Snapshot, pod: Pod, status: ContainerStatus) -> bool:
    container = pod.container(status.name)
    if status.ready or not status.state.running or container is None or container.readiness_probe is None:
        return False
    since = not_ready_since(pod)
    least = _SEEN_FAILING if any(failures(seen, pod, status.name, "Readiness")) else _LEAST
    delay = timedelta(seconds=container.readiness_probe.initial_delay_seconds)
    return since is None or seen.now - since >= seen.least(least + delay)


def _finding(
    seen: Snapshot, workload: Ref, container: str, members: list[tuple[Pod, ContainerStatus]]
) -> Iterator[Finding]:
    pod, status = members[0]
    spec = pod.container(container)
    if spec is None or spec.readiness_probe is None:
        return
    failure = next(failures(seen, pod, container, "Readiness"), None)
    log = seen.log(pod, container)
    fact = lead(facts(log)) if log else None
    says = Said(
        "{workload} runs but is not ready, so it gets no traffic: its readiness probe ({terms}) fails on {n} of "
        "{total:|pod|pods}{where}: {failure}. {log}",
        workload=workload.name,
        terms=terms(spec.readiness_probe),
        n=len(members),
        total=max(len(seen.pods_of(workload)), len(members)),
        where=_where(seen, workload, [one for one, _ in members]),
        failure=_failure(failure.short if failure else "", spec.readiness_probe),
        log=Said("Its log says: {line}", line=quoted(fact.line)) if fact else "",
    )
    services = {Ref.to(s) for one, _ in members for s in services_for(seen, one)}
    because = []
    if fact and fact.host and fact.about_dependency:
        name, _, rest = fact.host.partition(".")
        because.append(Ref("Service", rest.partition(".")[0] or workload.namespace, name))
    yield Finding(
        DETECTOR,
        workload,
        says,
        Confidence.PROVEN if failure else Confidence.LIKELY,
        evidence=(
            field_of(pod, f"status.containerStatuses[{status.name}].ready", "false", not_ready_since(pod)),
            *((event_of(failure.event),) if failure else ()),
        ),
        why=Said(
            "A readiness probe asks whether the program can take requests now. While it says no the pod keeps "
            "running, but its Services leave it out. Nothing is restarted because of it."
        ),
        remedies=(
            Remedy(
                Said("Read what the program says about it."),
                f"kubectl -n {workload.namespace} logs {pod.metadata.name} -c {container} --tail=50",
                Consent.LOOK,
            ),
        ),
        because=tuple(because),
        pods=(*(Ref.to(one) for one, _ in members), *sorted(services)),
        discriminator=container,
        at=not_ready_since(pod),
    )


def _where(seen: Snapshot, workload: Ref, failing: Sequence[Pod]) -> Said | str:
    """The node, where all that fail stand on one and all on others are well."""
    nodes = {pod.spec.node_name for pod in failing}
    elsewhere = {pod.spec.node_name for pod in seen.pods_of(workload) if pod not in failing}
    if len(nodes) == 1 and elsewhere and nodes.isdisjoint(elsewhere):
        return Said(", all on node {node}", node=nodes.pop())
    return ""


def _failure(short: str, probe: Probe) -> Said | str:
    if "deadline exceeded" in short or "timed out" in short:
        return Said("no answer within timeoutSeconds {timeout}s", timeout=probe.timeout_seconds)
    return short or Said("its failures are no longer recorded")


def _gates(seen: Snapshot, pod: Pod) -> Iterator[Finding]:
    """Readiness gates: conditions that somebody outside the pod has to set."""
    since = not_ready_since(pod)
    if since and seen.now - since < seen.least(_LEAST):
        return
    for gate in pod.spec.readiness_gates:
        condition = pod.condition(gate.condition_type)
        if condition and condition.status == "True":
            continue
        workload = seen.workload(pod)
        says = Said(
            "{workload} runs but is not ready: nobody has set its readiness gate {gate} to True (it is {state}).",
            workload=workload.name,
            gate=gate.condition_type,
            state=f"{condition.status} {condition.message}".strip() if condition else "absent",
        )
        proof: tuple[Evidence, ...] = (
            field_of(pod, "spec.readinessGates", gate.condition_type),
            field_of(pod, f"status.conditions[{gate.condition_type}]", condition.status if condition else "absent"),
        )
        yield Finding(
            DETECTOR,
            workload,
            says,
            Confidence.PROVEN,
            evidence=proof,
            why=Said("A readiness gate is a condition that a controller outside the pod must confirm."),
            pods=(Ref.to(pod),),
            discriminator=gate.condition_type,
            at=since,
        )
