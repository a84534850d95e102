"""Clusters as they are on a bad day: floods, rotated logs, skewed clocks, owners of unknown kinds."""

from commands.dialogue import Tone
from tests.door import Told, door
from tests.worlds import LIMITED, OOM, deployment

POD = "checkout-7d9f8b6c54-x2x7k"
LIVE = "livenessProbe: {httpGet: {path: /live, port: 8080}}, ports: [{containerPort: 8080}]"


def ask(world: str, words: str = "why does checkout keep restarting?") -> Told:
    with door({"shop-prod": world}) as here:
        return here.ask(words)


def event(reason: str, message: str, count: int, first: str = "5d ago", last: str = "40s ago") -> str:
    return f"""---
apiVersion: v1
kind: Event
metadata: {{namespace: shop}}
involvedObject: {{kind: Pod, name: {POD}, namespace: shop, fieldPath: "spec.containers{{app}}"}}
type: Warning
reason: {reason}
message: "(combined from similar events): {message}"
count: {count}
firstTimestamp: {first}
lastTimestamp: {last}
"""


def ended(code: int, restarts: int, ago: str = "3m ago") -> str:
    return (
        f"ready: false, restartCount: {restarts}, state: {{running: {{startedAt: 2m ago}}}}, "
        f"lastState: {{terminated: {{reason: Error, exitCode: {code}, startedAt: 5m ago, finishedAt: {ago}}}}}"
    )


def test_a_flood_of_merged_events_still_tells_who_killed_it() -> None:
    flood = event("Unhealthy", "Liveness probe failed: context deadline exceeded", 18222)
    kills = event("Killing", "Container app failed liveness probe, will be restarted", 5900)
    told = ask(deployment(container=LIVE, status=ended(137, 5900)) + flood + kills)
    assert "liveness probe" in told.headline
    assert "5900 restarts" in told.headline


def test_five_hundred_restarts_without_a_log_are_told_as_far_as_they_go() -> None:
    told = ask(deployment(status=ended(1, 512)) + event("BackOff", "Back-off restarting failed container", 9211))
    assert told.answer.tone is Tone.FOUND
    assert "exit code 1" in told.first
    assert "log" in told.first


def test_a_clock_that_runs_ahead_is_said_and_hides_no_cause() -> None:
    ahead = OOM.replace("startedAt: 6m ago, finishedAt: 5m ago", "startedAt: in 8m, finishedAt: in 9m")
    told = ask(deployment(container=LIMITED, status=ahead))
    assert "OOMKilled" in told.headline
    assert "runs ahead" in told.first


def test_a_pod_whose_owner_is_of_an_unknown_kind_is_found_and_judged() -> None:
    owned = deployment(container=LIMITED, status=OOM)
    rollout = "ownerReferences: [{apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: checkout}]"
    world = owned.replace("ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: checkout}]", rollout)
    without = "---\n".join(part for part in world.split("---\n") if "kind: Deployment\n" not in part)
    told = ask(without)
    assert "checkout was OOMKilled" in told.headline
    assert told.answer.about["kind"] in ("Rollout", "Pod")


def test_a_pod_on_a_node_that_fell_silent_is_not_called_healthy() -> None:
    silent = deployment(ready=True).replace(
        'conditions: [{type: Ready, status: "True"}], allocatable',
        "conditions: [{type: Ready, status: Unknown, reason: NodeStatusUnknown, lastTransitionTime: 9m ago}], "
        "allocatable",
    )
    told = ask(silent, "is checkout ok?")
    assert told.answer.tone is Tone.FOUND
    assert "NotReady" in told.headline


def test_a_rollout_that_went_well_is_no_cause_where_nothing_is_amiss() -> None:
    earlier = """---
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: checkout-5c4d9f7b66
  namespace: shop
  creationTimestamp: 9d ago
  labels: {app: checkout, pod-template-hash: 5c4d9f7b66}
  annotations: {deployment.kubernetes.io/revision: "2"}
  ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: checkout}]
spec:
  replicas: 0
  selector: {matchLabels: {app: checkout}}
  template:
    metadata: {labels: {app: checkout}}
    spec: {containers: [{name: app, image: "registry.example.com/checkout:1.4.1"}]}
"""
    told = ask(deployment(ready=True, revision_age="1h ago") + earlier, "did our deploy of checkout go well?")
    assert told.answer.tone is Tone.CLEAN
    assert "checkout is healthy" in told.headline
    assert "revision 3 was deployed" in told.text


def test_a_node_that_is_said_to_be_down_and_is_not_is_called_ready() -> None:
    told = ask(deployment(ready=True), "why is node-1 NotReady?")
    assert told.answer.tone is Tone.CLEAN
    assert "node-1 is Ready" in told.headline


def test_a_namespace_with_a_word_for_many_clusters_in_its_name_is_a_namespace() -> None:
    told = ask(deployment(namespace="fleet-ops", container=LIMITED, status=OOM), "what is broken in fleet-ops?")
    assert "OOMKilled" in told.headline
    assert "namespace fleet-ops" in told.text
