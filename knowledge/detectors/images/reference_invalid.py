"""An image name that is not valid, or an image that may not be pulled and is not on the node."""

import re
from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.pulls import Pull, former_image, pulls, set_image
from knowledge.finding import Confidence, Consent, Finding, Remedy, Severity, field_of
from knowledge.objects import Event, Pod, ReplicaSet
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="image-reference-invalid",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Event, ReplicaSet),
    hides=("image-pull-not-found",),
)

_REASONS = frozenset({"InvalidImageName", "ErrImageNeverPull", "ImageInspectError"})
_WRONG = re.compile(r"[^a-z0-9._/:@-]|::|//|:$|/$")


def detect(seen: Snapshot) -> Iterator[Finding]:
    for pull in pulls(seen):
        if pull.reason in _REASONS or "invalid reference format" in pull.cause:
            yield _finding(seen, pull)


def _finding(seen: Snapshot, pull: Pull) -> Finding:
    container = pull.pod.container(pull.container)
    policy = container.image_pull_policy if container else ""
    remedy = set_image(pull, former_image(seen, pull) or "<host>/<repository>:<tag>")
    if pull.reason == "ErrImageNeverPull":
        remedy = Remedy(
            Said("Let the node pull it: imagePullPolicy: IfNotPresent instead of Never."),
            f"kubectl -n {pull.workload.namespace} edit {pull.workload.kind.lower()}/{pull.workload.name}",
            Consent.ASK,
        )
    return Finding(
        DETECTOR,
        pull.workload,
        _says(pull),
        Confidence.PROVEN,
        evidence=(
            *pull.evidence,
            field_of(pull.pod, f"spec.containers[{pull.container}].imagePullPolicy", policy or "-"),
        ),
        why=Said(
            "An image is named host/repository:tag. The repository is written in small letters, and neither blanks nor "
            "unfilled placeholders may stand in it."
        ),
        remedies=(remedy,),
        pods=pull.pods,
        discriminator=pull.container,
        at=pull.at,
    )


def _says(pull: Pull) -> Said:
    if pull.reason == "ErrImageNeverPull":
        return Said(
            "{workload} cannot start (ErrImageNeverPull): imagePullPolicy Never forbids to pull `{image}`, and node "
            "{node} has no copy of it.",
            workload=pull.workload.name,
            image=pull.image,
            node=pull.nodes or "-",
        )
    wrong = _WRONG.search(pull.image.partition("@")[0])
    if wrong:
        return Said(
            "{workload} cannot start ({reason}): the image name `{image}` is not valid, `{wrong}` may not stand there.",
            workload=pull.workload.name,
            reason=pull.reason,
            image=pull.image,
            wrong=wrong[0],
        )
    return Said(
        "{workload} cannot start ({reason}): the image name `{image}` cannot be used (`{cause}`).",
        workload=pull.workload.name,
        reason=pull.reason,
        image=pull.image,
        cause=quoted(pull.cause, 120) or "-",
    )
