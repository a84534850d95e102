"""Decoders are built by one thread at a time: else the process ends in the middle of an answer."""

import subprocess
import sys

AT_ONCE = """
import sys, threading
from integrations.decode import decode_list
from knowledge.objects import KINDS

sys.setswitchinterval(1e-6)
body = b'{"items": [{"metadata": {"name": "a"}, "spec": {"containers": [{"name": "x", "env": [{"name": "a"}]}]}}]}'
kinds = list(KINDS.values())[:12] * 2
start = threading.Barrier(len(kinds))


def read(kind):
    start.wait()
    decode_list(kind, body)


threads = [threading.Thread(target=read, args=(kind,)) for kind in kinds]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("all read")
"""


def test_the_first_reads_of_many_kinds_at_once_do_not_end_the_process() -> None:
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", AT_ONCE], capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stdout) == (0, "all read\n"), done.stderr
