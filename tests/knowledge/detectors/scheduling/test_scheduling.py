"""Pods that wait for a node: what truly blocks them, told from nodes and pods and not from the histogram alone."""

from knowledge.finding import Confidence, Ref, Severity
from tests.knowledge.detectors.parts import denied, event, judged, node, only, pending, pod, unclear, words

TAIL = " preemption: 0/5 nodes are available: 5 Preemption is not helpful for scheduling."
FULL = "0/3 nodes are available: 3 Insufficient cpu." + TAIL
THREE = node("n1") + node("n2") + node("n3")


def test_a_request_larger_than_any_node_is_found_with_both_numbers() -> None:
    found = only(
        THREE + pending("reports-x1", FULL, cpu="16") + pending("reports-x2", FULL, cpu="16"),
        "sched-insufficient-resources",
    )
    assert words(found) == (
        "reports cannot be scheduled since 05:20 UTC: every pod asks for 16 cpu and the largest node that it may "
        "use has 8 (Insufficient cpu on 3 of 3 nodes)."
    )
    assert found.subject == Ref("Deployment", "shop", "reports")
    assert [p.name for p in found.pods] == ["reports-x1", "reports-x2"]
    assert found.confidence is Confidence.PROVEN


def test_nodes_filled_by_reservations_are_told_with_what_is_left() -> None:
    world = node("n1") + pod("big-a1", on="n1", cpu="6500m") + pending("reports-x1", FULL.replace("3", "1"), cpu="4")
    said = words(only(world, "sched-insufficient-resources"))
    assert "a pod asks for 4 cpu, but at most 1.5 is unreserved on any node it may use (n1, of 8)" in said


def test_nodes_of_other_teams_are_not_taken_for_the_reason() -> None:
    gpu = node("g1", spec="taints: [{key: dedicated, value: gpu, effect: NoSchedule}]")
    master = node("m1", spec="taints: [{key: node-role.kubernetes.io/control-plane, effect: NoSchedule}]")
    world = (
        gpu
        + master
        + node("n1", cpu="2")
        + pending(
            "reports-x1",
            "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s)." + TAIL,
            cpu="4",
        )
    )
    assert "the largest node that it may use has 2 (Insufficient cpu on 1 of 3 nodes)" in words(
        only(world, "sched-insufficient-resources")
    )
    assert judged(world, "sched-taints") == []


def test_without_nodes_the_scheduler_is_believed_less_confidently() -> None:
    world = pending(
        "reports-x1", "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.", cpu="4"
    )
    found = only(world + denied("nodes"), "sched-insufficient-resources")
    assert "a pod asks for 4 cpu, and the scheduler says Insufficient cpu on 2 of 3 nodes" in words(found)
    assert found.confidence is Confidence.POSSIBLE
    assert unclear(world + denied("pods"), "sched-insufficient-resources")


def test_a_device_that_no_node_offers_is_named() -> None:
    spec = 'overhead: {nvidia.com/gpu: "1"}'
    world = THREE + pending("train-x1", "0/3 nodes are available: 3 Insufficient nvidia.com/gpu.", spec=spec)
    assert "asks for 1 nvidia.com/gpu and no node that it may use offers any" in words(
        only(world, "sched-insufficient-resources")
    )


def test_a_pod_that_has_only_just_come_or_for_which_a_node_is_being_added_is_left_alone() -> None:
    assert judged(THREE + pending("reports-x1", FULL, cpu="16", since="10s ago"), "sched-insufficient-resources") == []
    adding = event("Pod/reports-x1", "TriggeredScaleUp", "pod triggered scale-up")
    assert judged(THREE + pending("reports-x1", FULL, cpu="16") + adding, "sched-insufficient-resources") == []


TAINTED = "0/2 nodes are available: 2 node(s) had untolerated taint(s)." + TAIL
KEPT = "taints: [{key: maintenance, value: planned, effect: NoSchedule}]"


def test_a_taint_on_every_usable_node_is_named_with_its_nodes() -> None:
    found = only(node("n1", KEPT) + node("n2", KEPT) + pending("web-x1", TAINTED), "sched-taints")
    assert "carry the taint maintenance=planned:NoSchedule, which it does not tolerate (n1, n2)" in words(found)
    assert found.remedies[0].command == "kubectl taint node n1 maintenance:NoSchedule-"
    assert Ref("Node", "", "n1") in found.because


def test_a_taint_is_the_reason_where_it_alone_keeps_out_a_node_with_room() -> None:
    world = (
        node("n1", KEPT)
        + node("n2", cpu="1", labels="{disk: hdd}")
        + pending(
            "web-x1",
            "0/2 nodes are available: 1 node(s) had untolerated taint(s), 1 Insufficient cpu.",
            spec="nodeSelector: {disk: ssd}",
        )
    )
    assert "maintenance" in words(
        only(world.replace("name: n1, labels: {}", "name: n1, labels: {disk: ssd}"), "sched-taints")
    )


def test_a_node_that_is_not_ready_is_told_as_no_fault_of_the_pod() -> None:
    broken = node("n1", "taints: [{key: node.kubernetes.io/not-ready, effect: NoSchedule}]", ready="False")
    found = only(
        broken + pending("web-x1", "0/1 nodes are available: 1 node(s) had untolerated taint(s)."), "sched-taints"
    )
    assert (
        "closed by Kubernetes because of their own state: taint node.kubernetes.io/not-ready:NoSchedule on n1"
        in words(found)
    )
    assert found.because == (Ref("Node", "", "n1"),)


def test_a_tolerated_taint_is_no_reason_and_unread_nodes_leave_only_the_text() -> None:
    tolerating = pending("web-x1", TAINTED, spec="tolerations: [{key: maintenance, operator: Exists}]", cpu="16")
    assert judged(node("n1", KEPT) + node("n2", KEPT) + tolerating, "sched-taints") == []
    old = pending("web-x1", "0/2 nodes are available: 2 node(s) had untolerated taint {team: blue}.")
    found = only(old + denied("nodes"), "sched-taints")
    assert "2 of 2 nodes have an untolerated taint (team)" in words(found)
    assert found.confidence is Confidence.LIKELY


UNMATCHED = "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector." + TAIL


def test_a_label_that_no_node_has_is_told_with_what_nodes_have() -> None:
    nodes = "".join(node(n, labels="{disktype: nvme}") for n in ("n1", "n2", "n3"))
    found = only(
        nodes + pending("db-x1", UNMATCHED, spec="nodeSelector: {disktype: ssd}"), "sched-selector-or-affinity"
    )
    assert (
        "a node with disktype=ssd and none of the 3 nodes has it (node affinity/selector); the nodes have disktype=nvme"
        in words(found)
    )


def test_a_required_affinity_counts_as_a_selector_and_old_keys_are_named_anew() -> None:
    term = "{matchExpressions: [{key: beta.kubernetes.io/arch, operator: In, values: [arm64]}]}"
    required = f"requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{term}]}}"
    spec = f"affinity: {{nodeAffinity: {{{required}}}}}"
    found = only(THREE + pending("db-x1", UNMATCHED, spec=spec), "sched-selector-or-affinity")
    assert "its name today is kubernetes.io/arch" in words(found)


def test_a_selector_that_fits_a_full_node_is_not_the_reason() -> None:
    world = (
        node("n1", labels="{disktype: ssd}", cpu="1")
        + node("n2")
        + node("n3")
        + pending(
            "db-x1",
            "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't match Pod's node affinity/selector.",
            spec="nodeSelector: {disktype: ssd}",
            cpu="4",
        )
    )
    assert judged(world, "sched-selector-or-affinity") == []
    assert "the largest node that it may use has 1" in words(only(world, "sched-insufficient-resources"))


def test_without_nodes_a_selector_is_shown_as_the_pod_writes_it() -> None:
    world = pending("db-x1", UNMATCHED, spec="nodeSelector: {disktype: ssd}") + denied("nodes")
    assert "3 of 3 nodes didn't match Pod's node affinity/selector (disktype=ssd)" in words(
        only(world, "sched-selector-or-affinity")
    )


DISK = """---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {volumeName: pv-1, storageClassName: fast}
status: {phase: Bound}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: pv-1}
spec:
  nodeAffinity:
    required:
      nodeSelectorTerms:
      - matchExpressions: [{key: topology.kubernetes.io/zone, operator: In, values: [zone-a]}]
"""
CLAIMED = "volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]"
ZONES = node("a1", labels="{topology.kubernetes.io/zone: zone-a}", cpu="1") + node(
    "b1", labels="{topology.kubernetes.io/zone: zone-b}"
)
CONFLICT = "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match PersistentVolume's node affinity."


def test_a_disk_in_another_zone_is_told_with_the_zone() -> None:
    found = only(ZONES + DISK + pending("db-0", CONFLICT, spec=CLAIMED, cpu="4"), "sched-volume-conflict")
    assert (
        "(PVC data, volume pv-1) can be used only at topology.kubernetes.io/zone=zone-a, and the nodes there cannot"
        in words(found)
    )


def test_a_zone_without_any_node_is_told_as_such() -> None:
    world = node("b1", labels="{topology.kubernetes.io/zone: zone-b}") + DISK
    text = "0/1 nodes are available: 1 node(s) had volume node affinity conflict."
    assert "no node is there" in words(only(world + pending("db-0", text, spec=CLAIMED), "sched-volume-conflict"))


def test_a_disk_where_the_nodes_are_is_silent_and_unread_volumes_leave_the_text() -> None:
    assert (
        judged(
            ZONES.replace("zone-b", "zone-a") + DISK + pending("db-0", FULL, spec=CLAIMED, cpu="16"),
            "sched-volume-conflict",
        )
        == []
    )
    text = "0/2 nodes are available: 2 node(s) exceed max volume count."
    world = ZONES + DISK + pending("db-0", text, spec=CLAIMED) + denied("persistentvolumes")
    assert "exceed max volume count" in words(only(world, "sched-volume-conflict"))


UNBOUND = "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found"
NO_DISK = """---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {storageClassName: fast-ssd}
status: {phase: Pending}
"""


def test_a_pod_that_waits_for_its_claim_names_claim_class_and_reason() -> None:
    why = event("PersistentVolumeClaim/data", "ProvisioningFailed", 'storageclass.storage.k8s.io "fast-ssd" not found')
    found = only(THREE + NO_DISK + why + pending("db-0", UNBOUND, spec=CLAIMED), "sched-unbound-pvc")
    assert "waits for PVC data, which has no disk (unbound, Pending; StorageClass fast-ssd): storageclass" in words(
        found
    )
    assert found.because == (Ref("PersistentVolumeClaim", "shop", "data"),)


def test_a_claim_that_does_not_exist_is_told_with_its_near_name() -> None:
    absent = '0/2 nodes are available: persistentvolumeclaim "data" not found. not found'
    world = NO_DISK.replace("name: data,", "name: data-db,") + pending("db-0", absent, spec=CLAIMED)
    assert "PVC data, which its pod names, does not exist in the namespace (there is data-db)" in words(
        only(world, "sched-unbound-pvc")
    )


def test_a_claim_that_waits_for_its_first_pod_is_no_reason_and_unread_claims_make_it_likely() -> None:
    assert judged(THREE + NO_DISK + pending("db-0", FULL, spec=CLAIMED, cpu="16"), "sched-unbound-pvc") == []
    found = only(pending("db-0", UNBOUND, spec=CLAIMED) + denied("persistentvolumeclaims"), "sched-unbound-pvc")
    assert found.confidence is Confidence.LIKELY


RULE = """affinity:
  podAntiAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
    - {labelSelector: {matchLabels: {app: api}}, topologyKey: kubernetes.io/hostname}"""
HOSTS = node("n1", labels="{kubernetes.io/hostname: n1}") + node("n2", labels="{kubernetes.io/hostname: n2}")
APART = "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules."


def test_more_copies_than_nodes_are_told_with_both_numbers() -> None:
    world = HOSTS + pod("api-x1", RULE, on="n1") + pod("api-x2", RULE, on="n2") + pending("api-x3", APART, RULE)
    found = only(world, "sched-spread-or-antiaffinity")
    assert (
        "one copy per kubernetes.io/hostname; 2 copies run already, 1 waits, and no free place is left on 2 nodes"
        in words(found)
    )


def test_a_spread_constraint_is_told_with_its_key() -> None:
    rule = "maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: api}}"
    spec = f"topologySpreadConstraints: [{{{rule}}}]"
    text = "0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints (missing required label)."
    assert "(maxSkew 1 over zone)" in words(only(HOSTS + pending("api-x3", text, spec), "sched-spread-or-antiaffinity"))


def test_a_free_node_of_its_own_that_is_too_small_is_not_the_fault_of_the_rule() -> None:
    world = (
        HOSTS
        + pod("api-x1", RULE, on="n1")
        + pending(
            "api-x3",
            "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match pod anti-affinity rules.",
            RULE,
            cpu="9",
        )
    )
    assert judged(world, "sched-spread-or-antiaffinity") == []
    assert (
        only(pending("api-x3", APART, RULE) + denied("nodes"), "sched-spread-or-antiaffinity").confidence
        is Confidence.LIKELY
    )


CORDONED = "0/1 nodes are available: 1 node(s) were unschedulable."


def test_a_cordoned_node_with_room_is_named_and_its_own_finding_is_the_cause() -> None:
    found = only(node("n1", "unschedulable: true") + pending("web-x1", CORDONED), "sched-node-slots")
    assert "n1 would take it but is cordoned (unschedulable)" in words(found)
    assert found.because == (Ref("Node", "", "n1"),)


def test_a_host_port_is_told_with_its_holder() -> None:
    port = "hostNetwork: true"
    world = (
        node("n1")
        + pod("exporter-a1", port, on="n1")
        + pending(
            "agent-x1", "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.", port
        )
    ).replace("{name: app, resources", "{name: app, ports: [{containerPort: 9100}], resources")
    assert "wants host port 9100, and no node has it free (held by shop/exporter-a1)" in words(
        only(world, "sched-node-slots")
    )


def test_pod_slots_are_counted_and_unread_nodes_leave_the_text() -> None:
    text = "0/1 nodes are available: 1 Too many pods."
    world = node("n1").replace('pods: "110"', 'pods: "1"') + pod("a-x1", on="n1") + pending("web-x1", text)
    assert "Too many pods on 1 of 1 nodes, 1 pods each at most" in words(only(world, "sched-node-slots"))
    assert "1 of 1 nodes are unschedulable" in words(
        only(pending("web-x1", CORDONED) + denied("nodes"), "sched-node-slots")
    )


def test_a_full_cluster_with_one_cordoned_full_node_is_not_the_cordons_fault() -> None:
    world = node("n1", "unschedulable: true", cpu="1") + node("n2", cpu="1") + pending("web-x1", FULL, cpu="2")
    assert judged(world, "sched-node-slots") == []


def test_a_gate_an_unknown_scheduler_and_a_silent_one_are_told_apart() -> None:
    gated = pod("a-x1", "schedulingGates: [{name: example.com/hold}]", "phase: Pending")
    assert "the scheduling gate example.com/hold holds 1 pod back (SchedulingGated)" in words(
        only(gated, "sched-not-considered")
    )
    queued = pod("a-x1", "schedulingGates: [{name: kueue.x-k8s.io/admission}]", "phase: Pending")
    assert only(queued, "sched-not-considered").severity is Severity.INFO
    other = pod("a-x1", "schedulerName: fancy", "phase: Pending")
    assert "ask for the scheduler fancy (schedulerName)" in words(only(other, "sched-not-considered"))
    silent = only(pod("a-x1", status="phase: Pending"), "sched-not-considered")
    assert silent.confidence is Confidence.POSSIBLE


def test_a_pod_that_the_scheduler_refused_or_placed_has_been_considered() -> None:
    assert judged(THREE + pending("web-x1", FULL, cpu="16"), "sched-not-considered") == []
    assert judged(pod("a-x1", status="phase: Pending", on="n1"), "sched-not-considered") == []
    assert unclear(pod("a-x1", status="phase: Pending") + denied("pods"), "sched-not-considered")
