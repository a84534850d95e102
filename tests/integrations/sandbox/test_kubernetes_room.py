"""The Kubernetes room where no real control plane can be asked: kubelets, faults, people, and the demo fleet."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import pytest

from integrations.sandbox.kubernetes import KubernetesRoom
from integrations.sandbox.world import load, read
from knowledge.finding import Ref
from knowledge.objects import KINDS
from tests.sandbox_fixtures import kubernetes_room, rehearse

DEMO = Path(__file__).parents[3] / "integrations/sandbox/worlds/demo"
LOG = "/api/v1/namespaces/shop/pods/{}/log"

SHOP = """
{apiVersion: rehearsal, kind: Machine, name: n1}
---
apiVersion: rehearsal
kind: Workload
namespace: shop
name: web
hash: abc
port: 8080
template: {containers: [{name: app, image: "registry.example.com/web:1"}]}
pods:
- {node: n1, suffix: well}
- node: n1
  suffix: down
  status:
    containerStatuses:
    - name: app
      ready: false
      restartCount: 4
      state: {waiting: {reason: CrashLoopBackOff}}
      lastState: {terminated: {exitCode: 1, reason: Error, finishedAt: 2m ago}}
- node: n1
  suffix: pull
  status:
    phase: Pending
    containerStatuses: [{name: app, ready: false, state: {waiting: {reason: ImagePullBackOff}}}]
---
apiVersion: rehearsal
kind: Log
namespace: shop
pod: web-abc-well
container: app
lines: |
  {1h ago} one
  {10m ago} two
  {1m ago} three
---
apiVersion: rehearsal
kind: Log
namespace: shop
pod: web-abc-down
container: app
previous: true
lines: |
  Traceback
"""


def get(url: str, path: str, **query: str) -> httpx.Response:
    return httpx.get(url + path, params=query, timeout=5)


@pytest.fixture
def room() -> Iterator[KubernetesRoom]:
    with kubernetes_room(SHOP) as opened:
        yield opened


@pytest.fixture
def url(room: KubernetesRoom) -> str:
    return room.url("rehearsal")


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ({}, ["one", "two", "three"]),
        ({"tailLines": "1"}, ["three"]),
        ({"tailLines": "0"}, []),
        ({"sinceSeconds": "900"}, ["two", "three"]),
    ],
)
def test_the_wanted_end_of_a_log_is_served(url: str, query: dict[str, str], lines: list[str]) -> None:
    text = get(url, LOG.format("web-abc-well"), **query).text
    assert [line.split()[1] for line in text.splitlines()] == lines


def test_a_log_is_cut_at_the_wanted_number_of_bytes(url: str) -> None:
    assert len(get(url, LOG.format("web-abc-well"), limitBytes="7").content) == 7


def test_each_line_carries_its_time_when_asked(url: str) -> None:
    first = get(url, LOG.format("web-abc-well"), timestamps="true").text.splitlines()[0]
    stamp, told, _ = first.split()
    assert datetime.fromisoformat(stamp) == datetime.fromisoformat(told)


def test_a_container_that_never_ended_has_no_previous_log(url: str) -> None:
    answer = get(url, LOG.format("web-abc-well"), previous="true")
    assert answer.status_code == 400
    assert answer.json()["message"] == 'previous terminated container "app" in pod "web-abc-well" not found'


def test_a_container_that_backs_off_shows_the_run_that_ended(url: str) -> None:
    assert get(url, LOG.format("web-abc-down")).text == "Traceback\n"
    assert get(url, LOG.format("web-abc-down"), previous="true").text == "Traceback\n"


def test_a_container_that_never_started_is_waiting(url: str) -> None:
    said = get(url, LOG.format("web-abc-pull")).json()["message"]
    assert said == 'container "app" in pod "web-abc-pull" is waiting to start: trying and failing to pull image'


def test_counts_and_endpoints_of_a_workload_follow_its_pods(url: str) -> None:
    status = get(url, "/apis/apps/v1/namespaces/shop/deployments/web").json()["status"]
    assert (status["replicas"], status["readyReplicas"], status["unavailableReplicas"]) == (3, 1, 2)
    pod = get(url, "/api/v1/namespaces/shop/pods/web-abc-down").json()
    ready = next(c for c in pod["status"]["conditions"] if c["type"] == "Ready")
    assert (ready["status"], ready["message"]) == ("False", "containers with unready status: [app]")
    slices = get(url, "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices").json()["items"]
    assert sorted(e["conditions"]["ready"] for e in slices[0]["endpoints"]) == [False, False, True]


def test_what_happens_to_the_store_is_told_to_who_watches(room: KubernetesRoom, url: str) -> None:
    store = room.stores["rehearsal"]
    since = get(url, "/api/v1/pods").json()["metadata"]["resourceVersion"]
    pod = get(url, "/api/v1/namespaces/shop/pods/web-abc-pull").json()
    store.apply({**pod, "status": {**pod["status"], "phase": "Running"}})
    assert store.delete(Ref("Pod", "shop", "web-abc-down"))
    told = get(url, "/api/v1/pods", watch="true", resourceVersion=since, timeoutSeconds="1").text
    events = [json.loads(line) for line in told.splitlines()]
    assert [(e["type"], e["object"]["metadata"]["name"]) for e in events] == [
        ("MODIFIED", "web-abc-pull"),
        ("DELETED", "web-abc-down"),
    ]
    assert get(url, "/api/v1/namespaces/shop/pods/web-abc-down").status_code == 404


def test_a_watch_from_long_ago_is_told_that_it_comes_too_late(url: str) -> None:
    told = json.loads(get(url, "/api/v1/pods", watch="true", resourceVersion="1", timeoutSeconds="1").text)
    assert (told["type"], told["object"]["code"], told["object"]["reason"]) == ("ERROR", 410, "Expired")
    assert told["object"]["message"].startswith("too old resource version: 1 (")


def test_a_page_shows_the_world_as_it_was_at_the_first_one(room: KubernetesRoom, url: str) -> None:
    first = get(url, "/api/v1/namespaces/shop/pods", limit="1").json()["metadata"]
    room.stores["rehearsal"].delete(Ref("Pod", "shop", "web-abc-well"))
    rest = get(url, "/api/v1/namespaces/shop/pods", **{"continue": first["continue"]}).json()["items"]
    assert [pod["metadata"]["name"] for pod in rest] == ["web-abc-pull", "web-abc-well"]


def test_nothing_can_be_written(url: str) -> None:
    answer = httpx.delete(f"{url}/api/v1/namespaces/shop/pods/web-abc-well", timeout=5)
    assert answer.status_code == 403
    assert answer.json()["message"] == (
        'pods "web-abc-well" is forbidden: User "rehearsal" cannot delete resource "pods" in API group "" '
        'in the namespace "shop"'
    )


def test_what_one_namespace_denies_is_denied_cluster_wide_and_allowed_elsewhere() -> None:
    denied = "\n---\n{apiVersion: rehearsal, kind: Denied, resource: pods, namespace: shop}"
    with kubernetes_room(SHOP + denied) as room:
        url = room.url("rehearsal")
        assert get(url, "/api/v1/pods").status_code == 403
        assert get(url, "/api/v1/namespaces/shop/pods").status_code == 403
        assert get(url, "/api/v1/namespaces/web/pods").status_code == 200
        assert get(url, LOG.format("web-abc-well")).status_code == 200


@pytest.mark.parametrize(("answer", "code"), [("500", 500), ("503", 503), ("429", 429)])
def test_a_fault_with_a_number_is_that_status(answer: str, code: int) -> None:
    with kubernetes_room(
        f"{SHOP}\n---\n{{apiVersion: rehearsal, kind: Fault, resource: pods, answer: {answer}}}"
    ) as room:
        told = get(room.url("rehearsal"), "/api/v1/pods")
        assert (told.status_code, told.json()["kind"]) == (code, "Status")
        assert get(room.url("rehearsal"), "/api/v1/nodes").status_code == 200


def test_faults_break_the_wire_as_networks_do() -> None:
    faults = (("pods", "cut"), ("nodes", "html"), ("services", "hang"))
    text = SHOP + "".join(
        f"\n---\n{{apiVersion: rehearsal, kind: Fault, resource: {kind}, answer: {how}}}" for kind, how in faults
    )
    with kubernetes_room(text) as room:
        url = room.url("rehearsal")
        with pytest.raises(httpx.RemoteProtocolError):
            get(url, "/api/v1/pods")
        assert get(url, "/api/v1/nodes").text.startswith("<!DOCTYPE html>")
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{url}/api/v1/services", timeout=0.3)


def test_a_cluster_that_refuses_connections_leaves_the_others_alone() -> None:
    down = "{apiVersion: rehearsal, kind: Fault, resource: '*', answer: refused}"
    with kubernetes_room({"up": SHOP, "down": down}) as room:
        assert get(room.url("up"), "/readyz").text == "ok"
        with pytest.raises(httpx.ConnectError):
            get(room.url("down"), "/readyz")


def test_tokens_can_be_made_to_expire_between_two_pages() -> None:
    with kubernetes_room(
        f"{SHOP}\n---\n{{apiVersion: rehearsal, kind: Fault, resource: pods, answer: expired}}"
    ) as room:
        url = room.url("rehearsal")
        first = get(url, "/api/v1/pods", limit="1").json()["metadata"]["continue"]
        late = get(url, "/api/v1/pods", **{"continue": first})
        assert late.status_code == 410
        again = late.json()["metadata"]["continue"]
        assert len(get(url, "/api/v1/pods", **{"continue": again}).json()["items"]) == 2


def test_the_kubeconfig_names_every_cluster_as_a_context() -> None:
    with rehearse({"shop-prod": SHOP, "shop-dev": SHOP}) as kubeconfig:
        assert kubeconfig.stat().st_mode & 0o077 == 0
        text = kubeconfig.read_text()
    assert "name: shop-prod" in text
    assert "name: shop-dev" in text


def test_a_world_that_names_a_missing_document_says_so() -> None:
    with pytest.raises(ValueError, match="no rehearsal document of kind Wokload"):
        read("shop", "{apiVersion: rehearsal, kind: Wokload}", datetime.now(UTC))


@pytest.mark.parametrize("cluster", ["shop-prod", "shop-dev", "data-prod"])
def test_the_demo_fleet_is_made_of_objects_that_the_product_reads(cluster: str) -> None:
    world = load(DEMO, datetime.now(UTC))[cluster]
    there = {(o["kind"], o["metadata"].get("namespace", ""), o["metadata"]["name"]) for o in world.objects}
    for thing in world.objects:
        msgspec.json.decode(msgspec.json.encode(thing), type=KINDS[thing["kind"]])
    pods = [o for o in world.objects if o["kind"] == "Pod"]
    assert {("Node", "", pod["spec"]["nodeName"]) for pod in pods if "nodeName" in pod["spec"]} <= there
    assert {("Pod", log.namespace, log.pod) for log in world.logs} <= there
    assert len({o["metadata"]["uid"] for o in world.objects}) == len(world.objects)
