"""The Slack face at work in this process: a rehearsed workspace, a rehearsed cluster, a real database."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from bot.settings import Settings
from bot.slack.face import SlackFace
from bot.slack.http import HttpFace
from bot.slack.socket_mode import SocketFace
from bot.wiring import build
from integrations.sandbox.kubernetes import KubernetesRoom
from integrations.sandbox.slack.people import BOT_USER
from integrations.sandbox.slack.room import SlackRoom
from integrations.sandbox.slack.state import Message
from integrations.sandbox.world import ClusterWorld, Fault, read
from integrations.store import Store
from tests.worlds import LIMITED, OOM, deployment, noise

QUESTION = "@gurumi why does checkout keep restarting?"
ILL = deployment(container=LIMITED, status=OOM) + noise()
CLUSTER = "shop-prod"
WAYS = ("socket", "http")


@dataclass
class Office:
    """What a test moves: the workspace, the cluster, the face, the database."""

    room: SlackRoom
    worlds: dict[str, ClusterWorld]
    face: SlackFace
    store: Store
    url: str = ""

    def answers(self, channel: str = "k8s-help", word: str = "OOMKilled") -> list[Message]:
        return [m for m in self.room.messages(channel) if m.user == BOT_USER and word in m.text]

    def said(self, channel: str = "k8s-help") -> list[Message]:
        """Everything that the bot wrote there for all to see."""
        return [m for m in self.room.messages(channel) if m.user == BOT_USER]

    def settled(self, seconds: float = 20.0) -> None:
        """Returns when every delivery is answered or given up, and every attempt of Slack's has ended."""
        self.room.wait_for(
            lambda: self.store.waiting() == 0 and all(d.done.is_set() for d in self.room.deliveries), seconds
        )

    def hang(self, name: str = CLUSTER) -> None:
        """From now on the cluster accepts requests for pods and says nothing."""
        self.worlds[name].faults.append(Fault("pods", "hang"))

    def heal(self) -> None:
        for world in self.worlds.values():
            world.faults.clear()


@contextmanager
def cluster(*names: str) -> Iterator[tuple[dict[str, ClusterWorld], Path]]:
    """Clusters, in the same trouble all, and the kubeconfig that leads there."""
    worlds = {name: read(name, ILL, datetime.now(UTC), name) for name in names or (CLUSTER,)}
    with KubernetesRoom(worlds) as kubernetes, TemporaryDirectory() as folder:
        yield worlds, kubernetes.kubeconfig(Path(folder) / "kubeconfig")


@contextmanager
def office(
    way: str = "socket",
    database: str = "",
    scopes: frozenset[str] = frozenset(),
    ack_seconds: float = 3.0,
    tickets: str = "",
    clusters: tuple[str, ...] = (),
) -> Iterator[Office]:
    """Everything, connected. ``scopes``: those that the app was not granted. ``tickets``: how they are kept."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    request_url = f"{url}/slack/events" if way == "http" else ""
    no_proxy = {name: "" for name in os.environ if "proxy" in name.lower()}
    with (
        patch.dict(os.environ, no_proxy),
        TemporaryDirectory() as folder,
        cluster(*clusters) as (worlds, kubeconfig),
        SlackRoom(retry_scale=0.02, request_url=request_url, ack_seconds=ack_seconds) as room,
    ):
        room.desk.scopes -= scopes
        store = Store(database or f"sqlite:///{folder}/gurumi.db")
        store.migrate()
        kept = Path(folder) / "tickets.yaml"
        kept.write_text(tickets or "channels: []")
        settings = Settings(KUBECONFIG=str(kubeconfig), GURUMI_TICKETS=str(kept), **room.environment)
        house = build(settings, store, deadline_s=4)
        if way == "http":
            face: SlackFace = HttpFace(settings, house.assistant, store, ("127.0.0.1", port))
        else:
            face = SocketFace(settings, house.assistant, store)
        face.connect()
        try:
            yield Office(room, worlds, face, store, url)
        finally:
            face.close()
            house.close()
            store.close()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
