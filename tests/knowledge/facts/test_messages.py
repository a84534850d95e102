"""The texts of scheduler, kubelet and controllers are read in the wordings of several versions."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.facts import messages
from knowledge.facts.messages import Refusal

READERS = (
    messages.unschedulable,
    messages.taint,
    messages.preempted,
    messages.back_off,
    messages.duration,
    messages.pull_failure,
    messages.missing_ref,
    messages.start_failure,
    messages.probe_kill,
    messages.unhealthy,
    messages.mount_failure,
    messages.mount_wait,
    messages.sandbox_failure,
    messages.eviction,
    messages.rejection,
    messages.rebooted,
    messages.system_oom,
    messages.scaled,
    messages.timed_out_replica_set,
    messages.rescaled,
    messages.missing_request,
    messages.quota_exceeded,
    messages.quota_demands,
    messages.limit_range,
    messages.webhook_failure,
    messages.denial,
    messages.missing_service_account,
    messages.taint_eviction,
    messages.deleted_node,
    messages.multi_attach,
    messages.attach_failure,
)


def test_the_schedulers_reasons_are_told_apart_from_what_preemption_says() -> None:
    said = messages.unschedulable(
        "0/5 nodes are available: 1 node(s) had taint {team: gpu}, that the pod didn't tolerate, 3 Insufficient cpu, "
        "1 Insufficient memory. preemption: 0/5 nodes are available: 5 No preemption victims found for incoming pod."
    )
    assert said
    assert (said.fitting, said.total) == (0, 5)
    assert [(r.nodes, r.why) for r in said.refusals] == [
        (1, "node(s) had taint {team: gpu}, that the pod didn't tolerate"),
        (3, "Insufficient cpu"),
        (1, "Insufficient memory"),
    ]
    assert said.preemption.startswith("0/5 nodes are available: 5 No preemption")
    taint = messages.taint(said.refusals[0].why)
    assert taint
    assert (taint.key, taint.value) == ("team", "gpu")


def test_a_prefilter_text_has_no_count() -> None:
    said = messages.unschedulable('0/3 nodes are available: persistentvolumeclaim "data" not found.')
    assert said
    assert said.refusals == (Refusal(0, 'persistentvolumeclaim "data" not found'),)


def test_the_newest_texts_name_no_taint_and_speak_of_claims() -> None:
    said = messages.unschedulable(
        "0/2 nodes are available: 2 node(s) had untolerated taint(s). no new claims to deallocate, preemption: "
        "0/2 nodes are available: 2 Preemption is not helpful for scheduling."
    )
    assert said
    assert said.refusals == (Refusal(2, "node(s) had untolerated taint(s)"),)
    taint = messages.taint(said.refusals[0].why)
    assert taint
    assert taint.key == ""


def test_a_back_off_tells_how_long_it_is_and_of_which_container() -> None:
    said = messages.back_off("back-off 2m40s restarting failed container=app pod=web-1_shop(9b2c)")
    assert said
    assert (said.delay, said.container, said.namespace, said.uid) == (timedelta(seconds=160), "app", "shop", "9b2c")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (
            'Failed to pull image "r.example.com/a:v2": rpc error: code = NotFound desc = failed to resolve: not found',
            "failed to resolve: not found",
        ),
        ('Failed to pull image "r.example.com/a:v2": manifest unknown', "manifest unknown"),
        (
            'Back-off pulling image "r.example.com/a:v2": ErrImagePull: rpc error: code = NotFound desc = not found',
            "not found",
        ),
        ('Back-off pulling image "r.example.com/a:v2"', ""),
    ],
)
def test_the_cause_of_a_failed_pull_is_read_with_and_without_a_grpc_code(text: str, cause: str) -> None:
    said = messages.pull_failure(text)
    assert said
    assert (said.image, said.cause) == ("r.example.com/a:v2", cause)


@pytest.mark.parametrize(
    ("text", "kind", "name", "key"),
    [
        ('configmap "app-config" not found', "ConfigMap", "app-config", ""),
        ('Error: secret "db-auth" not found', "Secret", "db-auth", ""),
        ("couldn't find key URL in Secret shop/db-auth", "Secret", "db-auth", "URL"),
        ("references non-existent config key: app.yaml", "ConfigMap", "", "app.yaml"),
    ],
)
def test_a_missing_reference_is_named_with_its_key(text: str, kind: str, name: str, key: str) -> None:
    said = messages.missing_ref(text)
    assert said
    assert (said.kind, said.name, said.key) == (kind, name, key)


@pytest.mark.parametrize(
    ("text", "what", "why"),
    [
        (
            "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create "
            'failed: unable to start container process: exec: "wge": executable file not found in $PATH: unknown',
            "wge",
            "executable file not found in $PATH",
        ),
        (
            'exec: "/app/run.sh": stat /app/run.sh: no such file or directory',
            "/app/run.sh",
            "no such file or directory",
        ),
        ('exec: "/app/run.sh": permission denied: unknown', "/app/run.sh", "permission denied"),
    ],
)
def test_what_could_not_be_executed_is_named(text: str, what: str, why: str) -> None:
    said = messages.start_failure(text)
    assert said
    assert (said.what, said.why) == (what, why)


def test_a_kill_by_a_probe_is_told_from_the_probes_own_failure() -> None:
    kill = messages.probe_kill("Container app failed liveness probe, will be restarted")
    assert kill
    assert (kill.container, kill.probe) == ("app", "liveness")
    sign = messages.unhealthy("Readiness probe failed: HTTP probe failed with statuscode: 503")
    assert sign
    assert (sign.probe, sign.how, sign.detail) == ("Readiness", "failed", "HTTP probe failed with statuscode: 503")


def test_an_eviction_by_the_node_is_told_from_one_by_the_pods_own_limit() -> None:
    low = messages.eviction(
        "The node was low on resource: memory. Threshold quantity: 100Mi, available: 88.5Mi. Container app was using "
        "900Mi, request is 128Mi, has larger consumption of memory. "
    )
    assert low
    assert (low.resource, low.available, low.by_own_limit) == ("memory", "88.5Mi", False)
    assert [(o.who, o.used, o.requested) for o in low.offenders] == [("app", "900Mi", "128Mi")]
    own = messages.eviction('Usage of EmptyDir volume "cache" exceeds the limit "1.5Gi". ')
    assert own
    assert (own.volume, own.limit, own.by_own_limit) == ("cache", "1.5Gi", True)


def test_controllers_are_understood() -> None:
    up = messages.scaled("Scaled up replica set web-6d4 from 0 to 1")
    assert up
    assert (up.up, up.replica_set, up.before, up.after) == (True, "web-6d4", 0, 1)
    old = messages.scaled("Scaled down replica set web-6d4 to 0")
    assert old
    assert (old.up, old.before) == (False, None)
    quota = messages.quota_exceeded(
        'Error creating: pods "web-1" is forbidden: exceeded quota: team, requested: limits.memory=1Gi, '
        "used: limits.memory=8Gi, limited: limits.memory=8Gi"
    )
    assert quota
    assert (quota.quota, quota.used) == ("team", "limits.memory=8Gi")
    no = messages.denial(
        'Error creating: pods "web-1" is forbidden: violates PodSecurity "restricted:latest": privileged (container '
        '"app" must not set securityContext.privileged=true)'
    )
    assert no
    assert no.by == 'PodSecurity "restricted:latest"'
    assert messages.denial('failed calling webhook "x.example.com": context deadline exceeded') is None
    assert (
        messages.limit_range("is forbidden: [maximum memory usage per Container is 1Gi, but limit is 2Gi]")
        == "maximum memory usage per Container is 1Gi, but limit is 2Gi"
    )
    assert (
        messages.missing_service_account('error looking up service account shop/web: serviceaccount "web" not found')
        == "web"
    )


@given(st.text())
def test_no_text_breaks_a_reader(text: str) -> None:
    for reader in READERS:
        reader(text)
