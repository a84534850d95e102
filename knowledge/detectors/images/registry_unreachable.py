"""A registry that the nodes cannot reach, or that limits how often they pull."""

import re
from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.image_ref import image_ref
from knowledge.facts.pulls import Pull, pulls
from knowledge.finding import Finding, Remedy, Severity, Who, field_of
from knowledge.objects import Event, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="image-registry-unreachable",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Event,),
    hides=("image-pull-not-found",),
)

_LIMITED = re.compile(r"(?i)\b429\b|toomanyrequests|too many requests|pull QPS exceeded|rate limit")
_UNREACHABLE = re.compile(
    r"(?i)no such host|i/o timeout|connection refused|TLS handshake timeout|x509:|server gave HTTP response to HTTPS|"
    r"RegistryUnavailable|no route to host|deadline exceeded|connection reset|50[0234]\b|temporary failure"
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    failing = tuple(pulls(seen))
    for pull in failing:
        if _LIMITED.search(pull.cause) or _UNREACHABLE.search(pull.cause) or pull.reason == "RegistryUnavailable":
            yield _finding(pull, failing)


def _finding(pull: Pull, failing: tuple[Pull, ...]) -> Finding:
    host = image_ref(pull.image).host
    same = [other for other in failing if image_ref(other.image).host == host]
    nodes = sorted({other.nodes for other in same if other.nodes})
    return Finding(
        DETECTOR,
        pull.workload,
        _says(pull, host),
        pull.confidence,
        evidence=(*pull.evidence, field_of(pull.pod, "spec.nodeName", ", ".join(nodes) or "-")),
        why=Said(
            "Images are pulled by the node, with the node's own network, DNS and certificates, not by the pod. "
            "{n:|workload waits|workloads wait} for this registry now, on {nodes:|node|nodes}.",
            n=len(same),
            nodes=len(nodes),
        ),
        remedies=(
            Remedy(
                Said("Check the registry's name, its reachability from the nodes, its certificate, or use a mirror."),
                who=Who.PLATFORM,
            ),
        ),
        pods=pull.pods,
        discriminator=pull.container,
        at=pull.at,
    )


def _says(pull: Pull, host: str) -> Said:
    values = {"workload": pull.workload.name, "reason": pull.reason, "image": pull.image, "cause": pull.cause[-140:]}
    if _LIMITED.search(pull.cause):
        return Said(
            "{workload} cannot start ({reason}): registry {host} limits how often images are pulled, so `{image}` was "
            "refused for now (`{cause}`).",
            host=host,
            **values,
        )
    if re.search(r"(?i)no such host", pull.cause):
        return Said(
            "{workload} cannot start ({reason}): the registry host {host} of image `{image}` does not resolve "
            "(`{cause}`); it is mistyped or the node's DNS does not know it.",
            host=host,
            **values,
        )
    return Said(
        "{workload} cannot start ({reason}): node {node} cannot reach registry {host} for image `{image}` (`{cause}`).",
        host=host,
        node=pull.nodes or "-",
        **values,
    )
