"""What is read next, given what was seen."""

import pytest

from knowledge.finding import Ref
from knowledge.objects import ClusterRole, ConfigMap, Lease, PodMetrics
from knowledge.relations import Want, of_cluster, wanted
from tests.knowledge.detectors.ended import workload
from tests.knowledge.detectors.things import Thing, pod, thing, world
from tests.seen import seen


def reads(*things: Thing, about: Ref, talk: bool = False) -> list[object]:
    return list(wanted(seen(world(*things)), [about], talk=talk))


@pytest.mark.parametrize("kind", ["Cluster", "Image", "Rollout"])
def test_what_is_of_no_kind_that_is_known_is_not_read(kind: str) -> None:
    assert reads(pod("web-1"), about=Ref(kind, "", "x")) == []


def node(ready: str) -> Thing:
    return thing("Node", "n1", "", status={"conditions": [{"type": "Ready", "status": ready}]})


LEASE = Want(Lease, "kube-node-lease", "n1")


def test_the_last_sign_of_life_is_read_of_a_node_that_is_not_ready() -> None:
    for ready, there in (("True", False), ("Unknown", True)):
        assert (LEASE in reads(node(ready), about=Ref("Node", "", "n1"))) is there
        assert (
            LEASE in reads(node(ready), pod("web-1", spec={"nodeName": "n1"}), about=Ref("Pod", "shop", "web-1"))
        ) is there
        assert (LEASE in of_cluster(seen(world(node(ready))))) is there


def test_a_look_at_a_cluster_reads_who_leads_and_whom_everybody_trusts() -> None:
    found = list(of_cluster(seen("")))
    assert Want(Lease, "kube-system", "kube-scheduler") in found
    assert Want(ConfigMap, "kube-system", "kube-root-ca.crt") in found
    assert Want(ConfigMap, "gurumi", "registries") in found


LIMITS = {"resources": {"limits": {"cpu": "1"}}}
USE = Want(PodMetrics, "shop", "web-1")


@pytest.mark.parametrize(
    ("one", "talk", "there"),
    [
        (pod("web-1", container=LIMITS), True, True),
        (pod("web-1", container=LIMITS), False, False),
        (pod("web-1", container=LIMITS, ready=False), False, True),
        (pod("web-1"), True, False),
        (pod("web-1", spec={"resources": {"limits": {"cpu": "1"}}}), True, True),
        (pod("web-1", container=LIMITS, status={"phase": "Pending"}), True, False),
    ],
)
def test_what_a_pod_uses_is_read_where_it_has_a_limit_and_may_matter(one: Thing, talk: bool, there: bool) -> None:
    assert (USE in reads(one, about=Ref("Pod", "shop", "web-1"), talk=talk)) is there


def test_a_role_of_the_cluster_is_read_by_name_when_a_binding_names_it() -> None:
    refused = 'pods is forbidden: User "system:serviceaccount:shop:robot" cannot list resource "pods" in API group ""'
    binding = thing("RoleBinding", "robot", roleRef={"kind": "ClusterRole", "name": "view"})
    found = reads(*workload(lines=refused), binding, about=Ref("Deployment", "shop", "checkout"))
    assert Want(ClusterRole, name="view") in found
