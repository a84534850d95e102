"""A request to a cluster's API and the reply to it, as plain values, and what a path means."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from integrations.sandbox.kubernetes.kinds import Kind
from integrations.sandbox.kubernetes.refusals import method_not_allowed

JSON, TEXT, HTML = "application/json", "text/plain; charset=utf-8", "text/html; charset=utf-8"
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Reply:
    """``body`` is whole, or lines that are still to come. ``cut``: the connection breaks in the middle of it.

    ``hang``: nothing is sent at all.
    """

    code: int = 200
    kind: str = JSON
    body: bytes | Iterator[bytes] = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    hang: bool = False


@dataclass(frozen=True)
class Target:
    """What a path means: a kind, where, which object, which subresource."""

    kind: Kind
    namespace: str = ""
    name: str = ""
    subresource: str = ""

    @property
    def resource(self) -> str:
        plural = self.kind.resource.plural
        return f"{plural}/{self.subresource}" if self.subresource else plural


def verb_of(request: Request, target: Target) -> str:
    """The verb that rights are asked for. Raises Refused for a method that the path does not know."""
    if request.method == "GET":
        verb = "watch" if request.query.get("watch", "false").lower() not in ("false", "0") else "list"
        verb = "get" if target.name else verb
    else:
        verb = _VERBS.get(request.method, "")
    if target.subresource:
        allowed = target.kind.subresources[target.subresource]
    elif target.name:
        allowed = ["get", "update", "patch", "delete"]
    else:
        allowed = ["list", "watch", "create", "delete"]
    if verb not in allowed:
        raise method_not_allowed()
    return "deletecollection" if verb == "delete" and not target.name else verb


def in_json(body: Any, code: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    whole = bytes(body) if isinstance(body, msgspec.Raw) else msgspec.json.encode(body)
    return Reply(code, JSON, whole, headers or {})
