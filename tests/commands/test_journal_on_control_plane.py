"""The journal on a real API server: a crash, a visit, then the pod and its events deleted, then the question."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.plain import render
from bot.settings import Settings
from bot.wiring import House, build
from bot.words import Words
from commands.dialogue import Answer, Person, Place, Request, Tone
from integrations.store import Store
from tests.control_plane.plane import ControlPlane

pytestmark = pytest.mark.control_plane

NAMESPACE = "journal-specs"
WORLD = """
apiVersion: v1
kind: Namespace
metadata: {name: journal-specs}
---
apiVersion: v1
kind: Secret
metadata: {name: held, namespace: journal-specs}
stringData: {password: fake-secret-value}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ledger, namespace: journal-specs}
spec:
  replicas: 1
  selector: {matchLabels: {app: ledger}}
  template:
    metadata: {labels: {app: ledger}, annotations: {test.gurumi/fate: oom}}
    spec:
      containers:
      - name: app
        image: registry.invalid/ledger:1
        env: [{name: API_TOKEN, value: fake-env-token-value}]
        resources: {limits: {memory: 64Mi}}
"""


@pytest.fixture(scope="module")
def house(control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Path]]:
    control_plane.kubectl("create", "-f", "-", stdin=WORLD)
    folder = tmp_path_factory.mktemp("journal")
    store = Store(f"sqlite:///{folder / 'gurumi.db'}")
    store.migrate()
    yield build(Settings(KUBECONFIG=str(control_plane.kubeconfig)), store), folder
    store.close()
    control_plane.kubectl("delete", "namespace", NAMESPACE, "--wait=false")


def ask(house: House, words: str, about: datetime | None = None) -> tuple[Answer, str]:
    now = datetime.now(UTC)
    request = Request(words, Person("U0MINJI"), Place("terminal"), now, about=about, language="en")
    answer = house.assistant.answer(request)
    return answer, render(answer, Words("en", UTC, now), width=10_000)


def crashed(plane: ControlPlane) -> datetime:
    """When the pod ended, once it did."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        listed = json.loads(plane.kubectl("get", "pods", "-n", NAMESPACE, "-o", "json"))
        for pod in listed["items"]:
            for status in pod["status"].get("containerStatuses", ()):
                for state in (status["lastState"], status["state"]):
                    if "terminated" in state and status["restartCount"]:
                        return datetime.fromisoformat(state["terminated"]["finishedAt"])
        time.sleep(0.5)
    raise AssertionError("kwok ended no container")


def test_a_crash_is_remembered_when_the_pod_and_its_events_are_deleted(
    control_plane: ControlPlane, house: tuple[House, Path]
) -> None:
    here, folder = house
    at = crashed(control_plane)
    assert ask(here, "journal visit")[0].tone is Tone.INFO
    control_plane.kubectl("scale", "deployment/ledger", "-n", NAMESPACE, "--replicas=0")
    control_plane.kubectl("delete", "pods", "--all", "-n", NAMESPACE, "--force", "--grace-period=0")
    control_plane.kubectl("delete", "events", "--all", "-n", NAMESPACE)
    answer, text = ask(here, f"why did ledger restart at {at.isoformat()}?")
    assert answer.tone is Tone.FOUND
    for word in ("ledger", "OOMKilled", "64Mi", "From the journal"):
        assert word in text[:600]
    kept = b"".join(file.read_bytes() for file in folder.glob("gurumi.db*"))
    assert b"held" in kept
    assert b"fake-env-token-value" not in kept
    assert b"fake-secret-value" not in kept


def test_a_quiet_cluster_adds_no_row(control_plane: ControlPlane, house: tuple[House, Path]) -> None:
    here, _folder = house
    ask(here, "journal visit")
    time.sleep(2)
    ask(here, "journal visit")
    again, _text = ask(here, "journal visit")
    assert again.data["visits"][0]["rows"] == 0
