"""An autoscaler (HPA) that cannot compute how many pods are needed, or cannot find what it shall scale."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.messages import missing_request
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, Who, field_of
from knowledge.objects import APIService, Condition, HorizontalPodAutoscaler
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="hpa-cannot-scale", severity=Severity.ERROR, needs=(HorizontalPodAutoscaler,), uses=(APIService,)
)
_LONG = 160
_METRICS_API = "v1beta1.metrics.k8s.io"


def detect(seen: Snapshot) -> Iterator[Finding]:
    for hpa in seen.all(HorizontalPodAutoscaler):
        for kind in ("AbleToScale", "ScalingActive"):
            told = next((c for c in hpa.status.conditions if c.type == kind and c.status == "False"), None)
            if told and told.reason != "BackoffDownscale":
                yield _finding(hpa, told)
                break


def _finding(hpa: HorizontalPodAutoscaler, told: Condition) -> Finding:
    says, remedy = _told(hpa, told)
    dead = "metrics API" in told.message or "pods.metrics.k8s.io" in told.message
    return Finding(
        DETECTOR,
        Ref.to(hpa),
        says,
        Confidence.PROVEN,
        evidence=(
            field_of(hpa, f"status.conditions[{told.type}].reason", told.reason, told.last_transition_time),
            field_of(hpa, f"status.conditions[{told.type}].message", told.message),
        ),
        why=Said(
            "An autoscaler divides what the pods use by what they requested. Without both numbers it leaves the number "
            "of pods as it is, whatever the load."
        ),
        remedies=(remedy,),
        because=(Ref("APIService", "", _METRICS_API),) if dead else (),
        at=told.last_transition_time,
        severity=Severity.INFO if told.reason == "ScalingDisabled" else None,
    )


def _end(message: str) -> str:
    """The end of a message that names its reason last, cut between words."""
    return message if len(message) <= _LONG else f"…{message[-_LONG:].partition(' ')[2]}"


def _told(hpa: HorizontalPodAutoscaler, told: Condition) -> tuple[Said, Remedy]:
    target = hpa.spec.scale_target_ref
    request = missing_request(told.message)
    if told.reason == "ScalingDisabled":
        return Said(
            "HPA {hpa} is switched off because its target {kind} {target} is scaled to 0 (ScalingDisabled).",
            hpa=hpa.metadata.name,
            kind=target.kind,
            target=target.name,
        ), Remedy(
            Said("Scale the target to one or more; then the autoscaler takes over again."),
            f"kubectl -n {hpa.metadata.namespace} scale {target.kind.lower()}/{target.name} --replicas=1",
            Consent.ASK,
        )
    if request:
        return Said(
            "HPA {hpa} cannot scale {target}: container {container} has no {resource} request, so its load cannot be "
            "computed ({reason}).",
            hpa=hpa.metadata.name,
            target=target.name,
            container=request.container or "?",
            resource=request.resource,
            reason=told.reason,
        ), Remedy(
            Said("Give that container a request."),
            f"kubectl -n {hpa.metadata.namespace} set resources {target.kind.lower()}/{target.name} "
            f"-c {request.container or '…'} --requests={request.resource}=…",
            Consent.ASK,
        )
    if told.reason == "FailedGetScale":
        return Said(
            "HPA {hpa} cannot scale: its target {kind} {target} cannot be found ({reason}).",
            hpa=hpa.metadata.name,
            kind=target.kind,
            target=target.name,
            reason=told.reason,
        ), Remedy(Said("Correct scaleTargetRef, or delete the autoscaler."), consent=Consent.ASK)
    return Said(
        "HPA {hpa} cannot scale {target} since {since:clock}: it gets no metrics ({reason}): {text}",
        hpa=hpa.metadata.name,
        target=target.name,
        since=told.last_transition_time,
        reason=told.reason,
        text=_end(told.message),
    ), Remedy(
        Said("The platform team has to see whether the metrics API answers."),
        f"kubectl get apiservice {_METRICS_API}",
        Consent.LOOK,
        Who.PLATFORM,
    )
