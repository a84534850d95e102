"""Opens the rehearsal room for a test: a written world in, a kubeconfig (or the room itself) out.

``with rehearse(text) as kubeconfig:`` is all that most specs need; several clusters are a mapping of names to worlds.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from integrations.sandbox.kubernetes import KubernetesRoom
from integrations.sandbox.world import ClusterWorld, load, read

World = str | Path | ClusterWorld
"""YAML text, a file or folder of YAML, or a world already read."""


@contextmanager
def kubernetes_room(world: World | Mapping[str, World], now: datetime | None = None) -> Iterator[KubernetesRoom]:
    """The room, open. ``now`` is the instant that relative times count from: the real one unless given."""
    with KubernetesRoom(_worlds(world, now or datetime.now(UTC))) as room:
        yield room


@contextmanager
def rehearse(world: World | Mapping[str, World], now: datetime | None = None, user: str = "") -> Iterator[Path]:
    """The path of a kubeconfig whose contexts are the clusters. One world given as text is cluster ``rehearsal``."""
    with kubernetes_room(world, now) as room, tempfile.TemporaryDirectory() as folder:
        yield room.kubeconfig(Path(folder) / "kubeconfig", user)


def _worlds(world: World | Mapping[str, World], now: datetime) -> dict[str, ClusterWorld]:
    if isinstance(world, Path):
        return load(world, now)
    if isinstance(world, Mapping):
        return {name: _one(name, one, now) for name, one in world.items()}
    return {"rehearsal": _one("rehearsal", world, now)}


def _one(name: str, world: World, now: datetime) -> ClusterWorld:
    if isinstance(world, ClusterWorld):
        return world
    return read(name, world.read_text() if isinstance(world, Path) else world, now, name)
