"""The client against a real API server: what a written one can only pretend to do."""

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import urllib3
import yaml

from integrations.errors import Denied, NotFound, Unauthenticated, Unreachable
from integrations.fleet import KubeFleet
from integrations.kube_api import KubeApi
from integrations.kube_config import Way, read
from integrations.kube_wire import Patience
from knowledge.objects import KINDS, ConfigMap, Deployment, Event, Node, Pod, PodMetrics, Secret
from tests.control_plane.plane import ControlPlane
from tests.integrations.server import Exchange, serving

pytestmark = pytest.mark.control_plane

NAMESPACE = "kube-api-specs"
EXPIRY_LIMIT_S = 90.0
OBJECTS = """
apiVersion: v1
kind: Namespace
metadata: {{name: {namespace}}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: reader, namespace: {namespace}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: pods, namespace: {namespace}}}
rules: [{{apiGroups: [""], resources: [pods], verbs: [get, list]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: pods, namespace: {namespace}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: pods}}
subjects: [{{kind: ServiceAccount, name: reader, namespace: {namespace}}}]
---
apiVersion: v1
kind: Secret
metadata: {{name: held, namespace: {namespace}}}
stringData: {{password: fake-password}}
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Logs
metadata: {{name: oom, namespace: {namespace}}}
spec: {{logs: [{{containers: [app], logsFile: {logs}/now, previousLogsFile: {logs}/before}}]}}
"""
POD = """
apiVersion: v1
kind: Pod
metadata:
  name: {name}
  namespace: {namespace}
  labels: {{app: {name}, tier: web}}
  annotations: {{test.gurumi/fate: {fate}}}
spec: {{containers: [{{name: app, image: "registry.invalid/app:1"}}]}}
"""


@pytest.fixture(scope="module")
def plane(control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """The shared control plane with a few pods, two of them sick."""
    logs = tmp_path_factory.mktemp("logs")
    (logs / "now").write_text("".join(f"2026-01-15T05:00:{n:02d}Z stdout F line {n}\n" for n in range(30)))
    (logs / "before").write_text("2026-01-15T04:59:00Z stderr F out of memory\n")
    control_plane.kubectl("apply", "-f", "-", stdin=OBJECTS.format(namespace=NAMESPACE, logs=logs))
    control_plane.kubectl("wait", "--for=create", "serviceaccount/default", "-n", NAMESPACE, "--timeout=20s")
    fates = {"good": "''", "oom": "oom", "pull": "pull", "hand": "by-hand"}
    pods = "---".join(POD.format(name=name, namespace=NAMESPACE, fate=fate) for name, fate in fates.items())
    control_plane.kubectl("apply", "-f", "-", stdin=pods)
    restarted = "--for=jsonpath={.status.containerStatuses[0].lastState.terminated.reason}=OOMKilled"
    control_plane.kubectl("wait", restarted, "pod/oom", "-n", NAMESPACE, "--timeout=30s")
    yield control_plane
    control_plane.kubectl("delete", "namespace", NAMESPACE, "--wait=false")


@pytest.fixture
def admin(plane: ControlPlane) -> KubeApi:
    return KubeFleet(str(plane.kubeconfig)).open("admin")


def reach(plane: ControlPlane, folder: Path, user: dict[str, Any], **cluster: object) -> KubeApi:
    """A client with another identity; ``cluster`` replaces fields of the cluster, ``None`` removes one."""
    config = yaml.safe_load(plane.kubeconfig.read_text())
    config["users"][0]["user"] = user
    merged = {**config["clusters"][0]["cluster"], **{key.replace("_", "-"): value for key, value in cluster.items()}}
    config["clusters"][0]["cluster"] = {key: value for key, value in merged.items() if value is not None}
    file = folder / "kubeconfig"
    file.write_text(yaml.safe_dump(config))
    return KubeFleet(str(file)).open("admin")


def token(plane: ControlPlane) -> str:
    return plane.kubectl("create", "token", "reader", "-n", NAMESPACE).strip()


def names(things: Any) -> list[str]:
    return [thing.metadata.name for thing in things.items]


def test_every_kind_is_listed(admin: KubeApi) -> None:
    served = [kind for kind in KINDS.values() if kind is not PodMetrics]  # an add-on's, which is not installed here
    with ThreadPoolExecutor(16) as pool:
        listings = list(pool.map(admin.list, served))
    assert all(listing.unreadable == 0 for listing in listings)
    assert admin.usage.requests >= len(served)


def test_the_killed_container_is_read_as_the_api_tells_it(admin: KubeApi) -> None:
    ended = admin.get(Pod, NAMESPACE, "oom").status.container_statuses[0].last_state.terminated
    assert ended is not None
    assert (ended.reason, ended.exit_code) == ("OOMKilled", 137)


def test_pages_are_put_together(plane: ControlPlane) -> None:
    kube = KubeApi("admin", read(str(plane.kubeconfig)).resolve("admin"), page=1)
    listing = kube.list(Pod, NAMESPACE)
    assert names(listing) == ["good", "hand", "oom", "pull"]
    assert kube.usage.requests == 4
    cut = kube.list(Pod, NAMESPACE, limit=2)
    assert (names(cut), cut.cut) == (["good", "hand"], True)


def test_selectors_mean_here_what_they_mean_there(admin: KubeApi) -> None:
    assert names(admin.list(Pod, NAMESPACE, labels="app in (oom,pull),tier=web")) == ["oom", "pull"]
    assert names(admin.list(Pod, NAMESPACE, labels="app!=oom,!absent")) == ["good", "hand", "pull"]
    assert names(admin.list(Pod, NAMESPACE, fields="metadata.name=good")) == ["good"]
    node = admin.get(Pod, NAMESPACE, "oom").spec.node_name
    assert "oom" in names(admin.list(Pod, NAMESPACE, fields=f"spec.nodeName={node}"))
    uid = admin.get(Pod, NAMESPACE, "oom").metadata.uid
    reasons = {event.reason for event in admin.list(Event, NAMESPACE, fields=f"involvedObject.uid={uid}").items}
    assert "BackOff" in reasons


def test_what_is_absent_is_not_found(admin: KubeApi) -> None:
    with pytest.raises(NotFound):
        admin.get(Pod, NAMESPACE, "absent")
    with pytest.raises(NotFound):
        admin.get(Node, "", "absent")
    assert admin.list(Pod, "absent").items == ()


def test_a_kind_that_is_not_installed_is_not_found(admin: KubeApi) -> None:
    class Unheard(Pod):
        RESOURCE = type(Pod.RESOURCE)("Unheard", "nobody.example", "v1", "unheards")

    with pytest.raises(NotFound):
        admin.list(Unheard)


def test_of_a_secret_no_value_is_kept(admin: KubeApi) -> None:
    held = admin.get(Secret, NAMESPACE, "held")
    assert held.keys == {"password"}


def test_logs_of_this_and_the_last_run(admin: KubeApi) -> None:
    log = admin.log(NAMESPACE, "oom", "app", tail=3)
    assert (log.lines, log.cut) == (("line 27", "line 28", "line 29"), True)
    assert admin.log(NAMESPACE, "oom", "app", previous=True).lines == ("out of memory",)


@pytest.mark.parametrize(("pod", "container"), [("good", "app"), ("oom", "absent"), ("absent", "app")])
def test_a_log_that_is_not_there_is_not_found(admin: KubeApi, pod: str, container: str) -> None:
    with pytest.raises(NotFound):
        admin.log(NAMESPACE, pod, container)


def test_the_version_is_the_servers(admin: KubeApi) -> None:
    assert admin.version() == (1, 37)


def test_a_token_may_do_what_its_role_allows_and_is_told_what_it_may_not(plane: ControlPlane, tmp_path: Path) -> None:
    kube = reach(plane, tmp_path, {"token": token(plane)})
    assert "oom" in names(kube.list(Pod, NAMESPACE))
    for denied in (
        lambda: kube.list(Pod),
        lambda: kube.list(Deployment, NAMESPACE),
        lambda: kube.get(Secret, NAMESPACE, "held"),
        lambda: kube.log(NAMESPACE, "oom", "app"),
    ):
        with pytest.raises(Denied):
            denied()
    assert kube.may("list", Pod, NAMESPACE)
    assert not kube.may("list", Pod)
    assert not kube.may("list", Deployment, NAMESPACE)
    assert not kube.may("get", Pod, NAMESPACE, "log")


def test_a_token_file_is_read_again_when_it_was_rotated(plane: ControlPlane, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(token(plane))
    kube = reach(plane, tmp_path, {"tokenFile": "token"})
    assert kube.list(Pod, NAMESPACE).items
    file.write_text("fake-token")
    with pytest.raises(Unauthenticated):
        kube.list(Pod, NAMESPACE)
    file.write_text(token(plane) + "\n")
    assert kube.list(Pod, NAMESPACE).items


def test_a_login_plugin_gives_a_token_or_a_certificate(plane: ControlPlane, tmp_path: Path) -> None:
    plugin = tmp_path / "login"
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "./login", "interactiveMode": "Never"}}
    keys = plane.folder / "keys"
    for status in (
        {"token": token(plane)},
        {
            "clientCertificateData": (keys / "admin.crt").read_text(),
            "clientKeyData": (keys / "admin.key").read_text(),
        },
    ):
        credential = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}
        plugin.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(credential)}\nEND\n")
        plugin.chmod(0o755)
        assert reach(plane, tmp_path, user).list(Pod, NAMESPACE).items


def test_certificates_may_be_files_beside_the_kubeconfig(plane: ControlPlane, tmp_path: Path) -> None:
    for name in ("admin.crt", "admin.key", "ca.crt"):
        (tmp_path / name).write_bytes((plane.folder / "keys" / name).read_bytes())
    user = {"client-certificate": "admin.crt", "client-key": "admin.key"}
    files = {"certificate_authority": "ca.crt", "certificate_authority_data": None}
    assert reach(plane, tmp_path, user, **files).list(Pod, NAMESPACE).items


def test_a_server_that_is_not_trusted_is_not_asked_unless_the_kubeconfig_says_so(
    plane: ControlPlane, tmp_path: Path
) -> None:
    user = {"token": token(plane)}
    with pytest.raises(Unreachable):
        reach(plane, tmp_path, user, certificate_authority_data=None).list(Pod, NAMESPACE)
    skipping = {"certificate_authority_data": None, "insecure_skip_tls_verify": True}
    assert reach(plane, tmp_path, user, **skipping).list(Pod, NAMESPACE).items


def test_nobody_and_somebody_with_a_wrong_token_are_not_authenticated(plane: ControlPlane, tmp_path: Path) -> None:
    for user in ({}, {"token": "fake-token"}):
        with pytest.raises(Unauthenticated):
            reach(plane, tmp_path, user).list(Pod, NAMESPACE)


def test_impersonation_asks_with_the_rights_of_the_other(plane: ControlPlane, tmp_path: Path) -> None:
    user = yaml.safe_load(plane.kubeconfig.read_text())["users"][0]["user"]
    kube = reach(plane, tmp_path, {**user, "as": f"system:serviceaccount:{NAMESPACE}:reader"})
    assert kube.list(Pod, NAMESPACE).items
    with pytest.raises(Denied):
        kube.list(Node)


def test_several_files_are_one_fleet(plane: ControlPlane, lone_control_plane: ControlPlane, tmp_path: Path) -> None:
    config = lone_control_plane.kubeconfig.read_text().replace("name: admin", "name: lone")
    config = config.replace("user: admin", "user: lone").replace("name: control-plane", "name: other")
    (tmp_path / "lone").write_text(config.replace("cluster: control-plane", "cluster: other"))
    fleet = KubeFleet(os.pathsep.join([str(plane.kubeconfig), str(tmp_path / "lone")]))
    assert [entry.name for entry in fleet.clusters()] == ["admin", "lone"]
    assert len(fleet.open("admin").list(Node).items) == 2
    assert fleet.open("lone").list(Node).items == ()


def test_an_expired_page_loses_no_object(lone_control_plane: ControlPlane) -> None:
    """Between two pages others write, until the server has dropped the revision that the list began at."""
    plane, statuses = lone_control_plane, []
    manifest = "\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: map-{n}, namespace: default}}\n"
    plane.kubectl("apply", "-f", "-", stdin="---".join(manifest.format(n=n) for n in range(6)))
    server = urllib3.PoolManager(
        ca_certs=str(plane.folder / "keys/ca.crt"),
        cert_file=str(plane.folder / "keys/admin.crt"),
        key_file=str(plane.folder / "keys/admin.key"),
    )

    def forward(asked: Exchange) -> None:
        answer = server.request("GET", plane.server + asked.path)
        ends = time.monotonic() + EXPIRY_LIMIT_S
        while "continue" in asked.query and 410 not in (*statuses, answer.status) and time.monotonic() < ends:
            plane.kubectl("annotate", "--overwrite", "-n", "default", "configmap/map-0", f"at={time.monotonic()}")
            time.sleep(1)
            answer = server.request("GET", plane.server + asked.path)
        statuses.append(answer.status)
        asked.give(answer.status, answer.data)

    with serving(forward) as front:
        way = Way("front", "kubeconfig", {"server": front.url})
        patient = Patience(read_s=EXPIRY_LIMIT_S + 10, call_s=EXPIRY_LIMIT_S + 10)
        listing = KubeApi("front", way, patience=patient, page=2).list(ConfigMap, "default")
    assert 410 in statuses
    assert [name for name in names(listing) if name.startswith("map-")] == [f"map-{n}" for n in range(6)]


def test_a_server_that_went_away_is_unreachable_and_then_back(lone_control_plane: ControlPlane) -> None:
    kube = KubeFleet(str(lone_control_plane.kubeconfig)).open("admin")
    before = kube.version()
    lone_control_plane.down()
    with pytest.raises(Unreachable):
        kube.version()
    lone_control_plane.up()
    assert kube.version() == before
