"""What NetworkPolicies allow, judged from the objects: may this pod talk to that pod on this port, and which rule
nearly allows it. Other kinds of policies (Cilium's, an admin's) are not judged here, nor whether anybody enforces them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address, ip_network

from knowledge.objects import LabelSelector, Namespace, NetworkPolicy, Pod
from knowledge.objects.service import EgressPolicyRule, IngressPolicyRule, IpBlock, PolicyPeer, PolicyPort
from knowledge.snapshot import Snapshot

Rule = IngressPolicyRule | EgressPolicyRule
_NAME_LABEL = "kubernetes.io/metadata.name"


class Direction(StrEnum):
    INGRESS = "ingress"
    EGRESS = "egress"


@dataclass(frozen=True)
class End:
    """One end of a connection as a policy sees it. ``ports``: the names of its container ports."""

    namespace: str
    labels: dict[str, str]
    namespace_labels: dict[str, str]
    ip: str
    ports: dict[str, int]


@dataclass(frozen=True)
class NearMiss:
    """A rule that allows all but one thing. ``written`` stands in the policy, ``needed`` would have fitted."""

    policy: NetworkPolicy
    path: str
    written: str
    needed: str


@dataclass(frozen=True)
class Verdict:
    """``policies``: those that restrict the refused direction; empty when the connection is allowed."""

    allowed: bool
    direction: Direction | None = None
    policies: tuple[NetworkPolicy, ...] = ()
    near: NearMiss | None = None


def selecting(seen: Snapshot, pod: Pod, direction: Direction) -> tuple[NetworkPolicy, ...]:
    """The policies that restrict a pod in one direction. Pods on the host's network are restricted by none."""
    if pod.spec.host_network:
        return ()
    found = seen.all(NetworkPolicy, pod.metadata.namespace)
    return tuple(p for p in found if direction in directions(p) and p.spec.pod_selector.matches(pod.metadata.labels))


def directions(policy: NetworkPolicy) -> frozenset[Direction]:
    """Which directions a policy restricts: what it says, else ingress and, where it has egress rules, egress."""
    if policy.spec.policy_types:
        return frozenset(d for d in Direction if d.value.capitalize() in policy.spec.policy_types)
    return frozenset(Direction) if policy.spec.egress else frozenset({Direction.INGRESS})


def rules(policy: NetworkPolicy, direction: Direction) -> tuple[Rule, ...]:
    return policy.spec.ingress if direction is Direction.INGRESS else policy.spec.egress


def end_of(seen: Snapshot, pod: Pod) -> End:
    ports = {p.name: p.container_port for c in pod.lasting_containers() for p in c.ports if p.name}
    namespace = pod.metadata.namespace
    return End(namespace, pod.metadata.labels, namespace_labels(seen, namespace), pod.status.pod_ip, ports)


def namespace_labels(seen: Snapshot, name: str) -> dict[str, str]:
    """A namespace's labels; the one that every namespace has where the object was not read."""
    namespace = seen.get(Namespace, "", name)
    return {_NAME_LABEL: name, **(namespace.metadata.labels if namespace else {})}


def verdict(seen: Snapshot, source: Pod, target: Pod, port: int, protocol: str = "TCP") -> Verdict:
    """Whether policies let a pod open a connection to another pod's port."""
    if target.spec.host_network or source.spec.host_network:
        return Verdict(True)
    here, there = end_of(seen, source), end_of(seen, target)
    for direction, pod, peer in ((Direction.EGRESS, source, there), (Direction.INGRESS, target, here)):
        policies = selecting(seen, pod, direction)
        if policies and not any(_allows(p, direction, peer, there, port, protocol) for p in policies):
            near = next(_near(policies, direction, peer, there, port, protocol), None)
            return Verdict(False, direction, policies, near)
    return Verdict(True)


def allows_out(policies: tuple[NetworkPolicy, ...], to: End, port: int, protocol: str) -> bool:
    """Whether any of a pod's egress policies lets it reach an end that need not be a pod that was read."""
    return any(_allows(policy, Direction.EGRESS, to, to, port, protocol) for policy in policies)


def allows_outside(policies: tuple[NetworkPolicy, ...], ip: str, port: int, protocol: str = "TCP") -> bool:
    """Whether any of a pod's egress policies may let it reach a host outside the cluster, which only an ipBlock means.
    Without its address (``ip`` empty) it may lie in any block."""
    there = End("", {}, {}, ip, {})
    return any(
        _fits_port(rule, there, port, protocol)
        and (not rule.peers or any(p.ip_block and (not ip or _in_block(p.ip_block, ip)) for p in rule.peers))
        for policy in policies
        for rule in rules(policy, Direction.EGRESS)
    )


def _allows(policy: NetworkPolicy, direction: Direction, peer: End, target: End, port: int, protocol: str) -> bool:
    return any(
        _fits_peer(rule, policy, peer) and _fits_port(rule, target, port, protocol) for rule in rules(policy, direction)
    )


def _fits_port(rule: Rule, target: End, port: int, protocol: str) -> bool:
    return not rule.ports or any(_port_holds(allowed, target, port, protocol) for allowed in rule.ports)


def _port_holds(allowed: PolicyPort, target: End, port: int, protocol: str) -> bool:
    if allowed.protocol != protocol:
        return False
    if allowed.port is None:
        return True
    if isinstance(allowed.port, str):
        return target.ports.get(allowed.port) == port
    return allowed.port <= port <= (allowed.end_port or allowed.port)


def _fits_peer(rule: Rule, policy: NetworkPolicy, peer: End) -> bool:
    return not rule.peers or any(peer_holds(allowed, policy.metadata.namespace, peer) for allowed in rule.peers)


def peer_holds(allowed: PolicyPeer, home: str, peer: End) -> bool:
    """Whether a peer of a rule means this end. Without a namespace selector it means the policy's own namespace."""
    if allowed.ip_block:
        return _in_block(allowed.ip_block, peer.ip)
    pods = allowed.pod_selector is None or allowed.pod_selector.matches(peer.labels)
    if allowed.namespace_selector is None:
        return pods and peer.namespace == home
    return pods and allowed.namespace_selector.matches(peer.namespace_labels)


def _in_block(block: IpBlock, ip: str) -> bool:
    try:
        address = ip_address(ip)
        return address in ip_network(block.cidr, strict=False) and not any(
            address in ip_network(hole, strict=False) for hole in block.excepted
        )
    except ValueError:
        return False


def _near(
    policies: tuple[NetworkPolicy, ...], direction: Direction, peer: End, target: End, port: int, protocol: str
) -> Iterator[NearMiss]:
    """Rules that fit but for the port, then rules that fit but for the peer."""
    for policy in policies:
        for i, rule in enumerate(rules(policy, direction)):
            if _fits_peer(rule, policy, peer):
                written = ", ".join(_port_words(p) for p in rule.ports)
                yield NearMiss(policy, f"spec.{direction}[{i}].ports", written, f"{protocol}/{port}")
    for policy in policies:
        for i, rule in enumerate(rules(policy, direction)):
            if _fits_port(rule, target, port, protocol):
                written = "; ".join(peer_words(p) for p in rule.peers)
                side = "from" if direction is Direction.INGRESS else "to"
                yield NearMiss(policy, f"spec.{direction}[{i}].{side}", written, _end_words(policy, peer))


def _port_words(port: PolicyPort) -> str:
    until = f"-{port.end_port}" if port.end_port else ""
    return f"{port.protocol}/{port.port if port.port is not None else '*'}{until}"


def peer_words(peer: PolicyPeer) -> str:
    """A peer in one line: ``pods role=backend in namespaces team=shop``."""
    if peer.ip_block:
        return f"ipBlock {peer.ip_block.cidr}"
    words = []
    if peer.pod_selector is not None:
        words.append(f"podSelector {selector_words(peer.pod_selector)}")
    if peer.namespace_selector is not None:
        words.append(f"namespaceSelector {selector_words(peer.namespace_selector)}")
    return " + ".join(words)


def selector_words(selector: LabelSelector) -> str:
    return selector.as_query() or "{}"


def _end_words(policy: NetworkPolicy, peer: End) -> str:
    labels = ",".join(f"{k}={v}" for k, v in sorted(peer.labels.items()) if k != "pod-template-hash")
    return labels if peer.namespace == policy.metadata.namespace else f"{labels} @ {peer.namespace}"
