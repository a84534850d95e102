"""One cluster's API: from a request to a reply. It knows paths, verbs and faults, and nothing of sockets."""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import msgspec

from integrations.sandbox.kubernetes.access import Access, described
from integrations.sandbox.kubernetes.kinds import Kind
from integrations.sandbox.kubernetes.logs import text_of, wanted
from integrations.sandbox.kubernetes.pages import consistent, expired, form, listed
from integrations.sandbox.kubernetes.refusals import (
    Refused,
    bad_request,
    broken,
    forbidden,
    method_not_allowed,
    no_such_page,
    no_such_resource,
    not_found,
)
from integrations.sandbox.kubernetes.store import Store
from integrations.sandbox.kubernetes.watching import Watch
from integrations.sandbox.world import ClusterWorld, Fault, User

Json = dict[str, Any]

VERSION = {"major": "1", "minor": "34", "gitVersion": "v1.34.4", "gitTreeState": "clean", "platform": "linux/amd64"}
_JSON, _TEXT, _HTML = "application/json", "text/plain; charset=utf-8", "text/html; charset=utf-8"
_HEALTH = ("/healthz", "/livez", "/readyz")
_PATH = re.compile(r"^/(?:api/(?P<core>v1)|apis/(?P<group>[^/]+)/(?P<version>[^/]+))(?:/(?P<rest>.*))?$")
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_SIGN_IN = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Sign in to continue</h1></body></html>\n"


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
    kind: str = _JSON
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


class ClusterApi:
    """Answers requests to one cluster. ``store`` may be changed while it does."""

    def __init__(self, world: ClusterWorld, closing: Event) -> None:
        self.store = Store(world.objects)
        self._world = world
        self._access = Access(world)
        self._closing = closing
        self._began = time.monotonic()

    def now(self) -> datetime:
        """The world's clock: it stood at the world's ``now`` when the room opened, and goes on from there."""
        return self._world.now.astimezone(UTC) + timedelta(seconds=time.monotonic() - self._began)

    def answer(self, request: Request) -> Reply:
        try:
            return self._answer(request)
        except Refused as refused:
            if isinstance(refused.body, str):
                return Reply(refused.code, _TEXT, refused.body.encode(), refused.headers)
            return Reply(refused.code, _JSON, msgspec.json.encode(refused.body), refused.headers)

    def _answer(self, request: Request) -> Reply:
        user = self._access.asker(request.headers)
        found = _PATH.match(request.path)
        target = self._target(found["group"] or "", found["core"] or found["version"], found["rest"]) if found else None
        fault = self._fault(target)
        if fault and (fault.answer != "expired"):
            return _faulty(fault, lambda: self._sound(request, user, target, None))
        return self._sound(request, user, target, fault)

    def _sound(self, request: Request, user: User, target: Target | None, fault: Fault | None) -> Reply:
        if target is None:
            return self._page(request, user)
        verb = _verb(request, target)
        group = target.kind.resource.group
        if not self._access.may(user, verb, group, target.resource, target.namespace):
            subject = (target.kind.resource, target.subresource, target.namespace, target.name)
            raise forbidden(user.name, verb, *subject)
        if target.subresource == "log":
            return self._log(target, request)
        if target.name:
            return self._one(target, request)
        if fault:
            _expire(request)
        return self._many(target, request, verb == "watch")

    def _target(self, group: str, version: str, rest: str | None) -> Target | None:
        steps = [step for step in (rest or "").split("/") if step]
        if not steps:
            return None
        namespace = ""
        if steps[0] == "namespaces" and len(steps) > 2 and steps[2] not in ("status", "finalize"):
            namespace, steps = steps[1], steps[2:]
        kind = self.store.kinds.at(group, version, steps[0])
        if kind is None or (namespace and not kind.resource.namespaced) or len(steps) > 3:
            if self.store.kinds.described(group, version) is None:
                raise no_such_page()
            if steps[0].endswith("reviews"):
                return None
            raise no_such_resource()
        name, sub = (*steps[1:], "", "")[:2]
        if sub not in ("", "log", "status") or (sub == "log" and kind.resource.kind != "Pod"):
            raise no_such_resource()
        return Target(kind, namespace, name, sub)

    def _fault(self, target: Target | None) -> Fault | None:
        names = {"*", target.resource} if target else {"*"}
        for fault in self._world.faults:
            if fault.resource in names and (not fault.namespace or (target and target.namespace == fault.namespace)):
                return fault
        return None

    def _page(self, request: Request, user: User) -> Reply:
        path = request.path.rstrip("/") or "/"
        if request.method == "POST" and path.endswith("reviews"):
            return _json(self._review(path.rpartition("/")[2], request, user), 201)
        if request.method != "GET":
            raise method_not_allowed()
        if path in _HEALTH:
            return Reply(200, _TEXT, b"ok")
        found = self._discovered(path)
        if found is None:
            raise no_such_page()
        return _json(found)

    def _discovered(self, path: str) -> Json | None:
        kinds = self.store.kinds
        match path.strip("/").split("/"):
            case ["version"]:
                return VERSION
            case ["api"]:
                return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
            case ["apis"]:
                return kinds.groups()
            case ["apis", group]:
                found = kinds.group(group)
                return {"kind": "APIGroup", "apiVersion": "v1", **found} if found else None
            case ["api", version]:
                return kinds.described("", version)
            case ["apis", group, version]:
                return kinds.described(group, version)
        return None

    def _review(self, name: str, request: Request, user: User) -> Json:
        try:
            asked = msgspec.json.decode(request.body, type=dict)
        except msgspec.DecodeError as error:
            raise bad_request(f"the object provided is unrecognized: {error}") from error
        spec = asked.get("spec") or {}
        match name:
            case "selfsubjectaccessreviews":
                return {**asked, "metadata": {}, "status": {"allowed": self._allowed(spec, user)}}
            case "selfsubjectrulesreviews":
                rules = self._access.rules(user, spec.get("namespace", ""), self.store.kinds.resources())
                return {**asked, "metadata": {}, "spec": {}, "status": rules}
            case "selfsubjectreviews":
                return {**asked, "metadata": {}, "status": {"userInfo": described(user)}}
        raise no_such_resource()

    def _allowed(self, spec: Json, user: User) -> bool:
        asked = spec.get("resourceAttributes")
        if asked is None:
            return str((spec.get("nonResourceAttributes") or {}).get("verb")) == "get"
        sub = asked.get("subresource")
        resource = f"{asked.get('resource', '')}/{sub}" if sub else asked.get("resource", "")
        return self._access.may(
            user, asked.get("verb", ""), asked.get("group", ""), resource, asked.get("namespace", "")
        )

    def _one(self, target: Target, request: Request) -> Reply:
        kept = self.store.get(target.kind, target.namespace, target.name)
        if kept is None:
            raise not_found(target.kind.resource, target.name)
        return _json(form(request.headers.get("Accept", ""), request.query).one(kept, self.now()))

    def _many(self, target: Target, request: Request, watch: bool) -> Reply:
        shape = form(request.headers.get("Accept", ""), request.query)
        if watch:
            wish = Watch(self.store, target.kind, target.namespace, shape, request.query, self.now(), self._closing)
            return Reply(body=wish.lines())
        found, meta = listed(self.store, target.kind, target.namespace, request.query)
        return _json(shape.many(target.kind, found, meta, self.now()))

    def _log(self, target: Target, request: Request) -> Reply:
        want = wanted(target.name, request.query, self.now())
        kept = self.store.get(target.kind, target.namespace, target.name)
        if kept is None:
            raise not_found(target.kind.resource, target.name)
        text = text_of(kept.thing, self._world.logs, want, self.now())
        return Reply(204) if text is None else Reply(200, _TEXT, text.encode())


def _verb(request: Request, target: Target) -> str:
    if request.method == "GET":
        if target.name:
            return "get"
        return "watch" if request.query.get("watch", "") in ("true", "1") else "list"
    on_one, makes = bool(target.name), request.method == "POST"
    if request.method not in _VERBS or (makes and on_one) or (request.method in ("PUT", "PATCH") and not on_one):
        raise method_not_allowed()
    return _VERBS[request.method] if on_one or makes else "deletecollection"


def _faulty(fault: Fault, sound: Any) -> Reply:
    match fault.answer:
        case "hang":
            return Reply(hang=True)
        case "html":
            return Reply(200, _HTML, _SIGN_IN)
        case "cut":
            whole: Reply = sound()
            return Reply(whole.code, whole.kind, whole.body, whole.headers, cut=True)
        case number:
            raise broken(int(number))


def _expire(request: Request) -> None:
    """A Fault ``expired``: what continues a consistent list, and what watches from a revision, comes too late."""
    token = request.query.get("continue", "")
    if token and consistent(token):
        raise expired(token)


def _json(body: Any, code: int = 200) -> Reply:
    return Reply(code, _JSON, bytes(body) if isinstance(body, msgspec.Raw) else msgspec.json.encode(body))
