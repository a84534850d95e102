"""Watches: what is there, then what changes, until the client or its timeout ends it."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Any

import msgspec

from integrations.sandbox.kubernetes.kinds import Kind
from integrations.sandbox.kubernetes.pages import Form, fitting, number, version
from integrations.sandbox.kubernetes.refusals import Refused, too_old_to_watch
from integrations.sandbox.kubernetes.store import Change, Kept, Store

Json = dict[str, Any]

_LONGEST_S = 1800.0
_BOOKMARK_EVERY_S = 10.0
_LOOK_UP_S = 0.5


@dataclass(frozen=True)
class Watch:
    """One watch: whose objects, in which form."""

    store: Store
    kind: Kind
    namespace: str
    form: Form
    asked: Mapping[str, str]
    now: datetime
    closing: Event

    def lines(self) -> Iterator[bytes]:
        """Each event as a line of JSON. Selectors are read here at once, so that a bad one is refused with a 400."""
        fits = fitting(self.kind, self.asked)
        since = version(self.asked)
        seconds = number(self.asked, "timeoutSeconds") or _LONGEST_S
        return self._events(lambda kept: self._mine(kept) and fits(kept), since, time.monotonic() + seconds)

    def _events(self, fits: Any, since: int | None, end: float) -> Iterator[bytes]:
        initial = self.asked.get("sendInitialEvents", "") == "true"
        bookmarks = self.asked.get("allowWatchBookmarks", "") in ("true", "1")
        if not since or initial:
            since, found = self.store.all(self.kind, self.namespace)
            for kept in filter(fits, found):
                yield _line("ADDED", self.form.one(kept, self.now))
            if initial and bookmarks:
                yield self._bookmark(since, {"k8s.io/initial-events-end": "true"})
        elif since < self.store.oldest:
            yield _line("ERROR", _status(too_old_to_watch(since, self.store.oldest)))
            return
        marked = time.monotonic()
        while time.monotonic() < end and not self.closing.is_set():
            revision, changes = self.store.changes(self.kind, since, min(_LOOK_UP_S, end - time.monotonic()))
            for change in changes:
                yield from self._told(change, fits)
            if bookmarks and time.monotonic() - marked > _BOOKMARK_EVERY_S:
                marked = time.monotonic()
                yield self._bookmark(revision)
            since = revision
        if bookmarks:
            yield self._bookmark(since)

    def _told(self, change: Change, fits: Any) -> Iterator[bytes]:
        """An object that begins to fit a selector is added, one that ceases to fit is deleted."""
        before = change.before is not None and fits(change.before)
        after = change.after is not None and fits(change.after)
        if after and change.after:
            yield _line("MODIFIED" if before else "ADDED", self.form.one(change.after, self.now))
        elif before and change.before:
            gone = {**change.before.thing, "metadata": {**change.before.meta, "resourceVersion": str(change.revision)}}
            yield _line("DELETED", self.form.one(Kept(gone, self.kind), self.now))

    def _mine(self, kept: Kept) -> bool:
        return not self.namespace or kept.place[0] == self.namespace

    def _bookmark(self, revision: int, annotations: Json | None = None) -> bytes:
        resource = self.kind.resource
        meta: Json = {"resourceVersion": str(revision), "creationTimestamp": None}
        if annotations:
            meta["annotations"] = annotations
        thing = Kept({"kind": resource.kind, "apiVersion": resource.api_version, "metadata": meta}, self.kind)
        if self.form.shape == "Table":
            table = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": str(revision)}}
            return _line("BOOKMARK", {**table, "columnDefinitions": [], "rows": []})
        return _line("BOOKMARK", thing.thing)


def _line(kind: str, thing: Any) -> bytes:
    return msgspec.json.encode({"type": kind, "object": thing}) + b"\n"


def _status(refused: Refused) -> Json:
    assert isinstance(refused.body, dict)
    return refused.body
