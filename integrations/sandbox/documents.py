"""The documents of our own that a world may hold beside Kubernetes objects, and how they are read.

- ``kind: Log``: ``namespace``, ``pod``, ``container``, ``previous`` (default false), ``lines`` (a block of text, in
  which ``{5m ago}`` is a time);
- ``kind: User``: ``name``, ``groups``, ``token``: the API answers 401 to everybody else;
- ``kind: Denied``: ``resource`` (plural, ``pods/log`` for logs, ``*`` for all) and optionally ``namespace``, ``verbs``
  and ``user`` (a person or a group): the API answers 403;
- ``kind: Granted``: the same fields, for writing: nobody may write what no such document grants. Denied is stronger;
- ``kind: Fault``: ``resource`` (``*`` for all) and ``answer``: an HTTP status, or ``hang``, ``cut``, ``html``,
  ``expired`` (tokens that continue a list are too old), ``refused`` (nobody listens); for the resource
  ``readyz``: the name of one of the API server's own checks, which fails;
- ``kind: Life``: time passes in this cluster: controllers, a scheduler and kubelets are at work;
- ``kind: Fate``: what becomes of containers there, see ``Fate``;
- ``kind: Deed``: something that a person may do to the world from outside, see ``kubernetes.deeds``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from integrations.sandbox.moments import in_text, seconds

Json = dict[str, Any]

_FATES = ("OOMKilled", "Error", "LivenessKilled", "Unready", "Unpulled", "NodeOOM", "Well")
_STEPS = ("patch", "create", "delete", "restart", "reboot")


@dataclass(frozen=True)
class Log:
    namespace: str
    pod: str
    container: str
    previous: bool
    lines: str


@dataclass(frozen=True)
class Rule:
    """Whom a Denied or Granted is about, and what."""

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


@dataclass(frozen=True)
class Fate:
    """What becomes of the containers of some pods, as long as ``when`` holds; a container without a fate is well.

    ``namespace`` and ``app`` (the label) name the pods, ``container`` one of theirs (all of them unless said).
    ``becomes``: ``OOMKilled``, ``Error`` (with ``exit_code``), ``LivenessKilled``, ``Unready``, ``Unpulled`` (its image
    is not there), ``NodeOOM`` (the node runs out of memory and kills a pod of the app ``victim``) or ``Well`` (only its
    log matters), ``after`` so many seconds of running. ``when``, all of it: ``memoryBelow`` (a limit smaller than
    that), ``unlimited`` (no memory limit), ``image``, ``env`` (names and values), ``livenessTimeoutBelow`` (seconds),
    ``without`` (a Service of the namespace that has no ready pod). ``log``: the lines of a run, where ``{+5s}`` is the
    time 5 s after its start.
    """

    namespace: str
    app: str
    becomes: str
    container: str = ""
    after: float = 0
    exit_code: int = 1
    when: Mapping[str, Any] = field(default_factory=dict)
    victim: str = ""
    says: str = ""
    log: str = ""


@dataclass(frozen=True)
class DeedWorld:
    """A deed as it is written down. Its steps keep their relative times: they count from when it is done."""

    name: str
    says: Mapping[str, str]
    asks: Mapping[str, str]
    breaks: bool
    steps: tuple[Json, ...]


def log(document: Json, now: datetime) -> Log:
    return Log(
        document["namespace"],
        document["pod"],
        document.get("container", ""),
        bool(document.get("previous", False)),
        in_text(document["lines"], now),
    )


def rule(document: Json) -> Rule:
    verbs = tuple(document.get("verbs", ()))
    return Rule(document["resource"], document.get("namespace", ""), document.get("user", ""), verbs)


def user(document: Json) -> User:
    return User(document["name"], tuple(document.get("groups", ())), document.get("token", ""))


def fault(document: Json) -> Fault:
    return Fault(document["resource"], str(document["answer"]), document.get("namespace", ""))


def fate(document: Json) -> Fate:
    """Raises ValueError for a fate that no kubelet knows."""
    if document["becomes"] not in _FATES:
        raise ValueError(f"the fate of {document['app']}: {document['becomes']} is none of {', '.join(_FATES)}")
    return Fate(
        document["namespace"],
        document["app"],
        document["becomes"],
        document.get("container", ""),
        seconds(str(document.get("after", ""))),
        int(document.get("exitCode", 1)),
        document.get("when", {}),
        document.get("victim", ""),
        document.get("says", ""),
        document.get("log", ""),
    )


def deed(document: Json) -> DeedWorld:
    """Raises ValueError for a step that no room knows."""
    steps = tuple(document["does"])
    for step in steps:
        if not any(kind in step for kind in _STEPS):
            raise ValueError(f"deed {document['name']}: a step is one of {', '.join(_STEPS)}, not {sorted(step)}")
    return DeedWorld(document["name"], document["says"], document.get("asks", {}), bool(document.get("breaks")), steps)
