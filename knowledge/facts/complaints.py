"""What programs say of the things they depend on: a fact of a log, with the pod and container that said it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from knowledge.facts.log_facts import LogFact, facts
from knowledge.facts.log_patterns import FactKind
from knowledge.finding import Evidence, Ref, log_of
from knowledge.objects import Container, Pod
from knowledge.secrets.quoting import quoted
from knowledge.snapshot import Snapshot


@dataclass(frozen=True)
class Complaint:
    """One program's complaint about a dependency."""

    workload: Ref
    pod: Pod
    container: Container
    fact: LogFact

    @property
    def line(self) -> str:
        return quoted(self.fact.line)

    @property
    def at(self) -> datetime | None:
        ends = (s.last_end for s in self.pod.status.container_statuses if s.name == self.container.name)
        return next((end.finished_at for end in ends if end), None)

    def evidence(self) -> Evidence:
        return log_of(self.pod, self.container.name, self.line, self.at)


def complaints(seen: Snapshot, *kinds: FactKind) -> Iterator[Complaint]:
    """Complaints of these kinds in the logs that were read, each workload's once."""
    yield from (complaint for complaint in seen.once(_all) if complaint.fact.kind in kinds)


def _all(seen: Snapshot) -> tuple[Complaint, ...]:
    told: dict[tuple[Ref, FactKind, str, int, str], Complaint] = {}
    for pod in seen.all(Pod):
        if not seen.has_logs(pod):
            continue
        workload = seen.workload(pod)
        for container in (*pod.spec.containers, *pod.spec.init_containers):
            for previous in (True, False):
                log = seen.log(pod, container.name, previous)
                for fact in facts(log) if log else ():
                    key = (workload, fact.kind, fact.host, fact.port, fact.user)
                    told.setdefault(key, Complaint(workload, pod, container, fact))
    return tuple(told.values())
