"""A connection that a program needs and that NetworkPolicies refuse.

A policy alone is somebody's intent: the caller's log must say that it could not reach the Service.
"""

import re
from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from knowledge.detector import Detector
from knowledge.facts.backends import selected, target_of
from knowledge.facts.dependency import address, service_of
from knowledge.facts.log_facts import LogFact, facts
from knowledge.facts.log_patterns import FactKind
from knowledge.facts.network_policy import Direction, Verdict, allows_outside, peer_words, selecting, verdict
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

_WHY = Said("As soon as any policy selects a pod in a direction, everything that no rule allows is refused.")
_RULE = Remedy(Said("Add the smallest rule that allows this pair and port."), "", Consent.ASK)


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
        yield from _outside(seen, source, container, fact)
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


_INSIDE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8")))
_DIALLED = re.compile(r"\b(\d{1,3}(?:\.\d{1,3}){3}):\d{2,5}\b")


def _outside(seen: Snapshot, source: Pod, container: str, fact: LogFact) -> Iterator[Finding]:
    """A host outside the cluster that egress policies do not let the program reach."""
    if fact.kind is not FactKind.TIMED_OUT or address(fact.host, fact.port, source.metadata.namespace):
        return
    dialled = _DIALLED.search(fact.line)
    ip = dialled[1] if dialled else fact.host if _DIALLED.match(f"{fact.host}:00") else ""
    if ip and any(ip_address(ip) in network for network in _INSIDE):
        return  # may be a Service or a pod that was not read
    policies = selecting(seen, source, Direction.EGRESS)
    if not policies or allows_outside(policies, ip, fact.port or 443):
        return
    policy, caller = policies[0], seen.workload(source)
    written = "; ".join(peer_words(p) for rule in policy.spec.egress for p in rule.peers)
    yield Finding(
        DETECTOR,
        Ref.to(policy),
        Said(
            "NetworkPolicy {policy} (egress) forbids {caller} to reach {host} outside the cluster: {hint}",
            policy=policy.metadata.name,
            caller=caller.name,
            host=fact.host,
            hint=Said("it allows only {written}.", written=written) if written else Said("no rule allows it."),
        ),
        Confidence.LIKELY,
        evidence=(
            field_of(policy, "spec.egress", written or "[]", policy.metadata.creation_timestamp),
            log_of(source, container, fact.line),
        ),
        why=_WHY,
        remedies=(_RULE,),
        victims=(caller,),
        pods=(caller, Ref.to(source)),
        discriminator=f"{caller}/{fact.host}",
        at=policy.metadata.creation_timestamp,
    )


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
        why=_WHY,
        remedies=(_RULE,),
        victims=(caller,),
        pods=(caller, Ref.to(source), Ref.to(service)),
        discriminator=f"{caller}>{service.metadata.name}:{port}",
    )
