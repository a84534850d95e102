"""An aggregated API (APIService) that does not answer, such as the metrics API."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.finding import Confidence, Consent, Finding, Ref, Remedy, Severity, Who, field_of
from knowledge.objects import APIService
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="apiservice-unavailable", severity=Severity.ERROR, needs=(APIService,))


def detect(seen: Snapshot) -> Iterator[Finding]:
    for api in seen.all(APIService):
        told = next((c for c in api.status.conditions if c.type == "Available" and c.status == "False"), None)
        if told is None:
            continue
        backend = api.spec.service
        metrics = api.spec.group.endswith("metrics.k8s.io")
        yield Finding(
            DETECTOR,
            Ref.to(api),
            Said(
                "The API {api} is not available since {since:clock} ({reason}): its Service {service} does not "
                "answer{effect}.",
                api=api.metadata.name,
                since=told.last_transition_time,
                reason=told.reason,
                service=f"{backend.namespace}/{backend.name}" if backend else "-",
                effect=Said("; autoscaling and kubectl top have no metrics") if metrics else "",
            ),
            Confidence.PROVEN,
            evidence=(
                field_of(api, "status.conditions[Available].reason", told.reason, told.last_transition_time),
                field_of(api, "status.conditions[Available].message", told.message),
            ),
            why=Said(
                "Part of the Kubernetes API is served by a program in the cluster. When it is down, what needs "
                "that part "
                "fails, even the deletion of namespaces."
            ),
            remedies=(
                Remedy(
                    Said("The platform team has to bring the program behind that Service back."),
                    f"kubectl -n {backend.namespace} get pods,endpointslices" if backend else "",
                    Consent.LOOK,
                    Who.PLATFORM,
                ),
            ),
            because=(Ref("Service", backend.namespace, backend.name),) if backend else (),
            at=told.last_transition_time,
        )
