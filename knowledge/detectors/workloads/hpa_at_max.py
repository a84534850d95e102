"""An autoscaler (HPA) that stands at its maximum and would like more pods."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import HorizontalPodAutoscaler
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="hpa-at-max", severity=Severity.WARNING, needs=(HorizontalPodAutoscaler,))


def detect(seen: Snapshot) -> Iterator[Finding]:
    for hpa in seen.all(HorizontalPodAutoscaler):
        limited = next((c for c in hpa.status.conditions if c.type == "ScalingLimited" and c.status == "True"), None)
        at_max = hpa.spec.max_replicas and hpa.status.current_replicas >= hpa.spec.max_replicas
        if (
            not (limited and limited.reason == "TooManyReplicas" and at_max)
            or hpa.spec.min_replicas == hpa.spec.max_replicas
        ):
            continue
        load = _load(hpa)
        target = hpa.spec.scale_target_ref
        yield Finding(
            DETECTOR,
            Ref.to(hpa),
            Said(
                "HPA {hpa} is at its maximum: {current} of {most} replicas of {target} (ScalingLimited, "
                "TooManyReplicas since {since:clock}){load}; it wants more than it is allowed.",
                hpa=hpa.metadata.name,
                current=hpa.status.current_replicas,
                most=hpa.spec.max_replicas,
                target=target.name,
                since=limited.last_transition_time,
                load=load,
            ),
            Confidence.PROVEN,
            evidence=(
                field_of(hpa, "status.conditions[ScalingLimited].reason", limited.reason, limited.last_transition_time),
                field_of(hpa, "spec.maxReplicas", hpa.spec.max_replicas),
            ),
            why=Said(
                "The load asks for more pods than maxReplicas allows, so the existing pods share it and may "
                "become slow."
            ),
            remedies=(
                Remedy(
                    Said("Raise maxReplicas after a look at the free room on the nodes."),
                    f"kubectl -n {hpa.metadata.namespace} patch hpa {hpa.metadata.name} --type merge "
                    f'-p \'{{"spec":{{"maxReplicas":{hpa.spec.max_replicas + max(1, hpa.spec.max_replicas // 2)}}}}}\'',
                    Consent.ASK,
                ),
            ),
            at=limited.last_transition_time,
        )


def _load(hpa: HorizontalPodAutoscaler) -> Said | str:
    wanted = {m.resource.name: m.resource.target.average_utilization for m in hpa.spec.metrics if m.resource}
    for metric in hpa.status.current_metrics:
        now = metric.resource.current.average_utilization if metric.resource and metric.resource.current else None
        if metric.resource and now is not None:
            return Said(
                ", {metric} at {now} % (target {wanted} %)",
                metric=metric.resource.name,
                now=now,
                wanted=wanted.get(metric.resource.name) or "?",
            )
    return ""
