"""Seconds from ``git clone`` to the first answered question, as somebody new would go. Only when it is named.

    python -m tests.bench clone_to_answer

It clones this repository into a new folder, runs ``make demo`` there, which makes its virtual environment, and clicks
a question on the page. Whatever package files this machine keeps from earlier installations are used.
"""

import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.rehearsal import chromium

ONLY_WHEN_NAMED = True
WANTED_S = 120
QUESTION, CAUSE = "why does checkout keep restarting?", "OOMKilled"
HERE = Path(__file__).parents[2]


def main(flags: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "gurumi"
        began = time.perf_counter()
        subprocess.run(["git", "clone", "-q", str(HERE), str(clone)], check=True)
        _print(began, "cloned")
        with _demo(clone) as url:
            _print(began, "the demo is open")
            with chromium() as browser:
                page = browser.new_page()
                page.goto(f"{url}/?as=alex&lang=en")
                page.get_by_role("button", name=QUESTION).click()
                expect(page.locator(".thread")).to_contain_text(CAUSE, timeout=30_000)
                _print(began, "answered")
    print(f"  wanted: below {WANTED_S} s")


@contextmanager
def _demo(clone: Path) -> Iterator[str]:
    """``make demo`` of the clone, from which no window opens; gives its address."""
    command = ["make", "-s", "-C", str(clone), "demo"]
    environment = {**os.environ, "BROWSER": "true"}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True, stderr=subprocess.STDOUT
    )
    said = ""
    try:
        for line in process.stdout or ():
            said += line
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                yield found[0]
                return
        raise RuntimeError(f"the demo did not open: {said}")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def _print(began: float, what: str) -> None:
    print(f"  {what:18} after {time.perf_counter() - began:5.1f} s")
