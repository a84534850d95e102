"""A connection that a program needs and that NetworkPolicies refuse.

A policy alone is somebody's intent: the caller's log must say that it could not reach the Service.
"""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.backends import selected, target_of
from knowledge.facts.dependency import service_of
from knowledge.facts.log_facts import LogFact, facts
from knowledge.facts.log_patterns import FactKind
from knowledge.facts.network_policy import Verdict, verdict
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of, log_of
from knowledge.objects import Namespace, NetworkPolicy, Pod, Service
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="net-flow-denied",
    severity=Severity.ERROR,
    needs=(NetworkPolicy, Service, Pod),
    uses=(Namespace,),
    logs=True,
    hides=("pod-crashloop-app-exit", "pod-container-restarted", "pod-init-blocked", "probe-readiness-failing"),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for pod in seen.all(Pod):
        for container in pod.lasting_containers():
            for previous in (True, False):
                log = seen.log(pod, container.name, previous)
                for fact in facts(log) if log else ():
                    if fact.kind in (FactKind.TIMED_OUT, FactKind.REFUSED) and fact.host:
                        yield from _judge(seen, pod, container.name, fact)


def _judge(seen: Snapshot, source: Pod, container: str, fact: LogFact) -> Iterator[Finding]:
    service = service_of(seen, source, fact)
    if service is None:
        return
    for port in service.spec.ports:
        target = target_of(port)
        for pod in selected(seen, service):
            direct = pod.status.pod_ip == fact.host
            if fact.port not in (0, target if direct else port.port):
                continue
            named = {p.name: p.container_port for c in pod.lasting_containers() for p in c.ports}
            number = named.get(target, 0) if isinstance(target, str) else target
            answer = verdict(seen, source, pod, number, port.protocol)
            if not answer.allowed:
                yield _finding(seen, source, container, fact, service, number, answer)
                return


def _finding(
    seen: Snapshot, source: Pod, container: str, fact: LogFact, service: Service, port: int, answer: Verdict
) -> Finding:
    policy, near, caller = answer.policies[0], answer.near, seen.workload(source)
    says = Said(
        "NetworkPolicy {policy} ({direction}) forbids {caller} to reach Service {service} on port {port}: {hint}",
        policy=policy.metadata.name,
        direction=str(answer.direction),
        caller=caller.name,
        service=service.metadata.name,
        port=port,
        hint=Said(
            "{path} allows {written}, needed is {needed}.", path=near.path, written=near.written, needed=near.needed
        )
        if near
        else Said("no rule allows it."),
    )
    return Finding(
        DETECTOR,
        Ref.to(policy),
        says,
        Confidence.LIKELY,
        evidence=(
            field_of(policy, near.path if near else f"spec.{answer.direction}", near.written if near else "no rule"),
            log_of(source, container, fact.line),
        ),
        why=Said("As soon as any policy selects a pod in a direction, everything that no rule allows is refused."),
        remedies=(Remedy(Said("Add the smallest rule that allows this pair and port."), "", Consent.ASK),),
        victims=(caller,),
        pods=(caller, Ref.to(source), Ref.to(service)),
        discriminator=f"{caller}>{service.metadata.name}:{port}",
    )
