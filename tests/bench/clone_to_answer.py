"""Seconds from ``git clone`` to the first answered question, as somebody new would go. Only when it is named.

    python -m tests.bench clone_to_answer

It clones this repository into a new folder, makes its virtual environment there and asks a rehearsed cluster.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.sandbox_fixtures import rehearse
from tests.worlds import LIMITED, OOM, deployment

ONLY_WHEN_NAMED = True
WANTED_S = 120
HERE = Path(__file__).parents[2]


def main(flags: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, rehearse(deployment(container=LIMITED, status=OOM)) as kubeconfig:
        clone = Path(folder) / "gurumi"
        gurumi = [str(clone / ".venv/bin/gurumi"), "ask", "why does checkout keep restarting?"]
        began = time.perf_counter()
        _step(began, "cloned", ["git", "clone", "-q", str(HERE), str(clone)])
        _step(began, "installed", ["make", "-s", "-C", str(clone), ".venv/ready"])
        answer = _step(began, "answered", gurumi, KUBECONFIG=str(kubeconfig))
    assert "OOMKilled" in answer, answer
    print(f"  wanted: below {WANTED_S} s")


def _step(began: float, name: str, command: list[str], **environment: str) -> str:
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=True)
    print(f"  {name:10} after {time.perf_counter() - began:5.1f} s")
    return done.stdout
