"""A server on loopback that answers as a test wants, well or badly, and a client of it."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from integrations.kube_api import KubeApi
from integrations.kube_config import Way
from integrations.kube_wire import Patience

IMPATIENT = Patience(connect_s=0.5, read_s=0.6, call_s=1.5, plugin_s=1.0)


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    path: str
    headers: Message

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.path).query))


class Exchange(BaseHTTPRequestHandler):
    """One request; ``server.answer`` decides what becomes of it."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    @property
    def query(self) -> dict[str, str]:
        return Asked(self.path, self.headers).query

    def give(self, status: int, body: object = b"", **headers: str) -> None:
        """``body``: bytes as they are, anything else as JSON. A keyword ``retry_after`` is the header Retry-After."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def do_GET(self) -> None:
        self.server.asked.append(Asked(self.path, self.headers))
        try:
            self.server.answer(self)
        except OSError:
            self.close_connection = True  # the client went away first

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, answer: Callable[[Exchange], None]) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.answer = answer
        self.asked: list[Asked] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def client(self, page: int = 500, **user: object) -> KubeApi:
        return KubeApi("shop", Way("shop", "kubeconfig", {"server": self.url}, user), patience=IMPATIENT, page=page)


@contextmanager
def serving(answer: Callable[[Exchange], None]) -> Iterator[Server]:
    with Server(answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def pod(name: str, namespace: str = "cart", **labels: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": namespace, "labels": labels}, "spec": {"nodeName": "node-1"}}


def pod_list(*pods: dict[str, Any], token: str = "") -> dict[str, Any]:
    return {"kind": "PodList", "apiVersion": "v1", "metadata": {"continue": token}, "items": list(pods)}
