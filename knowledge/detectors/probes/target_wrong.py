"""A probe that knocks at the wrong door: a port, path or scheme at which the program does not answer.

It has never succeeded. A program that listens on 127.0.0.1 only refuses in the same way.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.detector import Detector
from knowledge.facts import ports
from knowledge.facts.changes import began_with
from knowledge.facts.probing import Failure, asks, failures
from knowledge.facts.runs import since
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, event_of, field_of
from knowledge.objects import Container, Event, Pod, Probe
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="probe-target-wrong",
    severity=Severity.ERROR,
    needs=(Pod,),
    uses=(Event,),
    logs=True,
    hides=(
        "probe-liveness-killed",
        "probe-startup-too-slow",
        "probe-readiness-failing",
        "pod-crashloop-app-exit",
        "pod-container-restarted",
        "pod-killed-from-outside",
        "pod-main-process-exits-zero",
        "shutdown-term-ignored",
    ),
)

_ANSWERS_NOT_HERE = frozenset({301, 302, 307, 308, 400, 401, 403, 404, 405})


@dataclass(frozen=True)
class _Wrong:
    pod: Pod
    container: Container
    kind: str
    probe: Probe
    failure: Failure
    reason: Said
    sure: Confidence


def detect(seen: Snapshot) -> Iterator[Finding]:
    found: dict[tuple[Ref, str], list[_Wrong]] = defaultdict(list)
    for pod in seen.all(Pod):
        for status in pod.lasting_statuses():
            container = pod.container(status.name)
            if container and not status.ready:
                for wrong in _wrongs(seen, pod, container):
                    found[seen.workload(pod), container.name].append(wrong)
    for (workload, _), wrongs in found.items():
        yield _finding(seen, workload, wrongs)


def _wrongs(seen: Snapshot, pod: Pod, container: Container) -> Iterator[_Wrong]:
    probes = (
        ("Startup", container.startup_probe),
        ("Liveness", container.liveness_probe),
        ("Readiness", container.readiness_probe),
    )
    for kind, probe in probes:
        failure = next(failures(seen, pod, container.name, kind), None)
        if probe is None or failure is None:
            continue
        judged = _judge(seen, pod, container, probe, failure)
        if judged:
            yield _Wrong(pod, container, kind.lower(), probe, failure, *judged)


def _judge(
    seen: Snapshot, pod: Pod, container: Container, probe: Probe, failure: Failure
) -> tuple[Said, Confidence] | None:
    door, port = ports.probe_door(probe), ports.probe_port(probe, container)
    if failure.wrong_scheme:
        scheme = probe.http_get.scheme if probe.http_get else "TCP"
        return Said("the program speaks another scheme than {scheme} on that port", scheme=scheme), Confidence.PROVEN
    if failure.status in _ANSWERS_NOT_HERE and probe.http_get:
        path = probe.http_get.path or "/"
        return Said("the program answers {path} with status {code}", path=path, code=failure.status), Confidence.PROVEN
    if isinstance(door, str) and not port and not door.isdecimal():
        return Said("the container declares no port named {door}", door=door), Confidence.PROVEN
    if not failure.refused:
        return None
    heard = ports.heard(seen, (pod,), container.name)
    if heard and port not in heard:
        listens = tuple(sorted(heard))
        return Said("connection refused, and the program says that it listens on {listens}", listens=listens), (
            Confidence.PROVEN
        )
    declared = {p.container_port for p in container.ports if p.protocol == "TCP"}
    elsewhere = {p.container_port for c in pod.lasting_containers() for p in c.ports}
    if declared and port not in elsewhere and not _configured(container, port):
        listens = tuple(sorted(declared))
        return Said("connection refused, and the container declares port {listens} only", listens=listens), (
            Confidence.LIKELY
        )
    return None


def _configured(container: Container, port: int) -> bool:
    """Whether the program is told the port by command, arguments or environment."""
    text = " ".join((*container.command, *container.args, *(e.value for e in container.env)))
    return str(port) in text


def _finding(seen: Snapshot, workload: Ref, wrongs: list[_Wrong]) -> Finding:
    first = wrongs[0]
    kinds = tuple(dict.fromkeys(w.kind for w in wrongs))
    revision = began_with(seen, workload, first.failure.event.first_seen)
    says = Said(
        "The {kinds} probe of {workload} (container {container}) asks at the wrong place: {asks} never succeeds, since "
        "{reason}. {more}",
        kinds=kinds,
        workload=workload.name,
        container=first.container.name,
        asks=asks(first.probe),
        reason=first.reason,
        more=since(revision) if revision else "",
    )
    field = f"spec.containers[{first.container.name}].{first.kind}Probe"
    return Finding(
        DETECTOR,
        workload,
        says,
        first.sure,
        evidence=(
            field_of(first.pod, field, asks(first.probe)),
            field_of(
                first.pod,
                f"spec.containers[{first.container.name}].ports",
                ", ".join(ports.words(first.container.ports)) or "none",
            ),
            event_of(first.failure.event),
        ),
        why=Said(
            "A probe is a question to one port, path and scheme. If the program listens elsewhere (or on 127.0.0.1 "
            "only), the question never reaches it, and Kubernetes takes a healthy program for a broken one."
        ),
        remedies=(
            Remedy(
                Said("Correct port, path or scheme of the probe."),
                f"kubectl -n {workload.namespace} edit {workload.kind.lower()}/{workload.name}",
                Consent.ASK,
            ),
        ),
        pods=tuple(dict.fromkeys(Ref.to(w.pod) for w in wrongs)),
        discriminator=first.container.name,
        at=first.failure.event.last_seen,
    )
