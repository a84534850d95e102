"""Ways to a cluster that lead nowhere: the sentence names what is wrong and where, and never a credential."""

import base64
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from tests.e2e.live import gurumi
from tests.integrations.server import serving
from tests.program.servers import flat, kubeconfig, no_accident, silent, speaking
from tests.sandbox_fixtures import rehearse
from tests.worlds import LIMITED, OOM, deployment

QUESTION = "why does checkout keep restarting?"
ILL = deployment(container=LIMITED, status=OOM)
NOWHERE = "http://127.0.0.1:1"


def plugin(folder: Path, script: str) -> dict[str, object]:
    """A user whose credential a shell script gives."""
    file = folder / "log-in"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(file)}}


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo fake-plugin-secret >&2; exit 3", "log-in failed with exit code 3. Run `log-in` by hand"),
        ("echo fake-plugin-secret", "log-in gave no credential"),
        ("echo '{\"status\": null}'", "log-in gave no credential"),
        ("sleep 60", "log-in did not end within 10 s"),
    ],
    ids=["fails", "nonsense", "null", "hangs"],
)
def test_a_login_plugin_that_does_not_do_its_work(tmp_path: Path, script: str, says: str) -> None:
    told = gurumi("ask", QUESTION, environment=kubeconfig(tmp_path, NOWHERE, user=plugin(tmp_path, script)))
    no_accident(told, "fake-plugin-secret")
    assert told.status == 1
    assert says in flat(told).replace(" - ", " ")


@pytest.mark.parametrize(
    ("user", "says"),
    [
        ({"exec": {"command": "no-such-plugin"}}, "Install no-such-plugin where this bot runs."),
        ({"exec": {}}, "has no command"),
        ({"tokenFile": "/nonexistent/token"}, "/nonexistent/token, which cannot be read"),
        ({"client-certificate": "/nonexistent/crt", "client-key": "/nonexistent/key"}, "/nonexistent/crt, which"),
        ({"client-certificate-data": "%%", "client-key-data": "%%"}, "is not base64"),
    ],
    ids=["plugin missing", "plugin without a command", "token file", "certificate", "base64"],
)
def test_a_credential_that_is_not_there(tmp_path: Path, user: object, says: str) -> None:
    told = gurumi("ask", QUESTION, environment=kubeconfig(tmp_path, NOWHERE, user=user))
    no_accident(told)
    assert told.status == 1
    assert says in flat(told)


@pytest.mark.parametrize("proxy", ["http://me:fake-proxy-secret@127.0.0.1:1", "nonsense://::"])
def test_a_proxy_that_does_not_answer_or_is_none(tmp_path: Path, proxy: str) -> None:
    told = gurumi("ask", QUESTION, environment=kubeconfig(tmp_path, "https://127.0.0.1:6443", proxy_url=proxy))
    no_accident(told, "fake-proxy-secret")
    assert told.status == 1
    assert "`proxy-url`" in told.complaint


@pytest.mark.parametrize(
    "command", [("ask", QUESTION), ("diagnose", "shop-prod"), ("doctor",), ("clusters", "--check")]
)
def test_a_server_that_says_nothing_is_told_by_every_command(tmp_path: Path, command: tuple[str, ...]) -> None:
    with speaking(silent) as url:
        told = gurumi(*command, environment=kubeconfig(tmp_path, url))
    no_accident(told)
    assert told.status == 1
    assert "did not answer within 8 s" in flat(told)


def test_a_token_that_expired_is_told_with_its_file(tmp_path: Path) -> None:
    refusal = {"kind": "Status", "status": "Failure", "message": "Unauthorized", "reason": "Unauthorized", "code": 401}
    with serving(lambda asked: asked.give(401, refusal)) as server:
        environment = kubeconfig(tmp_path, server.url)
        for command in (("ask", QUESTION), ("diagnose", "shop-prod")):
            told = gurumi(*command, environment=environment)
            no_accident(told)
            assert told.status == 1
            assert f"Renew the credential in {environment['KUBECONFIG']}" in flat(told)


class _Greeter(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server with a certificate of its own making that wants one of its clients; and its certificate and key."""
    pair = tmp_path / "pair.pem"
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost")
    subject = ("-addext", "subjectAltName=IP:127.0.0.1", "-days", "2")
    subprocess.run(
        ["openssl", "req", "-x509", *key, *subject, "-keyout", str(pair), "-out", str(tmp_path / "crt.pem")],
        check=True,
        capture_output=True,
    )
    with pair.open("a") as both:
        both.write((tmp_path / "crt.pem").read_text())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair)
    context.load_verify_locations(pair)
    context.verify_mode = ssl.CERT_REQUIRED
    with ThreadingHTTPServer(("127.0.0.1", 0), _Greeter) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"https://127.0.0.1:{server.server_address[1]}", pair
        server.shutdown()


def test_a_certificate_of_another_authority_is_named(tmp_path: Path, tls: tuple[str, Path]) -> None:
    told = gurumi("ask", QUESTION, environment=kubeconfig(tmp_path, tls[0]))
    no_accident(told)
    assert told.status == 1
    assert "is not trusted. - Compare `certificate-authority` in" in flat(told)


def test_a_client_without_the_certificate_that_is_wanted_is_told_so(tmp_path: Path, tls: tuple[str, Path]) -> None:
    told = gurumi("ask", QUESTION, environment=kubeconfig(tmp_path, tls[0], insecure_skip_tls_verify=True))
    no_accident(told)
    assert told.status == 1
    assert "shop-prod" in told.complaint
    assert "not trusted" not in told.complaint


def test_certificates_and_keys_may_lie_in_the_kubeconfig(tmp_path: Path, tls: tuple[str, Path]) -> None:
    url, pair = tls
    inside = base64.b64encode(pair.read_bytes()).decode()
    user = {"client-certificate-data": inside, "client-key-data": inside}
    environment = kubeconfig(tmp_path, url, user=user, certificate_authority_data=inside)
    told = gurumi("ask", QUESTION, environment=environment)
    no_accident(told)
    assert "does not speak as an API server does" in flat(told), "TLS came about, and what answers is no API server"


def test_several_files_are_one_fleet_and_a_dead_cluster_holds_up_no_other(tmp_path: Path) -> None:
    with rehearse({"shop-prod": ILL}) as alive, speaking(silent) as url:
        dead = kubeconfig(tmp_path, url, context="shop-dev")["KUBECONFIG"]
        told = gurumi("ask", QUESTION, environment={"KUBECONFIG": f"{dead}:{alive}:/nonexistent/third"})
    no_accident(told)
    assert told.status == 0
    assert "OOMKilled" in told.first
    assert "shop-dev could not be asked" in told.text
    assert told.seconds < 30


def test_the_first_file_that_names_a_context_wins(tmp_path: Path) -> None:
    with rehearse({"shop-prod": ILL}) as alive:
        kubeconfig(tmp_path, NOWHERE, name="later")
        told = gurumi("ask", QUESTION, environment={"KUBECONFIG": f"{alive}:{tmp_path / 'later'}"})
    assert "OOMKilled" in told.first


INVENTORIES = {
    "missing": (None, "cannot be read"),
    "no YAML": ("clusters: [", "no valid YAML"),
    "empty": ("", "lists no cluster"),
    "a list of words": ("- shop\n- pay\n", "Entry 1 of the inventory"),
    "a context that does not exist": ("- {name: pay, context: nowhere}\n", "has no context nowhere"),
}


@pytest.mark.parametrize(("text", "says"), INVENTORIES.values(), ids=INVENTORIES)
def test_an_inventory_that_cannot_be_used(tmp_path: Path, text: str | None, says: str) -> None:
    file = tmp_path / "inventory.yaml"
    if text is not None:
        file.write_text(text)
    environment = {**kubeconfig(tmp_path, NOWHERE), "GURUMI_INVENTORY": str(file)}
    told = gurumi("ask", QUESTION, environment=environment)
    no_accident(told)
    assert told.status == 1
    assert says in flat(told)


def test_an_inventory_behind_a_url_that_fails_is_told_without_its_secret(tmp_path: Path) -> None:
    with serving(lambda asked: asked.give(500, b"no")) as server:
        url = server.url.replace("//", "//me:fake-inventory-secret@") + "/clusters?token=fake-inventory-secret"
        told = gurumi("clusters", environment={"GURUMI_INVENTORY": url})
    no_accident(told, "fake-inventory-secret")
    assert told.status == 1
    assert "answers HTTP 500" in flat(told)


def test_one_entry_of_an_inventory_that_leads_nowhere_leaves_the_others(tmp_path: Path) -> None:
    with rehearse({"shop-prod": ILL}) as alive:
        file = tmp_path / "inventory.yaml"
        file.write_text(yaml.safe_dump([{"name": "lost", "context": "nowhere"}, {"name": "shop-prod"}]))
        told = gurumi("ask", QUESTION, environment={"KUBECONFIG": str(alive), "GURUMI_INVENTORY": str(file)})
    no_accident(told)
    assert told.status == 0
    assert "OOMKilled" in told.first
    assert "lost could not be asked" in told.text
