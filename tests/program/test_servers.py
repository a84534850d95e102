"""API servers that misbehave on the wire: what could not be read is told, and is never taken for health."""

import gzip
import json
import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.live import Outcome, gurumi
from tests.integrations.server import Exchange, pod, serving
from tests.program.servers import JSON_HEAD, Behaviour, endless, flat, kubeconfig, no_accident, speaking

QUESTION = "why does checkout keep restarting?"
CUT = b'{"kind":"PodList","items":[{"metadata":{"na'
Json = dict[str, Any]

WIRES: dict[str, tuple[Behaviour, str]] = {
    "closes at once": (b"", "closed the connection without an answer"),
    "another protocol": (b"SSH-2.0-OpenSSH_9.2\r\n", "closed the connection without an answer"),
    "closes within the body": (JSON_HEAD + b"Content-Length: 1000\r\n\r\n" + CUT, "broke off"),
    "closes within a chunk": (JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n99\r\n" + CUT, "broke off"),
    "chunks of no size": (JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}", "broke off"),
    "no gzip": (JSON_HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", "broke off"),
    "half a gzip": (
        JSON_HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(CUT)[:-12],
        "does not speak as an API server does",
    ),
    "a redirect to a login": (
        b"HTTP/1.1 302 Found\r\nLocation: https://login.invalid/\r\nContent-Length: 0\r\n\r\n",
        "does not speak as an API server does",
    ),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", "does not speak as an API server does"),
    "headers without an end": (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n{}", "closed the connection"),
}


@pytest.mark.parametrize(("behaviour", "says"), WIRES.values(), ids=WIRES)
def test_an_answer_that_is_none(tmp_path: Path, behaviour: Behaviour, says: str) -> None:
    with speaking(behaviour) as url:
        told = gurumi("ask", QUESTION, environment=kubeconfig(tmp_path, url))
    no_accident(told)
    assert told.status == 1
    assert "I could not ask shop-prod" in told.complaint
    assert says in flat(told)


def test_an_answer_without_an_end_fills_no_memory(tmp_path: Path) -> None:
    with speaking(endless) as url:
        told = gurumi("doctor", "shop-prod", environment=kubeconfig(tmp_path, url))
    no_accident(told)
    assert told.status == 1
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1 << 20, "KiB: less than a gigabyte"


def refused(code: int, reason: str, message: str) -> Json:
    return {"kind": "Status", "status": "Failure", "message": message, "reason": reason, "code": code}


BODIES: dict[str, tuple[int, object]] = {
    "401": (401, refused(401, "Unauthorized", "Unauthorized")),
    "404 page not found": (404, b"404 page not found\n"),
    "404 as a Status": (404, refused(404, "NotFound", "the server could not find the requested resource")),
    "410 without an end": (410, refused(410, "Expired", "too old resource version")),
    "429": (429, refused(429, "TooManyRequests", "please try again later")),
    "500": (500, refused(500, "InternalError", "etcdserver: request timed out")),
    "503 as text": (503, b"Service Unavailable"),
    "HTML": (200, b"<html>Log in</html>"),
    "HTML with 502": (502, b"<html>Bad Gateway</html>"),
    "cut": (200, CUT),
    "nothing": (200, b""),
    "null": (200, b"null"),
    "a list": (200, b"[1, 2]"),
    "another kind": (200, {"kind": "Secret", "metadata": {"name": "x"}, "data": {"a": "fake-secret-value"}}),
    "items that are a mapping": (200, {"kind": "PodList", "items": {}}),
    "nested without an end": (200, b"[" * 100_000),
    "UTF-16": (200, json.dumps({"kind": "PodList", "items": []}).encode("utf-16")),
}


@pytest.mark.parametrize(("code", "body"), BODIES.values(), ids=BODIES)
def test_whatever_it_answers_to_everything_is_no_clean_bill(tmp_path: Path, code: int, body: object) -> None:
    headers = {"Retry_After": "1"} if code == 429 else {}
    with serving(lambda asked: asked.give(code, body, **headers)) as server:
        environment = kubeconfig(tmp_path, server.url)
        asked = gurumi("ask", QUESTION, environment=environment)
        diagnosed = gurumi("diagnose", "shop-prod", "--format", "json", environment=environment)
    for told in (asked, diagnosed):
        no_accident(told, "fake-secret-value")
        assert "shop-prod" in flat(told)
        assert not [word for word in ("healthy", "nothing wrong", "nothing called") if word in flat(told)]
    assert diagnosed.status == 1
    assert json.loads(diagnosed.text)["tone"] == "failed"
    assert diagnosed.complaint.startswith("gurumi: I could not ask shop-prod")


def test_without_any_right_the_answer_says_so(tmp_path: Path) -> None:
    with serving(lambda asked: asked.give(403, refused(403, "Forbidden", "forbidden"))) as server:
        asked = gurumi("ask", QUESTION, environment=kubeconfig(tmp_path, server.url))
        diagnosed = gurumi("diagnose", "shop-prod", environment=kubeconfig(tmp_path, server.url))
    for told in (asked, diagnosed):
        no_accident(told)
        assert told.text.startswith("? ")
        assert "I may not" in told.text


ILL_STATUS: Json = {
    "phase": "Running",
    "conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": "2026-01-15T05:12:00Z"}],
    "containerStatuses": [
        {
            "name": "app",
            "ready": False,
            "restartCount": 7,
            "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": "2026-01-15T05:12:00Z"}},
        }
    ],
}


def ill_pod() -> Json:
    made = pod("checkout-7d9f8b6c54-x2x7k", "shop", app="checkout")
    limited = {"name": "app", "image": "checkout:1", "resources": {"limits": {"memory": "128Mi"}}}
    return {**made, "spec": {**made["spec"], "containers": [limited]}, "status": ILL_STATUS}


def shop(pods: list[object], log: Callable[[Exchange], None] | None = None) -> Callable[[Exchange], None]:
    """A server with these pods and nothing else; what it is not asked for often is an empty list."""

    def answer(asked: Exchange) -> None:
        path = asked.path.partition("?")[0]
        last = path.rpartition("/")[2]
        named = [p for p in pods if isinstance(p, dict) and (p.get("metadata") or {}).get("name") == last]
        if path.endswith("/log") and log:
            log(asked)
        elif path == "/version":
            asked.give(200, {"major": "1", "minor": "34", "gitVersion": "v1.34.2"})
        elif named:
            asked.give(200, named[0])
        elif last == "pods":
            asked.give(200, {"kind": "PodList", "items": pods})
        elif "/namespaces/shop/" in path and path.count("/") > 5:
            asked.give(404, refused(404, "NotFound", f'"{last}" not found'))
        else:
            asked.give(200, {"kind": "List", "items": []})

    return answer


def ask(tmp_path: Path, answer: Callable[[Exchange], None], *words: str) -> Outcome:
    with serving(answer) as server:
        return gurumi(*(words or ("ask", QUESTION)), environment=kubeconfig(tmp_path, server.url))


def changed(value: object, change: Callable[[str, object], object]) -> Any:
    """The value with every field of every object in it changed; ``...`` leaves one as it is."""
    if isinstance(value, dict):
        new = {key: change(key, held) for key, held in value.items()}
        return {key: changed(value[key], change) if held is ... else held for key, held in new.items()}
    return [changed(item, change) for item in value] if isinstance(value, list) else value


NAMES = ("metadata", "name", "namespace", "labels", "app")
CHANGES: dict[str, Callable[[str, object], object]] = {
    "nulls everywhere": lambda key, _value: ... if key in NAMES else None,
    "numbers as strings": lambda _key, value: str(value) if type(value) is int else ...,
    "enormous numbers": lambda _key, value: 10**30 if type(value) is int else ...,
    "unknown enums": lambda key, _value: "Frobnicated" if key in ("phase", "reason", "type") else ...,
    "unknown fields": lambda key, value: {"frob": [value]} if key == "nodeName" else ...,
    "the first instant": lambda key, _value: "0001-01-01T00:00:00Z" if key.endswith(("At", "Time")) else ...,
    "instants that are none": lambda key, _value: "yesterday" if key.endswith(("At", "Time")) else ...,
    "mappings for lists": lambda _key, value: {"0": value} if isinstance(value, list) else ...,
    "lists for mappings": lambda key, value: [value] if key in ("state", "resources", "spec") else ...,
    "quantities that are none": lambda key, _value: {"memory": "lots"} if key == "limits" else ...,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_objects_of_another_shape_end_nothing_and_hide_nothing(
    tmp_path: Path, change: Callable[[str, object], object]
) -> None:
    pods = [changed(ill_pod(), change), None, "a word", {"metadata": None}]
    for words in (("ask", QUESTION), ("diagnose", "shop-prod")):
        told = ask(tmp_path, shop(pods), *words)
        no_accident(told)
        assert told.status == 0
        assert not told.text.startswith("✓"), "what cannot be understood is not health"


def endless_log(line: bytes) -> Callable[[Exchange], None]:
    """Gigabytes, whatever limit was asked for."""

    def log(asked: Exchange) -> None:
        asked.send_response(200)
        asked.end_headers()
        for _ in range(1 << 16):
            asked.wfile.write(line * ((1 << 16) // len(line)))
        asked.close_connection = True

    return log


LOGS = {
    "gigabytes": b"2026-01-15 05:11:59 ERROR out of memory\n",
    "one line": b"x",
    "binary": bytes(range(256)),
    "not UTF-8": "결제 실패\n".encode("euc-kr"),
    "colours": b"\x1b[31mERROR\x1b[0m \x1b]0;title\x07boom\n",
}


@pytest.mark.parametrize("line", LOGS.values(), ids=LOGS)
def test_a_log_is_asked_for_within_limits_and_cut_where_they_are_not_kept(tmp_path: Path, line: bytes) -> None:
    with serving(shop([ill_pod()], endless_log(line))) as server:
        told = gurumi("ask", QUESTION, environment=kubeconfig(tmp_path, server.url))
        asked = [a.query for a in server.asked if a.path.partition("?")[0].endswith("/log")]
    no_accident(told)
    assert "OOMKilled" in told.first
    assert asked
    assert all(int(q["limitBytes"]) <= 1 << 20 and int(q["tailLines"]) <= 1000 for q in asked)
    assert "\x1b" not in told.text
    assert "\x00" not in told.text


@pytest.fixture(scope="module")
def shop_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with serving(shop([ill_pod()])) as server:
        yield kubeconfig(tmp_path_factory.mktemp("shop"), server.url)


def test_the_same_server_in_good_health_is_understood(shop_server: dict[str, str]) -> None:
    told = gurumi("ask", QUESTION, environment=shop_server)
    assert "OOMKilled" in told.first
