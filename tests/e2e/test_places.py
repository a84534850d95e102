"""Whole places of a live cluster: every trouble is listed, a cluster that is down is told at once."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.control_plane.plane import ControlPlane
from tests.e2e.live import gurumi

pytestmark = pytest.mark.control_plane
WITHIN_S = 20.0
SETTLED_S = 75
"""What heals by itself raises no alarm where a whole place is asked about: nodes after 30 s, probes after a minute."""


@pytest.fixture(scope="module", autouse=True)
def settled(live: ControlPlane) -> None:
    time.sleep(SETTLED_S)


@pytest.fixture(scope="module")
def two(live: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two contexts: the live cluster, and one whose API server has gone away."""
    gone = ControlPlane(tmp_path_factory.mktemp("gone"), bare=True)
    gone.up()
    gone.down()
    configs = {"shop-prod": live.kubeconfig, "shop-dev": gone.kubeconfig}
    merged = _merged(configs)
    file = tmp_path_factory.mktemp("two") / "kubeconfig"
    file.write_text(merged)
    yield str(file)
    gone.down(wipe=True)


def _merged(files: dict[str, Path]) -> str:
    whole: dict[str, list[dict[str, object]]] = {"contexts": [], "clusters": [], "users": []}
    for name, file in files.items():
        one = yaml.safe_load(file.read_text())
        whole["contexts"].append({"name": name, "context": {"cluster": name, "user": name}})
        whole["clusters"].append({"name": name, "cluster": one["clusters"][0]["cluster"]})
        whole["users"].append({"name": name, "user": one["users"][0]["user"]})
    return yaml.safe_dump({"apiVersion": "v1", "kind": "Config", **whole})


def test_a_whole_cluster_is_looked_at_and_every_trouble_is_in_the_list(live: ControlPlane) -> None:
    told = gurumi("diagnose", "admin", "--format", "json", environment={"KUBECONFIG": str(live.kubeconfig)})
    known = {f["id"] for f in told.data["findings"]} | {i for f in told.data["findings"] for i in f["explains"]}
    wanted = {
        "pod-oomkilled",
        "pod-crashloop-app-exit",
        "image-pull-not-found",
        "config-ref-missing",
        "node-notready",
        "svc-selector-matches-nothing",
        "webhook-backend-down",
        "job-failed",
        "hpa-cannot-scale",
        "pdb-blocks-drain",
        "probe-readiness-failing",
        "sched-insufficient-resources",
    }
    assert wanted - known == set()
    accused = {f["subject"]["name"] for f in told.data["findings"]}
    assert not [name for name in accused if name.startswith("web-")]


def test_a_namespace_alone_is_looked_at(live: ControlPlane) -> None:
    told = gurumi(
        "diagnose", "admin", "-n", "data", "--format", "json", environment={"KUBECONFIG": str(live.kubeconfig)}
    )
    assert {f["subject"]["namespace"] for f in told.data["findings"]} <= {"data", ""}
    assert "indexer" in told.text


def test_an_administrator_lacks_no_right(live: ControlPlane) -> None:
    told = gurumi("doctor", environment={"KUBECONFIG": str(live.kubeconfig)})
    assert told.status == 0
    assert "every right is there" in told.text


def test_clusters_are_listed_with_their_state_and_the_one_that_is_down_is_told_in_seconds(two: str) -> None:
    told = gurumi("clusters", "--check", "--format", "json", environment={"KUBECONFIG": two})
    states = {c["name"]: c["state"] for c in told.data["clusters"]}
    assert states["shop-prod"] == "answers, Kubernetes 1.37"
    assert "shop-dev" in states["shop-dev"]
    assert told.seconds < WITHIN_S


def test_one_cluster_that_is_down_holds_up_no_answer_about_the_other(two: str) -> None:
    told = gurumi("ask", "why does checkout keep restarting?", environment={"KUBECONFIG": two})
    assert told.status == 0
    assert "OOMKilled" in told.first
    assert "shop-dev could not be asked" in " ".join(told.text.split())
    assert told.seconds < WITHIN_S


def test_a_cluster_that_is_down_and_is_the_one_asked_is_an_error_that_says_so(two: str) -> None:
    told = gurumi("ask", "why does checkout keep restarting?", "--cluster", "shop-dev", environment={"KUBECONFIG": two})
    assert told.status == 1
    assert "shop-dev" in told.complaint
    assert told.seconds < WITHIN_S


def test_what_is_missing_is_named_by_doctor_for_the_cluster_that_is_down(two: str) -> None:
    told = gurumi("doctor", environment={"KUBECONFIG": two})
    assert told.status == 1
    assert "MISSING · shop-dev" in " ".join(told.text.split())
    assert "ok · shop-prod" in " ".join(told.text.split())
