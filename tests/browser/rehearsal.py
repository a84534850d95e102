"""``gurumi demo`` as a process of its own, and a Chromium to look at it with."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

CHROMIUM = "/usr/bin/chromium"
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run"]
_ROOT = Path(__file__).parents[2]
_FOREIGN = {
    "HTTP_PROXY": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "KUBECONFIG": "/nowhere/kubeconfig",
    "GURUMI_INVENTORY": "/nowhere/inventory.yaml",
    "GURUMI_POLICY": "/nowhere/policy.yaml",
    "GURUMI_TICKETS": "/nowhere/tickets.yaml",
    "GURUMI_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:9/none",
    "GURUMI_SLASH_COMMAND": "/other",
    "SLACK_BOT_TOKEN": "xoxb-of-a-real-workspace",
}
"""What may stand in the environment of somebody who tries the demo: none of it is the demo's."""


class Demo:
    """A running demo. ``said`` is all that it printed until it was open."""

    def __init__(self, port: int) -> None:
        command = [sys.executable, "-m", "bot", "demo", "--no-browser", "--port", str(port)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=_ROOT, env=os.environ | _FOREIGN
        )
        self.said, self.url = "", ""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                self.url = found[0]
                return
        raise RuntimeError(f"the demo did not open: {self.process.communicate()[1]}")

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """The exit status, and what stood on standard error."""
        self.process.send_signal(number)
        complaints = self.process.communicate(timeout=20)[1]
        return self.process.returncode, complaints


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()
