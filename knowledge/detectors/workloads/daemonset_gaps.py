"""A DaemonSet that is missing, or not ready, on nodes that are in order."""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector, Layer
from knowledge.facts.nodes import not_ready
from knowledge.facts.room import requests_of, room
from knowledge.facts.scheduling import spelt, unmet, untolerated
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import DaemonSet, Event, Node, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="daemonset-gaps",
    severity=Severity.WARNING,
    needs=(DaemonSet,),
    uses=(Node, Pod, Event),
    layer=Layer.SYMPTOM,
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for daemon in seen.all(DaemonSet):
        status = daemon.status
        missing = status.desired_number_scheduled - status.number_ready
        gaps = _gaps(seen, daemon)
        young = daemon.metadata.creation_timestamp and seen.now - daemon.metadata.creation_timestamp < timedelta(
            minutes=10
        )
        if missing > 0 and not young and (gaps or not seen.all(Node)):
            yield _finding(daemon, missing, gaps)
        elif seen.named and daemon.status.number_ready:
            yield from (_left_out(daemon, node) for node in seen.all(Node) if _by_intent(seen, daemon, node))


def _by_intent(seen: Snapshot, daemon: DaemonSet, node: Node) -> bool:
    """Whether a DaemonSet that looks complete does not count a node, because taint or labels keep it away."""
    spec = daemon.spec.template.spec
    control = any(key.startswith("node-role.kubernetes.io/control-plane") for key in node.metadata.labels)
    there = any(p.spec.node_name == node.metadata.name for p in seen.pods_of(Ref.to(daemon)))
    return not control and not there and bool(untolerated(spec, node) or unmet(spec, node))


def _left_out(daemon: DaemonSet, node: Node) -> Finding:
    spec, name = daemon.spec.template.spec, node.metadata.name
    taints = untolerated(spec, node)
    return Finding(
        DETECTOR,
        Ref.to(daemon),
        Said(
            "DaemonSet {daemon} leaves out node {node}: {reason}. It counts only the nodes it fits and so looks "
            "complete ({ready} of {wanted}).",
            daemon=daemon.metadata.name,
            node=name,
            reason=Said("it does not tolerate the taint {taint} there", taint=spelt(taints[0]))
            if taints
            else Said("the node lacks {labels}, which its nodeSelector or affinity asks for", labels=unmet(spec, node)),
            ready=daemon.status.number_ready,
            wanted=daemon.status.desired_number_scheduled,
        ),
        Confidence.PROVEN,
        evidence=(
            field_of(node, "spec.taints[]", spelt(taints[0]), taints[0].time_added)
            if taints
            else field_of(node, "metadata.labels", node.metadata.labels),
            field_of(daemon, "status.desiredNumberScheduled", daemon.status.desired_number_scheduled),
        ),
        why=Said("A DaemonSet shall run on every node it fits; where it does not, that node lacks the service."),
        remedies=(
            Remedy(
                Said("Give the DaemonSet a toleration for that taint, or take the taint off the node."),
                f"kubectl describe node {name}",
                Consent.ASK,
            ),
        )
        if taints
        else (),
        victims=(Ref.to(node),),
        discriminator=name,
    )


def _gaps(seen: Snapshot, daemon: DaemonSet) -> dict[str, Said]:
    """Nodes in order that have no ready pod of the DaemonSet, each with the reason."""
    spec = daemon.spec.template.spec
    pods = {p.spec.node_name: p for p in seen.pods_of(Ref.to(daemon)) if p.spec.node_name}
    found: dict[str, Said] = {}
    for node in seen.all(Node):
        if not_ready(node) or node.spec.unschedulable or unmet(spec, node):
            continue
        pod = pods.get(node.metadata.name)
        ready = pod.condition("Ready") if pod else None
        if ready and ready.status == "True":
            continue
        taints = untolerated(spec, node)
        lacks = room(seen, node).lacks(requests_of(spec))
        if pod:
            found[node.metadata.name] = Said("its pod is not ready")
        elif taints:
            found[node.metadata.name] = Said("taint {taint}", taint=spelt(taints[0]))
        elif lacks:
            found[node.metadata.name] = Said("Insufficient {resource}", resource=lacks[0])
        else:
            found[node.metadata.name] = Said("no pod there")
    return found


def _finding(daemon: DaemonSet, missing: int, gaps: dict[str, Said]) -> Finding:
    status = daemon.status
    where = tuple(Said("{node}: {reason}", node=node, reason=reason) for node, reason in list(gaps.items())[:4])
    return Finding(
        DETECTOR,
        Ref.to(daemon),
        Said(
            "DaemonSet {daemon} is ready on {ready} of {wanted} nodes; missing on {missing}{where}.",
            daemon=daemon.metadata.name,
            ready=status.number_ready,
            wanted=status.desired_number_scheduled,
            missing=missing,
            where=Said(" ({where})", where=where) if where else "",
        ),
        Confidence.PROVEN,
        evidence=(
            field_of(daemon, "status.numberReady", status.number_ready),
            field_of(daemon, "status.desiredNumberScheduled", status.desired_number_scheduled),
        ),
        why=Said("A DaemonSet shall run on every node it fits; where it does not, that node lacks the service."),
        remedies=(
            Remedy(
                Said("Look at its pods and the nodes they are missing on."),
                f"kubectl -n {daemon.metadata.namespace} describe daemonset {daemon.metadata.name}",
                Consent.LOOK,
            ),
        ),
    )
