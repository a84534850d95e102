"""Reads a world: a cluster, or a fleet, written down as YAML with relative times.

A world is one file (a single cluster named after it) or a folder with one folder of files a cluster. A file holds
Kubernetes objects, one a document, as the API would serve them, and documents of our own (``apiVersion: rehearsal``):

- ``Log``, ``User``, ``Denied``, ``Granted``, ``Fault``, ``Life``, ``Fate``, ``Deed``: see ``documents``;
- ``kind: Noise``: ``namespace`` and ``deployments``: so many healthy Deployments with their pods and Services;
- ``kind: Machine`` and ``kind: Workload``: see ``fleet``.

A time may be written ``5m ago``, ``1d2h ago`` or ``in 3d``. What a recorded object always has and a writer would only
copy (uid, resourceVersion, creation time, the uids of owners and of an event's object) is filled in.
"""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from integrations.sandbox.documents import DeedWorld, Fate, Fault, Log, Rule, User, deed, fate, fault, log, rule, user
from integrations.sandbox.fleet import machine, noise, workload
from integrations.sandbox.moments import absolute, moment

Json = dict[str, Any]
__all__ = ["ClusterWorld", "Fault", "Log", "Rule", "User", "load", "moment", "read", "uid_of"]

_WHOLE_SECOND = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
_NAMESPACE = uuid.UUID("6f1d3c6e-55a5-4d3f-9a55-1d2f0a7c9b10")


@dataclass
class ClusterWorld:
    """One cluster as it is written down. ``objects`` are JSON-ready dictionaries with ``apiVersion`` and ``kind``."""

    name: str
    now: datetime
    objects: list[Json] = field(default_factory=list)
    logs: list[Log] = field(default_factory=list)
    denied: list[Rule] = field(default_factory=list)
    granted: list[Rule] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    deeds: list[DeedWorld] = field(default_factory=list)
    fates: list[Fate] = field(default_factory=list)
    lives: bool = False


def load(path: Path, now: datetime) -> dict[str, ClusterWorld]:
    """Every cluster of a world, by name. Raises ValueError that names the file and what is wrong in it."""
    if path.is_file():
        return {path.stem: read(path.stem, path.read_text(), now, str(path))}
    found = {}
    for folder in sorted(p for p in path.iterdir() if p.is_dir()):
        files = sorted(folder.glob("*.yaml"))
        if files:
            found[folder.name] = read(folder.name, "\n---\n".join(f.read_text() for f in files), now, str(folder))
    return found


def read(name: str, text: str, now: datetime, source: str = "world") -> ClusterWorld:
    """One cluster from YAML text."""
    world = ClusterWorld(name, now)
    try:
        documents = [d for d in yaml.load_all(text, Loader=_Loader) if d]
    except yaml.YAMLError as error:
        raise ValueError(f"{source}: {error}") from error
    for document in documents:
        if not isinstance(document, dict) or "kind" not in document:
            raise ValueError(f"{source}: a document without a kind: {str(document)[:80]}")
        if document.get("apiVersion") == "rehearsal":
            _own(world, document, source)
        else:
            world.objects.extend(document["items"] if document["kind"] == "List" else [document])
    world.objects = [absolute(o, now) for o in world.objects]
    _complete(world.objects, now)
    return world


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML without its own idea of timestamps: times stay the text that the API would serve."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _own(world: ClusterWorld, document: Json, source: str) -> None:
    match document["kind"]:
        case "Log":
            world.logs.append(log(document, world.now))
        case "Denied":
            world.denied.append(rule(document))
        case "Granted":
            world.granted.append(rule(document))
        case "User":
            world.users.append(user(document))
        case "Fault":
            world.faults.append(fault(document))
        case "Life":
            world.lives = True
        case "Fate":
            world.fates.append(fate(document))
        case "Deed":
            world.deeds.append(deed(document))
        case "Noise":
            world.objects.extend(noise(document))
        case "Machine":
            world.objects.extend(machine(document))
        case "Workload":
            world.objects.extend(workload(document))
        case other:
            raise ValueError(f"{source}: there is no rehearsal document of kind {other}")


def _finer(thing: Json) -> None:
    """Times that the API gives to the microsecond, which its typed clients insist on."""
    for part, key in (
        (thing, "eventTime"),
        (thing.get("series"), "lastObservedTime"),
        (thing.get("spec"), "renewTime"),
    ):
        if thing["kind"] in ("Event", "Lease") and part and _WHOLE_SECOND.match(part.get(key) or ""):
            part[key] = part[key].replace("Z", ".000000Z")


def uid_of(kind: str, namespace: str, name: str) -> str:
    """The uid that an object gets when the world does not say one."""
    return str(uuid.uuid5(_NAMESPACE, f"{kind}/{namespace}/{name}"))


def _complete(objects: Iterable[Json], now: datetime) -> None:
    everything = list(objects)
    for version, thing in enumerate(everything, start=1000):
        meta = thing.setdefault("metadata", {})
        namespace = meta.get("namespace", "")
        if thing["kind"] == "Event":
            meta.setdefault("name", f"event-{version}")
        _finer(thing)
        meta.setdefault("uid", uid_of(thing["kind"], namespace, meta.get("name", "")))
        meta.setdefault("resourceVersion", str(version))
        meta.setdefault("creationTimestamp", moment("1d ago", now))
        for owner in meta.get("ownerReferences", []):
            owner.setdefault("uid", uid_of(owner["kind"], namespace, owner["name"]))
            owner.setdefault("controller", True)
    uids = {
        (o["kind"], o["metadata"].get("namespace", ""), o["metadata"].get("name")): o["metadata"] for o in everything
    }
    for thing in everything:
        for owner in thing["metadata"].get("ownerReferences", []):
            known = uids.get((owner["kind"], thing["metadata"].get("namespace", ""), owner["name"]))
            if known:
                owner["uid"] = known["uid"]
        if thing["kind"] == "Event":
            about = thing.setdefault("involvedObject", {})
            about.setdefault("namespace", thing["metadata"].get("namespace", ""))
            known = uids.get((about.get("kind", ""), about["namespace"], about.get("name"))) or uids.get(
                (about.get("kind", ""), "", about.get("name"))
            )
            about.setdefault(
                "uid",
                known["uid"] if known else uid_of(about.get("kind", ""), about["namespace"], about.get("name", "")),
            )
