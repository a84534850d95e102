"""Pods that were taken away, refused, lost or stuck: who did it and why, told on the workload."""

from knowledge.finding import Confidence, Ref, Severity
from tests.knowledge.detectors.parts import denied, deployment, event, judged, node, only, pod, unclear, words

LOW = (
    "The node was low on resource: ephemeral-storage. Threshold quantity: 2Gi, available: 1Gi. "
    "Container app was using 9Gi, request is 0, has larger consumption of ephemeral-storage. "
)


def evicted(name: str, message: str = LOW, when: str = "1h ago") -> str:
    return pod(
        name,
        on="n1",
        status=f"""phase: Failed
reason: Evicted
message: '{message}'
conditions: [{{type: DisruptionTarget, status: "True", reason: TerminationByKubelet, lastTransitionTime: {when}}}]""",
    )


def test_an_eviction_names_node_resource_and_who_used_it() -> None:
    found = only(deployment("web") + evicted("web-a1") + evicted("web-a2"), "pod-evicted-node-pressure")
    assert words(found) == (
        "2 pods of web Evicted from node n1 at 04:30 UTC: the node was low on resource: ephemeral-storage (threshold "
        "2Gi, available 1Gi); container app was using 9Gi, its request is 0."
    )
    assert (found.because, len(found.pods)) == ((Ref("Node", "", "n1"),), 2)


def test_a_pod_that_is_gone_is_told_by_its_event_on_its_deployment() -> None:
    found = only(deployment("web") + event("Pod/web-5d9c8b7f6-k2x4q", "Evicted", LOW), "pod-evicted-node-pressure")
    assert found.subject == Ref("Deployment", "shop", "web")


def test_old_leftovers_are_clutter_and_no_incident() -> None:
    assert only(evicted("web-a1", when="20d ago"), "pod-evicted-node-pressure").severity is Severity.INFO


OWN = 'Usage of EmptyDir volume "cache" exceeds the limit "1Gi". '


def test_a_pod_over_its_own_storage_limit_does_not_blame_the_node() -> None:
    world = evicted("web-a1", OWN)
    assert judged(world, "pod-evicted-node-pressure") == []
    found = only(world, "pod-evicted-storage-limit")
    assert "emptyDir volume cache grew over its sizeLimit of 1Gi; the node was not short of disk" in words(found)
    other = evicted("web-a1", 'Container app exceeded its local ephemeral storage limit "2Gi". ')
    assert "container app exceeded its local ephemeral-storage limit of 2Gi" in words(
        only(other, "pod-evicted-storage-limit")
    )


def test_a_running_pod_was_not_evicted_and_unread_pods_leave_it_open() -> None:
    for detector in ("pod-evicted-node-pressure", "pod-evicted-storage-limit"):
        assert judged(pod("web-a1", on="n1"), detector) == []
        assert unclear(evicted("web-a1") + denied("pods"), detector)
    assert judged(evicted("web-a1"), "pod-evicted-storage-limit") == []
    assert only(evicted("web-a1") + denied("events") + denied("nodes"), "pod-evicted-node-pressure")


def going(reason: str) -> str:
    return pod(
        "web-a1",
        on="n1",
        status=f"""phase: Running
conditions: [{{type: DisruptionTarget, status: "True", reason: {reason}, lastTransitionTime: 3m ago}}]""",
    )


def test_a_drain_is_told_as_maintenance() -> None:
    found = only(node("n1", "unschedulable: true") + going("EvictionByEvictionAPI"), "pod-drained")
    assert (
        "1 pod of web left node n1 at 05:27 UTC because the node was drained (eviction through the API, the node"
        in words(found)
    )
    assert found.detector.severity is Severity.INFO


def test_pods_of_several_workloads_that_left_a_cordoned_node_were_likely_drained() -> None:
    taint = (
        "unschedulable: true, taints: [{key: node.kubernetes.io/unschedulable, effect: NoSchedule, timeAdded: 9m ago}]"
    )
    stops = "".join(
        event(f"Pod/{name}-5d9c8b7f6-k2x4q", "Killing", "Stopping container app").replace(
            "count: 1", "source: {host: n1}"
        )
        for name in ("web", "api")
    )
    world = node("n1", taint) + deployment("web") + deployment("api") + stops
    found = judged(world, "pod-drained")
    assert {f.subject.name for f in found} == {"web", "api"}
    assert all(f.confidence is Confidence.LIKELY for f in found)
    assert judged(world.replace("unschedulable: true, ", ""), "pod-drained") == []


def test_a_cordon_alone_drains_nothing_and_unread_nodes_do_not_hide_a_drain() -> None:
    assert judged(node("n1", "unschedulable: true") + pod("web-a1", on="n1"), "pod-drained") == []
    assert only(going("EvictionByEvictionAPI") + denied("nodes") + denied("events"), "pod-drained")


def test_a_preemption_names_the_winner_and_both_priorities() -> None:
    winner = pod("vip-z1", "priority: 1000\npriorityClassName: vip", on="n1", meta="uid: winner-uid")
    world = winner + pod("web-a1", on="n1") + event("Pod/web-a1", "Preempted", "Preempted by pod winner-uid on node n1")
    found = only(world, "pod-preempted")
    assert (
        "1 pod of web Preempted on node n1 at 05:28 UTC: shop/vip-z1 with priority 1000 (vip) needed the place"
        in words(found)
    )


def test_a_preemption_without_events_is_told_by_the_condition_and_a_drain_is_none() -> None:
    assert "a more important pod" in words(only(going("PreemptionByScheduler") + denied("events"), "pod-preempted"))
    assert judged(going("EvictionByEvictionAPI"), "pod-preempted") == []
    assert judged(pod("web-a1", on="n1"), "pod-preempted") == []


def test_a_pod_given_up_with_its_silent_node_names_the_node_and_since_when() -> None:
    silent = node("n1", ready="Unknown")
    found = only(silent + going("DeletionByTaintManager"), "pod-deleted-with-node")
    assert "web lost 1 pod together with node n1: it is NotReady (KubeletReady) since" in words(found)
    assert found.because == (Ref("Node", "", "n1"),)


def test_a_node_that_does_not_exist_any_more_is_told_and_one_that_was_not_read_is_not() -> None:
    world = node("n2") + pod("web-a1", on="n1")
    assert "the node does not exist any more" in words(only(world, "pod-deleted-with-node"))
    assert judged(world + denied("nodes"), "pod-deleted-with-node") == []
    assert judged(node("n1") + pod("web-a1", on="n1"), "pod-deleted-with-node") == []


def test_a_taint_by_hand_is_no_failure_of_the_node() -> None:
    tainted = node("n1", "taints: [{key: maintenance, effect: NoExecute}]")
    assert "because somebody put the taint maintenance:NoExecute on node n1" in words(
        only(tainted + going("DeletionByTaintManager"), "pod-deleted-with-node")
    )


def lost(name: str, reason: str = "Unknown", code: int = 255) -> str:
    return pod(
        name,
        on="n1",
        status=f"""phase: Running
containerStatuses:
- name: app
  restartCount: 1
  state: {{running: {{startedAt: 4m ago}}}}
  lastState: {{terminated: {{reason: {reason}, exitCode: {code}, finishedAt: 5m ago}}}}""",
    )


REBOOT = event("Node/n1", "Rebooted", "Node n1 has been rebooted, boot id: b2", "6m ago", "default")


def test_containers_lost_in_a_reboot_name_node_and_time() -> None:
    found = judged(node("n1") + lost("web-a1") + lost("api-a1") + REBOOT, "pod-lost-in-node-restart")
    assert "web restarted because node n1 rebooted at 05:24 UTC" in words(
        next(f for f in found if f.subject.name == "web")
    )
    assert {f.confidence for f in found} == {Confidence.PROVEN}


def test_without_events_several_lost_containers_are_likely_and_one_is_possible() -> None:
    several = judged(
        lost("web-a1") + lost("api-a1", "ContainerStatusUnknown", 137) + denied("events"), "pod-lost-in-node-restart"
    )
    assert {f.confidence for f in several} == {Confidence.LIKELY}
    assert only(lost("web-a1"), "pod-lost-in-node-restart").confidence is Confidence.POSSIBLE


def test_a_program_that_ends_with_255_by_itself_was_not_lost() -> None:
    assert judged(node("n1") + lost("web-a1", "Error"), "pod-lost-in-node-restart") == []


def leaving(when: str = "9m ago", more: str = "") -> str:
    return pod("web-a1", on="n1", meta=f"deletionTimestamp: {when}\ndeletionGracePeriodSeconds: 30\n{more}")


def test_a_pod_that_does_not_go_names_what_holds_it() -> None:
    found = only(node("n1", ready="Unknown") + leaving(), "pod-stuck-terminating")
    assert "overdue since 05:21 UTC: its node n1 is NotReady" in words(found)
    held = only(node("n1") + leaving(more="finalizers: [example.com/hold]"), "pod-stuck-terminating")
    assert "the finalizer example.com/hold is still on it" in words(held)
    killed = leaving() + event("Pod/web-a1", "FailedKillPod", "error killing pod: context deadline exceeded")
    assert "FailedKillPod: error killing pod" in words(only(node("n1") + killed, "pod-stuck-terminating"))


def test_a_pod_within_its_grace_period_is_not_stuck_and_unread_nodes_lower_the_claim() -> None:
    assert judged(node("n1", ready="Unknown") + leaving("in 20s"), "pod-stuck-terminating") == []
    found = only(leaving() + denied("nodes") + denied("events"), "pod-stuck-terminating")
    assert found.confidence is Confidence.POSSIBLE


def refused(name: str, reason: str = "OutOfcpu") -> str:
    message = "Pod was rejected: Node didn't have enough resource: cpu, requested: 500, used: 3800, capacity: 4000"
    return pod(
        name, on="n1", status=f'phase: Failed\nreason: {reason}\nmessage: "{message}"', meta="creationTimestamp: 2m ago"
    )


def test_a_refusal_by_the_node_is_told_in_cores() -> None:
    found = only(refused("web-a1"), "pod-rejected-by-kubelet")
    assert words(found) == (
        "1 pod of web refused by node n1 before starting (OutOfcpu): requested 500m cpu, used 3.8 of 4."
    )


def test_an_endless_stream_of_refusals_is_graver_and_an_eviction_is_none() -> None:
    stream = "".join(refused(f"web-a{i}") for i in range(25))
    assert only(stream, "pod-rejected-by-kubelet").severity is Severity.CRITICAL
    assert judged(evicted("web-a1"), "pod-rejected-by-kubelet") == []
    assert unclear(refused("web-a1") + denied("pods"), "pod-rejected-by-kubelet")


CNI = 'Failed to create pod sandbox: rpc error: code = Unknown desc = plugin type="cilium-cni" failed (add): no IP left'
CREATING = pod("web-a1", on="n1", status="phase: Pending")


def test_a_sandbox_that_fails_again_and_again_shows_the_end_of_the_error() -> None:
    found = only(CREATING + event("Pod/web-a1", "FailedCreatePodSandBox", CNI, count=7), "pod-sandbox-failed")
    assert "node n1 fails to create the pod sandbox (FailedCreatePodSandBox): plugin type" in words(found)


def test_a_single_failure_or_a_pod_that_runs_by_now_is_nothing() -> None:
    assert judged(CREATING + event("Pod/web-a1", "FailedCreatePodSandBox", CNI, "10s ago"), "pod-sandbox-failed") == []
    runs = pod("web-a1", on="n1") + event("Pod/web-a1", "FailedCreatePodSandBox", CNI, count=7)
    assert judged(runs, "pod-sandbox-failed") == []
    assert unclear(CREATING + denied("events"), "pod-sandbox-failed")


def restarted(name: str, on: str, when: str = "5m ago") -> str:
    return lost(name, "Error", 1).replace('nodeName: "n1"', f'nodeName: "{on}"').replace("5m ago", when)


STORM = "".join(node(n) for n in ("n1", "n2", "n3")) + "".join(restarted(f"app{i}-x1", "n1") for i in range(6))


def test_many_workloads_that_restart_together_on_one_node_are_one_storm() -> None:
    found = only(STORM, "restart-storm")
    assert "6 workloads restarted within ten minutes from 05:25 UTC; 6 of them share Node n1" in words(found)
    assert found.subject == Ref("Node", "", "n1")


def test_restarts_spread_over_nodes_or_over_the_day_are_no_storm() -> None:
    spread = "".join(node(n) for n in ("n1", "n2", "n3")) + "".join(
        restarted(f"app{i}-x1", f"n{i % 3 + 1}") for i in range(6)
    )
    assert judged(spread, "restart-storm") == []
    slow = "".join(node(n) for n in ("n1", "n2", "n3")) + "".join(
        restarted(f"app{i}-x1", "n1", f"{i}h ago") for i in range(1, 7)
    )
    assert judged(slow, "restart-storm") == []
    assert unclear(STORM + denied("pods"), "restart-storm")


def test_a_node_out_of_memory_names_victims_and_those_without_a_limit() -> None:
    oom = event("Node/n1", "SystemOOM", "System OOM encountered, victim process: java, pid: 77", namespace="default")
    found = only(node("n1") + pod("eater-a1", on="n1") + oom, "res-node-oom")
    assert (
        "Node n1 ran out of memory at 05:28 UTC (System OOM), and its kernel killed java; pods on it without a memory"
        in words(found)
    )
    assert "shop/eater-a1" in words(found)


def test_a_kill_inside_a_containers_limit_is_not_the_nodes_and_without_events_nothing_can_be_told() -> None:
    inside = event(
        "Node/n1", "OOMKilling", "Memory cgroup out of memory: Killed process 77 (java)", namespace="default"
    )
    assert judged(node("n1") + inside, "res-node-oom") == []
    assert judged(node("n1"), "res-node-oom") == []
    assert unclear(node("n1") + denied("events"), "res-node-oom")


def killed(name: str, when: str, limit: str = "") -> str:
    status = f"""phase: Running
containerStatuses:
- name: app
  restartCount: 1
  lastState: {{terminated: {{exitCode: 137, reason: OOMKilled, finishedAt: {when}}}}}"""
    held = pod(name, on="n1", status=status)
    return held.replace("requests: {cpu: 100m}", f"limits: {{memory: {limit}}}") if limit else held


def test_kills_of_several_workloads_without_a_limit_within_minutes_are_the_nodes() -> None:
    together = node("n1") + "".join(killed(f"{name}-x1", f"{n + 2}m ago") for n, name in enumerate(("a", "b", "c")))
    assert "within five minutes the kernel killed c, b, a" in words(only(together, "res-node-oom"))
    apart = node("n1") + "".join(killed(f"{name}-x1", f"{n + 2}h ago") for n, name in enumerate(("a", "b", "c")))
    assert judged(apart, "res-node-oom") == []
    own = node("n1") + "".join(killed(f"{name}-x1", f"{n + 2}m ago", "64Mi") for n, name in enumerate(("a", "b", "c")))
    assert judged(own, "res-node-oom") == []
