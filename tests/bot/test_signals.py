"""A signal stops the program whenever it arrives, also in the moment in which it begins to wait."""

import random
import subprocess
import sys
import time

import pytest

WAITS = """
import os, threading, time
from bot.signals import stop_on_signals, wait_for

stop = stop_on_signals()
threading.Thread(target=lambda: [time.sleep(1e-4) for _ in iter(int, 1)], daemon=True).start()
print("waiting", flush=True)
wait_for(stop)
os._exit(0)
"""


@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT"])
def test_a_signal_at_any_moment_ends_the_wait(number: str) -> None:
    moments = random.Random(number)
    for _ in range(12):
        program = subprocess.Popen([sys.executable, "-c", WAITS], stdout=subprocess.PIPE, text=True)
        assert program.stdout is not None
        assert program.stdout.readline() == "waiting\n"
        time.sleep(moments.choice((0.0, moments.random() / 1000)))
        subprocess.run(["/bin/kill", f"-{number}", str(program.pid)], check=True)
        assert program.wait(timeout=5) == 0
