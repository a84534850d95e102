"""Nodes whose kubelet is newer than the API server, or too far behind it."""

import re
from collections.abc import Iterator
from datetime import date

from knowledge.detector import Detector, Layer
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, Source, Who, field_of
from knowledge.objects import Node
from knowledge.said import Said
from knowledge.snapshot import Snapshot

_SUPPORTED_UNTIL = {
    27: date(2024, 6, 28),
    28: date(2024, 10, 28),
    29: date(2025, 2, 28),
    30: date(2025, 6, 28),
    31: date(2025, 10, 28),
    32: date(2026, 2, 28),
    33: date(2026, 6, 28),
    34: date(2026, 10, 27),
}
"""The last day on which upstream mends a minor version. Older ones than these ended before."""
_DOCKER_GONE, _CONTAINERD_1_GONE = 24, 36

DETECTOR = Detector(id="version-skew-or-eol", severity=Severity.WARNING, needs=(Node,))
_VERSION = re.compile(r"^v?(\d+)\.(\d+)")


def detect(seen: Snapshot) -> Iterator[Finding]:
    if seen.version is None:
        return
    minor = seen.version[1]
    yield from _unsupported(seen, minor)
    yield from _runtimes(seen, minor)
    allowed = 3 if minor >= 28 else 2
    for node in seen.all(Node):
        match = _VERSION.match(node.status.node_info.kubelet_version)
        behind = minor - int(match[2]) if match else 0
        if 0 <= behind <= allowed:
            continue
        yield Finding(
            DETECTOR,
            Ref.to(node),
            Said(
                "Node {node} runs kubelet {kubelet} with an API server of {major}.{minor}: {how}.",
                node=node.metadata.name,
                kubelet=node.status.node_info.kubelet_version,
                major=seen.version[0],
                minor=minor,
                how=Said("a kubelet may not be newer than the API server")
                if behind < 0
                else Said(
                    "{behind} minor versions behind, and at most {allowed} are supported",
                    behind=behind,
                    allowed=allowed,
                ),
            ),
            Confidence.PROVEN,
            evidence=(field_of(node, "status.nodeInfo.kubeletVersion", node.status.node_info.kubelet_version),),
            why=Said("Kubernetes supports only a small distance between its control plane and its nodes."),
            remedies=(
                Remedy(
                    Said("The platform team has to plan the upgrade of that node."),
                    "kubectl get nodes -o wide",
                    Consent.LOOK,
                    Who.PLATFORM,
                ),
            ),
            severity=Severity.ERROR,
        )


def _unsupported(seen: Snapshot, minor: int) -> Iterator[Finding]:
    oldest = min(_SUPPORTED_UNTIL)
    until = _SUPPORTED_UNTIL.get(max(minor, oldest))
    if until is None or seen.now.date() <= until:
        return
    said = f"{seen.version[0]}.{minor}" if seen.version else str(minor)
    cluster = Ref("Cluster", "", seen.cluster)
    yield Finding(
        DETECTOR,
        cluster,
        Said(
            "The control plane of {cluster} runs Kubernetes {version}, which upstream has not mended since {until}.",
            cluster=seen.cluster,
            version=said,
            until=until.isoformat() if minor >= oldest else Said("before {date}", date=until.isoformat()),
        ),
        Confidence.PROVEN,
        evidence=(Evidence(Source.FIELD, cluster, "version", said),),
        why=Said("A version lives about fourteen months; after that security faults in it are no longer mended."),
        remedies=(
            Remedy(Said("The platform team has to plan an upgrade."), "kubectl version", Consent.LOOK, Who.PLATFORM),
        ),
        layer=Layer.HYGIENE,
    )


def _runtimes(seen: Snapshot, minor: int) -> Iterator[Finding]:
    """Container runtimes that this version of Kubernetes no longer works with, or soon will not."""
    for node in seen.all(Node):
        runtime = node.status.node_info.container_runtime_version
        docker = runtime.startswith("docker://") and minor >= _DOCKER_GONE
        if not docker and not (runtime.startswith("containerd://1.") and minor >= _CONTAINERD_1_GONE):
            continue
        yield Finding(
            DETECTOR,
            Ref.to(node),
            Said(
                "Node {node} runs the container runtime {runtime}, which Kubernetes 1.{minor} does not support.",
                node=node.metadata.name,
                runtime=runtime,
                minor=minor,
            ),
            Confidence.PROVEN,
            evidence=(field_of(node, "status.nodeInfo.containerRuntimeVersion", runtime),),
            remedies=(
                Remedy(
                    Said("The platform team has to plan the upgrade of that node."),
                    "kubectl get nodes -o wide",
                    Consent.LOOK,
                    Who.PLATFORM,
                ),
            ),
            discriminator="runtime",
            layer=Layer.HYGIENE,
        )
