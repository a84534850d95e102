"""Nodes as detectors ask about them: what was recorded about them, whether they are well."""

from collections.abc import Iterable, Iterator

from knowledge.objects import Condition, Event, Node, Pod
from knowledge.ref import Ref
from knowledge.snapshot import Snapshot, event_epoch


def events_of_node(seen: Snapshot, name: str, *reasons: str) -> tuple[Event, ...]:
    """Events about a node, oldest first, by name: the kubelet writes the node's name where its uid belongs."""
    found = (e for e in seen.all(Event) if (e.involved_object.kind, e.involved_object.name) == ("Node", name))
    kept = (e for e in found if not reasons or e.reason in reasons)
    return tuple(sorted(kept, key=lambda e: e.last_seen or event_epoch(seen.now)))


_AGENTS = ("cilium", "calico", "flannel", "weave", "antrea", "kube-router", "kindnet", "ovn", "aws-node", "multus")


def network_agents(seen: Snapshot, node: str) -> Iterator[Ref]:
    """The network agents (CNI) on a node that are not ready: no pod gets an address there."""
    for pod in seen.on_node(node):
        owner = seen.owner(pod)
        if owner and owner.kind == "DaemonSet" and any(owner.name.startswith(agent) for agent in _AGENTS):
            ready = pod.condition("Ready")
            if ready is None or ready.status != "True":
                yield owner


def not_ready(node: Node) -> Condition | None:
    """The Ready condition of a node that is not ready."""
    ready = node.condition("Ready")
    return ready if ready and ready.status != "True" else None


def silent_nodes(seen: Snapshot, pods: Iterable[Pod]) -> tuple[Ref, ...]:
    """The nodes of pods that are not ready themselves, so that nothing on them can be."""
    found = (seen.get(Node, "", pod.spec.node_name) for pod in pods if pod.spec.node_name)
    return tuple(dict.fromkeys(Ref.to(node) for node in found if node and not_ready(node)))
