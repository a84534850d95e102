"""Nodes whose kubelet is newer than the API server, or too far behind it."""

import re
from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, Who, field_of
from knowledge.objects import Node
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="version-skew-or-eol", severity=Severity.WARNING, needs=(Node,))
_VERSION = re.compile(r"^v?(\d+)\.(\d+)")


def detect(seen: Snapshot) -> Iterator[Finding]:
    if seen.version is None:
        return
    minor = seen.version[1]
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
