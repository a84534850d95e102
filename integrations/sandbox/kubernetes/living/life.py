"""The clockwork of a living cluster: one thread that lets every controller look again and again."""

import logging
import threading
from collections.abc import Callable

from integrations.sandbox.kubernetes.living.budgets import keep_budgets
from integrations.sandbox.kubernetes.living.claims import bind_claims
from integrations.sandbox.kubernetes.living.collector import Collector
from integrations.sandbox.kubernetes.living.daemon_sets import DaemonSets
from integrations.sandbox.kubernetes.living.deployments import Deployments
from integrations.sandbox.kubernetes.living.endpoints import keep_endpoints
from integrations.sandbox.kubernetes.living.ground import Ground
from integrations.sandbox.kubernetes.living.kubelet import Kubelet
from integrations.sandbox.kubernetes.living.nodes import Nodes
from integrations.sandbox.kubernetes.living.recorder import Recorder
from integrations.sandbox.kubernetes.living.replica_sets import ReplicaSets
from integrations.sandbox.kubernetes.living.scheduler import Scheduler
from integrations.sandbox.kubernetes.living.stateful_sets import StatefulSets
from integrations.sandbox.kubernetes.logs import LogBook
from integrations.sandbox.kubernetes.refusals import Refused
from integrations.sandbox.kubernetes.writing import Writer
from integrations.sandbox.world import ClusterWorld

log = logging.getLogger(__name__)

_UNFORESEEN = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
_TICK_S, _BUSY_TICK_S = 0.5, 0.1
"""How often everything is looked at; more often while one change leads to the next."""


class Life:
    """Begins with ``start`` and ends when ``closing`` is set."""

    def __init__(self, world: ClusterWorld, writer: Writer, book: LogBook, closing: threading.Event) -> None:
        self._closing = closing
        self._name = world.name
        self._store = writer.store
        self._told: set[str] = set()
        recorder = Recorder(writer.store, writer.now)
        ground = Ground(writer, recorder)
        self.nodes = Nodes(ground)
        kubelet = Kubelet(ground, world.fates, book, self.nodes)
        self._controllers: list[Callable[[], None]] = [
            self.nodes.step,
            Collector(ground).step,
            Deployments(ground).step,
            ReplicaSets(ground).step,
            StatefulSets(ground).step,
            DaemonSets(ground).step,
            lambda: bind_claims(ground),
            Scheduler(ground).step,
            kubelet.step,
            lambda: keep_endpoints(ground),
            lambda: keep_budgets(ground),
            recorder.forget,
        ]

    def start(self) -> None:
        threading.Thread(target=self._run, name=f"life-{self._name}", daemon=True).start()

    def step(self) -> None:
        """Every controller looks once."""
        for look in self._controllers:
            try:
                look()
            except Refused as refused:  # somebody was faster, or an object is gone: the next look sees it as it is
                log.debug("%s: %s", self._name, refused)
            except _UNFORESEEN as error:  # an object that somebody wrote: it must not stop the time of all others
                if repr(error) not in self._told:
                    self._told.add(repr(error))
                    log.warning("%s: a controller gave up for now", self._name, exc_info=error)

    def _run(self) -> None:
        pause = _TICK_S
        while not self._closing.wait(pause):
            before = self._store.revision
            self.step()
            pause = _TICK_S if self._store.revision == before else _BUSY_TICK_S
