"""A manifest or a tool that writes an object through an API version which a release of Kubernetes no longer serves.

The object itself proves nothing, since the server converts it: what counts is the manifest that was last applied and
who wrote through which version.
"""

import re
from collections.abc import Iterator

from knowledge.detector import Detector, Layer
from knowledge.facts.removed_apis import REMOVED, Removal
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import Object, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="api-deprecated-in-use", severity=Severity.WARNING, needs=(), layer=Layer.HYGIENE)

_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_VERSION = re.compile(r'"apiVersion":\s*"(?P<version>[^"]+)"')
_AHEAD = 3
"""How many minor releases ahead an upgrade is thought of."""


def detect(seen: Snapshot) -> Iterator[Finding]:
    if seen.version is None:
        return
    minor = seen.version[1]
    for thing in seen.objects:
        if not isinstance(thing, Pod):
            found = next(_outdated(thing, minor), None)
            if found:
                yield _finding(thing, minor, *found)


def _outdated(thing: Object, minor: int) -> Iterator[tuple[str, Removal, Evidence]]:
    """The versions that end in which somebody writes an object: the manifest first, then each writer's.

    Nobody can have written lately in a version that this server does not serve, so only manifests hold such.
    """
    meta, kind = thing.metadata, thing.RESOURCE.kind
    match = _VERSION.search(meta.annotations.get(_APPLIED, ""))
    removal = REMOVED.get((match["version"], kind)) if match else None
    if match and removal and removal.minor <= minor + _AHEAD:
        told = field_of(thing, f"metadata.annotations[{_APPLIED}].apiVersion", match["version"])
        yield match["version"], removal, told
    for entry in meta.managed_fields:
        removal = REMOVED.get((entry.api_version, kind))
        if removal and minor < removal.minor <= minor + _AHEAD:
            path = f"metadata.managedFields[{entry.manager}].apiVersion"
            yield entry.api_version, removal, field_of(thing, path, entry.api_version, entry.time)


def _finding(thing: Object, minor: int, version: str, removal: Removal, evidence: Evidence) -> Finding:
    gone = removal.minor <= minor
    return Finding(
        DETECTOR,
        Ref.to(thing),
        Said(
            "{kind} {name} is written as {version}, which Kubernetes 1.{minor} {state}: {effect}.",
            kind=thing.RESOURCE.kind,
            name=thing.metadata.name,
            version=version,
            minor=removal.minor,
            state=Said("removed") if gone else Said("removes"),
            effect=Said("the next deployment of that manifest is refused here")
            if gone
            else Said("after that upgrade its next deployment is refused"),
        ),
        Confidence.PROVEN,
        evidence=(evidence,),
        why=Said(
            "The server keeps the object and serves it in newer versions, so it goes on working. What ends is writing "
            "it in the old one: from a manifest, a chart or a client."
        ),
        remedies=(
            Remedy(
                Said("Write {instead} in the manifest or chart.", instead=removal.instead),
                f"apiVersion: {removal.instead}",
                Consent.ASK,
            ),
        ),
        at=evidence.at,
    )
