"""What of a one-shot call is starting: the interpreter, the imports, the whole of a question that asks nobody."""

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

RUNS = 9
SLOWEST = 8
IMPORTS_OF_ASK = """
import bot.__main__, bot.wiring, bot.plain
from commands.registry import registry
from knowledge.catalogue import detectors
registry(), detectors()
"""
CALLS = {
    "python -c pass": ("-c", "pass"),
    "gurumi --version": ("-m", "bot", "--version"),
    "imports of gurumi ask": ("-c", IMPORTS_OF_ASK),
    "with the cluster's client": ("-c", f"{IMPORTS_OF_ASK}import kubernetes.client, kubernetes.config.kube_config"),
    "gurumi clusters": ("-m", "bot", "clusters"),
}


def main(flags: Sequence[str]) -> None:
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in CALLS}
    for _run in range(RUNS):
        for name, words in CALLS.items():
            times[name].append(took(words))
    print(f"median of {RUNS} interleaved runs: time on the clock, and of the processor, which other work slows less")
    for name, measured in times.items():
        wall, processor = (statistics.median(some) * 1000 for some in zip(*measured, strict=True))
        print(f"  {name:26} {wall:6.0f} ms  {processor:6.0f} ms")
    print("  the slowest imports of gurumi ask, each by itself:")
    for own, name in _imports()[:SLOWEST]:
        print(f"  {own / 1000:6.0f} ms  {name}")


def took(words: Sequence[str]) -> tuple[float, float]:
    """Seconds of one Python process from its start to its end, and those of the processor; it finds no cluster."""
    environment = {**os.environ, "KUBECONFIG": "/nonexistent/kubeconfig"}
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *words], env=environment, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return time.perf_counter() - began, processor


def _imports() -> list[tuple[int, str]]:
    command = [sys.executable, "-X", "importtime", "-c", IMPORTS_OF_ASK]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    packages: dict[str, int] = {}
    for line in told.splitlines()[1:]:
        own, _, name = line.removeprefix("import time:").split("|")
        package = name.strip().partition(".")[0]
        packages[package] = packages.get(package, 0) + int(own) if own.strip().isdigit() else 0
    return sorted(((own, name) for name, own in packages.items()), reverse=True)
