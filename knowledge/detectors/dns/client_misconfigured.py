"""A pod that asks another resolver than the cluster's for names that only the cluster knows.

Asking for outside names only is in order with any resolver.
"""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.complaints import Complaint, complaints
from knowledge.facts.dependency import address
from knowledge.facts.log_patterns import FactKind
from knowledge.finding import Confidence, Consent, Evidence, Finding, Ref, Remedy, Severity, absence_of, field_of
from knowledge.objects import Pod, Service, StatefulSet
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="dns-client-misconfigured",
    severity=Severity.ERROR,
    needs=(Pod, Service),
    uses=(StatefulSet,),
    logs=True,
    hides=("pod-crashloop-app-exit", "pod-container-restarted", "dns-resolution-failing", "dep-service-missing"),
)


def detect(seen: Snapshot) -> Iterator[Finding]:
    told: set[Ref] = set()
    for complaint in complaints(seen, FactKind.NO_SUCH_HOST):
        pod = complaint.pod
        meant = address(complaint.fact.host, 0, pod.metadata.namespace)
        service = seen.get(Service, meant.namespace, meant.name) if meant else None
        setting = _setting(pod)
        if service and setting and complaint.workload not in told:
            told.add(complaint.workload)
            yield _policy(complaint, service, setting)
        elif service is None:
            yield from _headless(seen, complaint)


def _setting(pod: Pod) -> tuple[str, str] | None:
    """The setting that keeps a pod from asking the cluster's DNS: its path and value."""
    spec = pod.spec
    if spec.dns_config and spec.dns_config.nameservers and spec.dns_policy != "None":
        return None
    if spec.dns_policy in ("Default", "None"):
        return "spec.dnsPolicy", spec.dns_policy
    if spec.host_network and spec.dns_policy == "ClusterFirst":
        return "spec.hostNetwork", "true (dnsPolicy: ClusterFirst)"
    return None


def _policy(complaint: Complaint, service: Service, setting: tuple[str, str]) -> Finding:
    path, value = setting
    return _finding(
        complaint,
        complaint.workload,
        Said(
            "{workload} does not ask the cluster's DNS ({path}={value}), so the name `{host}` of Service {service}, "
            "which exists, is unknown to it: its log says `{line}`.",
            workload=complaint.workload.name,
            path=path,
            value=value,
            host=complaint.fact.host,
            service=service.metadata.name,
            line=complaint.line,
        ),
        Said(
            "Names of Services are known to the cluster's DNS only. A pod on the host's network asks it only with "
            "dnsPolicy ClusterFirstWithHostNet; with Default or None it asks the machine's resolver or its own."
        ),
        Remedy(
            Said("Set the DNS policy so that the cluster's DNS is asked."),
            "dnsPolicy: ClusterFirstWithHostNet" if path == "spec.hostNetwork" else "dnsPolicy: ClusterFirst",
            Consent.ASK,
        ),
        (field_of(complaint.pod, path, value),),
    )


def _headless(seen: Snapshot, complaint: Complaint) -> Iterator[Finding]:
    """``db-0.db``: a StatefulSet's pods have such names only while its serviceName names a Service that exists."""
    host, namespace = complaint.fact.host, complaint.pod.metadata.namespace
    labels = host.split(".")
    for owner in seen.all(StatefulSet, namespace):
        name, governing = owner.metadata.name, owner.spec.service_name
        ordinal = labels[0].removeprefix(f"{name}-")
        if len(labels) < 2 or not ordinal.isdecimal() or labels[0] == ordinal or labels[1] != governing:
            continue
        if governing and seen.absent(Service, namespace, governing):
            yield _finding(
                complaint,
                Ref.to(owner),
                Said(
                    "StatefulSet {name} names its pods through Service {service} (serviceName), which does not exist: "
                    "`{host}` cannot be looked up, as the log of {caller} says.",
                    name=name,
                    service=governing,
                    host=host,
                    caller=complaint.workload.name,
                ),
                Said("The pods of a StatefulSet have names of their own only under a headless Service."),
                Remedy(
                    Said("Create the headless Service that the StatefulSet names."),
                    f"kubectl -n {namespace} create service clusterip {governing} --clusterip=None",
                    Consent.ASK,
                ),
                (absence_of("Service", namespace, governing), field_of(owner, "spec.serviceName", governing)),
            )
            return


def _finding(
    complaint: Complaint, subject: Ref, says: Said, why: Said, remedy: Remedy, proof: tuple[Evidence, ...]
) -> Finding:
    return Finding(
        DETECTOR,
        subject,
        says,
        Confidence.PROVEN,
        evidence=(complaint.evidence(), *proof),
        why=why,
        remedies=(remedy,),
        victims=(complaint.workload,) if complaint.workload != subject else (),
        pods=(complaint.workload, Ref.to(complaint.pod)),
        at=complaint.at,
    )
