"""Whatever is wrong with what the program is given: a sentence that says what to do, the right status, no traceback."""

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.live import Outcome, gurumi
from tests.sandbox_fixtures import rehearse
from tests.worlds import LIMITED, OOM, deployment

QUESTION = "why does checkout keep restarting?"
ILL = deployment(container=LIMITED, status=OOM)
FAKE = "fake-token-that-nobody-may-see"
WITHIN_S = 60.0


@pytest.fixture(scope="module")
def kubeconfig() -> Iterator[str]:
    with rehearse({"shop-prod": ILL}) as path:
        yield str(path)


def no_accident(told: Outcome) -> None:
    whole = told.text + told.complaint
    assert "Traceback" not in whole
    assert FAKE not in whole
    assert "Something went wrong inside me" not in whole
    assert told.seconds < WITHIN_S


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("ask", QUESTION, "--cluster", "shop-prd"), 1, "no cluster called shop-prd"),
        (("ask", QUESTION, "--namespace", "nowhere"), 0, "checkout"),
        (("diagnose", "shop-prd"), 1, "no cluster shop-prd"),
        (("diagnose", "shop-prod", "-n", "nowhere"), 1, "no namespace nowhere"),
        (("doctor", "shop-prd"), 1, "no cluster shop-prd"),
        (("frobnicate",), 2, "No such command"),
        (("ask", QUESTION, "--frobnicate"), 2, "No such option"),
        (("ask", QUESTION, "--lang", "fr"), 2, "en and ko"),
        (("ask", QUESTION, "--format", "xml"), 2, "xml"),
        (("ask", ""), 2, "question is empty"),
        (("ask", "   "), 2, "question is empty"),
        (("ask",), 2, "Missing argument"),
        (("ask", QUESTION, "--at", "yesterday"), 2, "--at wants a time"),
        (("ask", QUESTION, "--at", "2026-01-15T05:12:00"), 2, "with its zone"),
        (("ask", "🔥🔥🔥"), 0, ""),
        (("ask", "a" * 40_000), 0, ""),
        (("ask", "checkout " * 4_400), 0, "OOMKilled"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else None,
)
def test_wrong_words(kubeconfig: str, words: tuple[str, ...], status: int, says: str) -> None:
    told = gurumi(*words, environment={"KUBECONFIG": kubeconfig})
    no_accident(told)
    assert told.status == status
    assert says in " ".join((told.text + told.complaint).split())


def _config(server: str, token: str = FAKE) -> str:
    user: dict[str, Any] = {"token": token}
    named = [{"name": "shop-prod", "context": {"cluster": "c", "user": "u"}}]
    clusters = [{"name": "c", "cluster": {"server": server}}]
    return yaml.safe_dump({"contexts": named, "clusters": clusters, "users": [{"name": "u", "user": user}]})


CONFIGS = {
    "missing": (None, "kubeconfig"),
    "empty": ("", "no context"),
    "no YAML": (f"clusters: [{{token: {FAKE}", "no valid YAML"),
    "a list": ("- a\n- b\n", "not the YAML of a kubeconfig"),
    "binary": ("\x00\x01\x02", "kubeconfig"),
    "pointing nowhere": (_config("http://127.0.0.1:1"), "shop-prod"),
    "a host that nobody knows": (_config("http://nowhere.invalid"), "shop-prod"),
    "without a server": (_config(""), "no server address"),
    "a server that is no address": (_config("not an address"), "shop-prod"),
    "a certificate that is none": (
        _config("https://127.0.0.1:1").replace(
            "server:", f"certificate-authority-data: {base64.b64encode(b'none').decode()}\n    server:"
        ),
        "shop-prod",
    ),
}


@pytest.mark.parametrize(("text", "says"), CONFIGS.values(), ids=CONFIGS)
def test_a_kubeconfig_that_cannot_be_used(tmp_path: Path, text: str | None, says: str) -> None:
    file = tmp_path / "kubeconfig"
    if text is not None:
        file.write_text(text)
    told = gurumi("ask", QUESTION, environment={"KUBECONFIG": str(file), "HOME": str(tmp_path)})
    no_accident(told)
    assert told.status == 1
    assert says in " ".join(told.complaint.split())


FAULTS = ("401", "403", "404", "410", "429", "500", "503", "hang", "html", "cut", "refused")


@pytest.mark.parametrize("answer", FAULTS)
def test_an_api_server_that_misbehaves_is_told_and_named(answer: str) -> None:
    fault = f'---\n{{apiVersion: rehearsal, kind: Fault, resource: "*", answer: "{answer}"}}\n'
    with rehearse({"shop-prod": ILL + fault}) as path:
        told = gurumi("ask", QUESTION, environment={"KUBECONFIG": str(path)})
    no_accident(told)
    assert "OOMKilled" not in told.text
    assert "healthy" not in told.text
    assert "checkout" in told.text + told.complaint or "shop-prod" in told.text + told.complaint


@pytest.mark.parametrize(
    ("answer", "resource"), [("500", "events"), ("hang", "events"), ("403", "nodes"), ("html", "services")]
)
def test_one_kind_that_cannot_be_read_does_not_hide_the_cause(answer: str, resource: str) -> None:
    fault = f'---\n{{apiVersion: rehearsal, kind: Fault, resource: {resource}, answer: "{answer}"}}\n'
    with rehearse({"shop-prod": ILL + fault}) as path:
        told = gurumi("ask", QUESTION, environment={"KUBECONFIG": str(path)})
    no_accident(told)
    assert "OOMKilled" in told.first
    assert "could not check" in told.text


DATABASES = {
    "no URL": "frobnicate",
    "unreachable": "postgresql://gurumi:not-a-real-password@127.0.0.1:1/gurumi",
    "a folder that is not there": "sqlite:////nonexistent/folder/gurumi.db",
}


@pytest.mark.parametrize("url", DATABASES.values(), ids=DATABASES)
def test_a_database_that_cannot_be_used_costs_no_answer_and_no_password(kubeconfig: str, url: str) -> None:
    began = time.monotonic()
    told = gurumi("ask", QUESTION, environment={"KUBECONFIG": kubeconfig, "GURUMI_DATABASE_URL": url})
    no_accident(told)
    assert "not-a-real-password" not in told.text + told.complaint
    assert "OOMKilled" in told.text or "database" in told.complaint.lower() or "GURUMI_DATABASE_URL" in told.complaint
    assert time.monotonic() - began < WITHIN_S


@pytest.mark.parametrize("text", [None, "roles: [", "- a list", "frobnicate: yes"])
def test_a_policy_that_cannot_be_used_lets_nobody_in(kubeconfig: str, tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "policy.yaml"
    if text is not None:
        file.write_text(text)
    told = gurumi("ask", QUESTION, environment={"KUBECONFIG": kubeconfig, "GURUMI_POLICY": str(file)})
    no_accident(told)
    assert told.status == 2
    assert "GURUMI_POLICY" in told.complaint
    assert "OOMKilled" not in told.text


def test_as_json_an_error_is_json_on_the_output_and_a_sentence_beside_it() -> None:
    told = gurumi("ask", QUESTION, "--format", "json", environment={"KUBECONFIG": "/nonexistent/kubeconfig"})
    no_accident(told)
    assert told.status == 1
    assert json.loads(told.text)["tone"] == "failed"
    assert told.complaint.startswith("gurumi: ")
