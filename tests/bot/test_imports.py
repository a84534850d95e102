"""What a one-shot call does not import: each of these costs as much as a good part of an answer."""

import os
import subprocess
import sys
from pathlib import Path

from tests.sandbox_fixtures import rehearse
from tests.worlds import LIMITED, OOM, deployment

ROOT = Path(__file__).parents[2]
FOR_OTHER_CALLS = {
    "alembic",
    "apscheduler",
    "dateparser",
    "kiwipiepy",
    "nicegui",
    "psycopg",
    "slack_bolt",
    "slack_sdk",
    "sqlalchemy",
    "sqlmodel",
    "starlette",
    "uvicorn",
}
FOR_CLUSTERS = {"kubernetes", "urllib3", "msgspec", "yaml", "pydantic", "pydantic_settings", "babel"}
FOR_KOREAN = {"babel"}


def imported(*words: str, kubeconfig: Path | str = "/nowhere/kubeconfig") -> tuple[str, set[str]]:
    """What a call says, and the packages that it imported."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("GURUMI_", "SLACK_"))}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "bot", *words],
        env=environment | {"KUBECONFIG": str(kubeconfig)},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    names = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]
    return done.stdout, {name.partition(".")[0] for name in names}


def test_the_version_is_told_without_anything_that_asks_a_cluster() -> None:
    said, packages = imported("--version")
    assert said.startswith("gurumi ")
    assert packages & (FOR_OTHER_CALLS | FOR_CLUSTERS) == set()


def test_a_question_imports_nothing_for_slack_a_database_or_the_page() -> None:
    with rehearse(deployment(container=LIMITED, status=OOM)) as kubeconfig:
        said, packages = imported("ask", "why does checkout keep restarting?", kubeconfig=kubeconfig)
    assert "OOMKilled" in said
    assert "kubernetes" in packages
    assert packages & (FOR_OTHER_CALLS | FOR_KOREAN) == set()


def test_a_question_to_no_cluster_does_not_pay_for_the_client() -> None:
    said, packages = imported("clusters")
    assert said == ""
    assert "kubernetes" not in packages
