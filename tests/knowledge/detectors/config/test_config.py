"""Missing settings, refused pods, and rights that a program lacks."""

import pytest

from tests.knowledge.detectors.ended import workload
from tests.knowledge.detectors.things import Thing, denied, event, log, pod, thing, told, unsure, world
from tests.seen import judge

RS = ("ReplicaSet", "checkout-6d4cf56db6")
FORBIDDEN = 'Error creating: pods "checkout-6d4cf56db6-x" is forbidden: '


def waiting(message: str, reason: str = "CreateContainerConfigError") -> list[Thing]:
    state = {"state": {"waiting": {"reason": reason, "message": message}}}
    return workload(code=None, looping=False, state=state, phase="Pending")


def refused(text: str) -> list[Thing]:
    return [t for t in workload(code=None, looping=False) if t["kind"] != "Pod"] + [event(RS, "FailedCreate", text)]


def test_a_missing_configmap_is_told_with_the_nearest_name() -> None:
    near = thing("ConfigMap", "app-config", data={"URL": "x"})
    text = told(judge(world(waiting('configmap "app-confg" not found'), near), "config-ref-missing"))
    assert text == [
        "checkout cannot start: it needs ConfigMap app-confg, which does not exist in namespace shop; app-config does."
    ]


def test_a_missing_key_is_told_with_the_keys_that_are_there() -> None:
    held = thing("Secret", "db-auth", data={"passwd": "eA=="})
    things = waiting("couldn't find key password in Secret shop/db-auth")
    text = told(judge(world(things, held), "config-ref-missing"))[0]
    assert "Secret db-auth has no key `password`; it has passwd" in text
    assert "no key `password`." in told(judge(world(things, held, denied("secrets")), "config-ref-missing"))[0]


def test_the_same_name_in_another_namespace_is_pointed_out() -> None:
    other = thing("ConfigMap", "app-config", namespace="stage", data={})
    text = told(judge(world(waiting('configmap "app-config" not found'), other), "config-ref-missing"))[0]
    assert "namespace stage has one" in text


def test_an_object_that_has_come_meanwhile_is_no_missing_one() -> None:
    there = thing("ConfigMap", "app-config", data={})
    assert told(judge(world(waiting('configmap "app-config" not found'), there), "config-ref-missing")) == []


@pytest.mark.parametrize(
    ("text", "detector", "says"),
    [
        (
            'violates PodSecurity "restricted:latest": privileged (container "app" must not set privileged=true)',
            "admission-denied",
            'PodSecurity "restricted:latest" refuses it: privileged',
        ),
        (
            "exceeded quota: team, requested: limits.memory=1Gi, used: limits.memory=8Gi, limited: limits.memory=8Gi",
            "admission-quota-or-limits",
            "exceeded quota team of namespace shop (requested limits.memory=1Gi, used limits.memory=8Gi",
        ),
        (
            "maximum memory usage per Container is 1Gi, but limit is 2Gi",
            "admission-quota-or-limits",
            "LimitRange refuses it: maximum memory usage per Container is 1Gi",
        ),
        (
            'error looking up service account shop/chekout: serviceaccount "chekout" not found',
            "config-serviceaccount-missing",
            "ServiceAccount chekout does not exist in namespace shop",
        ),
    ],
)
def test_what_the_api_server_refused_is_told_with_its_rule(text: str, detector: str, says: str) -> None:
    assert says in told(judge(world(refused(FORBIDDEN + text)), detector))[0]
    assert told(judge(world(workload(code=None, looping=False)), detector)) == []
    assert unsure(judge(world(refused(FORBIDDEN + text), denied("replicasets")), detector)) == (detector,)


def test_a_webhook_that_cannot_be_asked_is_no_rule_that_said_no() -> None:
    broken = 'Internal error occurred: failed calling webhook "x.example.com": context deadline exceeded'
    names = ("admission-denied", "admission-quota-or-limits", "config-serviceaccount-missing")
    assert told(judge(world(refused(broken)), *names)) == []


def test_a_right_that_is_lacking_is_named_with_account_and_scope() -> None:
    line = (
        'E0115 05:12:00.1 1 x.go:1] pods is forbidden: User "system:serviceaccount:shop:web" cannot list resource '
        '"pods" in API group "" at the cluster scope'
    )
    text = told(judge(world(workload(lines=line)), "config-rbac-denied"))[0]
    assert "checkout may not list pods in the whole cluster: RBAC forbids it to ServiceAccount web" in text
    assert told(judge(world(workload(lines="403 Forbidden from shop.example.com")), "config-rbac-denied")) == []
    assert unsure(judge(world(workload(lines=line), denied("pods")), "config-rbac-denied")) == ("config-rbac-denied",)


def test_a_root_image_under_run_as_non_root_is_named() -> None:
    things = waiting("container has runAsNonRoot and image will run as root")
    assert "must not run as root (runAsNonRoot)" in told(judge(world(things), "config-runas-or-permission"))[0]


def test_a_permission_is_a_matter_of_the_pod_only_where_the_pod_restricts_it() -> None:
    lines = "OSError: [Errno 30] Read-only file system: '/app/tmp'"
    strict = {"securityContext": {"readOnlyRootFilesystem": True}}
    text = told(judge(world(workload(lines=lines, container=strict)), "config-runas-or-permission"))[0]
    assert "readOnlyRootFilesystem=true" in text
    assert told(judge(world(workload(lines=lines)), "config-runas-or-permission")) == []
    said = judge(world(workload(lines=lines, container=strict), denied("pods")), "config-runas-or-permission")
    assert unsure(said) == ("config-runas-or-permission",)


def quota(used: str) -> Thing:
    return thing("ResourceQuota", "team", status={"hard": {"pods": "10"}, "used": {"pods": used}})


def test_a_quota_that_is_nearly_used_up_is_reported_and_never_a_cause() -> None:
    diagnosis = judge(world(quota("9")), "admission-quota-or-limits")
    assert diagnosis.causes == ()
    assert "ResourceQuota team of namespace shop is nearly used up: pods 9 of 10" in told(diagnosis)[0]
    assert told(judge(world(quota("8")), "admission-quota-or-limits")) == []


def binding(role: str) -> Thing:
    subjects = [{"kind": "ServiceAccount", "name": "app"}]
    return thing("RoleBinding", "app", roleRef={"kind": "Role", "name": role}, subjects=subjects)


def test_a_binding_to_a_role_that_does_not_exist_is_the_cause_of_a_refusal() -> None:
    line = (
        'pods is forbidden: User "system:serviceaccount:shop:app" cannot list resource "pods" in API group "" in the '
        'namespace "shop"'
    )
    user = [pod("web", spec={"serviceAccountName": "app"}), log("web", line)]
    there = thing("Role", "pod-reader", rules=[])
    diagnosis = judge(world(user, binding("pod-raeder"), there), "config-rbac-denied")
    assert "names Role pod-raeder, which does not exist (did you mean pod-reader?)" in told(diagnosis)[0]
    assert [f.detector.id for f in diagnosis.causes[0].explains] == ["config-rbac-denied"]
    assert told(judge(world(binding("pod-reader"), there), "config-rbac-denied")) == []
    assert judge(world(binding("pod-raeder"), there), "config-rbac-denied").causes == ()
