"""A control plane that is ill itself: the API server says so, or a control loop does not renew its Lease any more.

The check ``shutdown`` fails while one of several API servers restarts, which is no illness.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from knowledge.detector import Detector
from knowledge.facts.placement import unplaced
from knowledge.finding import (
    Confidence,
    Consent,
    Evidence,
    Finding,
    Ref,
    Remedy,
    Severity,
    Source,
    Who,
    field_of,
)
from knowledge.objects import Lease, Pod
from knowledge.relations import CONTROL_LOOPS
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(
    id="apiserver-unhealthy",
    severity=Severity.CRITICAL,
    needs=(),
    uses=(Lease, Pod),
    hides=("sched-not-considered",),
)

_SILENT = timedelta(seconds=60)
"""Leases are renewed every 2 s and taken over after 15 s."""


def detect(seen: Snapshot) -> Iterator[Finding]:
    checks = tuple(check for check in seen.failing if check != "shutdown")
    if checks:
        yield _not_ready(seen, checks)
    for loop in CONTROL_LOOPS:
        lease = seen.get(Lease, "kube-system", loop)
        renewed = lease.spec.renew_time if lease else None
        if lease and renewed and seen.now - renewed > _SILENT:
            yield _silent(seen, lease, renewed)


def _not_ready(seen: Snapshot, checks: tuple[str, ...]) -> Finding:
    cluster = Ref("Cluster", "", seen.cluster)
    etcd = any(check.startswith("etcd") for check in checks)
    return Finding(
        DETECTOR,
        cluster,
        Said(
            "The API server of {cluster} says that it is not ready: {checks} failed{more}.",
            cluster=seen.cluster,
            checks=checks,
            more=Said("; its database (etcd) does not answer") if etcd else "",
        ),
        Confidence.PROVEN,
        evidence=tuple(Evidence(Source.FIELD, cluster, f"/readyz {check}", "failed", seen.now) for check in checks),
        why=Said(
            "Everything in a cluster goes through its API server. While it is ill, running pods keep running, but "
            "nothing can be changed, started or healed."
        ),
        remedies=(
            Remedy(
                Said("The platform team has to look at the API server and at etcd: disk, quorum, certificates."),
                "kubectl get --raw '/readyz?verbose'",
                Consent.LOOK,
                Who.PLATFORM,
            ),
        ),
        at=seen.now,
    )


def _silent(seen: Snapshot, lease: Lease, renewed: datetime) -> Finding:
    loop = lease.metadata.name
    scheduler = loop == "kube-scheduler"
    waiting = tuple(unplaced(seen)) if scheduler else ()
    return Finding(
        DETECTOR,
        Ref.to(lease),
        Said(
            "{loop} does not run: it last renewed its Lease at {renewed:clock}. {effect}",
            loop=loop,
            renewed=renewed,
            effect=Said("No new pod gets a node until it is back.")
            if scheduler
            else Said("No pods are made or replaced, and no rollout goes on until it is back."),
        ),
        Confidence.PROVEN,
        evidence=(field_of(lease, "spec.renewTime", renewed, renewed),),
        why=Said(
            "The control loop that leads renews its Lease every few seconds. When nobody renews it, no instance of it "
            "is working."
        ),
        remedies=(
            Remedy(
                Said("The platform team has to bring it back: is it running, and does it reach the API server?"),
                f"kubectl -n kube-system logs -l component={loop} --tail=50",
                Consent.LOOK,
                Who.PLATFORM,
            ),
        ),
        victims=tuple(dict.fromkeys(seen.workload(pod) for pod in waiting)),
        pods=tuple(Ref.to(pod) for pod in waiting),
        at=renewed,
    )
