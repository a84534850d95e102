"""One cluster's API: from a request to a reply. It knows paths, verbs and faults, and nothing of sockets."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

from integrations.sandbox.kubernetes import openapi
from integrations.sandbox.kubernetes.access import Access
from integrations.sandbox.kubernetes.admission import Webhooks
from integrations.sandbox.kubernetes.changes import Changes
from integrations.sandbox.kubernetes.deeds import Deeds
from integrations.sandbox.kubernetes.living import Life
from integrations.sandbox.kubernetes.logs import LogBook, LogWanted, running, text_of, wanted
from integrations.sandbox.kubernetes.pages import check, consistent, expired, form, listed
from integrations.sandbox.kubernetes.refusals import (
    Refused,
    broken,
    forbidden,
    method_not_allowed,
    no_such_page,
    no_such_resource,
    not_found,
)
from integrations.sandbox.kubernetes.reviews import Reviews
from integrations.sandbox.kubernetes.scaling import scale_of
from integrations.sandbox.kubernetes.store import Store
from integrations.sandbox.kubernetes.watching import Watch
from integrations.sandbox.kubernetes.wire import HTML, TEXT, Reply, Request, Target, in_json, verb_of
from integrations.sandbox.kubernetes.writing import Writer
from integrations.sandbox.world import ClusterWorld, Fault, User

Json = dict[str, Any]

VERSION = {"major": "1", "minor": "34", "gitVersion": "v1.34.4", "gitTreeState": "clean", "platform": "linux/amd64"}
_HEALTH = ("/healthz", "/livez", "/readyz")
_PATH = re.compile(r"^/(?:api/(?P<core>v1)|apis/(?P<group>[^/]+)/(?P<version>[^/]+))(?:/(?P<rest>.*))?$")
_FOLLOWS_EVERY_S = 0.5
_READ = ("get", "list", "watch")
_SIGN_IN = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Sign in to continue</h1></body></html>\n"


class ClusterApi:
    """Answers requests to one cluster. ``store`` may be changed while it does."""

    def __init__(self, world: ClusterWorld, closing: Event) -> None:
        self._began = time.monotonic()
        self.store = Store(world.objects)
        self._world = world
        self._access = Access(world)
        self._reviews = Reviews(self._access, self.store.kinds)
        self.writer = Writer(self.store, self.now, Webhooks(self.store, self.now).admit)
        self.changes = Changes(self.writer)
        self._book = LogBook(world.logs)
        self._life = Life(world, self.writer, self._book, closing) if world.lives else None
        self.deeds = Deeds(world.name, world.deeds, self.writer, self._reboot)
        self._closing = closing
        if self._life:
            self._life.start()

    def now(self) -> datetime:
        """The world's clock: it stood at the world's ``now`` when the room opened, and goes on from there."""
        return self._world.now.astimezone(UTC) + timedelta(seconds=time.monotonic() - self._began)

    def answer(self, request: Request) -> Reply:
        try:
            return self._answer(request)
        except Refused as refused:
            if isinstance(refused.body, str):
                return Reply(refused.code, TEXT, refused.body.encode(), refused.headers)
            return in_json(refused.body, refused.code, refused.headers)

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
        verb = verb_of(request, target)
        group = target.kind.resource.group
        if not self._access.may(user, verb, group, target.resource, target.namespace):
            subject = (target.kind.resource, target.subresource, target.namespace, target.name)
            raise forbidden(user.name, verb, *subject)
        if verb not in _READ:
            return self.changes.answer(verb, target, request)
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
        if sub and sub not in kind.subresources:
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
            return in_json(self._reviews.answer(path.rpartition("/")[2], request, user), 201)
        if request.method != "GET":
            raise method_not_allowed()
        if path in _HEALTH:
            return self._health(path)
        found = self._discovered(path)
        if found is None:
            raise no_such_page()
        return in_json(found)

    def _health(self, path: str) -> Reply:
        failed = [fault.answer for fault in self._world.faults if f"/{fault.resource}" == path]
        if not failed:
            return Reply(200, TEXT, b"ok")
        lines = ["[+]ping ok", *(f"[-]{check} failed: reason withheld" for check in failed)]
        return Reply(500, TEXT, "\n".join([*lines, f"{path.strip('/')} check failed\n"]).encode())

    def _discovered(self, path: str) -> Json | None:
        kinds = self.store.kinds
        match path.strip("/").split("/"):
            case ["version"]:
                return VERSION
            case ["openapi", "v3"]:
                return openapi.index(kinds)
            case ["openapi", "v3", *root]:
                return openapi.described(kinds, "/".join(root))
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

    def _one(self, target: Target, request: Request) -> Reply:
        kept = self.store.get(target.kind, target.namespace, target.name)
        if kept is None:
            raise not_found(target.kind.resource, target.name)
        if target.subresource == "scale":
            return in_json(scale_of(kept))
        return in_json(form(request.headers.get("Accept", ""), request.query).one(kept, self.now()))

    def _many(self, target: Target, request: Request, watch: bool) -> Reply:
        check(request.query, watch)
        shape = form(request.headers.get("Accept", ""), request.query)
        if watch:
            wish = Watch(self.store, target.kind, target.namespace, shape, request.query, self.now(), self._closing)
            return Reply(body=wish.lines())
        found, meta = listed(self.store, target.kind, target.namespace, request.query)
        return in_json(shape.many(target.kind, found, meta, self.now()))

    def _reboot(self, node: str) -> None:
        if self._life is None:
            raise LookupError(f"nobody is there to reboot {node}: this cluster does not live")
        self._life.nodes.reboot(node)

    def _log(self, target: Target, request: Request) -> Reply:
        want = wanted(target.name, request.query, self.now())
        kept = self.store.get(target.kind, target.namespace, target.name)
        if kept is None:
            raise not_found(target.kind.resource, target.name)
        text = text_of(kept.thing, self._book, want, self.now())
        if text is None:
            return Reply(204)
        if request.query.get("follow", "").lower() not in ("true", "1", "t"):
            return Reply(200, TEXT, text.encode())
        return Reply(200, TEXT, self._followed(target, want, kept.thing, text))

    def _followed(self, target: Target, want: LogWanted, pod: Json, text: str) -> Iterator[bytes]:
        """The log so far, then what is added, until the container's run ends."""
        whole = replace(want, tail=None, limit=None, since=None)
        run, seen = running(pod, want), len(text_of(pod, self._book, whole, self.now()) or "")
        if text:
            yield text.encode()
        while run and not self._closing.wait(_FOLLOWS_EVERY_S):
            kept = self.store.get(target.kind, target.namespace, target.name)
            if kept is None or running(kept.thing, want) != run:
                return
            now = text_of(kept.thing, self._book, whole, self.now()) or ""
            if len(now) > seen:
                yield now[seen:].encode()
                seen = len(now)


def _faulty(fault: Fault, sound: Any) -> Reply:
    match fault.answer:
        case "hang":
            return Reply(hang=True)
        case "html":
            return Reply(200, HTML, _SIGN_IN)
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
