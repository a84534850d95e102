"""Why did this container end: one verdict from its last end and what preceded it, the first rule that fits wins.

Whether a pod was restarted in place or replaced is told by ``knowledge.facts.history``.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from knowledge.facts import messages
from knowledge.facts.exit_codes import CRASHES, KILLS, STARTS
from knowledge.finding import Confidence, Evidence, Ref, event_of, field_of
from knowledge.objects import ContainerStatus, Event, Node, Pod, Terminated
from knowledge.snapshot import Snapshot

DEFAULT_GRACE = 30
_NEVER_RAN = frozenset({"StartError", "ContainerCannotRun"})
_LOST = frozenset({"Unknown", "ContainerStatusUnknown"})
_SLACK = timedelta(seconds=10)
_TOGETHER = timedelta(minutes=2)


class Manner(StrEnum):
    """How a container's run ended."""

    OUT_OF_MEMORY = "out of memory"
    LOST = "lost with its node or runtime"
    NOT_STARTED = "never started"
    LIVENESS = "failed liveness probe"
    STARTUP_PROBE = "failed startup probe"
    POST_START = "failed postStart hook"
    REDEFINED = "definition changed"
    STOPPED = "stopped with its pod"
    SIGNAL = "crashed by a signal"
    DONE = "ended without an error"
    KILLED = "killed from outside"
    EXITED = "ended with an error"


@dataclass(frozen=True)
class Verdict:
    """``runner_up`` is the manner that could not be excluded; ``proof`` is beside the fields of the end itself."""

    manner: Manner
    end: Terminated
    confidence: Confidence
    proof: tuple[Evidence, ...] = ()
    runner_up: Manner | None = None

    @property
    def at(self) -> datetime | None:
        return finished(self.end)


def verdict(seen: Snapshot, pod: Pod, status: ContainerStatus, end: Terminated) -> Verdict:
    """The manner of one end. An OOM that hit an earlier child does not explain a polite stop by a probe."""
    kill = _kill_before(seen, pod, status, end)
    polite = kill is not None and end.exit_code in (0, 143)
    if end.reason == "OOMKilled" and not polite:
        return Verdict(Manner.OUT_OF_MEMORY, end, Confidence.PROVEN)
    if end.reason in _LOST:
        return _lost(seen, pod, end)
    if end.reason in _NEVER_RAN or (end.exit_code in STARTS and end.reason != "Completed"):
        return Verdict(Manner.NOT_STARTED, end, Confidence.PROVEN)
    if kill is not None:
        return Verdict(_killer(kill), end, Confidence.PROVEN, (event_of(kill),))
    if end.exit_code in CRASHES:
        return Verdict(Manner.SIGNAL, end, Confidence.PROVEN)
    if end.exit_code == 0:
        return Verdict(Manner.DONE, end, Confidence.PROVEN)
    if end.exit_code in KILLS:
        return _killed(seen, pod, status, end)
    return Verdict(Manner.EXITED, end, Confidence.PROVEN)


def finished(end: Terminated) -> datetime | None:
    """When a run ended; ``None`` for the years 1 and 1970 that stand where nobody knew."""
    return end.finished_at if end.finished_at and end.finished_at.year > 1970 else None


def lifetime(end: Terminated) -> timedelta | None:
    """How long a run lasted. A container that never started has no lifetime."""
    at = finished(end)
    if at is None or end.started_at is None or end.started_at.year <= 1970 or end.reason in _NEVER_RAN:
        return None
    return max(at - end.started_at, timedelta(0))


def grace(pod: Pod) -> timedelta:
    seconds = pod.spec.termination_grace_period_seconds
    return timedelta(seconds=DEFAULT_GRACE if seconds is None else seconds)


def _kill_before(seen: Snapshot, pod: Pod, status: ContainerStatus, end: Terminated) -> Event | None:
    """The kubelet's ``Killing`` event for this container, at most the grace period before the end."""
    at = finished(end)
    for event in reversed(seen.events(pod, "Killing")):
        if event.container and event.container != status.name:
            continue
        if status.name not in event.message and not event.container:
            continue
        if at is None or event.last_seen is None:
            return event
        if -_SLACK <= at - event.last_seen <= grace(pod) + _SLACK or _spans(event, at):
            return event
    return None


def _spans(event: Event, at: datetime) -> bool:
    """Whether an event that stands for many, merged and counted, was seen before and after an instant."""
    first, last = event.first_seen, event.last_seen
    return event.count > 1 and first is not None and last is not None and first <= at <= last


def _killer(kill: Event) -> Manner:
    probe = messages.probe_kill(kill.message)
    if probe:
        return Manner.LIVENESS if probe.probe == "liveness" else Manner.STARTUP_PROBE
    if "PostStartHook" in kill.message:
        return Manner.POST_START
    return Manner.REDEFINED if "definition changed" in kill.message else Manner.STOPPED


def _lost(seen: Snapshot, pod: Pod, end: Terminated) -> Verdict:
    """On several pods of the node it was the node; on one only, a hiccup of the runtime."""
    at = finished(end)
    proof: list[Evidence] = []
    for other in seen.on_node(pod.spec.node_name):
        if other.metadata.uid == pod.metadata.uid:
            continue
        for status in other.status.container_statuses:
            last = status.last_end
            if last and last.reason in _LOST and _near(finished(last), at):
                proof.append(
                    field_of(other, f"status.containerStatuses[{status.name}].lastState.terminated.reason", last.reason)
                )
    node = seen.get(Node, "", pod.spec.node_name)
    reboots = seen.events(node or Ref("Node", "", pod.spec.node_name), "Rebooted")
    proof.extend(event_of(event) for event in reboots[-1:])
    sure = Confidence.LIKELY if proof else Confidence.POSSIBLE
    return Verdict(Manner.LOST, end, Confidence.PROVEN if reboots else sure, tuple(proof[:4]))


def _near(one: datetime | None, other: datetime | None) -> bool:
    return one is None or other is None or abs(one - other) <= _TOGETHER


def _killed(seen: Snapshot, pod: Pod, status: ContainerStatus, end: Terminated) -> Verdict:
    """137 or 143 without a known sender. Old signs of a failing liveness probe make it the runner-up."""
    container = pod.container(status.name)
    failing = [
        event
        for event in seen.events(pod, "Unhealthy")
        if event.message.startswith(("Liveness", "Startup")) and event.container in ("", status.name)
    ]
    life = lifetime(end)
    if failing and container and _followed(failing[-1], end):
        manner = Manner.LIVENESS if failing[-1].message.startswith("Liveness") else Manner.STARTUP_PROBE
        return Verdict(manner, end, Confidence.LIKELY, (event_of(failing[-1]),), Manner.KILLED)
    could_be_probe = container is not None and container.liveness_probe is not None and life is not None
    return Verdict(Manner.KILLED, end, Confidence.LIKELY, (), Manner.LIVENESS if could_be_probe else None)


def _followed(sign: Event, end: Terminated) -> bool:
    at = finished(end)
    if at is None or sign.last_seen is None:
        return False
    return abs(at - sign.last_seen) <= timedelta(seconds=60) or _spans(sign, at)
