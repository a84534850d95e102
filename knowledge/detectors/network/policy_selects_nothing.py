"""A NetworkPolicy whose selector fits no pod and no workload: it protects or opens nothing.

An empty selector means every pod of the namespace, and a namespace without workloads may be about to get some.
"""

from collections.abc import Iterator

from knowledge.detector import Detector, Layer
from knowledge.facts.backends import workloads
from knowledge.facts.network_policy import selector_words
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, field_of
from knowledge.objects import CronJob, Job, NetworkPolicy, Pod
from knowledge.reading.near import nearest_labels
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="net-policy-selects-nothing",
    severity=Severity.WARNING,
    needs=(NetworkPolicy, Pod),
    uses=(Job, CronJob),
    layer=Layer.HYGIENE,
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    for policy in seen.all(NetworkPolicy):
        namespace, selector = policy.metadata.namespace, policy.spec.pod_selector
        empty = not (selector.match_labels or selector.match_expressions)
        labels = _labels(seen, namespace)
        if not empty and labels and seen.whole(Pod, namespace) and not any(map(selector.matches, labels)):
            yield _finding(policy, nearest_labels(selector.match_labels, labels))


def _labels(seen: Snapshot, namespace: str) -> list[dict[str, str]]:
    """Labels of pods and of the templates of those that come and go."""
    pods = [pod.metadata.labels for pod in seen.all(Pod, namespace)]
    made = [w.spec.template.metadata.labels for w in workloads(seen, namespace)]
    jobs = [job.spec.template.metadata.labels for job in seen.all(Job, namespace)]
    timed = [cron.spec.job_template.spec.template.metadata.labels for cron in seen.all(CronJob, namespace)]
    return [*pods, *made, *jobs, *timed]


def _finding(policy: NetworkPolicy, near: dict[str, str] | None) -> Finding:
    selector = selector_words(policy.spec.pod_selector)
    near_text = ",".join(f"{key}={value}" for key, value in sorted(near.items())) if near else ""
    return Finding(
        DETECTOR,
        Ref.to(policy),
        Said(
            "NetworkPolicy {policy} in namespace {namespace} selects {selector}, and no pod carries these "
            "labels{hint}: it has no effect.",
            policy=policy.metadata.name,
            namespace=policy.metadata.namespace,
            selector=selector,
            hint=Said(" (did you mean {near}?)", near=near_text) if near_text else "",
        ),
        Confidence.PROVEN,
        evidence=(field_of(policy, "spec.podSelector", selector),),
        remedies=(Remedy(Said("Make its selector equal to the labels of the pods, or delete it."), "", Consent.ASK),),
    )
