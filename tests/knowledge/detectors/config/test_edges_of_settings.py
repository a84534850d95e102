"""Settings, rights and users: what decides, from both sides."""

from typing import Any

import pytest

from tests.knowledge.detectors.ended import workload
from tests.knowledge.detectors.things import Thing, denied, event, first, log, pod, proof, thing, told, world
from tests.seen import judge

CHANGED, MISSING, RUNAS, RBAC = (
    "config-changed-not-reloaded",
    "config-ref-missing",
    "config-runas-or-permission",
    "config-rbac-denied",
)


def settings(kind: str = "ConfigMap", name: str = "app", written: str | None = "1h ago", **more: Any) -> Thing:
    one = thing(kind, name, data={}, **more)
    one["metadata"]["managedFields"] = [{"manager": "a"}, *([{"manager": "b", "time": written}] if written else [])]
    return one


def reader(
    started: str = "9h ago", phase: str = "Running", marks: Thing | None = None, volumes: Any = (), **container: Any
) -> Thing:
    status = {"phase": phase, "startTime": started} if started else {"phase": phase, "startTime": None}
    return pod(
        "web-1",
        owner=("StatefulSet", "web"),
        status=status,
        spec={"volumes": list(volumes)} | ({"containers": [{"name": "app", **container}]}),
        annotations=marks or {},
    )


def env(**source: Any) -> list[Thing]:
    return [{"name": "PLAIN", "value": "x"}, {"name": "A", "valueFrom": source}]


FROM_MAP, FROM_SECRET = env(configMapKeyRef={"name": "app", "key": "k"}), env(secretKeyRef={"name": "app", "key": "k"})
SUB = [{"name": "conf", "mountPath": "/etc/app.yaml", "subPath": "app.yaml"}]
WHOLE = [{"name": "conf", "mountPath": "/etc/app"}]
AS_MAP, AS_SECRET = (
    [{"name": "conf", "configMap": {"name": "app"}}],
    [{"name": "conf", "secret": {"secretName": "app"}}],
)


@pytest.mark.parametrize(
    ("one", "held", "stale"),
    [
        (reader(env=FROM_MAP), settings(), True),
        (reader(env=FROM_SECRET), settings("Secret"), True),
        (reader(env=env(fieldRef={"fieldPath": "metadata.name"})), settings(), False),
        (reader(envFrom=[{"prefix": "x"}, {"configMapRef": {"name": "app"}}]), settings(), True),
        (reader(envFrom=[{"secretRef": {"name": "app"}}]), settings("Secret"), True),
        (reader(volumes=AS_MAP, volumeMounts=SUB), settings(), True),
        (reader(volumes=AS_SECRET, volumeMounts=SUB), settings("Secret"), True),
        (reader(volumes=AS_MAP, volumeMounts=WHOLE), settings(), False),
        (reader(volumes=AS_SECRET, volumeMounts=WHOLE), settings("Secret"), False),
        (reader(volumes=[{"name": "conf", "emptyDir": {}}], volumeMounts=SUB), settings(), False),
        (reader(env=FROM_MAP), settings(written="10h ago"), False),
        (reader(env=FROM_MAP), settings(written=None), False),
        (reader(env=FROM_MAP), settings(immutable=True), False),
        (reader(env=FROM_MAP), settings(name="other"), False),
        (reader(env=FROM_MAP, phase="Failed"), settings(), False),
        (reader(env=FROM_MAP, marks={"checksum/config": "1"}), settings(), False),
        (reader(env=FROM_MAP, marks={"reloader.stakater.com/auto": "true"}), settings(), False),
        (reader(env=FROM_MAP, marks={"example.com/owner": "x"}), settings(), True),
        (reader("", env=FROM_MAP), settings(), False),
    ],
)
def test_what_is_read_only_at_the_start_and_was_changed_since(one: Thing, held: Thing, stale: bool) -> None:
    assert bool(told(judge(world(one, held), CHANGED))) is stale


def test_two_pods_of_one_workload_are_told_once() -> None:
    two = {**reader(env=FROM_MAP)}
    two["metadata"] = {**two["metadata"], "name": "web-2"}
    assert len(told(judge(world(reader(env=FROM_MAP), two, settings()), CHANGED))) == 1


def held(
    message: str = "",
    reason: str = "ContainerCreating",
    phase: str = "Pending",
    volumes: Any = AS_MAP,
    waits: bool = True,
) -> list[Thing]:
    state = {"state": {"waiting": {"reason": reason, "message": message}}} if waits else {"state": {"running": {}}}
    return workload(
        code=None,
        looping=False,
        state=state,
        phase=phase,
        spec={"volumes": list(volumes), "containers": [{"name": "app"}]},
    )


def mount(text: str) -> Thing:
    return event(("Pod", "checkout-6d4cf56db6-abcde"), "FailedMount", text)


GONE = 'MountVolume.SetUp failed for volume "conf" : configmap "app" not found'
KEY = 'MountVolume.SetUp failed for volume "conf" : references non-existent config key: app.yaml'
SECRET_KEY = 'MountVolume.SetUp failed for volume "conf" : references non-existent secret key: tls.key'


@pytest.mark.parametrize(
    ("things", "words"),
    [
        (held('configmap "app" not found', "CreateContainerConfigError"), "needs ConfigMap app"),
        (held('configmap "app" not found', "ErrImagePull"), ""),
        (held("something else", "CreateContainerConfigError"), ""),
        ([*held(), mount(GONE)], "needs ConfigMap app"),
        ([*held(waits=False), mount(GONE)], ""),
        ([*held(phase="Running"), mount(GONE)], ""),
        ([*held(), mount('MountVolume.SetUp failed for volume "conf" : object "shop"/"app" not registered')], ""),
        ([*held(), mount("exit status 32")], ""),
        ([*held(), mount(KEY)], "ConfigMap app has no key `app.yaml`"),
        ([*held(volumes=AS_SECRET), mount(SECRET_KEY)], "Secret app has no key `tls.key`"),
        (
            [*held(volumes=[{"name": "other", "configMap": {"name": "x"}}, *AS_MAP]), mount(KEY)],
            "ConfigMap app has no key",
        ),
        ([*held(volumes=[{"name": "other", "configMap": {"name": "x"}}]), mount(KEY)], ""),
        ([*held(volumes=[{"name": "conf", "emptyDir": {}}]), mount(KEY)], ""),
    ],
)
def test_what_is_missing_by_the_state_or_by_the_mount(things: list[Thing], words: str) -> None:
    said = told(judge(world(things), MISSING))
    assert (words in said[0]) if words else said == []


def test_a_missing_object_is_proof_and_reason_and_a_missing_key_is_not() -> None:
    gone = judge(world(held('configmap "app" not found', "CreateContainerConfigError")), MISSING)
    assert [ref.name for ref in first(gone).because] == ["app"]
    assert len(first(gone).evidence) == 2
    assert [ref.name for ref in first(gone).pods] == ["checkout-6d4cf56db6-abcde"]
    key = judge(
        world(
            held("couldn't find key k in ConfigMap shop/app", "CreateContainerConfigError"),
            thing("ConfigMap", "app", data={}),
        ),
        MISSING,
    )
    assert first(key).because == ()
    assert len(first(key).evidence) == 1


def test_another_name_elsewhere_is_no_hint() -> None:
    other = thing("ConfigMap", "unrelated", "stage", data={})
    assert (
        "namespace stage"
        not in told(judge(world(held('configmap "app" not found', "CreateContainerConfigError"), other), MISSING))[0]
    )


def complains(line: str, container: Thing | None = None, security: Thing | None = None, claims: bool = False) -> str:
    volumes = (
        [{"name": "data", "persistentVolumeClaim": {"claimName": "d"}}, {"name": "tmp", "emptyDir": {}}]
        if claims
        else []
    )
    mounts = [{"name": "data", "mountPath": "/data"}, {"name": "tmp", "mountPath": "/tmp"}] if claims else []
    app = {"name": "app", "volumeMounts": mounts, **({"securityContext": container} if container else {})}
    spec = {"volumes": volumes, "containers": [app], **({"securityContext": security} if security else {})}
    return world(workload(lines=line, spec=spec))


DENIED, READ_ONLY = "open /data/x: permission denied", "open /data/x: read-only file system"


@pytest.mark.parametrize(
    ("things", "rule"),
    [
        (
            complains(READ_ONLY, {"readOnlyRootFilesystem": True}),
            "spec.containers[app].securityContext.readOnlyRootFilesystem: true",
        ),
        (complains(READ_ONLY, {"readOnlyRootFilesystem": False}), ""),
        (complains(READ_ONLY), ""),
        (complains(DENIED, {"runAsUser": 0}), "spec.containers[app].securityContext.runAsUser: 0"),
        (complains(DENIED, {"runAsNonRoot": True}), "securityContext.runAsNonRoot: true"),
        (complains(DENIED, {"runAsNonRoot": False}), ""),
        (complains(DENIED, None, {"runAsUser": 1000}), "spec.securityContext.runAsUser: 1000"),
        (complains(DENIED, None, {"fsGroup": 1}), ""),
        (complains(DENIED), ""),
        (complains(DENIED, claims=True), "spec.securityContext.fsGroup: -"),
        (complains(DENIED, None, {"supplementalGroups": [1]}, claims=True), "spec.securityContext.fsGroup: -"),
        (complains(DENIED, None, {"fsGroup": 1}, claims=True), ""),
        (complains("open /tmp/x: permission denied", claims=True), ""),
        (complains("open /etc/x: permission denied", claims=True), ""),
        (complains(f"WARN {DENIED}", {"runAsUser": 1000}), ""),
    ],
)
def test_which_rule_forbids_what_a_program_does(things: str, rule: str) -> None:
    said = judge(things, RUNAS)
    assert (rule in proof(said)) if rule else told(said) == []


@pytest.mark.parametrize(
    ("message", "told_of"),
    [
        ("container has runAsNonRoot and image will run as root", True),
        ("container has runAsNonRoot and image has non-numeric user (app)", True),
        ("image has non-numeric user (app), cannot verify user is non-root", True),
        ('configmap "x" not found', False),
    ],
)
def test_an_image_that_runs_as_root_is_refused(message: str, told_of: bool) -> None:
    assert bool(told(judge(world(held(message, "CreateContainerConfigError")), RUNAS))) is told_of


FORBIDDEN = 'pods is forbidden: User "system:serviceaccount:shop:robot" cannot list resource "pods" in API group ""'


def binding(kind: str = "Role", role: str = "reader", subject: str = "ServiceAccount") -> Thing:
    return thing(
        "RoleBinding",
        "robot",
        roleRef={"kind": kind, "name": role},
        subjects=[{"kind": "Group", "name": "all"}, {"kind": subject, "name": "robot"}],
    )


@pytest.mark.parametrize(
    ("things", "words"),
    [
        ([binding()], "names Role reader, which does not exist: it grants robot nothing."),
        ([binding(), thing("Role", "readers")], "(did you mean readers?)"),
        ([binding(), thing("Role", "readers", "other")], "does not exist: it grants"),
        ([binding("ClusterRole", "view")], "names ClusterRole view, which does not exist"),
        ([binding("ClusterRole", "view"), thing("ClusterRole", "views", "")], "(did you mean views?)"),
        ([binding("ClusterRole", "view"), thing("ClusterRole", "view", "")], ""),
        ([binding(), thing("Role", "reader")], ""),
        ([binding(role="")], ""),
        ([binding("Other")], ""),
        ([binding(), denied("roles")], ""),
        ([binding("ClusterRole", "view"), denied("clusterroles")], ""),
        ([binding(subject="User")], "grants nobody nothing."),
    ],
)
def test_a_binding_to_a_role_that_is_not_there(things: list[Thing], words: str) -> None:
    said = told(judge(world(things), RBAC))
    assert (words in said[0]) if words else said == []


def test_who_was_refused_because_of_it_follows_from_it() -> None:
    mine = workload(
        lines=f'{FORBIDDEN} in the namespace "shop"',
        spec={"serviceAccountName": "robot", "containers": [{"name": "app"}]},
    )
    other = pod("idle", spec={"serviceAccountName": "robot"})
    said = judge(world(mine, other, binding()), RBAC)
    (cause,) = said.causes
    assert cause.finding.subject.kind == "RoleBinding"
    assert [ref.name for ref in cause.finding.victims] == ["checkout"]
    stranger = judge(world(workload(lines=FORBIDDEN), binding()), RBAC)
    assert all(c.finding.victims == () for c in (*stranger.causes, *stranger.asides))


def test_the_command_grants_in_the_namespace_or_in_the_cluster() -> None:
    here = judge(world(workload(lines=f'{FORBIDDEN} in the namespace "shop"')), RBAC)
    assert first(here).remedies[0].command.startswith("kubectl -n shop create role robot-pods")
    wide = judge(world(workload(lines=f"{FORBIDDEN} at the cluster scope")), RBAC)
    assert first(wide).remedies[0].command.startswith("kubectl create clusterrole robot-pods")


def test_logs_are_the_ground_of_a_complaint() -> None:
    assert told(judge(world(pod("web-1"), log("web-1", "all is well")), RBAC, RUNAS)) == []
