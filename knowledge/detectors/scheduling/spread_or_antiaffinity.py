"""A pod that waits because a rule about its neighbours (anti-affinity, affinity, spread) allows no node."""

from collections.abc import Iterator

from knowledge.detector import Detector
from knowledge.facts.placement import Obstacle, Waiting, waiting
from knowledge.facts.scheduling import affinity, anti_affinity
from knowledge.finding import Consent, Evidence, Finding, Remedy, Severity, field_of
from knowledge.objects import Event, Node, Pod
from knowledge.said import Said
from knowledge.snapshot import Snapshot

DETECTOR = Detector(id="sched-spread-or-antiaffinity", severity=Severity.WARNING, needs=(Pod,), uses=(Node, Event))


def detect(seen: Snapshot) -> Iterator[Finding]:
    for found in waiting(seen, Obstacle.SPREAD):
        workload = found.workload
        yield Finding(
            DETECTOR,
            workload,
            _says(seen, found),
            found.confidence,
            evidence=(
                field_of(found.pod, "status.conditions[PodScheduled].message", found.message, found.since),
                *_rules(found.pod),
            ),
            why=Said(
                "The template demands that copies keep apart (or stay together). A demand, unlike a wish, leaves a pod "
                "waiting when no node fits."
            ),
            remedies=(
                Remedy(
                    Said(
                        "Turn the demand into a wish (preferredDuringScheduling… or whenUnsatisfiable: "
                        "ScheduleAnyway), or run fewer replicas."
                    ),
                    f"kubectl -n {workload.namespace} edit {workload.kind.lower()}/{workload.name}",
                    Consent.ASK,
                ),
                Remedy(
                    Said("If only a rollout's extra pod waits, set maxSurge: 0 and maxUnavailable: 1."),
                    consent=Consent.NEVER,
                ),
            ),
            pods=found.refs,
            at=found.since,
        )


def _says(seen: Snapshot, found: Waiting) -> Said:
    name, since, spec = found.workload.name, found.since, found.pod.spec
    placed = [p for p in seen.pods_of(found.workload) if p.spec.node_name]
    words = " ".join(found.refusals(Obstacle.SPREAD))
    nodes = len(found.obstacles)
    terms = anti_affinity(spec)
    if (terms and "anti-affinity" in words) or (terms and not words):
        return Said(
            "{workload} cannot be scheduled since {since:clock}: its anti-affinity rule allows one copy per {key}; "
            "{placed:|copy runs|copies run} already, {waiting:|waits|wait}, and no free place is left on "
            "{nodes:|node|nodes} (didn't match pod anti-affinity rules).",
            workload=name,
            since=since,
            key=terms[0].topology_key,
            placed=len(placed),
            waiting=len(found.pods),
            nodes=nodes or found.total,
        )
    if "topology spread" in words or (spec.topology_spread_constraints and not words):
        rule = next(
            (r for r in spec.topology_spread_constraints if r.when_unsatisfiable == "DoNotSchedule"),
            spec.topology_spread_constraints[0] if spec.topology_spread_constraints else None,
        )
        return Said(
            "{workload} cannot be scheduled since {since:clock}: its topology spread constraint (maxSkew {skew} over "
            "{key}) forbids every node that has room ({words}).",
            workload=name,
            since=since,
            skew=rule.max_skew if rule else "?",
            key=rule.topology_key if rule else "?",
            words=words or "topologySpreadConstraints",
        )
    if affinity(spec):
        term = affinity(spec)[0]
        return Said(
            "{workload} cannot be scheduled since {since:clock}: it must stand beside a pod with {labels} (pod "
            "affinity, per {key}), and no node that can take it has one.",
            workload=name,
            since=since,
            labels=term.label_selector.as_query() if term.label_selector else "-",
            key=term.topology_key,
        )
    return Said(
        "{workload} cannot be scheduled since {since:clock}: pods that run already refuse its company ({words}).",
        workload=name,
        since=since,
        words=words or "podAntiAffinity",
    )


def _rules(pod: Pod) -> Iterator[Evidence]:
    for term in anti_affinity(pod.spec):
        query = term.label_selector.as_query() if term.label_selector else "-"
        yield field_of(pod, "spec.affinity.podAntiAffinity.required…", f"{query} per {term.topology_key}")
    for rule in pod.spec.topology_spread_constraints:
        yield field_of(
            pod,
            "spec.topologySpreadConstraints",
            f"maxSkew {rule.max_skew} over {rule.topology_key}, {rule.when_unsatisfiable}",
        )
