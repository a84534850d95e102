"""Whether a node suits a pod: taints and tolerations, node selectors and affinity, spread and anti-affinity, ports.

The rules of the scheduler, without its queue: room is counted in ``room``, the blocker is found in ``placement``.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from knowledge.objects import LabelSelector, Node, Pod, PodSpec, Taint, Toleration
from knowledge.objects.pod import NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodAffinityTerm
from knowledge.snapshot import Snapshot

CORDON = "node.kubernetes.io/unschedulable"
_AUTOMATIC = ("node.kubernetes.io/", "node.cloudprovider.kubernetes.io/", "node.cilium.io/", "ToBeDeletedByClusterAut")
_CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
_DEDICATED = ("dedicated", "nvidia.com/gpu", "amd.com/gpu", "node-role.kubernetes.io/")


def tolerates(tolerations: Iterable[Toleration], taint: Taint) -> bool:
    return any(_tolerates(toleration, taint) for toleration in tolerations)


def _tolerates(toleration: Toleration, taint: Taint) -> bool:
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    return toleration.operator == "Exists" or (bool(toleration.key) and toleration.value == taint.value)


def untolerated(spec: PodSpec, node: Node) -> tuple[Taint, ...]:
    """The taints that keep a pod away; a cordon is told by ``cordoned`` and not repeated here."""
    return tuple(
        taint
        for taint in node.spec.taints
        if taint.effect in ("NoSchedule", "NoExecute")
        and taint.key != CORDON
        and not tolerates(spec.tolerations, taint)
    )


def cordoned(spec: PodSpec, node: Node) -> bool:
    return node.spec.unschedulable and not tolerates(spec.tolerations, Taint(key=CORDON, effect="NoSchedule"))


def automatic(taint: Taint) -> bool:
    """Put by Kubernetes, the cloud or the CNI because of the node's state, and taken away by them again."""
    return taint.key.startswith(_AUTOMATIC)


def meant(seen: Snapshot, taint: Taint) -> bool:
    """Whether a taint reserves nodes on purpose: for the control plane, or for pods that run there by its leave."""
    if taint.key in _CONTROL_PLANE or taint.key.startswith(_DEDICATED):
        return True
    for node in seen.all(Node):
        if not any((t.key, t.value) == (taint.key, taint.value) for t in node.spec.taints):
            continue
        for pod in seen.on_node(node.metadata.name):
            owner = seen.owner(pod)
            named = [t for t in pod.spec.tolerations if t.key == taint.key]
            if (
                pod.status.phase == "Running"
                and (owner is None or owner.kind != "DaemonSet")
                and tolerates(named, taint)
            ):
                return True
    return False


def spelt(taint: Taint) -> str:
    """``key=value:Effect``, as ``kubectl taint`` takes it."""
    return f"{taint.key}={taint.value}:{taint.effect}" if taint.value else f"{taint.key}:{taint.effect}"


def unmet(spec: PodSpec, node: Node) -> tuple[str, ...]:
    """The demands on a node's labels that this node does not meet, as ``key=value``; of alternatives the nearest."""
    labels = node.metadata.labels
    missing = [f"{key}={value}" for key, value in sorted(spec.node_selector.items()) if labels.get(key) != value]
    affinity = spec.affinity.node_affinity if spec.affinity else None
    required = affinity.required_during_scheduling_ignored_during_execution if affinity else None
    return (*missing, *(unmet_terms(required, node) if required else ()))


def unmet_terms(required: NodeSelector, node: Node) -> tuple[str, ...]:
    """Terms are alternatives: one that is met suffices."""
    misses = [_misses(term, node) for term in required.node_selector_terms]
    return min(misses, key=len) if misses else ()


def _misses(term: NodeSelectorTerm, node: Node) -> tuple[str, ...]:
    names = {"metadata.name": node.metadata.name}
    return (
        *(_spelt(r) for r in term.match_expressions if not r.holds(node.metadata.labels)),
        *(_spelt(r) for r in term.match_fields if not r.holds(names)),
    )


def _spelt(wanted: NodeSelectorRequirement) -> str:
    if wanted.operator == "In":
        return f"{wanted.key}={'|'.join(wanted.values)}"
    if wanted.operator in ("Exists", "DoesNotExist"):
        return wanted.key if wanted.operator == "Exists" else f"!{wanted.key}"
    return f"{wanted.key} {wanted.operator} {','.join(wanted.values)}"


def apart(seen: Snapshot, pod: Pod, node: Node) -> bool:
    """Whether a rule about other pods (anti-affinity, affinity, spread) keeps a pod off a node."""
    return _kept_away(seen, pod, node) or _lonely(seen, pod, node) or _crowded(seen, pod, node)


def anti_affinity(spec: PodSpec) -> tuple[PodAffinityTerm, ...]:
    rules = spec.affinity.pod_anti_affinity if spec.affinity else None
    return rules.required_during_scheduling_ignored_during_execution if rules else ()


def affinity(spec: PodSpec) -> tuple[PodAffinityTerm, ...]:
    rules = spec.affinity.pod_affinity if spec.affinity else None
    return rules.required_during_scheduling_ignored_during_execution if rules else ()


def _kept_away(seen: Snapshot, pod: Pod, node: Node) -> bool:
    if any(_present(seen, pod, term, node) for term in anti_affinity(pod.spec)):
        return True
    return any(
        _selects(other, term, pod)
        for other in _placed(seen)
        for term in anti_affinity(other.spec)
        if _same_domain(seen, other, term.topology_key, node)
    )


def _lonely(seen: Snapshot, pod: Pod, node: Node) -> bool:
    """A required neighbour is not there. The first of a group that asks for its own kind may begin anywhere."""
    return any(
        not _present(seen, pod, term, node)
        and not (_selects(pod, term, pod) and not any(_selects(pod, term, other) for other in _placed(seen)))
        for term in affinity(pod.spec)
    )


def _crowded(seen: Snapshot, pod: Pod, node: Node) -> bool:
    for rule in pod.spec.topology_spread_constraints:
        if rule.when_unsatisfiable != "DoNotSchedule" or rule.label_selector is None:
            continue
        here = node.metadata.labels.get(rule.topology_key)
        if here is None:
            return True
        counts = Counter(dict.fromkeys(_domains(seen, pod, rule.topology_key), 0))
        counts.update(_spread(seen, pod, rule.label_selector, rule.topology_key))
        if counts[here] + 1 - min(counts.values(), default=0) > rule.max_skew:
            return True
    return False


def _domains(seen: Snapshot, pod: Pod, key: str) -> Iterator[str]:
    for node in seen.all(Node):
        if key in node.metadata.labels and not unmet(pod.spec, node):
            yield node.metadata.labels[key]


def _spread(seen: Snapshot, pod: Pod, selector: LabelSelector, key: str) -> Iterator[str]:
    for other in seen.matching(Pod, selector, pod.metadata.namespace):
        node = seen.get(Node, "", other.spec.node_name) if _alive(other) else None
        if node and key in node.metadata.labels:
            yield node.metadata.labels[key]


def _present(seen: Snapshot, pod: Pod, term: PodAffinityTerm, node: Node) -> bool:
    return any(
        _selects(pod, term, other) and _same_domain(seen, other, term.topology_key, node) for other in _placed(seen)
    )


def _selects(holder: Pod, term: PodAffinityTerm, other: Pod) -> bool:
    namespaces = term.namespaces or (holder.metadata.namespace,)
    return (
        term.label_selector is not None
        and other.metadata.namespace in namespaces
        and term.label_selector.matches(other.metadata.labels)
    )


def _same_domain(seen: Snapshot, other: Pod, key: str, node: Node) -> bool:
    there = seen.get(Node, "", other.spec.node_name)
    value = node.metadata.labels.get(key)
    return there is not None and value is not None and there.metadata.labels.get(key) == value


def _placed(seen: Snapshot) -> Iterator[Pod]:
    return (pod for pod in seen.all(Pod) if _alive(pod))


def _alive(pod: Pod) -> bool:
    return bool(pod.spec.node_name) and pod.status.phase not in ("Succeeded", "Failed")


def host_ports(spec: PodSpec) -> frozenset[tuple[int, str]]:
    """The ports that a pod takes on the node itself."""
    ports = (port for container in spec.containers for port in container.ports)
    return frozenset((p.host_port or p.container_port, p.protocol) for p in ports if p.host_port or spec.host_network)


def port_holder(seen: Snapshot, pod: Pod, node: Node) -> Pod | None:
    """A pod on the node that holds a port this pod needs."""
    wanted = host_ports(pod.spec)
    if not wanted:
        return None
    return next(
        (p for p in seen.on_node(node.metadata.name) if _alive(p) and p is not pod and wanted & host_ports(p.spec)),
        None,
    )
