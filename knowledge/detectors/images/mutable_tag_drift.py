"""Pods of one workload that run different images under the same tag."""

from collections import defaultdict
from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.image_ref import image_ref
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Node, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="image-mutable-tag-drift", severity=Severity.WARNING, needs=(Pod,), uses=(Node,))


def detect(seen: Snapshot) -> Iterator[Finding]:
    found: dict[tuple[Ref, str, str, str], dict[str, list[Pod]]] = defaultdict(lambda: defaultdict(list))
    for pod in seen.all(Pod):
        if pod.metadata.deletion_timestamp or pod.status.phase != "Running":
            continue
        template = pod.metadata.labels.get("pod-template-hash") or pod.metadata.labels.get(
            "controller-revision-hash", ""
        )
        for status in pod.status.container_statuses:
            container = pod.container(status.name)
            digest = status.image_id.rpartition("@")[2]
            if container and digest.startswith("sha256:") and not image_ref(container.image).fixed:
                found[seen.workload(pod), template, status.name, container.image][digest].append(pod)
    for (workload, _, name, image), digests in found.items():
        pods = [pod for held in digests.values() for pod in held]
        if len(digests) > 1 and not _several_architectures(seen, pods):
            yield _finding(workload, name, image, digests)


def _several_architectures(seen: Snapshot, pods: list[Pod]) -> bool:
    """A multi-architecture image has one digest for each: that is no drift."""
    nodes = (seen.get(Node, "", pod.spec.node_name) for pod in pods)
    return len({node.status.node_info.architecture for node in nodes if node}) > 1


def _finding(workload: Ref, name: str, image: str, digests: dict[str, list[Pod]]) -> Finding:
    ordered = sorted(digests.items(), key=lambda item: min(str(p.metadata.creation_timestamp) for p in item[1]))
    old, new = ordered[0], ordered[-1]
    return Finding(
        DETECTOR,
        workload,
        Said(
            "Pods of {workload} run different images under the same tag `{image}`: {old} has {old_digest}, {new} has "
            "{new_digest}. The tag was pushed again, and nodes that held the old image keep using it.",
            workload=workload.name,
            image=image,
            old=old[1][0].metadata.name,
            old_digest=old[0][:19],
            new=new[1][0].metadata.name,
            new_digest=new[0][:19],
        ),
        Confidence.PROVEN,
        evidence=tuple(
            field_of(pods[0], f"status.containerStatuses[{name}].imageID", digest, pods[0].status.start_time)
            for digest, pods in ordered
        ),
        why=Said(
            "Kubernetes does not notice that a tag points to something new. With imagePullPolicy IfNotPresent a node "
            "uses the copy that it already has."
        ),
        remedies=(
            Remedy(Said("Give every build a tag of its own, or name the digest.")),
            Remedy(
                Said("For now: set imagePullPolicy: Always and restart the workload."),
                f"kubectl -n {workload.namespace} rollout restart {workload.kind.lower()}/{workload.name}",
                Consent.ASK,
            ),
        ),
        pods=tuple(Ref.to(pod) for pods in digests.values() for pod in pods),
        discriminator=name,
        at=new[1][0].metadata.creation_timestamp,
    )
