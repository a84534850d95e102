"""How long an answer takes beside ``kubectl describe pod`` of the same pod, in a small and in a large cluster.

A real API server without controllers, so that nothing but the number of objects is different.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.settings import Settings
from bot.wiring import House, build
from commands.dialogue import Person, Place, Request
from integrations.kube_api import KubeApi
from tests.bench.startup import IMPORTS_OF_ASK, took
from tests.control_plane.crowd import PLACE, Crowd, kubelet
from tests.control_plane.plane import ControlPlane, program_folder
from tests.control_plane.plane import build as build_plane

SIZES = (100, 10_000)
RUNS = 15
ONE_SHOTS = 5
WANTED_KB = 2000
QUESTIONS = {
    "gurumi, by the pod's name": "why does {pod} keep restarting?",
    "gurumi, by the workload's": "why does checkout keep restarting?",
}


def main(flags: Sequence[str]) -> None:
    """``--small`` leaves out the large cluster."""
    build_plane()
    with tempfile.TemporaryDirectory() as folder:
        plane = ControlPlane(Path(folder) / "plane", bare=True)
        plane.up()
        try:
            with kubelet(plane) as port:
                crowd = Crowd(plane, port)
                pod = crowd.settle()
                for size in SIZES[:1] if "--small" in flags else SIZES:
                    crowd.grow(size)
                    with crowd.alive():
                        _measure(plane, pod, size)
        finally:
            plane.down(wipe=True)


def _measure(plane: ControlPlane, pod: str, size: int) -> None:
    environment = {**os.environ, "KUBECONFIG": str(plane.kubeconfig), "HOME": str(plane.folder / "home")}
    describe = [str(program_folder() / "kubectl"), "describe", "pod", pod, "-n", PLACE]
    house = build(Settings(KUBECONFIG=str(plane.kubeconfig)))
    kube = house.fleet.open("admin")
    assert isinstance(kube, KubeApi)
    questions = {name: words.format(pod=pod) for name, words in QUESTIONS.items()}
    ways: dict[str, Callable[[], object]] = {"kubectl describe pod": lambda: _run(describe, environment)}
    ways |= {name: lambda words=words: _ask(house, words) for name, words in questions.items()}  # type: ignore[misc]
    print(f"{size} pods: one answer in a running process, median of {RUNS} interleaved runs")
    _print(_interleaved(ways, RUNS), "kubectl describe pod")
    for name, words in questions.items():
        before = kube.usage
        _ask(house, words)
        requests, kb = kube.usage.requests - before.requests, (kube.usage.bytes - before.bytes) / 1000
        print(f"  {name:26} {requests} requests, {kb:.0f} kB read (wanted: below {WANTED_KB} kB)")
    house.close()
    ask = [sys.executable, "-m", "bot", "ask", questions["gurumi, by the pod's name"]]
    print(f"{size} pods: the one-shot command, median of {ONE_SHOTS} interleaved runs")
    one_shot: dict[str, Callable[[], object]] = {
        "gurumi ask": lambda: _run(ask, environment),
        "of it starting Python": lambda: took(("-c", "pass")),
        "  and importing": lambda: took(("-c", f"{IMPORTS_OF_ASK}import kubernetes.client")),
    }
    _print(_interleaved(one_shot, ONE_SHOTS))


def _interleaved(ways: Mapping[str, Callable[[], object]], runs: int) -> Mapping[str, list[float]]:
    """Seconds of each way, in turn, so that whatever else the machine does hits all alike."""
    for way in ways.values():
        way()
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _run_number in range(runs):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - began)
    return times


def _print(times: Mapping[str, Sequence[float]], base: str = "") -> None:
    for name, measured in times.items():
        middle = statistics.median(measured)
        ratio = f"  {middle / statistics.median(times[base]):5.2f} x describe" if base else ""
        span = f"{min(measured) * 1000:.0f} to {max(measured) * 1000:.0f}"
        print(f"  {name:26} {middle * 1000:6.0f} ms  ({span}){ratio}")


def _ask(house: House, words: str) -> None:
    now = datetime.now(UTC)
    answer = house.assistant.answer(Request(words, Person("bench"), Place("terminal"), now, language="en"))
    assert "OOMKilled" in str(answer.headline), answer.headline


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "OOMKilled" in done.stdout
