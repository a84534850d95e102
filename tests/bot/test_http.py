"""The HTTP way in: what is from Slack is acknowledged, what is not gets a 4xx, and nobody waits for anybody."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from bot.slack.http import BODY_S
from integrations.sandbox.slack.courier import Attempt, Delivery
from integrations.sandbox.slack.room import SIGNING_SECRET
from tests.bot.office import QUESTION, Office, free_port, office
from tests.bot.shapes import LEAVES, OBJECTS, damaged

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def here() -> Iterator[Office]:
    with office("http") as opened:
        yield opened


def post(here: Office, body: bytes, kind: str = JSON, **changed: str) -> httpx.Response:
    """Signed as Slack signs, except for what is ``changed``."""
    stamp = changed.get("stamp", str(int(time.time())))
    try:
        signature = SignatureVerifier(SIGNING_SECRET).generate_signature(timestamp=stamp, body=body)
    except UnicodeDecodeError:
        signature = "v0=of-no-text"
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature or "", "Content-Type": kind}
    headers |= {"X-Slack-Signature": changed["signature"]} if "signature" in changed else {}
    sent = {k: v.encode() for k, v in headers.items() if v}
    return httpx.post(f"{here.url}/slack/events", content=body, headers=sent, timeout=10, trust_env=False)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"signature": ""}, 401),
        ({"signature": "v0=00"}, 401),
        ({"signature": "v0=가"}, 401),
        ({"stamp": "0"}, 401),
        ({"stamp": str(int(time.time()) - 3600)}, 401),
        ({"stamp": str(int(time.time()) + 3600)}, 401),
        ({"stamp": "yesterday"}, 401),
        ({"stamp": "nan"}, 401),
        ({"stamp": ""}, 401),
        ({"stamp": "9" * 5000}, 401),
    ],
)
def test_what_is_not_signed_now_by_slack_is_refused(here: Office, changed: dict[str, str], status: int) -> None:
    assert post(here, b'{"type":"event_callback"}', **changed).status_code == status


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", JSON, 400),
        (b"{", JSON, 400),
        (b"[1]", JSON, 400),
        (b"[" * 100_000, JSON, 400),
        (b"\xff\xfe", JSON, 401),
        (b"payload=%7B", FORM, 400),
        (b"payload=%5B%5D", FORM, 400),
        (b"payload=", FORM, 400),
        (b"", FORM, 400),
        (b"{}", "text/plain", 415),
        (b"{}", "", 415),
        (b"x" * (1024 * 1024 + 1), JSON, 413),
    ],
)
def test_what_nobody_can_read_gets_a_4xx(here: Office, body: bytes, kind: str, status: int) -> None:
    assert post(here, body, kind).status_code == status


def test_a_body_in_pieces_that_never_ends_is_cut_off_at_its_limit(here: Office) -> None:
    with socket.create_connection(("127.0.0.1", int(here.url.rpartition(":")[2])), 5) as connection:
        head = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        connection.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(17):
            connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        assert b" 413 " in connection.recv(1000)


def test_the_url_check_is_answered_with_its_challenge(here: Office) -> None:
    answer = post(here, json.dumps({"type": "url_verification", "challenge": "c0ffee", "token": "t"}).encode())
    assert answer.status_code == 200
    assert "c0ffee" in answer.text


def test_the_tls_check_is_answered_without_a_signature(here: Office) -> None:
    assert post(here, b"ssl_check=1&token=t", FORM, signature="").status_code == 200


def test_half_sent_requests_block_nobody(here: Office) -> None:
    head = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n"
    half = []
    for sent in (b"POST /sla", head, head + b"\r\n{"):
        for _ in range(40):
            half.append(socket.create_connection(("127.0.0.1", int(here.url.rpartition(":")[2]))))
            half[-1].sendall(sent)
    began = time.monotonic()
    assert httpx.get(f"{here.url}/healthz", trust_env=False).status_code == 200
    assert post(here, b'{"type":"event_callback"}').status_code == 200
    assert time.monotonic() - began < BODY_S
    half[-1].settimeout(8)
    assert b" 408 " in half[-1].recv(1000)
    for connection in half:
        connection.close()


def test_an_event_that_comes_again_as_a_retry_is_acknowledged_and_answered_once(here: Office) -> None:
    asked = here.room.say("minji", "general", QUESTION)
    here.room.wait_for(lambda: here.answers("general"))
    here.settled()
    mention = next(d for d in here.room.deliveries if d.payload.get("event", {}).get("type") == "app_mention")
    again = Delivery("events_api", mention.payload)
    carrier = here.room._courier.carrier
    here.room._server.spawn(carrier.carry(again, Attempt("e", 2, 0.0, reason="http_timeout"), 3)).result(5)
    time.sleep(0.5)
    assert len([m for m in here.said("general") if m.thread_ts == asked.ts]) == 1


def test_it_says_that_it_lives_and_is_ready_and_counts(here: Office) -> None:
    assert httpx.get(f"{here.url}/healthz", trust_env=False).status_code == 200
    ready = httpx.get(f"{here.url}/readyz", trust_env=False)
    assert (ready.status_code, ready.json()) == (200, {"database": "ok", "slack": "ok"})
    figures = httpx.get(f"{here.url}/metrics", trust_env=False).text
    for name in (
        "deliveries_accepted_total",
        "deliveries_answered_total",
        "answer_seconds_bucket",
        "deliveries_waiting",
    ):
        assert f"gurumi_{name}" in figures


def test_it_is_not_ready_while_its_token_is_revoked() -> None:
    with office("http") as here:
        here.room.faults.revoked = True
        ready = httpx.get(f"{here.url}/readyz", trust_env=False)
        assert ready.status_code == 503
        assert ready.json()["slack"] == "unauthenticated"
        assert httpx.get(f"{here.url}/healthz", trust_env=False).status_code == 200


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/", "GET", 404), ("/slack/events", "GET", 405), ("/slack/events/x", "POST", 404), ("/healthz", "POST", 405)],
)
def test_other_addresses_get_a_4xx(here: Office, path: str, method: str, status: int) -> None:
    assert httpx.request(method, f"{here.url}{path}", trust_env=False).status_code == status


@pytest.mark.parametrize(
    ("arguments", "changed", "word"),
    [
        (["--http", "nowhere"], {}, "--http wants HOST:PORT"),
        (["--http", "127.0.0.1:99999"], {}, "--http wants HOST:PORT"),
        (["--http", "127.0.0.1:8099"], {"SLACK_SIGNING_SECRET": ""}, "SLACK_SIGNING_SECRET is not set"),
    ],
)
def test_a_wrong_start_ends_with_a_sentence(
    here: Office, arguments: list[str], changed: dict[str, str], word: str
) -> None:
    environment = here.room.environment | {"PATH": "/usr/bin", "GURUMI_DATABASE_URL": "sqlite://"} | changed
    told = subprocess.run(
        [sys.executable, "-m", "bot", "run", *arguments], env=environment, capture_output=True, text=True, timeout=30
    )
    assert told.returncode == 2
    assert word in told.stderr
    assert "Traceback" not in told.stderr


def test_an_address_in_use_ends_the_start_with_a_sentence(here: Office) -> None:
    address = here.url.removeprefix("http://")
    environment = here.room.environment | {
        "PATH": "/usr/bin",
        "GURUMI_DATABASE_URL": f"sqlite:////tmp/{free_port()}.db",
    }
    command = [sys.executable, "-m", "bot", "run", "--http", address]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)
    assert told.returncode == 2
    assert f"cannot listen on {address}" in told.stderr


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=OBJECTS | damaged(), kind=st.sampled_from(["events", "interactive", "command"]))
def test_any_shape_over_http_is_acknowledged_or_refused(here: Office, payload: dict[str, Any], kind: str) -> None:
    match kind:
        case "events":
            answer = post(here, json.dumps(payload).encode())
        case "interactive":
            answer = post(here, urlencode({"payload": json.dumps(payload)}).encode(), FORM)
        case _:
            fields = {k: str(v).encode("utf-8", "replace") for k, v in payload.items()}
            answer = post(here, urlencode(fields).encode(), FORM)
    assert answer.status_code == 200 or 400 <= answer.status_code < 500


@pytest.fixture(scope="module")
def socket_office() -> Iterator[Office]:
    with office("socket", ack_seconds=2.0) as opened:
        yield opened


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    payload=OBJECTS | damaged() | LEAVES,
    kind=st.sampled_from(["events_api", "interactive", "slash_commands", "of_tomorrow"]),
)
def test_any_shape_over_socket_mode_is_acknowledged(socket_office: Office, payload: Any, kind: str) -> None:
    room = socket_office.room
    delivery = Delivery(kind, payload)
    ack = room._server.spawn(room.sockets.carry(delivery, Attempt(f"e-{time.monotonic_ns()}", 0, 0.0), 3)).result(5)
    assert isinstance(ack, dict)


def test_after_all_that_questions_are_answered(here: Office, socket_office: Office) -> None:
    for one in (here, socket_office):
        one.room.say("minji", "k8s-help", QUESTION)
        one.room.wait_for(lambda one=one: one.answers(), 20)
