"""How long an answer takes beside ``kubectl describe pod`` of the same pod, in a small and in a large cluster.

A real control plane; the many pods belong to no scheduler, so that nothing but their number is different.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kubernetes import client, config

from bot.settings import Settings
from bot.wiring import House, build
from commands.dialogue import Person, Place, Request
from tests.control_plane.plane import ControlPlane, program_folder
from tests.e2e.objects import bare_pod, deployment, namespace, other

SIZES = (100, 10_000)
RUNS = 9
PLACE = "shop"
WRITERS = 8


def main(flags: Sequence[str]) -> None:
    """``--small`` leaves out the large cluster."""
    with tempfile.TemporaryDirectory() as folder:
        plane = ControlPlane(Path(folder) / "plane")
        plane.up()
        try:
            pod = _subject(plane, Path(folder))
            made = 0
            for size in SIZES[:1] if "--small" in flags else SIZES:
                _fill(plane, made, size)
                made = size
                _measure(plane, pod, size)
        finally:
            plane.down(wipe=True)
    _imports()


def _measure(plane: ControlPlane, pod: str, size: int) -> None:
    """Interleaved, so that whatever else the machine does hits all alike."""
    house = build(Settings(KUBECONFIG=str(plane.kubeconfig)))
    environment = {**os.environ, "KUBECONFIG": str(plane.kubeconfig)}
    words = f"why does {pod} keep restarting?"
    describe = [str(program_folder() / "kubectl"), "describe", "pod", pod, "-n", PLACE]
    ways: dict[str, Callable[[], object]] = {
        "kubectl describe": lambda: _run(describe, environment),
        "gurumi, running": lambda: _ask(house, words),
        "gurumi, one-shot": lambda: _run([sys.executable, "-m", "bot", "ask", words], environment),
    }
    for way in ways.values():
        way()
    before = house.fleet.open("admin").usage  # type: ignore[attr-defined]
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _run_number in range(RUNS):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - began)
    after = house.fleet.open("admin").usage  # type: ignore[attr-defined]
    house.close()
    base = statistics.median(times["kubectl describe"])
    print(f"{size} pods, median of {RUNS} interleaved runs (least to most)")
    for name, took in times.items():
        middle = statistics.median(took)
        span = f"{min(took) * 1000:.0f} to {max(took) * 1000:.0f}"
        print(f"  {name:18} {middle * 1000:6.0f} ms  ({span})  {middle / base:5.2f} x describe")
    requests, read = (after.requests - before.requests) / RUNS, (after.bytes - before.bytes) / RUNS
    print(f"  one answer reads   {requests:.0f} requests, {read / 1000:.0f} kB (wanted: below 2000 kB)")


def _ask(house: House, words: str) -> None:
    now = datetime.now(UTC)
    answer = house.assistant.answer(Request(words, Person("bench"), Place("terminal"), now, language="en"))
    assert "OOMKilled" in str(answer.headline), answer.headline


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "OOMKilled" in done.stdout


def _subject(plane: ControlPlane, folder: Path) -> str:
    """One workload that ran out of memory and will wait for an hour before it is started again."""
    (folder / "log").write_text("2026-11-24T01:00:00Z stdout F loading the catalogue\n" * 200)
    served = [{"logsFile": f"{folder}/log", "previousLogsFile": f"{folder}/log"}]
    logs = other("kwok.x-k8s.io/v1alpha1", "ClusterLogs", "all", spec={"logs": served})
    ill = deployment("checkout", PLACE, "oom")
    ill["spec"]["template"]["metadata"]["annotations"]["test.gurumi/back-off"] = "1h"
    plane.kubectl("apply", "-f", "-", stdin=json.dumps(namespace(PLACE)))
    plane.kubectl("wait", "--for=create", "serviceaccount/default", "-n", PLACE, "--timeout=30s")
    plane.kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": [logs, ill]}))
    end = time.monotonic() + 60
    while time.monotonic() < end:
        listed = json.loads(plane.kubectl("get", "pods", "-n", PLACE, "-l", "app=checkout", "-o", "json"))["items"]
        if listed and "OOMKilled" in json.dumps(listed[0]["status"]):
            return str(listed[0]["metadata"]["name"])
        time.sleep(0.3)
    raise TimeoutError("the pod did not run out of memory")


def _fill(plane: ControlPlane, made: int, size: int) -> None:
    configuration: Any = client.Configuration()
    config.load_kube_config(str(plane.kubeconfig), client_configuration=configuration)
    configuration.connection_pool_maxsize = WRITERS
    api = client.CoreV1Api(client.ApiClient(configuration))

    def write(number: int) -> None:
        name = f"web-{number % 500:03d}-{number:05d}"
        api.create_namespaced_pod(PLACE, bare_pod(name, PLACE, "by-hand", schedulerName="nobody"))

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(made, size)))


def _imports() -> None:
    """What of a one-shot question is starting Python and importing."""
    for what, code in (("python alone", "pass"), ("gurumi --version", ""), ("imports of ask", _IMPORTS)):
        command = [sys.executable, "-c", code] if code else [sys.executable, "-m", "bot", "--version"]
        times = []
        for _run_number in range(RUNS):
            began = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True)
            times.append(time.perf_counter() - began)
        print(f"  {what:18} {statistics.median(times) * 1000:6.0f} ms")


_IMPORTS = """
import bot.__main__, bot.wiring, bot.plain
from commands.registry import registry
from knowledge.catalogue import detectors
registry(), detectors()
"""
