"""Reads a world: a cluster, or a fleet, written down as YAML with relative times.

A world is one file (a single cluster named after it) or a folder with one folder of files a cluster. A file holds
Kubernetes objects, one a document, as the API would serve them, and documents of our own (``apiVersion: rehearsal``):

- ``kind: Log``: ``namespace``, ``pod``, ``container``, ``previous`` (default false), ``lines`` (a block of text, in
  which ``{5m ago}`` is a time);
- ``kind: Denied``: ``resource`` (plural, ``pods/log`` for logs, ``*`` for all) and optionally ``namespace``, ``verbs``
  and ``user`` (a person or a group): the API answers 403;
- ``kind: User``: ``name``, ``groups``, ``token``: the API answers 401 to everybody else;
- ``kind: Fault``: ``resource`` (``*`` for all) and ``answer``: an HTTP status, or ``hang``, ``cut``, ``html``,
  ``expired`` (tokens that continue a list are too old), ``refused`` (nobody listens);
- ``kind: Noise``: ``namespace`` and ``deployments``: so many healthy Deployments with their pods and Services;
- ``kind: Machine`` and ``kind: Workload``: see ``fleet``.

A time may be written ``5m ago``, ``1d2h ago`` or ``in 3d``. What a recorded object always has and a writer would only
copy (uid, resourceVersion, creation time, the uids of owners and of an event's object) is filled in.
"""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from integrations.sandbox.fleet import machine, noise, workload

Json = dict[str, Any]

_RELATIVE = re.compile(r"^(?:(?P<ago>(?:\d+[dhms])+) ago|in (?P<ahead>(?:\d+[dhms])+))$")
_IN_LOG = re.compile(r"\{((?:\d+[dhms])+ ago)\}")
_WHOLE_SECOND = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_NAMESPACE = uuid.UUID("6f1d3c6e-55a5-4d3f-9a55-1d2f0a7c9b10")


@dataclass(frozen=True)
class Log:
    namespace: str
    pod: str
    container: str
    previous: bool
    lines: str


@dataclass(frozen=True)
class Denied:
    resource: str
    namespace: str = ""
    user: str = ""
    verbs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fault:
    resource: str
    answer: str
    namespace: str = ""


@dataclass(frozen=True)
class User:
    name: str
    groups: tuple[str, ...] = ()
    token: str = ""


@dataclass
class ClusterWorld:
    """One cluster as it is written down. ``objects`` are JSON-ready dictionaries with ``apiVersion`` and ``kind``."""

    name: str
    now: datetime
    objects: list[Json] = field(default_factory=list)
    logs: list[Log] = field(default_factory=list)
    denied: list[Denied] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    users: list[User] = field(default_factory=list)


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
    world.objects = [_absolute(o, now) for o in world.objects]
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
            world.logs.append(
                Log(
                    document["namespace"],
                    document["pod"],
                    document.get("container", ""),
                    bool(document.get("previous", False)),
                    _IN_LOG.sub(lambda found: moment(found[1], world.now), document["lines"]),
                )
            )
        case "Denied":
            verbs = tuple(document.get("verbs", ()))
            denied = Denied(document["resource"], document.get("namespace", ""), document.get("user", ""), verbs)
            world.denied.append(denied)
        case "User":
            groups = tuple(document.get("groups", ()))
            world.users.append(User(document["name"], groups, document.get("token", "")))
        case "Fault":
            world.faults.append(Fault(document["resource"], str(document["answer"]), document.get("namespace", "")))
        case "Noise":
            world.objects.extend(noise(document))
        case "Machine":
            world.objects.extend(machine(document))
        case "Workload":
            world.objects.extend(workload(document))
        case other:
            raise ValueError(f"{source}: there is no rehearsal document of kind {other}")


def moment(text: str, now: datetime) -> str:
    """``5m ago`` as RFC 3339; any other text as it is."""
    match = _RELATIVE.match(text)
    if not match:
        return text
    span = match["ago"] or match["ahead"]
    seconds = sum(int(n) * _UNITS[unit] for n, unit in re.findall(r"(\d+)([dhms])", span))
    when = now + timedelta(seconds=-seconds if match["ago"] else seconds)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _absolute(value: Any, now: datetime) -> Any:
    if isinstance(value, dict):
        return {key: _absolute(item, now) for key, item in value.items()}
    if isinstance(value, list):
        return [_absolute(item, now) for item in value]
    return moment(value, now) if isinstance(value, str) else value


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
