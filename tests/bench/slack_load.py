"""``gurumi run`` under load: how soon commands are acknowledged, whether all are answered, and what memory it takes."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from integrations.sandbox.slack.room import SlackRoom
from tests.sandbox_fixtures import rehearse
from tests.worlds import LIMITED, OOM, deployment, noise

A_SECOND = 50
SECONDS = 20
DRAIN_S = 120.0
MEMORY_DELIVERIES = 2000
WORDS = ("help", "clusters", "why does checkout keep restarting?", "help")


def main(flags: Sequence[str]) -> None:
    world = deployment(container=LIMITED, status=OOM) + noise()
    with SlackRoom() as room, rehearse({"shop-prod": world}) as kubeconfig, tempfile.TemporaryDirectory() as folder:
        mine = {"KUBECONFIG": str(kubeconfig), "GURUMI_DATABASE_URL": f"sqlite:///{folder}/gurumi.db"}
        environment = {**os.environ, **mine, **room.environment}
        with (Path(folder) / "log").open("w") as log:
            bot = subprocess.Popen([sys.executable, "-m", "bot", "run"], env=environment, stderr=log)
            try:
                room.connected(30)
                _measure(room, bot)
            finally:
                bot.terminate()
                bot.wait(20)


def _measure(room: SlackRoom, bot: "subprocess.Popen[bytes]") -> None:
    minji = room.person("minji").id
    for words in WORDS:
        room.command(minji, "k8s-help", "/k8s", words)
    _drained(room, minji, len(WORDS), 60)
    before = _resident_mb(bot)
    total = A_SECOND * SECONDS
    began = time.monotonic()
    for number in range(total):
        time.sleep(max(0.0, began + number / A_SECOND - time.monotonic()))
        room.command(minji, "k8s-help", "/k8s", WORDS[number % len(WORDS)])
    sent = time.monotonic() - began
    answered = _drained(room, minji, len(WORDS) + total, DRAIN_S) - len(WORDS)
    drained = time.monotonic() - began - sent
    mine = room.deliveries[len(WORDS) :]
    waits = [d.attempts[0].acked_at - d.attempts[0].sent_at for d in mine if d.attempts and d.attempts[0].acked_at]
    cuts = [cut * 1000 for cut in statistics.quantiles(waits, n=100)]
    print(f"{total} slash commands in {sent:.0f} s ({total / sent:.0f} a second)")
    print(f"  acknowledged after   p50 {cuts[49]:.0f} ms, p95 {cuts[94]:.0f} ms, p99 {cuts[98]:.0f} ms")
    print(f"  unacknowledged       {total - len(waits)}")
    print(f"  unanswered           {total - answered} (all answers were there {drained:.0f} s after the last command)")
    rest = MEMORY_DELIVERIES - total
    for number in range(rest):
        room.command(minji, "k8s-help", "/k8s", WORDS[number % len(WORDS)])
        time.sleep(1 / A_SECOND)
    _drained(room, minji, len(WORDS) + MEMORY_DELIVERIES, DRAIN_S)
    after = _resident_mb(bot)
    print(f"  memory               {before:.0f} MB before, {after:.0f} MB after {MEMORY_DELIVERIES} deliveries "
          f"({after - before:+.0f} MB)")  # fmt: skip


def _drained(room: SlackRoom, user: str, wanted: int, limit_s: float) -> int:
    end = time.monotonic() + limit_s
    while (answered := len(room.ephemerals(user, "k8s-help"))) < wanted and time.monotonic() < end:
        time.sleep(0.2)
    return answered


def _resident_mb(bot: "subprocess.Popen[bytes]") -> float:
    lines = Path(f"/proc/{bot.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
