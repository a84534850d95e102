"""A workload behind a Service that loses requests whenever it is rolled out.

Each sign alone is common and harmless; two together are told.
"""

from collections.abc import Iterator
from datetime import timedelta

from knowledge.detector import Detector, Layer
from knowledge.facts.backends import PLATFORM, services_for
from knowledge.facts.changes import revisions
from knowledge.facts.restart import finished
from knowledge.facts.runs import Run, runs
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, event_of, field_of
from knowledge.objects import Deployment, Event, Pod, ReplicaSet, Service
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="shutdown-not-graceful",
    severity=Severity.WARNING,
    needs=(Deployment, Service, Pod),
    uses=(Event, ReplicaSet),
    layer=Layer.HYGIENE,
)

_Sign = tuple[Said, Evidence]
_ABOUT = timedelta(hours=1)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for deployment in seen.all(Deployment):
        pods = seen.pods_of(Ref.to(deployment))
        if deployment.metadata.namespace in PLATFORM or not pods:
            continue
        services = services_for(seen, pods[0])
        if services:
            signs = [*_of_template(deployment), *_of_ends(seen, deployment)]
            if len(signs) >= 2:
                layer = Layer.CAUSE if _rolled_out(seen, deployment) else None
                yield _finding(deployment, services[0], signs, layer)


def _rolled_out(seen: Snapshot, deployment: Deployment) -> bool:
    """Whether a rollout about the instant asked for can have cost requests: then this is an answer, not a habit."""
    newest = next(iter(revisions(seen, Ref.to(deployment))), None)
    return newest is not None and newest.number > 1 and abs(seen.at - newest.at) <= _ABOUT


def _of_template(deployment: Deployment) -> Iterator[_Sign]:
    """What the manifest says of the end. No preStop is no sign of its own: nearly nobody has one."""
    spec, strategy = deployment.spec.template.spec, deployment.spec.strategy
    if strategy.type == "Recreate":
        yield (
            Said("strategy Recreate stops all pods before it starts new ones"),
            field_of(deployment, "spec.strategy.type", strategy.type),
        )
    rolling = strategy.rolling_update
    if rolling and rolling.max_unavailable == "100%":
        yield (
            Said("maxUnavailable 100% allows all pods to be stopped at once"),
            field_of(deployment, "spec.strategy.rollingUpdate.maxUnavailable", rolling.max_unavailable),
        )
    if spec.termination_grace_period_seconds in (0, 1):
        seconds = spec.termination_grace_period_seconds
        yield (
            Said("terminationGracePeriodSeconds {seconds} leaves no time to finish requests", seconds=seconds),
            field_of(deployment, "spec.template.spec.terminationGracePeriodSeconds", seconds),
        )
    serving = [c for c in spec.containers if c.ports]
    if serving and all(c.readiness_probe is None and not (c.lifecycle and c.lifecycle.pre_stop) for c in serving):
        yield (
            Said("neither a readiness probe nor a preStop hook"),
            field_of(deployment, f"spec.template.spec.containers[{serving[0].name}].lifecycle.preStop", "absent"),
        )


def _of_ends(seen: Snapshot, deployment: Deployment) -> Iterator[_Sign]:
    for run in runs(seen, seen.pods_of(Ref.to(deployment))):
        if kill := _stopped(seen, run):
            yield Said("a pod that was stopped ended with exit code 137"), event_of(kill)
            return


def _stopped(seen: Snapshot, run: Run) -> Event | None:
    at = finished(run.end)
    if run.end.exit_code != 137 or run.end.reason == "OOMKilled" or at is None:
        return None
    kills = seen.events(run.pod, "Killing")
    return next((k for k in kills if k.message.startswith("Stopping") and k.last_seen and k.last_seen <= at), None)


def _finding(deployment: Deployment, service: Service, signs: list[_Sign], layer: Layer | None) -> Finding:
    ref = Ref.to(deployment)
    return Finding(
        DETECTOR,
        ref,
        Said(
            "Requests to Service {service} can fail on every rollout of {workload}: {signs}.",
            service=service.metadata.name,
            workload=ref.name,
            signs=tuple(says for says, _ in signs),
        ),
        Confidence.LIKELY,
        evidence=tuple(proof for _, proof in signs),
        why=Said(
            "While a pod stops, load balancers still send to it for some seconds. It must go on answering for that "
            "long "
            "(preStop) and finish what it has begun (SIGTERM, grace period), and new pods must be ready first."
        ),
        remedies=(
            Remedy(
                Said(
                    "Add a preStop sleep of 5 to 15 s and a readiness probe, handle SIGTERM, set maxUnavailable to 0."
                ),
                f"kubectl -n {ref.namespace} edit deployment/{ref.name}",
                Consent.ASK,
            ),
        ),
        layer=layer,
    )
