"""How much is read for an answer about one workload, and that nothing is missed by reading little."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from commands.reads import PARALLEL, at_once
from integrations.kube_api import KubeApi
from tests.door import Door, Told, door
from tests.worlds import LIMITED, OOM, deployment

ILL = deployment(container=LIMITED, status=OOM)
POD = "checkout-7d9f8b6c54-x2x7k"
UNPULLED = "ready: false, restartCount: 0, state: {waiting: {reason: ImagePullBackOff}}"
FEW_REQUESTS = 22


def others(workloads: int, namespace: str = "shop") -> str:
    return "".join(deployment(f"other-{n}", namespace, ready=True) for n in range(workloads))


def event(name: str, pod: str, reason: str, message: str) -> str:
    return f"""
apiVersion: v1
kind: Event
metadata: {{name: {name}, namespace: shop}}
involvedObject: {{kind: Pod, namespace: shop, name: {pod}}}
reason: {reason}
message: {message}
type: Warning
count: 5
firstTimestamp: 9m ago
lastTimestamp: 1m ago
---
"""


def cost(here: Door, words: str) -> tuple[Told, int, int]:
    """An answer, the requests and the bytes that it took."""
    kube = here.house.fleet.open("rehearsal")
    assert isinstance(kube, KubeApi)
    before = kube.usage
    told = here.ask(words)
    return told, kube.usage.requests - before.requests, kube.usage.bytes - before.bytes


@pytest.mark.parametrize("words", ["why does checkout keep restarting?", f"why does {POD} keep restarting?"])
def test_an_answer_about_one_workload_takes_few_requests_however_large_the_cluster_is(words: str) -> None:
    with door(ILL) as small:
        told, requests, _size = cost(small, words)
        assert "OOMKilled" in told.headline
        assert requests <= FEW_REQUESTS
    with door(ILL + others(40, "elsewhere") + others(40)) as large:
        told, same, size = cost(large, words)
        assert "OOMKilled" in told.headline
        assert same == requests
        assert size < 200_000


def test_a_pod_s_name_takes_fewer_requests_than_its_workload_s() -> None:
    with door(ILL) as here:
        _told, by_pod, _size = cost(here, f"why does {POD} keep restarting?")
        _told, by_workload, _size = cost(here, "why does checkout keep restarting?")
    assert by_pod < by_workload


@pytest.mark.parametrize("noise", [10, 700])
def test_the_event_that_proves_it_is_found_among_few_and_among_many(noise: int) -> None:
    world = deployment(status=UNPULLED, phase="Pending")
    world += "".join(event(f"aaa-{n}", f"other-{n}", "BackOff", "Back-off restarting") for n in range(noise))
    refused = "'Failed to pull image \"registry.example.com/checkout:1.4.2\": unexpected status: 401 Unauthorized'"
    with door(world + event("zzz", POD, "Failed", refused)) as here:
        told = here.ask("why does checkout not start?")
    assert "401 Unauthorized" in told.text


def test_a_deployment_that_is_numbered_is_not_taken_for_a_pod_of_a_stateful_set() -> None:
    stateful = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web, namespace: shop}
spec: {replicas: 0, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}}}
---
"""
    with door(deployment("web-1", container=LIMITED, status=OOM) + stateful) as here:
        assert "web-1 was OOMKilled" in here.ask("why does web-1 keep restarting?").headline


def test_what_a_pod_s_name_seems_to_tell_is_no_obstacle() -> None:
    with door(deployment("cart-7d9f8b6c54-x2x7k", container=LIMITED, status=OOM)) as here:
        assert "OOMKilled" in here.ask("why does cart-7d9f8b6c54-x2x7k keep restarting?").headline


def test_a_name_that_is_a_namespace_too_is_found_when_nothing_else_is_named() -> None:
    with door(deployment("shop", "shop", container=LIMITED, status=OOM)) as here:
        assert "OOMKilled" in here.ask("why does shop in namespace shop keep restarting?").text


def test_the_same_question_is_answered_alike_every_time() -> None:
    with door(ILL + others(5)) as here:
        told = {here.ask("why does checkout keep restarting?").headline for _turn in range(4)}
    assert len(told) == 1


def test_what_jobs_give_is_known_by_their_place() -> None:
    with ThreadPoolExecutor(4) as pool:
        assert at_once(pool, [lambda n=n: n * n for n in range(50)]) == {n: n * n for n in range(50)}  # type: ignore[misc]


def test_so_many_jobs_run_at_once_and_no_more() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def job() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with lock:
            running -= 1

    with ThreadPoolExecutor(3 * PARALLEL) as pool:
        at_once(pool, [job] * (4 * PARALLEL))
    assert most == PARALLEL


def test_a_job_that_hangs_is_missing_and_the_others_are_there() -> None:
    hangs = threading.Event()
    with ThreadPoolExecutor(4) as pool:
        done = at_once(pool, [lambda: hangs.wait(10), lambda: True, lambda: True], seconds=0.3)
        hangs.set()
    assert sorted(done) == [1, 2]


def test_a_defect_in_a_job_is_not_silent() -> None:
    with ThreadPoolExecutor(2) as pool, pytest.raises(ZeroDivisionError):
        at_once(pool, [lambda: 1 / 0])
