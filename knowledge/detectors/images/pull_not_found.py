"""An image, or a tag of it, that its registry does not have."""

import re
from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.pulls import Pull, former_image, pulls, revision_of, set_image
from knowledge.finding import Confidence, Finding, Severity
from knowledge.objects import Event, Pod, ReplicaSet, Secret, ServiceAccount
from knowledge.said import Said
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="image-pull-not-found",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Event, ReplicaSet, Secret, ServiceAccount),
)

_NOT_FOUND = re.compile(r"(?i)not ?found|manifest unknown|repository does not exist|name unknown|no such manifest")
_OTHER = re.compile(
    r"(?i)unauthorized|denied|insufficient_scope|no such host|no match for platform|authorization failed"
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for pull in pulls(seen):
        missing = _NOT_FOUND.search(pull.cause) and not _OTHER.search(pull.cause)
        untold = not pull.cause and pull.reason in ("ErrImagePull", "ImagePullBackOff")
        if missing or untold:
            yield _finding(seen, pull)


def _finding(seen: Snapshot, pull: Pull) -> Finding:
    former = former_image(seen, pull)
    revision = revision_of(seen, pull)
    return Finding(
        DETECTOR,
        pull.workload,
        _says(pull, former),
        pull.confidence if pull.cause else Confidence.POSSIBLE,
        evidence=(*pull.evidence, *((revision.evidence(),) if revision else ())),
        why=Said(
            "The node asks the registry for exactly this name and tag. A tag that was mistyped, not pushed yet or "
            "deleted cannot be had, so the container is never created. Some registries also say “not found” for a "
            "private repository when the login is missing."
        ),
        remedies=(set_image(pull, former or "<image>:<tag>"),),
        pods=pull.pods,
        discriminator=pull.container,
        at=pull.at,
    )


def _says(pull: Pull, former: str) -> Said:
    if not pull.cause:
        return Said(
            "{workload} cannot start ({reason}): the image `{image}` cannot be pulled, and the registry's answer is "
            "not recorded any more. A tag that does not exist is the usual reason{former}.",
            workload=pull.workload.name,
            reason=pull.reason,
            image=pull.image,
            former=_former(former),
        )
    return Said(
        "{workload} cannot start ({reason}): the image `{image}` does not exist in its registry (`{cause}`){former}.",
        workload=pull.workload.name,
        reason=pull.reason,
        image=pull.image,
        cause=quoted(pull.cause, 120),
        former=_former(former),
    )


def _former(former: str) -> Said | str:
    return Said("; the revision before used `{image}`", image=former) if former else ""
