"""Rollouts, replicas, autoscalers, budgets, Jobs: what stands still and why, and what stands still on purpose."""

from dataclasses import replace

import pytest

from knowledge.finding import Ref, Severity
from tests.knowledge.detectors.parts import denied, deployment, event, judged, node, only, pod, unclear, words
from tests.seen import examined, seen

UNREADY = 'phase: Running\nconditions: [{type: Ready, status: "False", lastTransitionTime: 20m ago}]'
READY = 'phase: Running\nconditions: [{type: Ready, status: "True", lastTransitionTime: 1d ago}]'
PAST = """{replicas: 4, updatedReplicas: 1, readyReplicas: 3, conditions: [{type: Progressing, status: "False",
    reason: ProgressDeadlineExceeded, message: 'ReplicaSet "web-5d9c" has timed out progressing.',
    lastTransitionTime: 9m ago}]}"""
SET = """---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec: {replicas: 3, selector: {matchLabels: {app: db}}}
status: {readyReplicas: 0, updatedReplicas: 1, currentRevision: a, updateRevision: b}
"""


def test_a_rollout_past_its_deadline_is_told_with_its_counts() -> None:
    found = only(deployment("web", replicas=4, status=PAST), "rollout-stuck")
    assert "(ProgressDeadlineExceeded since 05:21 UTC): 1 of 4 replicas updated, 3 ready" in words(found)


def test_a_stateful_set_names_the_pod_it_is_stuck_at() -> None:
    world = SET + pod("db-0", owner="kind: StatefulSet, name: db", status=UNREADY)
    assert "stuck at pod db-0, which is not ready since 05:10 UTC: 0 of 3 ready" in words(only(world, "rollout-stuck"))


def test_paused_and_scaled_to_zero_are_answers_and_no_faults() -> None:
    assert only(deployment("web", replicas=0), "rollout-stuck").severity is Severity.INFO
    assert "paused" in words(only(deployment("web", spec="paused: true"), "rollout-stuck"))


QUOTA = 'pods "web-1" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1'


def test_a_refused_pod_tells_the_quota_and_its_numbers() -> None:
    status = (
        f"{{conditions: [{{type: ReplicaFailure, status: 'True', message: '{QUOTA}', lastTransitionTime: 5m ago}}]}}"
    )
    found = only(deployment("web", replicas=2, status=status), "replicas-not-created")
    assert "web has 0 of 2 pods" in words(found)
    assert "exceeded quota q (requested pods=1, used pods=1, limited pods=1)" in words(found)
    assert found.because == (Ref("ResourceQuota", "shop", "q"),)


def test_a_refusal_from_before_a_recovery_is_past() -> None:
    world = deployment("web") + pod("web-a1", status=READY, owner="kind: Deployment, name: web")
    assert (
        judged(world + event("Deployment/web", "FailedCreate", "Error creating: " + QUOTA), "replicas-not-created")
        == []
    )


def hpa(name: str = "web", conditions: str = "[]", current: int = 2) -> str:
    return f"""---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: {name}, namespace: shop}}
spec: {{scaleTargetRef: {{kind: Deployment, name: web}}, minReplicas: 2, maxReplicas: 10}}
status:
  currentReplicas: {current}
  conditions: {conditions}
"""


def test_an_autoscaler_without_a_request_names_the_container() -> None:
    text = "failed to get cpu utilization: missing request for cpu in container proxy of Pod web-1"
    conditions = f'[{{type: ScalingActive, status: "False", reason: FailedGetResourceMetric, message: "{text}"}}]'
    assert "container proxy has no cpu request" in words(only(hpa(conditions=conditions), "hpa-cannot-scale"))
    off = '[{type: ScalingActive, status: "False", reason: ScalingDisabled}]'
    assert only(hpa(conditions=off), "hpa-cannot-scale").severity is Severity.INFO


def test_an_autoscaler_at_its_maximum_is_told_and_one_at_its_minimum_is_not() -> None:
    limited = '[{type: ScalingLimited, status: "True", reason: TooManyReplicas, lastTransitionTime: 1h ago}]'
    assert "10 of 10 replicas of web" in words(only(hpa(conditions=limited, current=10), "hpa-at-max"))
    assert judged(hpa(conditions=limited.replace("TooMany", "TooFew")), "hpa-at-max") == []


def test_two_autoscalers_of_one_workload_are_a_conflict_and_one_is_not() -> None:
    assert "scaled by 2 autoscalers at once (web, other)" in words(only(hpa() + hpa("other"), "hpa-conflict"))
    assert judged(deployment("web") + hpa(), "hpa-conflict") == []


def pdb(name: str, app: str = "web", rule: str = "minAvailable: 1", status: str = "{}") -> str:
    return f"""---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: {name}, namespace: shop}}
spec: {{selector: {{matchLabels: {{app: {app}}}}}, {rule}}}
status: {status}
"""


def test_a_budget_that_can_never_give_is_told_and_a_short_zero_is_not() -> None:
    never = pdb("web", status="{disruptionsAllowed: 0, desiredHealthy: 1, currentHealthy: 1, expectedPods: 1}")
    assert "never lets a pod go (minAvailable 1, 1 pod: ALLOWED DISRUPTIONS 0)" in words(
        only(never, "pdb-blocks-drain")
    )
    brief = pdb("web", status="{disruptionsAllowed: 0, desiredHealthy: 1, currentHealthy: 1, expectedPods: 2}")
    assert judged(brief, "pdb-blocks-drain") == []


def test_a_budget_for_nothing_and_two_for_one_pod_are_misconfigured() -> None:
    assert "protects nothing" in words(only(pdb("web", "wbe") + pod("web-a1"), "pdb-misconfigured"))
    assert "both match pod web-a1" in words(only(pdb("a") + pdb("b") + pod("web-a1"), "pdb-misconfigured"))
    assert judged(pdb("web") + deployment("web", replicas=0), "pdb-misconfigured") == []


JOB = """---
apiVersion: batch/v1
kind: Job
metadata: {name: import, namespace: shop}
spec: {backoffLimit: 6}
status:
  failed: 7
  conditions: [{type: Failed, status: "True", reason: BackoffLimitExceeded, lastTransitionTime: 9m ago}]
"""


def test_a_job_that_gave_up_is_told_and_one_that_came_through_is_not() -> None:
    assert "(BackoffLimitExceeded): 7 attempts failed and its backoffLimit of 6 is used up" in words(
        only(JOB, "job-failed")
    )
    assert judged(JOB.replace("type: Failed", "type: Complete"), "job-failed") == []


def cron(more: str = "", last: str = "1h ago") -> str:
    return f"""---
apiVersion: batch/v1
kind: CronJob
metadata: {{name: nightly, namespace: shop}}
spec: {{schedule: "0 2 * * *"{more}}}
status: {{lastScheduleTime: {last}}}
"""


def test_a_cron_job_is_told_when_suspended_or_late_and_not_between_its_runs() -> None:
    assert "suspended (spec.suspend: true)" in words(only(cron(", suspend: true"), "cronjob-not-running"))
    assert "misses its times" in words(only(cron(last="3d ago"), "cronjob-not-running"))
    assert judged(cron(), "cronjob-not-running") == []


AGENT = """---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: shop}
spec: {selector: {matchLabels: {app: agent}}}
status: {desiredNumberScheduled: 2, numberReady: 1}
"""


def test_a_daemon_set_names_the_node_it_is_missing_on_and_forgives_a_broken_node() -> None:
    here = pod("agent-a1", on="n1", status=READY, owner="kind: DaemonSet, name: agent")
    assert "(n2: no pod there)" in words(only(AGENT + here + node("n1") + node("n2"), "daemonset-gaps"))
    assert judged(AGENT + here + node("n1") + node("n2", ready="Unknown"), "daemonset-gaps") == []


def service(selector: str) -> str:
    return f"""---
apiVersion: v1
kind: Service
metadata: {{name: web, namespace: shop}}
spec: {{selector: {selector}}}
"""


def test_a_service_over_two_programs_is_told_and_a_canary_is_meant() -> None:
    debug = pod("web-b1", owner="kind: ReplicaSet, name: web-debug")
    world = service("{app: web}") + pod("web-a1") + debug
    assert "sends its traffic to 2 different workloads" in words(only(world, "selector-overlap"))
    assert judged(world.replace("web-debug", "web-canary"), "selector-overlap") == []


@pytest.mark.parametrize(
    ("detector", "kind"),
    [
        ("rollout-stuck", "deployments"),
        ("replicas-not-created", "deployments"),
        ("hpa-cannot-scale", "horizontalpodautoscalers"),
        ("hpa-at-max", "horizontalpodautoscalers"),
        ("hpa-conflict", "horizontalpodautoscalers"),
        ("pdb-blocks-drain", "poddisruptionbudgets"),
        ("pdb-misconfigured", "pods"),
        ("job-failed", "jobs"),
        ("cronjob-not-running", "cronjobs"),
        ("daemonset-gaps", "daemonsets"),
        ("selector-overlap", "pods"),
    ],
)
def test_a_healthy_world_is_silent_and_an_unread_kind_is_said_to_be_unclear(detector: str, kind: str) -> None:
    well = deployment("web") + pod("web-a1", on="n1", status=READY) + node("n1")
    assert judged(well, detector) == []
    assert unclear(well + denied(kind), detector)


def timed(schedule: str, last: str) -> str:
    return f"""---
apiVersion: batch/v1
kind: CronJob
metadata: {{name: report, namespace: shop, creationTimestamp: 90d ago}}
spec: {{schedule: "{schedule}"}}
status: {{lastScheduleTime: {last}}}
"""


@pytest.mark.parametrize(
    ("schedule", "well", "late"),
    [
        ("0 6,18 * * *", "20h ago", "26h ago"),
        ("0 9-17 * * *", "30h ago", "34h ago"),
        ("*/10 * * * *", "20m ago", "30m ago"),
        ("0 */6 * * *", "11h ago", "13h ago"),
        ("0 3 * * 1,3,5", "5d ago", "7d ago"),
        ("5 4 1 * *", "50d ago", "70d ago"),
    ],
)
def test_a_schedule_is_missed_after_twice_its_longest_pause(schedule: str, well: str, late: str) -> None:
    assert judged(timed(schedule, well), "cronjob-not-running") == []
    assert "misses its times" in words(only(timed(schedule, late), "cronjob-not-running"))


def test_a_schedule_that_nobody_understands_is_not_judged_by_its_pauses() -> None:
    assert judged(timed("@every 5m", "5d ago"), "cronjob-not-running") == []


def moving(updated: str, replicas: int = 4) -> str:
    status = (
        f"{{replicas: {replicas}, updatedReplicas: 1, readyReplicas: 3, availableReplicas: 3, conditions: [{{type: "
        f'Progressing, status: "True", reason: ReplicaSetUpdated, lastUpdateTime: {updated}}}]}}'
    )
    return deployment("web", replicas=4, status=status)


def test_a_rollout_that_has_not_moved_for_ten_minutes_stands_still() -> None:
    found = only(moving("15m ago", 5), "rollout-stuck")
    assert "stands still since 05:15 UTC: 1 of 4 replicas updated, 3 ready" in words(found)
    assert judged(moving("5m ago", 5), "rollout-stuck") == []


def test_a_node_that_a_complete_daemon_set_leaves_out_is_told_to_who_asks_by_name() -> None:
    agent = AGENT.replace("desiredNumberScheduled: 2", "desiredNumberScheduled: 1")
    here = pod("agent-a1", on="n1", status=READY, owner="kind: DaemonSet, name: agent")
    kept_off = node("n2", "taints: [{key: dedicated, value: batch, effect: NoSchedule}]")
    snapshot = seen(agent + here + node("n1") + kept_off)
    assert examined(snapshot, "daemonset-gaps").causes == ()
    (cause,) = examined(replace(snapshot, named=True), "daemonset-gaps").causes
    assert "leaves out node n2: it does not tolerate the taint dedicated=batch:NoSchedule" in words(cause.finding)


def held(kind: str, spec: str, status: str) -> str:
    return f"""---
apiVersion: apps/v1
kind: {kind}
metadata: {{name: cache, namespace: shop}}
spec: {{selector: {{matchLabels: {{app: cache}}}}, {spec}}}
status: {status}
"""


def test_pods_that_the_update_strategy_holds_back_are_told_with_the_strategy() -> None:
    begun = "{updatedReplicas: 1, currentRevision: cache-1, updateRevision: cache-2}"
    part = "replicas: 3, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 2}}"
    told = words(only(held("StatefulSet", part, begun), "rollout-held-back"))
    assert told.startswith("2 pods of cache stay on the older revision: its update strategy has partition 2")
    behind = "{desiredNumberScheduled: 3, updatedNumberScheduled: 1}"
    assert "OnDelete" in words(only(held("DaemonSet", "updateStrategy: {type: OnDelete}", behind), "rollout-held-back"))


def test_a_complete_update_and_one_that_is_under_way_are_not_held_back() -> None:
    done = "{updatedReplicas: 3, currentRevision: cache-2, updateRevision: cache-2}"
    part = "replicas: 3, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 2}}"
    assert judged(held("StatefulSet", part, done), "rollout-held-back") == []
    moving = "{updatedReplicas: 1, currentRevision: cache-1, updateRevision: cache-2}"
    rolling = "replicas: 3, updateStrategy: {type: RollingUpdate}"
    assert judged(held("StatefulSet", rolling, moving), "rollout-held-back") == []
    assert unclear(held("StatefulSet", part, done) + denied("statefulsets"), "rollout-held-back")


def job(spec: str, status: str = "{}", labels: str = "{}") -> str:
    return f"""---
apiVersion: batch/v1
kind: Job
metadata: {{name: load, namespace: shop, labels: {labels}}}
spec: {spec}
status: {status}
"""


def test_a_suspended_job_is_told_with_the_queue_that_holds_it() -> None:
    assert "Job load is suspended" in words(only(job("{suspend: true}"), "job-suspended"))
    queued = job("{suspend: true}", labels="{kueue.x-k8s.io/queue-name: team-a}")
    assert "it waits in the queue team-a" in words(only(queued, "job-suspended"))


def test_a_job_that_runs_or_is_over_is_not_waiting() -> None:
    assert judged(job("{suspend: false}", "{active: 1}"), "job-suspended") == []
    assert judged(job("{suspend: true}", '{conditions: [{type: Complete, status: "True"}]}'), "job-suspended") == []
    assert unclear(job("{suspend: true}") + denied("jobs"), "job-suspended")
