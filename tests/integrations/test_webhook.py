"""A pager behind a webhook: told in one line, and its troubles in our words without its address."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from integrations.errors import Denied, IntegrationError, Malformed, NotFound, Overloaded, Unreachable
from integrations.webhook import tell

HEARD: list[object] = []


class _Answers(BaseHTTPRequestHandler):
    """Answers with the status that its path names."""

    def do_POST(self) -> None:
        HEARD.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(int(self.path.strip("/").partition("?")[0]))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def pager() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_one_line_is_told(pager: str) -> None:
    HEARD.clear()
    tell(f"{pager}/200", "사람이 필요합니다: #1 checkout")
    assert HEARD == [{"text": "사람이 필요합니다: #1 checkout"}]


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, Denied), (404, NotFound), (410, NotFound), (429, Overloaded), (503, Overloaded), (400, Malformed)],
)
def test_a_refusal_is_one_of_our_errors_and_names_no_address(
    pager: str, status: int, error: type[IntegrationError]
) -> None:
    with pytest.raises(error) as raised:
        tell(f"{pager}/{status}?token=not-a-real-token", "x")
    assert "not-a-real-token" not in str(raised.value)


def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        tell("http://127.0.0.1:9/hook", "x")
