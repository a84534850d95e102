"""What deploys the bot: the rights fit what is read, a real API server takes it all, doctor judges the rights."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from integrations.inventory import read_inventory
from knowledge.access import Policy
from knowledge.objects import KINDS
from tests.control_plane.plane import ControlPlane

DEPLOY = Path(__file__).parent.parent / "deploy"
RBAC = DEPLOY / "rbac.yaml"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
CHANGING = {"create", "update", "patch", "delete", "deletecollection", "impersonate", "bind", "escalate", "*"}
PROPAGATION_S = 20


def documents(file: Path) -> list[dict[str, Any]]:
    return [document for document in yaml.safe_load_all(file.read_text()) if document]


def rules() -> list[dict[str, Any]]:
    return next(d["rules"] for d in documents(RBAC) if d["kind"] == "ClusterRole")


def granted(verb: str) -> set[tuple[str, str]]:
    return {(g, r) for rule in rules() if verb in rule["verbs"] for g in rule["apiGroups"] for r in rule["resources"]}


def test_the_role_covers_exactly_the_kinds_that_are_read() -> None:
    read = {(kind.RESOURCE.group, kind.RESOURCE.plural) for kind in KINDS.values()}
    assert granted("get") == read | {("", "pods/log")}
    assert granted("list") == read - {("", "secrets")}


def test_the_role_changes_nothing() -> None:
    asks = {"apiGroups": ["authorization.k8s.io"], "resources": ["selfsubjectaccessreviews"], "verbs": ["create"]}
    assert asks in rules()
    assert not [rule for rule in rules() if rule != asks and CHANGING & set(rule["verbs"])]


def test_the_examples_are_read_as_they_are_meant() -> None:
    Policy.parse((DEPLOY / "policy.example.yaml").read_text())
    assert [entry.name for entry in read_inventory(str(DEPLOY / "inventory.example.yaml"))] == ["shop-prod", "shop-dev"]
    written = next(d for file in MANIFESTS for d in documents(file) if d["kind"] == "ConfigMap")
    assert Policy.parse(written["data"]["policy.yaml"]) == Policy.open()


def test_the_image_is_built_from_locked_dependencies_and_does_not_run_as_root() -> None:
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    assert "FROM python:3.11-slim" in lines
    assert "RUN pip install --require-hashes -r requirements.txt" in lines
    assert "USER 10001" in lines


@pytest.fixture(scope="module")
def applied(control_plane: ControlPlane) -> Iterator[ControlPlane]:
    """A control plane on which an administrator applied the role."""
    control_plane.kubectl("apply", "-f", str(RBAC))
    yield control_plane
    control_plane.kubectl("delete", "-f", str(RBAC), "--wait=false")


@pytest.fixture(scope="module")
def kubeconfig(applied: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bot's own way in: the token of its ServiceAccount."""
    token = applied.kubectl("create", "token", "gurumi", "--namespace", "gurumi").strip()
    config = yaml.safe_load(applied.kubeconfig.read_text())
    config["users"] = [{"name": user["name"], "user": {"token": token}} for user in config["users"]]
    file = tmp_path_factory.mktemp("deployed") / "kubeconfig"
    file.write_text(yaml.safe_dump(config))
    return file


def doctor(kubeconfig: Path) -> tuple[int, str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GURUMI_", "SLACK_"))}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "doctor"],
        env=environment | {"KUBECONFIG": str(kubeconfig)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def doctor_once_it_says(word: str, kubeconfig: Path) -> tuple[int, str]:
    """An API server takes a moment to notice that a role changed."""
    end = time.monotonic() + PROPAGATION_S
    while True:
        status, text = doctor(kubeconfig)
        if word in text or time.monotonic() > end:
            return status, text


@pytest.mark.control_plane
def test_the_api_server_takes_every_manifest(applied: ControlPlane) -> None:
    for file in (RBAC, *MANIFESTS):
        applied.kubectl("apply", "--dry-run=server", "-f", str(file))


@pytest.mark.control_plane
@pytest.mark.parametrize("file", [DEPLOY / "kubernetes" / "deployment.yaml", DEPLOY / "kubernetes" / "migrate.yaml"])
def test_its_pods_are_admitted_where_pods_are_restricted(applied: ControlPlane, file: Path) -> None:
    template = documents(file)[0]["spec"]["template"]
    pod = {"apiVersion": "v1", "kind": "Pod", **template}
    pod["metadata"] = {"name": "admitted", "namespace": "gurumi"}
    created = applied.kubectl("create", "--dry-run=server", "-f", "-", stdin=yaml.safe_dump(pod))
    assert "pod/admitted created" in created


@pytest.mark.control_plane
def test_with_the_role_applied_doctor_finds_every_right(kubeconfig: Path) -> None:
    status, text = doctor_once_it_says("every right is there", kubeconfig)
    assert (status, "every right is there" in text) == (0, True), text


@pytest.mark.control_plane
def test_a_rule_that_is_taken_away_is_named_and_what_doctor_prints_repairs_it(
    applied: ControlPlane, kubeconfig: Path
) -> None:
    less = next(d for d in documents(RBAC) if d["kind"] == "ClusterRole")
    less["rules"] = [rule for rule in less["rules"] if rule["apiGroups"] != ["policy"]]
    applied.kubectl("apply", "-f", "-", stdin=yaml.safe_dump(less))
    status, text = doctor_once_it_says("may not read poddisruptionbudgets", kubeconfig)
    assert (status, "may not read poddisruptionbudgets" in text) == (1, True), text

    printed = "\n".join(line for line in text.splitlines() if line.startswith("    "))
    less["rules"] += yaml.safe_load(printed)
    applied.kubectl("apply", "-f", "-", stdin=yaml.safe_dump(less))
    status, text = doctor_once_it_says("every right is there", kubeconfig)
    assert (status, "every right is there" in text) == (0, True), text
