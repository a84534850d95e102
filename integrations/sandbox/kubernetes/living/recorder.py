"""Events, as controllers and kubelets record them: the same one again counts up, and an hour later it is forgotten."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from integrations.sandbox.kubernetes.store import Kept, Store
from integrations.sandbox.moments import stamp

Json = dict[str, Any]

_KEPT_FOR = timedelta(hours=1)
_UID = re.compile(r"\([^()]*\)$")
"""A kubelet names the pod's uid at the end of a back-off message; a world writes something shorter there."""


@dataclass
class Recorder:
    store: Store
    now: Callable[[], datetime]
    scheduler: str = "default-scheduler"
    _known: dict[tuple[str, ...], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kept in self._all():
            self._known[_key(kept.thing)] = kept.meta["name"]

    def tell(
        self, about: Json, kind: str, reason: str, message: str, component: str, host: str = "", container: str = ""
    ) -> None:
        """An event of the older form, with a count."""
        now = stamp(self.now())
        event = {
            **self._about(about, kind, reason, message, container),
            "source": {"component": component, **({"host": host} if host else {})},
            "reportingComponent": component,
            "reportingInstance": host,
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
        }
        before = self._before(event)
        if before:
            event = {**before.thing, "lastTimestamp": now, "count": int(before.thing.get("count") or 1) + 1}
        self._keep(event, before)

    def schedule(self, pod: Json, kind: str, reason: str, message: str, action: str) -> None:
        """An event of the newer form, with a series, as the scheduler records it."""
        now = self.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        event = {
            **self._about(pod, kind, reason, message, ""),
            "reportingComponent": "default-scheduler",
            "reportingInstance": self.scheduler,
            "action": action,
            "eventTime": now,
            "firstTimestamp": None,
            "lastTimestamp": None,
        }
        before = self._before(event)
        if before:
            count = int((before.thing.get("series") or {}).get("count", 1)) + 1
            event = {**before.thing, "series": {"count": count, "lastObservedTime": now}}
        self._keep(event, before)

    def forget(self) -> None:
        """Drops what nobody saw for an hour."""
        for kept in self._all():
            at = _last(kept.thing)
            if at and self.now() - at > _KEPT_FOR:
                self.store.remove(kept)
                self._known.pop(_key(kept.thing), None)

    def _about(self, about: Json, kind: str, reason: str, message: str, container: str) -> Json:
        meta = about["metadata"]
        subject = {"kind": about["kind"], "apiVersion": about["apiVersion"], "name": meta["name"], "uid": meta["uid"]}
        if meta.get("namespace"):
            subject["namespace"] = meta["namespace"]
        if container:
            subject["fieldPath"] = f"spec.containers{{{container}}}"
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": f"{meta['name']}.{uuid.uuid4().hex[:16]}",
                "namespace": meta.get("namespace") or "default",
                "uid": str(uuid.uuid4()),
                "creationTimestamp": stamp(self.now()),
            },
            "involvedObject": subject,
            "type": kind,
            "reason": reason,
            "message": message,
        }

    def _before(self, event: Json) -> Kept | None:
        kind = self.store.kinds.of(event)
        name = self._known.get(_key(event))
        return self.store.get(kind, event["metadata"]["namespace"], name) if name else None

    def _keep(self, event: Json, before: Kept | None) -> None:
        self._known[_key(event)] = event["metadata"]["name"]
        self.store.swap(before, event)

    def _all(self) -> list[Kept]:
        kind = self.store.kinds.named("Event")
        return self.store.all(kind)[1] if kind else []


def _key(event: Json) -> tuple[str, ...]:
    about = event.get("involvedObject") or {}
    component = event.get("reportingComponent") or (event.get("source") or {}).get("component", "")
    message = _UID.sub("", event.get("message") or "")
    return about.get("uid", ""), about.get("fieldPath", ""), event.get("reason", ""), component, message


def _last(event: Json) -> datetime | None:
    series = event.get("series") or {}
    text = series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime")
    return datetime.fromisoformat(text) if text else None
