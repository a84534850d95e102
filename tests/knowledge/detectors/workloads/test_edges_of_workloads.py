"""Autoscalers, budgets, Jobs and rollouts: what decides, from both sides."""

from typing import Any

import pytest

from knowledge.finding import Confidence, Consent, Severity
from tests.knowledge.detectors.things import Thing, deployment, event, first, pod, proof, thing, told, world
from tests.seen import judge

CONFLICT, AT_MAX, CANNOT = "hpa-conflict", "hpa-at-max", "hpa-cannot-scale"
JOB, CRON, ROLLOUT, REFUSED = "job-failed", "cronjob-not-running", "rollout-stuck", "replicas-not-created"
BUDGET, BLOCKS, GAPS, OVERLAP = "pdb-misconfigured", "pdb-blocks-drain", "daemonset-gaps", "selector-overlap"
LABELS = {"app": "web"}


def hpa(
    name: str = "web", *conditions: Thing, kind: str = "Deployment", least: int = 2, current: int = 10, **more: Any
) -> Thing:
    spec = {
        "scaleTargetRef": {"kind": kind, "name": "web"},
        "minReplicas": least,
        "maxReplicas": 10,
        **more.pop("spec", {}),
    }
    fine = {"type": "AbleToScale", "status": "True", "reason": "ReadyForNewScale"}
    status = {"currentReplicas": current, "conditions": [fine, *conditions], **more}
    return thing("HorizontalPodAutoscaler", name, spec=spec, status=status)


def scaled(to: int, before: int, ago: int, replica_set: str = "web-a") -> Thing:
    way = "up" if to > before else "down"
    text = f"Scaled {way} replica set {replica_set} from {before} to {to}"
    return event(("Deployment", "web"), "ScalingReplicaSet", text, last=f"{ago}m ago")


FIGHT = [scaled(3, 10, 20), scaled(10, 3, 15), scaled(3, 10, 10)]


def web(manager: str = "argocd", fields: str = "f:replicas", subresource: str = "") -> Thing:
    one = deployment("web", LABELS)
    wrote = {"manager": manager, "fieldsV1": {"f:spec": {fields: {}}}, "time": "10m ago", "subresource": subresource}
    one["metadata"]["managedFields"] = [wrote]
    return one


@pytest.mark.parametrize(
    ("things", "fights"),
    [
        ([web(), hpa(), *FIGHT], True),
        ([web(), hpa(), *FIGHT[1:]], False),
        ([web(), hpa(), scaled(3, 10, 70), scaled(10, 3, 65), scaled(3, 10, 10)], False),
        ([web(), hpa(), scaled(3, 10, 59), scaled(10, 3, 58), scaled(3, 10, 57)], True),
        ([web(), hpa(), scaled(3, 10, 20), scaled(2, 3, 15), scaled(1, 2, 10)], False),
        ([web(), hpa(), scaled(3, 10, 20), scaled(10, 3, 15, "web-b"), scaled(3, 10, 10)], False),
        ([web("kube-controller-manager"), hpa(), *FIGHT], False),
        ([web(""), hpa(), *FIGHT], False),
        ([web(fields="f:template"), hpa(), *FIGHT], False),
        ([web(subresource="status"), hpa(), *FIGHT], False),
        ([web(), hpa(kind="StatefulSet"), *FIGHT], False),
        ([hpa(), *FIGHT], False),
    ],
)
def test_a_deploy_tool_fights_an_autoscaler_when_the_number_turns_twice_in_an_hour(
    things: list[Thing], fights: bool
) -> None:
    said = judge(world(things), CONFLICT)
    assert bool(told(said)) is fights
    if fights:
        assert "argocd writes spec.replicas against HPA web" in told(said)[0]
        assert first(said).remedies[0].consent is Consent.NEVER


def test_something_else_between_two_scalings_is_passed_over() -> None:
    noise = event(("Deployment", "web"), "ScalingReplicaSet", "something else", last="12m ago")
    assert len(told(judge(world(web(), hpa(), *FIGHT, noise), CONFLICT))) == 1
    assert first(judge(world(hpa(), hpa("b")), CONFLICT)).remedies[0].consent is Consent.ASK


LIMITED = {"type": "ScalingLimited", "status": "True", "reason": "TooManyReplicas", "lastTransitionTime": "1h ago"}


@pytest.mark.parametrize(
    ("one", "at_max"),
    [
        (hpa("web", LIMITED), True),
        (hpa("web", LIMITED, current=11), True),
        (hpa("web", LIMITED, current=9), False),
        (hpa("web", {**LIMITED, "reason": "TooFewReplicas"}), False),
        (hpa("web", {**LIMITED, "status": "False"}), False),
        (hpa("web", {**LIMITED, "type": "ScalingActive"}), False),
        (hpa("web", LIMITED, least=10), False),
        (hpa("web"), False),
    ],
)
def test_at_its_maximum_is_who_wants_more_and_may_not(one: Thing, at_max: bool) -> None:
    assert bool(told(judge(world(one), AT_MAX))) is at_max


def metric(name: str = "cpu", now: int | None = 140) -> Thing:
    return {
        "type": "Resource",
        "resource": {"name": name, "current": {"averageUtilization": now} if now is not None else None},
    }


def test_the_load_is_told_against_what_is_wanted() -> None:
    wanted = [{"type": "Pods"}, {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 70}}}]
    odd = [{"type": "Pods"}, metric("memory", None), metric()]
    said = told(judge(world(hpa("web", LIMITED, currentMetrics=odd, spec={"metrics": wanted})), AT_MAX))[0]
    assert "140" in said
    assert "70" in said
    assert "140" not in told(judge(world(hpa("web", LIMITED, currentMetrics=odd[:2])), AT_MAX))[0]


def stopped(reason: str, message: str = "m", kind: str = "ScalingActive", status: str = "False") -> Thing:
    return {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": "9m ago"}


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (stopped("FailedGetScale", "not found", "AbleToScale"), "FailedGetScale"),
        (stopped("BackoffDownscale", kind="AbleToScale"), ""),
        (stopped("FailedGetResourceMetric"), "FailedGetResourceMetric"),
        (stopped("FailedGetResourceMetric", status="True"), ""),
        (stopped("FailedGetResourceMetric", kind="ScalingLimited"), ""),
        (stopped("FailedGetResourceMetric", "x" * 50 + " " + "y" * 150), "…" + "y" * 150),
        (stopped("FailedGetResourceMetric", "z" * 150), "z" * 150),
    ],
)
def test_what_stops_an_autoscaler_is_told_by_its_condition(condition: Thing, words: str) -> None:
    said = told(judge(world(hpa("web", condition)), CANNOT))
    assert (words in said[0] and len(said) == 1) if words else said == []


@pytest.mark.parametrize(
    ("message", "dead"),
    [
        ("unable to fetch metrics from resource metrics API: none", True),
        ("get pods.metrics.k8s.io: none", True),
        ("no", False),
    ],
)
def test_a_metrics_api_that_is_down_is_where_the_cause_is(message: str, dead: bool) -> None:
    said = judge(world(hpa("web", stopped("FailedGetResourceMetric", message))), CANNOT)
    assert bool(first(said).because) is dead
    scale = judge(world(hpa("web", stopped("FailedGetScale", "x", "AbleToScale"))), CANNOT)
    assert told(scale) != told(judge(world(hpa("web", stopped("FailedGetMetric", "x", "AbleToScale"))), CANNOT))


def budget(name: str = "web", app: str | None = "web", rule: Thing | None = None, **status: int) -> Thing:
    counts = {"disruptionsAllowed": 0, "desiredHealthy": 2, "currentHealthy": 2, "expectedPods": 3, **status}
    selector = {"selector": {"matchLabels": {"app": app}}} if app else {}
    return thing("PodDisruptionBudget", name, spec={**selector, **(rule or {"minAvailable": 2})}, status=counts)


def node(unschedulable: bool = True, name: str = "node-1") -> Thing:
    return thing("Node", name, "", spec={"unschedulable": unschedulable})


@pytest.mark.parametrize(
    ("things", "words"),
    [
        (
            [budget(), pod("web-1", LABELS), node()],
            "now: 2 of 3 pods are healthy and it needs 2 (minAvailable 2); cordoned and waiting: node-1.",
        ),
        ([budget(), pod("web-1", LABELS), node(False)], ""),
        ([budget(), pod("web-1", LABELS)], ""),
        (
            [budget(desiredHealthy=3)],
            "(minAvailable 2, 3 pods: ALLOWED DISRUPTIONS 0), so a drain of their nodes cannot end.",
        ),
        ([budget(desiredHealthy=3, rule={"maxUnavailable": 0})], "(maxUnavailable 0, 3 pods"),
        ([budget(desiredHealthy=3), pod("web-1", LABELS), node()], "cannot end; cordoned and waiting: node-1."),
        ([budget(desiredHealthy=3, disruptionsAllowed=1)], ""),
        ([budget(desiredHealthy=0, expectedPods=0)], ""),
        ([budget(app=None, desiredHealthy=3)], ""),
    ],
)
def test_a_budget_blocks_a_drain_for_ever_or_just_now(things: list[Thing], words: str) -> None:
    said = told(judge(world(things), BLOCKS))
    assert (words in said[0]) if words else said == []


@pytest.mark.parametrize(
    ("things", "n"),
    [
        ([budget(app="wbe"), pod("web-1", LABELS)], 1),
        ([budget(), pod("web-1", LABELS)], 0),
        ([budget(), deployment("web", LABELS, 0)], 0),
        ([budget(), deployment("api", {"app": "api"}, 0)], 1),
        ([budget(app=None)], 0),
        ([budget("a"), budget("b"), pod("web-1", LABELS)], 1),
        ([budget("a"), budget("b", "api"), pod("web-1", LABELS), pod("api-1", {"app": "api"})], 0),
        ([budget("a"), budget("b", None), pod("web-1", LABELS)], 0),
    ],
)
def test_a_budget_protects_somebody_and_alone(things: list[Thing], n: int) -> None:
    assert len(told(judge(world(things), BUDGET))) == n


def job(
    name: str = "import",
    reason: str = "BackoffLimitExceeded",
    begun: str = "20m ago",
    kind: str = "Failed",
    status: str = "True",
    **more: Any,
) -> Thing:
    condition = {"type": kind, "status": status, "reason": reason, "lastTransitionTime": "9m ago"}
    state = {"failed": 3, "startTime": begun, "conditions": [condition], **more.pop("state", {})}
    return thing("Job", name, spec=more.pop("spec", {}), status=state, **more)


def attempt(name: str = "import-1", code: int = 3, owner: str = "import") -> Thing:
    return pod(
        name, owner=("Job", owner), state={"state": {"terminated": {"exitCode": code}}}, status={"phase": "Failed"}
    )


@pytest.mark.parametrize(
    ("things", "words"),
    [
        ([job()], "3 attempts failed and its backoffLimit of 6 is used up."),
        ([job(spec={"backoffLimit": 2})], "its backoffLimit of 2 is used up"),
        ([job(reason="DeadlineExceeded", spec={"activeDeadlineSeconds": 60})], "it ran longer than its 60 s"),
        ([job(reason="PodFailurePolicy")], "(PodFailurePolicy): 3 attempts failed."),
        ([job(kind="FailureTarget")], "its backoffLimit of 6"),
        (
            [job(), attempt(), attempt("import-2", 0), attempt("other-1", 9, "other")],
            "; its pods ended with exit code 3.",
        ),
        ([job(status="False")], ""),
        ([job(kind="Complete")], ""),
    ],
)
def test_a_job_that_failed_is_told_with_what_its_limits_and_pods_say(things: list[Thing], words: str) -> None:
    said = told(judge(world(things), JOB))
    assert (words in said[0]) if words else said == []


def test_only_the_newest_run_of_a_cron_job_counts() -> None:
    nightly = ("CronJob", "nightly")
    old, new = (
        job("nightly-1", begun="9h ago", owner=nightly),
        job("nightly-2", begun="1h ago", kind="Complete", owner=nightly),
    )
    assert told(judge(world(old, new), JOB)) == []
    assert told(judge(world(new, old), JOB)) == []
    newer = job("nightly-3", begun="10m ago", owner=nightly)
    said = judge(world(newer, old, new), JOB)
    assert "Job nightly-3 failed" in told(said)[0]
    assert first(said).discriminator == ""
    assert first(judge(world(job()), JOB)).discriminator == "import"
    made = {**job("nightly-4", created="5m ago", owner=nightly)}
    del made["status"]["startTime"]
    assert "Job nightly-4 failed" in told(judge(world(newer, made), JOB))[0]


def cron(schedule: str = "0 * * * *", last: str | None = "1h ago", active: str = "", **spec: Any) -> Thing:
    status = {**({"lastScheduleTime": last} if last else {}), "active": [{"name": active}] if active else []}
    return thing("CronJob", "sync", created="90d ago", spec={"schedule": schedule, **spec}, status=status)


def run(started: str = "3h ago", done: bool = False) -> Thing:
    return thing(
        "Job", "sync-1", status={"startTime": started, "active": 1, **({"completionTime": "1m ago"} if done else {})}
    )


FORBID = {"concurrencyPolicy": "Forbid"}


@pytest.mark.parametrize(
    ("things", "words"),
    [
        ([cron(active="sync-1", **FORBID), run()], "sync-1"),
        ([cron(active="sync-1", **FORBID), run("126m ago")], "sync-1"),
        ([cron(active="sync-1", **FORBID), run("124m ago")], ""),
        ([cron(active="sync-1", **FORBID), run(done=True)], ""),
        ([cron(active="sync-1"), run()], ""),
        ([cron(active="gone", **FORBID)], ""),
        ([cron(active="sync-1", last="9h ago", **FORBID), run()], "sync-1"),
        ([cron(last="124m ago")], ""),
        ([cron(last="126m ago")], "misses its times"),
        ([cron(last=None)], "misses its times"),
        ([cron("0 0 1 * *", "66d ago")], "misses its times"),
        ([cron("0 0 1 1 *", "3650d ago")], ""),
        ([cron("nonsense", "3650d ago")], ""),
        (
            [cron("0 0 1 1 *"), event(("CronJob", "sync"), "TooManyMissedTimes", "too many", last="5m ago")],
            "TooManyMissedTimes: too many",
        ),
        ([cron("0 0 1 1 *"), event(("CronJob", "sync"), "TooManyMissedTimes", "x", last="61m ago")], ""),
        (
            [cron("0 0 1 1 *"), event(("CronJob", "sync"), "TooManyMissedTimes", "x", last="59m ago")],
            "TooManyMissedTimes",
        ),
        ([cron("0 0 1 1 *"), event(("CronJob", "sync"), "SawCompletedJob", "x")], ""),
    ],
)
def test_a_cron_job_is_late_after_two_periods_or_by_its_controller_s_word(things: list[Thing], words: str) -> None:
    said = told(judge(world(things), CRON))
    assert (words in said[0] and len(said) == 1) if words else said == []


def rolling(condition: Thing | None, replicas: int = 4, updated: int = 1, available: int = 3) -> Thing:
    state = {
        "replicas": replicas,
        "updatedReplicas": updated,
        "availableReplicas": available,
        "readyReplicas": available,
    }
    return deployment("web", LABELS, 4, status={**state, "conditions": [condition] if condition else []})


def progress(
    reason: str = "ReplicaSetUpdated", status: str = "True", updated: str | None = "15m ago", kind: str = "Progressing"
) -> Thing:
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": "m",
        "lastTransitionTime": "1h ago",
        **({"lastUpdateTime": updated} if updated else {}),
    }


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (rolling(progress("ProgressDeadlineExceeded", "False")), "ProgressDeadlineExceeded since"),
        (rolling(progress("ProgressDeadlineExceeded", "True")), "stands still since 2026-01-15 05:15 UTC"),
        (rolling(progress("FailedCreate", "False")), "stands still since"),
        (rolling(progress(kind="Available")), ""),
        (rolling(None), ""),
        (rolling(progress()), "stands still since 2026-01-15 05:15 UTC"),
        (rolling(progress(updated=None)), "stands still since 2026-01-15 04:30 UTC"),
        (rolling(progress(updated="9m ago")), ""),
        (rolling(progress(), 4, 4, 3), "stands still"),
        (rolling(progress(), 5, 4, 4), "stands still"),
        (rolling(progress(), 4, 4, 4), ""),
        (rolling(progress("NewReplicaSetAvailable"), 4, 4, 3), ""),
    ],
)
def test_a_rollout_stands_still_when_it_is_under_way_and_has_not_moved(one: Thing, words: str) -> None:
    said = told(judge(world(one), ROLLOUT))
    assert (words in said[0]) if words else said == []


def test_a_condition_without_any_time_stands_nowhere() -> None:
    timeless = progress(updated=None)
    del timeless["lastTransitionTime"]
    assert told(judge(world(rolling(timeless)), ROLLOUT)) == []


def member(
    name: str = "db-0",
    ready: str | None = "False",
    since: str = "20m ago",
    phase: str = "Running",
    kind: str = "StatefulSet",
) -> Thing:
    condition = [{"type": "Ready", "status": ready, "lastTransitionTime": since}] if ready else []
    status = {"phase": phase, "conditions": condition}
    return thing("Pod", name, owner=(kind, "db"), created=since, spec={"containers": []}, status=status)


def stateful(ready: int = 2, current: str = "a", update: str = "b", updated: int = 1) -> Thing:
    status = {"readyReplicas": ready, "updatedReplicas": updated, "currentRevision": current, "updateRevision": update}
    return thing("StatefulSet", "db", spec={"replicas": 3}, status=status)


@pytest.mark.parametrize(
    ("things", "words"),
    [
        ([stateful(), member()], "2 of 3 ready, 1 updated"),
        ([stateful(update="a"), member()], "2 of 3 ready; the pods after"),
        ([stateful(update=""), member()], "2 of 3 ready; the pods after"),
        ([stateful(3), member()], ""),
        ([stateful()], ""),
        ([stateful(), member(since="9m ago")], ""),
        ([stateful(), member(ready="True")], ""),
        ([stateful(), member(ready=None, phase="Pending")], "stuck at pod db-0"),
        ([stateful(), member(ready=None)], ""),
        ([stateful(), member("db-1"), member("db-0", since="40m ago")], "stuck at pod db-0"),
    ],
)
def test_a_set_is_stuck_at_the_pod_that_is_unready_for_longest(things: list[Thing], words: str) -> None:
    said = told(judge(world(things), ROLLOUT))
    assert (words in said[0]) if words else said == []


def daemon(updated: int = 1, desired: int = 2, ready: int = 1, created: str = "9d ago", **template: Any) -> Thing:
    spec = {
        "selector": {"matchLabels": LABELS},
        "template": {"metadata": {"labels": LABELS}, "spec": {"containers": [], **template}},
    }
    status = {"updatedNumberScheduled": updated, "desiredNumberScheduled": desired, "numberReady": ready}
    return thing("DaemonSet", "db", created=created, spec=spec, status=status)


@pytest.mark.parametrize(
    ("things", "stuck"),
    [
        ([daemon(), member(kind="DaemonSet")], True),
        ([daemon(2), member(kind="DaemonSet")], False),
        ([daemon(), member(kind="DaemonSet", ready="True")], False),
    ],
)
def test_a_daemon_set_is_stuck_while_not_all_are_updated_and_one_is_unready(things: list[Thing], stuck: bool) -> None:
    assert bool(told(judge(world(things), ROLLOUT))) is stuck


def test_the_pods_of_a_stuck_rollout_are_those_that_are_not_ready() -> None:
    said = judge(world(stateful(), member(), member("db-1", "True"), member("db-2", None)), ROLLOUT)
    assert [ref.name for ref in first(said).pods] == ["db-0", "db-2"]


def machine(name: str, ready: str = "True", cpu: str = "4", **spec: Any) -> Thing:
    status = {
        "conditions": [{"type": "Ready", "status": ready}],
        "allocatable": {"cpu": cpu, "memory": "8Gi", "pods": "110"},
    }
    return thing("Node", name, "", labels={"disk": "ssd" if name == "n1" else "hdd"}, spec=spec, status=status)


def agent(on: str = "n1", ready: str = "True") -> Thing:
    one = member(f"db-{on}", ready, kind="DaemonSet")
    one["spec"]["nodeName"] = on
    return one


@pytest.mark.parametrize(
    ("things", "words"),
    [
        ([daemon(), machine("n1"), machine("n2"), agent()], "(n2: no pod there)"),
        ([daemon(), machine("n1"), machine("n2"), agent(), agent("n2", "False")], "(n2: its pod is not ready)"),
        (
            [daemon(), machine("n1"), machine("n2", taints=[{"key": "x", "effect": "NoSchedule"}]), agent()],
            "(n2: taint x:NoSchedule)",
        ),
        ([daemon(), machine("n1"), machine("n2", unschedulable=True), agent()], ""),
        ([daemon(), machine("n1"), machine("n2", "False"), agent()], ""),
        ([daemon(nodeSelector={"disk": "ssd"}), machine("n1"), machine("n2"), agent()], ""),
        ([daemon(), machine("n1"), machine("n2"), agent(), agent("n2")], ""),
        ([daemon(ready=2), machine("n1"), machine("n2"), agent()], ""),
        ([daemon(created="9m ago"), machine("n1"), machine("n2"), agent()], ""),
        ([daemon(created="11m ago"), machine("n1"), machine("n2"), agent()], "(n2"),
        ([daemon(), agent()], "1 of 2"),
    ],
)
def test_a_daemon_set_has_gaps_only_where_it_could_run(things: list[Thing], words: str) -> None:
    said = told(judge(world(things), GAPS))
    assert (words in said[0]) if words else said == []


def test_a_node_without_room_is_a_gap_for_want_of_it() -> None:
    greedy = daemon(containers=[{"name": "a", "resources": {"requests": {"cpu": "8"}}}])
    assert "(n2: Insufficient cpu)" in told(judge(world(greedy, machine("n1"), machine("n2"), agent()), GAPS))[0]


QUOTA = 'pods "web-1" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1'
HOOK = (
    'Internal error occurred: failed calling webhook "w.example.com": failed to call webhook: Post "https://x": '
    "no endpoints available"
)
ACCOUNT = 'pods "web-1" is forbidden: error looking up service account shop/robot: serviceaccount "robot" not found'
DENIAL = 'admission webhook "policy.example.com" denied the request: no latest tag'


def refused(text: str = QUOTA, status: str = "True", kind: str = "ReplicaFailure") -> Thing:
    condition = {"type": kind, "status": status, "message": text, "lastTransitionTime": "5m ago"}
    return deployment("web", LABELS, 2, status={"conditions": [condition]})


def failing(text: str = QUOTA, last: str = "5m ago", kind: str = "StatefulSet", name: str = "db") -> Thing:
    return event((kind, name), "FailedCreate", f"Error creating: {text}", last=last)


@pytest.mark.parametrize(
    ("things", "words"),
    [
        ([refused()], "exceeded quota q"),
        ([refused(HOOK)], "w.example.com"),
        ([refused(ACCOUNT)], "ServiceAccount robot does not exist."),
        ([refused(DENIAL)], "policy.example.com"),
        ([refused("who knows")], "who knows"),
        ([refused(status="False")], ""),
        ([refused(kind="Available")], ""),
        ([thing("StatefulSet", "db", spec={"replicas": 1}), failing()], "exceeded quota q"),
        ([thing("StatefulSet", "db", spec={"replicas": 1}), failing(last="59m ago")], "exceeded quota q"),
        ([thing("StatefulSet", "db", spec={"replicas": 1}), failing(last="61m ago")], ""),
        ([thing("StatefulSet", "db", spec={"replicas": 0}), failing()], ""),
        ([thing("StatefulSet", "db", spec={"replicas": 1})], ""),
    ],
)
def test_why_pods_were_refused_is_told_of_what_still_lacks_them(things: list[Thing], words: str) -> None:
    said = told(judge(world(things), REFUSED))
    assert (words in said[0]) if words else said == []


def test_the_events_of_a_deployment_are_those_of_its_newest_replica_set() -> None:
    kept = [
        thing("ReplicaSet", name, owner=("Deployment", "web"), annotations={"deployment.kubernetes.io/revision": n})
        for name, n in (("web-a", "1"), ("web-b", "2"))
    ]
    things = deployment("web", LABELS, 2), kept
    assert len(told(judge(world(things[0], kept, failing(kind="ReplicaSet", name="web-b")), REFUSED))) == 1
    assert told(judge(world(things[0], kept, failing(kind="ReplicaSet", name="web-a")), REFUSED)) == []


def test_the_guard_that_refused_is_where_the_cause_is() -> None:
    def guard(name: str, hook: str) -> Thing:
        return {
            "apiVersion": "v1",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": name},
            "webhooks": [{"name": hook}],
        }

    said = judge(world(refused(HOOK), guard("mine", "w.example.com"), guard("other", "x.example.com")), REFUSED)
    assert [ref.name for ref in first(said).because] == ["mine"]
    assert [ref.kind for ref in first(judge(world(refused(ACCOUNT)), REFUSED)).because] == ["ServiceAccount"]


def chosen(name: str, selector: Thing, labels: Thing, namespace: str = "shop") -> Thing:
    one = deployment(name, labels)
    one["spec"]["selector"] = selector
    one["metadata"]["namespace"] = namespace
    return one


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        (chosen("a", {"matchLabels": LABELS}, LABELS), chosen("b", {"matchLabels": LABELS}, LABELS), True),
        (chosen("a", {"matchLabels": LABELS}, LABELS), chosen("b", {"matchLabels": LABELS}, LABELS, "other"), False),
        (chosen("a", {"matchLabels": LABELS}, LABELS), chosen("b", {"matchLabels": {"app": "x"}}, {"app": "x"}), False),
        (
            chosen("a", {"matchLabels": LABELS}, LABELS),
            chosen("b", {"matchLabels": {"app": "web", "v": "2"}}, {"app": "web", "v": "2"}),
            False,
        ),
        (
            chosen("a", {"matchLabels": {"v": "2"}}, {"v": "2"}),
            chosen("b", {"matchLabels": LABELS}, {"app": "web", "v": "2"}),
            False,
        ),
        (chosen("a", {}, {"app": "a"}), chosen("b", {}, {"app": "b"}), True),
        (chosen("a", {}, {"app": "a"}), chosen("b", {}, {"app": "b"}, "other"), False),
        (chosen("a", {}, {}), chosen("b", {}, {}), False),
    ],
)
def test_two_controllers_overlap_when_each_selects_the_other_s_pods(one: Thing, other: Thing, overlap: bool) -> None:
    said = judge(world(one, other), OVERLAP)
    assert bool(told(said)) is overlap
    if overlap:
        assert first(said).confidence is Confidence.PROVEN
        assert len(proof(said)) == 2
        assert first(said).gravity is Severity.WARNING
