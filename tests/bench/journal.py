"""What a visit of the journal costs: bytes and seconds for a cluster of 1,000 pods, first, changed and unchanged."""

import random
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.settings import Settings
from bot.wiring import House, build
from commands.dialogue import Person, Place, Request
from integrations.store import Store
from tests.sandbox_fixtures import kubernetes_room
from tests.worlds import noise

DEPLOYMENTS = 500
"""Of two pods each."""
CHANGED = 10


def main(_flags: list[str]) -> None:
    """A first visit, one after ten pods restarted, and one after nothing."""
    with kubernetes_room(noise(deployments=DEPLOYMENTS)) as room, tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'gurumi.db'}")
        store.migrate()
        house = build(Settings(KUBECONFIG=str(room.kubeconfig(Path(folder) / "kubeconfig"))), store)
        _tell("first visit", house, store, folder)
        _restart(room.stores["rehearsal"])
        _tell(f"{CHANGED} pods restarted", house, store, folder)
        _tell("nothing changed", house, store, folder)
        house.close()
        store.close()


def _restart(world: Any) -> None:
    pods = world.all(world.kinds.named("Pod"))[1]
    for kept in random.Random(7).sample(pods, CHANGED):
        pod = kept.thing
        end = {"exitCode": 1, "reason": "Error", "finishedAt": datetime.now(UTC).isoformat()}
        statuses = [
            {**s, "restartCount": 1, "lastState": {"terminated": end}} for s in pod["status"]["containerStatuses"]
        ]
        world.apply({**pod, "status": {**pod["status"], "containerStatuses": statuses}})


def _tell(what: str, house: House, store: Store, folder: str) -> None:
    rows, began = store.journal_size(), time.perf_counter()
    request = Request("journal visit", Person("bench"), Place("terminal"), datetime.now(UTC), language="en")
    [visit] = house.assistant.answer(request).data["visits"]  # type: ignore[misc]
    seconds = time.perf_counter() - began
    size = sum(file.stat().st_size for file in Path(folder).glob("gurumi.db"))
    print(
        f"journal · {visit['pods']} pods · {what}: {visit['bytes'] / 1e6:.2f} MB read, {seconds:.2f} s, "
        f"{store.journal_size() - rows} rows added, database {size / 1e6:.1f} MB"
    )
