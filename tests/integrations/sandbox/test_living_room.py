"""A room that lives, where no real plane can be asked: kubelets and fates, reboots, webhooks, whoever may write."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from integrations.sandbox.kubernetes import KubernetesRoom
from tests.sandbox_fixtures import kubernetes_room

Json = dict[str, Any]
WITHIN_S = 30.0
PODS = "/api/v1/namespaces/shop/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments"

LIVING = """
{apiVersion: rehearsal, kind: Life}
---
{apiVersion: rehearsal, kind: Granted, resource: "*"}
---
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
{apiVersion: rehearsal, kind: Machine, name: n1}
---
"""
WEB = """
apiVersion: rehearsal
kind: Workload
namespace: shop
name: web
hash: abc
port: 8080
template: {containers: [{name: app, image: "registry.example.com/web:1", resources: {limits: {memory: 256Mi}}}]}
pods: [{node: n1, suffix: one}]
---
"""


class Alive:
    """A room to look into."""

    def __init__(self, room: KubernetesRoom) -> None:
        self.room, self.url = room, room.url("rehearsal")

    def get(self, path: str, **query: str) -> Json:
        found: Json = httpx.get(self.url + path, params=query, timeout=5).json()
        return found

    def send(self, method: str, path: str, body: Json | None = None, **headers: str) -> httpx.Response:
        kind = "application/strategic-merge-patch+json" if method == "PATCH" else "application/json"
        sent = {"Content-Type": kind, **headers}
        return httpx.request(method, self.url + path, json=body, headers=sent, timeout=5)

    def container(self, pod: str) -> Json:
        statuses = self.get(f"{PODS}/{pod}").get("status", {}).get("containerStatuses") or [{"state": {}}]
        found: Json = statuses[0]
        return found

    def events(self, name: str) -> list[Json]:
        everything = self.get("/api/v1/events")["items"]
        return [one for one in everything if one["involvedObject"]["name"] == name]

    def reasons(self, name: str) -> set[str]:
        return {one["reason"] for one in self.events(name)}


@contextmanager
def alive(*documents: str) -> Iterator[Alive]:
    with kubernetes_room(LIVING + "\n---\n".join(documents)) as room:
        yield Alive(room)


def until(look: Callable[[], Any], holds: Callable[[Any], bool] = bool) -> Any:
    began = time.monotonic()
    while not holds(seen := look()):
        assert time.monotonic() - began < WITHIN_S, seen
        time.sleep(0.1)
    return seen


def fate(becomes: str, **more: Any) -> str:
    fields = "".join(f", {key}: {value}" for key, value in more.items())
    return f"{{apiVersion: rehearsal, kind: Fate, namespace: shop, app: web, becomes: {becomes}{fields}}}"


def test_a_recorded_world_stays_as_it_was_recorded() -> None:
    text = LIVING.replace("{apiVersion: rehearsal, kind: Life}\n---\n", "")
    with kubernetes_room(text + WEB + fate("Error")) as room:
        before = room.stores["rehearsal"].revision
        time.sleep(1.2)
        assert room.stores["rehearsal"].revision == before


def test_what_was_well_when_it_was_recorded_stays_well() -> None:
    with alive(WEB) as here:
        time.sleep(1.5)
        assert here.container("web-abc-one")["restartCount"] == 0
        assert here.reasons("web-abc-one") == set()
        status = here.get(f"{DEPLOYMENTS}/web")["status"]
        assert (status["replicas"], status["availableReplicas"]) == (1, 1)


def test_a_back_off_that_was_recorded_ends_when_its_time_is_over() -> None:
    waiting = """
  status:
    containerStatuses:
    - name: app
      ready: false
      restartCount: 2
      state: {waiting: {reason: CrashLoopBackOff}}
      lastState: {terminated: {exitCode: 1, reason: Error, startedAt: 30s ago, finishedAt: 18s ago}}
"""
    with alive(WEB.replace("[{node: n1, suffix: one}]", f"\n- node: n1\n  suffix: one{waiting}")) as here:
        assert here.container("web-abc-one")["state"]["waiting"]["reason"] == "CrashLoopBackOff"
        now = until(lambda: here.container("web-abc-one"), lambda one: "running" in one["state"])
        assert now["restartCount"] == 3


def test_each_run_writes_its_own_log() -> None:
    told = '"{+0s} began\\n{+1s} one\\n{+30s} never\\n"'
    with alive(WEB, fate("Error", after="3s", exitCode=7, log=told)) as here:
        here.send("DELETE", f"{PODS}/web-abc-one?gracePeriodSeconds=0")
        name = until(lambda: [pod["metadata"]["name"] for pod in here.get(PODS)["items"]])[0]
        path = f"{PODS}/{name}"
        until(lambda: here.container(name)["state"].get("running"))
        with httpx.stream("GET", f"{here.url}{path}/log", params={"follow": "true"}, timeout=WITHIN_S) as early:
            early.read()
        until(lambda: here.container(name)["state"].get("running"))
        with httpx.stream("GET", f"{here.url}{path}/log", params={"follow": "true"}, timeout=WITHIN_S) as log:
            followed = "".join(log.iter_text())
        assert [line.split()[1] for line in followed.splitlines()] == ["began", "one"]
        ended = here.container(name)["lastState"]["terminated"]
        assert (ended["exitCode"], ended["reason"]) == (7, "Error")
        before = httpx.get(f"{here.url}{path}/log", params={"previous": "true"}, timeout=5).text
        assert before == followed


def test_a_container_that_needs_what_is_not_there_waits_for_it() -> None:
    needy = WEB.replace("resources:", "envFrom: [{configMapRef: {name: settings}}], resources:")
    with alive(needy) as here:
        here.send("DELETE", f"{PODS}/web-abc-one?gracePeriodSeconds=0")

        def waiting() -> Json:
            pods = here.get(PODS)["items"]
            return here.container(pods[0]["metadata"]["name"])["state"].get("waiting", {}) if pods else {}

        said = until(waiting, lambda one: one.get("reason") == "CreateContainerConfigError")
        assert said["message"] == 'configmap "settings" not found'
        settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}}
        assert here.send("POST", "/api/v1/namespaces/shop/configmaps", settings).status_code == 201
        until(lambda: here.get(f"{DEPLOYMENTS}/web")["status"], lambda s: s.get("availableReplicas") == 1)


def test_a_probe_that_is_too_hasty_restarts_its_container_until_it_is_given_time() -> None:
    probe = "livenessProbe: {httpGet: {path: /live, port: 8080}, timeoutSeconds: 1}, resources:"
    hasty = fate("LivenessKilled", after="2s", when="{livenessTimeoutBelow: 3}")
    with alive(WEB.replace("resources:", probe), hasty) as here:
        killed = until(lambda: here.container("web-abc-one"), lambda one: one["restartCount"] == 1)
        assert killed["lastState"]["terminated"]["exitCode"] == 137
        assert {"Unhealthy", "Killing"} <= here.reasons("web-abc-one")
        patient = [{"name": "app", "livenessProbe": {"timeoutSeconds": 5}}]
        body = {"spec": {"template": {"spec": {"containers": patient}}}}
        assert here.send("PATCH", f"{DEPLOYMENTS}/web", body).status_code == 200
        until(
            lambda: here.get(f"{DEPLOYMENTS}/web")["status"], lambda s: s.get("updatedReplicas") == 1 == s["replicas"]
        )

        def given_time() -> list[Json]:
            pods = here.get(PODS)["items"]
            return [pod for pod in pods if pod["spec"]["containers"][0]["livenessProbe"].get("timeoutSeconds") == 5]

        [pod] = until(given_time, lambda pods: len(pods) == 1)
        time.sleep(3)
        assert here.container(pod["metadata"]["name"])["restartCount"] == 0


def test_a_node_that_reboots_is_away_for_a_while_and_its_containers_start_again() -> None:
    deed = "{apiVersion: rehearsal, kind: Deed, name: reboot, says: {en: reboot}, does: [{reboot: n1}]}"
    with alive(WEB, deed) as here:
        boot = here.get("/api/v1/nodes/n1")["status"]["nodeInfo"]["bootID"]
        here.room.do("rehearsal/reboot")

        def ready() -> Json:
            conditions = here.get("/api/v1/nodes/n1")["status"]["conditions"]
            return next(dict(one) for one in conditions if one["type"] == "Ready")

        assert ready()["reason"] == "NodeStatusUnknown"
        assert here.get("/api/v1/nodes/n1")["spec"]["taints"][0]["key"] == "node.kubernetes.io/unreachable"
        until(ready, lambda one: one["status"] == "True")
        assert here.get("/api/v1/nodes/n1")["status"]["nodeInfo"]["bootID"] != boot
        assert not here.get("/api/v1/nodes/n1")["spec"].get("taints")
        again = until(lambda: here.container("web-abc-one"), lambda one: one["restartCount"] == 1)
        assert (again["lastState"]["terminated"]["exitCode"], again["ready"]) == (255, True)
        assert {"NodeNotReady", "Rebooted", "NodeReady"} <= here.reasons("n1")


def test_a_node_without_memory_kills_a_bystander() -> None:
    greedy = WEB.replace("name: web", "name: greedy").replace(", resources: {limits: {memory: 256Mi}}", "")
    eats = "{apiVersion: rehearsal, kind: Fate, namespace: shop, app: greedy, becomes: NodeOOM, after: 1s, victim: web}"
    with alive(WEB, greedy, eats) as here:
        killed = until(lambda: here.container("web-abc-one"), lambda one: one["restartCount"] >= 1)
        assert killed["lastState"]["terminated"]["reason"] == "OOMKilled"
        [event] = [one for one in here.events("n1") if one["reason"] == "SystemOOM"]
        assert event["message"].startswith("System OOM encountered, victim process: web, pid: ")
        assert here.container("greedy-abc-one")["restartCount"] == 0


HOOK = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: guard}
webhooks:
- name: pods.guard.example.com
  failurePolicy: Fail
  clientConfig: {service: {namespace: shop, name: guard, path: /validate}}
  rules: [{operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods]}]
"""


def test_a_webhook_that_nobody_answers_keeps_pods_from_being_made() -> None:
    with alive(WEB, HOOK) as here:
        scale = {"spec": {"replicas": 2}}
        assert here.send("PATCH", f"{DEPLOYMENTS}/web", scale).status_code == 200
        why = 'failed calling webhook "pods.guard.example.com": failed to call webhook: Post '
        where = '"https://guard.shop.svc:443/validate?timeout=10s": no endpoints available for service "guard"'

        def failure() -> Json:
            conditions = here.get(f"{DEPLOYMENTS}/web")["status"]["conditions"]
            return next((dict(one) for one in conditions if one["type"] == "ReplicaFailure"), {})

        assert until(failure)["message"] == f"Internal error occurred: {why}{where}"
        assert "FailedCreate" in here.reasons("web-abc")
        ignoring = {"webhooks": [{"name": "pods.guard.example.com", "failurePolicy": "Ignore"}]}
        path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/guard"
        assert here.send("PATCH", path, ignoring).status_code == 200
        until(lambda: here.get(f"{DEPLOYMENTS}/web")["status"], lambda s: s.get("availableReplicas") == 2)
        assert failure() == {}


def test_a_claim_is_bound_when_its_class_is_there() -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "files"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "fast",
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    offered = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "fast"},
        "provisioner": "cinder.csi.openstack.org",
    }
    with alive(WEB) as here:
        path = "/api/v1/namespaces/shop/persistentvolumeclaims"
        assert here.send("POST", path, claim).status_code == 201
        time.sleep(1)
        assert here.get(f"{path}/files")["status"]["phase"] == "Pending"
        assert here.send("POST", "/apis/storage.k8s.io/v1/storageclasses", offered).status_code == 201
        bound = until(lambda: here.get(f"{path}/files"), lambda one: one["status"]["phase"] == "Bound")
        assert here.get(f"/api/v1/persistentvolumes/{bound['spec']['volumeName']}")["status"]["phase"] == "Bound"


def test_an_event_is_forgotten_an_hour_after_it_was_seen_last() -> None:
    told = """
apiVersion: v1
kind: Event
metadata: {namespace: shop, name: NAME}
involvedObject: {kind: Pod, name: web-abc-one}
type: Normal
reason: Pulled
message: MESSAGE
source: {component: kubelet}
firstTimestamp: 3h ago
lastTimestamp: LAST
count: 3
"""
    old = told.replace("NAME", "old").replace("MESSAGE", "old").replace("LAST", "61m ago")
    late = told.replace("NAME", "late").replace("MESSAGE", "late").replace("LAST", "50m ago")
    with alive(WEB, old, late) as here:
        until(lambda: [one["metadata"]["name"] for one in here.events("web-abc-one")], lambda names: names == ["late"])


def test_only_those_write_whom_the_world_grants_it() -> None:
    text = LIVING.replace('kind: Granted, resource: "*"', "kind: Granted, resource: pods, user: alex, namespace: shop")
    with kubernetes_room(text + WEB) as room:
        here = Alive(room)
        path = f"{PODS}/web-abc-one"
        assert here.send("DELETE", path).status_code == 403
        told = here.send("DELETE", path, **{"Impersonate-User": "minji"})
        assert told.json()["message"] == (
            'pods "web-abc-one" is forbidden: User "minji" cannot delete resource "pods" in API group "" in the '
            'namespace "shop"'
        )
        assert here.send("PATCH", f"{DEPLOYMENTS}/web", {}, **{"Impersonate-User": "alex"}).status_code == 403
        assert here.send("DELETE", "/api/v1/namespaces/web/pods", **{"Impersonate-User": "alex"}).status_code == 403
        assert here.send("DELETE", path, **{"Impersonate-User": "alex"}).status_code == 200


def test_who_may_not_speak_for_others_is_told_so() -> None:
    denied = "{apiVersion: rehearsal, kind: Denied, resource: users, verbs: [impersonate]}"
    with kubernetes_room(LIVING + WEB + denied) as room:
        told = Alive(room).send("GET", PODS, **{"Impersonate-User": "alex"})
        assert (told.status_code, told.json()["message"]) == (
            403,
            'users "alex" is forbidden: User "rehearsal" cannot impersonate resource "users" in API group "" at the '
            "cluster scope",
        )


def test_the_room_does_not_pretend_to_know_server_side_apply() -> None:
    with alive(WEB) as here:
        kind = {"Content-Type": "application/apply-patch+yaml"}
        told = here.send("PATCH", f"{DEPLOYMENTS}/web?fieldManager=me", {}, **kind)
        assert (told.status_code, told.json()["reason"]) == (415, "UnsupportedMediaType")


@pytest.mark.parametrize("becomes", ["Exploded"])
def test_a_fate_that_nobody_knows_is_refused_when_the_world_is_read(becomes: str) -> None:
    with pytest.raises(ValueError, match="Exploded is none of OOMKilled"), alive(WEB, fate(becomes)):
        pass
