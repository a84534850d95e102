"""``gurumi run`` as processes of their own, to be killed: they share a workspace, a cluster and a database."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from integrations.sandbox.slack.people import BOT_USER
from integrations.sandbox.slack.room import SlackRoom
from integrations.sandbox.slack.state import Message
from integrations.sandbox.world import ClusterWorld, Fault
from integrations.store import Store
from tests.bot.office import CLUSTER, QUESTION, cluster


@dataclass
class Programs:
    """``start`` starts one more; ``kill_when`` kills one at the very moment that something is to be seen in Slack."""

    room: SlackRoom
    cluster: ClusterWorld
    kubeconfig: Path
    database: str
    running: list["subprocess.Popen[str]"] = field(default_factory=list)

    def start(self, *arguments: str, **changed: str) -> "subprocess.Popen[str]":
        own = {"KUBECONFIG": str(self.kubeconfig), "GURUMI_DATABASE_URL": self.database}
        mine = {**own, **self.room.environment, **changed}
        environment = {k: v for k, v in {**os.environ, **mine}.items() if v and "proxy" not in k.lower()}
        command = [sys.executable, "-m", "bot", "run", *arguments]
        program = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        threading.Thread(target=lambda: program.stderr and program.stderr.read(), daemon=True).start()
        self.running.append(program)
        return program

    def kill_when(self, program: "subprocess.Popen[str]", seen: Callable[[], object]) -> None:
        killed = threading.Event()

        def look() -> None:
            if not killed.is_set() and seen():
                killed.set()
                program.kill()

        end = self.room.on_change(look)
        latest = time.monotonic() + 20
        while not killed.wait(0.02):
            look()
            if time.monotonic() > latest:
                raise TimeoutError("the moment to kill it never came")
        end()
        program.wait(10)

    def said(self, channel: str = "k8s-help") -> list[Message]:
        return [m for m in self.room.messages(channel) if m.user == BOT_USER]

    def acknowledged(self) -> bool:
        return bool(self.room.deliveries) and all(d.acked for d in self.room.deliveries)

    def hang(self) -> None:
        self.cluster.faults.append(Fault("pods", "hang"))

    def heal(self) -> None:
        self.cluster.faults.clear()

    def settled(self, seconds: float = 60.0) -> None:
        store = Store(self.database)
        self.room.wait_for(lambda: store.waiting() == 0, seconds)
        store.close()


@contextmanager
def programs(database: str = "") -> Iterator[Programs]:
    with TemporaryDirectory() as folder, cluster() as (worlds, kubeconfig), SlackRoom(retry_scale=0.02) as room:
        made = Programs(room, worlds[CLUSTER], kubeconfig, database or f"sqlite:///{folder}/gurumi.db")
        try:
            yield made
        finally:
            for program in made.running:
                if program.poll() is None:
                    program.kill()
                program.wait()


@dataclass(frozen=True)
class Step:
    """A moment between a delivery and its last post. ``hang``: the cluster says nothing until the kill."""

    name: str
    seen: Callable[[Programs], object]
    hang: bool = False


STEPS = (
    Step("stored, not taken in hand", Programs.acknowledged),
    Step("the cluster is being asked", Programs.acknowledged, hang=True),
    Step("the placeholder arrived, unconfirmed", Programs.said, hang=True),
    Step("the answer arrived, unconfirmed", Programs.said),
)


def killed_at(step: Step, ran: Programs, program: "subprocess.Popen[str]") -> "subprocess.Popen[str]":
    """Ask, kill at that step, start the next process and wait until it has nothing left to do."""
    if step.hang:
        ran.hang()
    ran.room.say("minji", "k8s-help", QUESTION)
    ran.kill_when(program, lambda: step.seen(ran))
    ran.heal()
    following = ran.start()
    ran.room.wait_for(lambda: ran.said() and "OOMKilled" in ran.said()[-1].text, 60)
    ran.settled()
    return following
