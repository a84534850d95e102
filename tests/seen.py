"""A snapshot of a written world, for tests of detectors: what a survey would have seen of it, without a server."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from integrations.sandbox.world import ClusterWorld, read, uid_of
from knowledge.catalogue import detectors
from knowledge.diagnosis import Diagnosis, examine
from knowledge.finding import Ref
from knowledge.objects import KINDS
from knowledge.said import Said
from knowledge.snapshot import Gap, Log, LogKey, Snapshot

NOW = datetime(2026, 1, 15, 5, 30, tzinfo=UTC)


def seen(world: str | Path | ClusterWorld, now: datetime = NOW, at: datetime | None = None) -> Snapshot:
    """A world (YAML text, a file, or one already read) as a snapshot of the whole cluster."""
    if isinstance(world, Path):
        world = world.read_text()
    if isinstance(world, str):
        world = read("rehearsal", world, now)
    refused = {(d.resource, d.namespace) for d in world.denied}
    kept, gaps = [], []
    for kind in KINDS.values():
        plural = kind.RESOURCE.spoken
        if (plural, "") in refused:
            gaps.append(Gap(kind.RESOURCE.kind, "", Said("I may not list {kind}.", kind=plural), "denied"))
    for thing in world.objects:
        kind = KINDS.get(thing["kind"])
        if kind and (kind.RESOURCE.spoken, "") not in refused:
            kept.append(msgspec.json.decode(msgspec.json.encode(thing), type=kind))
    logs = {
        LogKey(_uid(world, log.namespace, log.pod), log.container, log.previous): Log(tuple(log.lines.splitlines()))
        for log in world.logs
        if ("pods/log", "") not in refused
    }
    whole = frozenset((k.RESOURCE.kind, "*") for k in KINDS.values() if (k.RESOURCE.spoken, "") not in refused)
    failing = tuple(fault.answer for fault in world.faults if fault.resource == "readyz")
    return Snapshot(
        world.name, now, at or now, tuple(kept), tuple(gaps), whole, logs=logs, version=(1, 34), failing=failing
    )


def _uid(world: ClusterWorld, namespace: str, pod: str) -> str:
    for thing in world.objects:
        meta = thing["metadata"]
        if thing["kind"] == "Pod" and (meta.get("namespace"), meta["name"]) == (namespace, pod):
            return str(meta["uid"])
    return uid_of("Pod", namespace, pod)


def judge(world: str | Path, *ids: str, about: tuple[Ref, ...] = (), at: datetime | None = None) -> Diagnosis:
    """The diagnosis of a world by the detectors named (all of them when none is), each of which must not fail."""
    return examined(seen(world, at=at), *ids, about=about)


def examined(snapshot: Snapshot, *ids: str, about: tuple[Ref, ...] = ()) -> Diagnosis:
    """The same of a snapshot that a test has made itself."""
    known = detectors()
    told = examine([known[i] for i in ids] if ids else known.values(), snapshot, about)
    assert [u.detector for u in told.unclear if "failed inside" in u.says.template] == []
    return told
