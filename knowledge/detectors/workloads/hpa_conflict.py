"""Two masters of one number of replicas: two autoscalers, or an autoscaler and a deploy tool."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from knowledge.detector import Detector
from knowledge.facts.messages import scaled
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, event_of, field_of
from knowledge.objects import Deployment, Event, HorizontalPodAutoscaler
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="hpa-conflict", severity=Severity.WARNING, needs=(HorizontalPodAutoscaler, Event), uses=(Deployment,)
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    targets: dict[Ref, list[HorizontalPodAutoscaler]] = defaultdict(list)
    for hpa in seen.all(HorizontalPodAutoscaler):
        scaled_by = hpa.spec.scale_target_ref
        targets[Ref(scaled_by.kind, hpa.metadata.namespace, scaled_by.name)].append(hpa)
    for target, scalers in targets.items():
        if len(scalers) > 1:
            yield _finding(
                target,
                Said(
                    "{target} is scaled by {n} autoscalers at once ({names}); they undo each other's decisions.",
                    target=target.name,
                    n=len(scalers),
                    names=tuple(h.metadata.name for h in scalers),
                ),
                Confidence.PROVEN,
                tuple(field_of(h, "spec.scaleTargetRef.name", target.name) for h in scalers),
                f"kubectl -n {target.namespace} delete hpa …",
            )
        else:
            yield from _fought(seen, target, scalers[0])


def _fought(seen: Snapshot, target: Ref, hpa: HorizontalPodAutoscaler) -> Iterator[Finding]:
    deployment = seen.get(Deployment, target.namespace, target.name)
    if target.kind != "Deployment" or deployment is None:
        return
    events = [
        e
        for e in seen.events(deployment, "ScalingReplicaSet")
        if e.last_seen and seen.now - e.last_seen < timedelta(hours=1)
    ]
    steps = [(e, told) for e in events if (told := scaled(e.message))]
    turns = sum(1 for (_, a), (_, b) in pairwise(steps) if a.up != b.up and a.replica_set == b.replica_set)
    writers = [
        m
        for m in deployment.metadata.managed_fields
        if "f:replicas" in str(m.fields_v1)
        and m.manager not in ("kube-controller-manager", "")
        and m.subresource != "status"
    ]
    if turns >= 2 and writers:
        yield _finding(
            target,
            Said(
                "{target} is scaled up and down again and again ({sizes}): {writer} writes spec.replicas against HPA "
                "{hpa}.",
                target=target.name,
                sizes=tuple(told.after for _, told in steps[-5:]),
                writer=writers[-1].manager,
                hpa=hpa.metadata.name,
            ),
            Confidence.LIKELY,
            (
                *(event_of(e) for e, _ in steps[-4:]),
                field_of(
                    deployment, "metadata.managedFields[f:replicas].manager", writers[-1].manager, writers[-1].time
                ),
            ),
            "",
        )


def _finding(target: Ref, says: Said, confidence: Confidence, evidence: tuple[Evidence, ...], command: str) -> Finding:
    return Finding(
        DETECTOR,
        target,
        says,
        confidence,
        evidence=evidence,
        why=Said("Only one of them may decide about the number of pods; otherwise pods come and go without need."),
        remedies=(
            Remedy(
                Said("Leave one autoscaler, and take replicas out of the manifest that the deploy tool applies."),
                command,
                Consent.ASK if command else Consent.NEVER,
            ),
        ),
        at=max((e.at for e in evidence if e.at), default=None),
    )
