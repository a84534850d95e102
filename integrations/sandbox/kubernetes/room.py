"""Opens the room: one loopback port a cluster, and the kubeconfig by which any client finds them."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml

from integrations.sandbox.kubernetes.api import ClusterApi
from integrations.sandbox.kubernetes.certificate import self_signed
from integrations.sandbox.kubernetes.deeds import Deed
from integrations.sandbox.kubernetes.store import Store
from integrations.sandbox.kubernetes.wire import Reply, Request
from integrations.sandbox.world import ClusterWorld, User

_LONGEST_HANG_S = 600.0
_HOST = "127.0.0.1"


class KubernetesRoom:
    """API servers for several clusters at once. Open as soon as it is built; ``close`` it, or use it in a ``with``."""

    def __init__(self, worlds: Mapping[str, ClusterWorld]) -> None:
        self._closing = threading.Event()
        self._worlds = dict(worlds)
        self._ports = {name: _Port(world, self._closing) for name, world in worlds.items()}

    @property
    def stores(self) -> Mapping[str, Store]:
        """The objects of each cluster: what is changed here, clients see, and watchers are told."""
        return {name: port.api.store for name, port in self._ports.items()}

    def deeds(self) -> tuple[Deed, ...]:
        """What a person may do to the clusters from outside; see ``deeds``. Cheap enough to be asked every second."""
        return tuple(deed for port in self._ports.values() for deed in port.api.deeds.all())

    def do(self, id: str) -> None:
        """Performs a deed and returns at once. Raises KeyError for one that no cluster knows."""
        self._ports[id.partition("/")[0]].api.deeds.do(id)

    def url(self, cluster: str) -> str:
        return self._ports[cluster].url

    def kubeconfig(self, path: Path, user: str = "") -> Path:
        """Writes a kubeconfig with every cluster as a context. ``user``: who to be, where a world names its users."""
        clusters, users, contexts = [], [], []
        for name, port in self._ports.items():
            cluster = {"server": port.url} | ({"certificate-authority-data": port.authority} if port.authority else {})
            clusters.append({"name": name, "cluster": cluster})
            person = _person(self._worlds[name], user)
            users.append({"name": f"{person.name}@{name}", "user": {"token": person.token} if person.token else {}})
            contexts.append({"name": name, "context": {"cluster": name, "user": f"{person.name}@{name}"}})
        text = yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": clusters,
                "users": users,
                "contexts": contexts,
                "current-context": next(iter(self._ports), ""),
            },
            sort_keys=False,
        )
        path.write_text(text)
        path.chmod(0o600)
        return path

    def close(self) -> None:
        self._closing.set()
        for port in self._ports.values():
            port.close()

    def __enter__(self) -> "KubernetesRoom":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _person(world: ClusterWorld, name: str) -> User:
    known = [user for user in world.users if not name or user.name == name]
    return known[0] if known else User(name or "rehearsal")


class _Port:
    """One cluster's port. A world with a Fault ``refused`` keeps its port and lets nobody in."""

    def __init__(self, world: ClusterWorld, closing: threading.Event) -> None:
        self.api = ClusterApi(world, closing)
        self.authority = ""
        self._server: _Server | None = None
        self._deaf: socket.socket | None = None
        if any(fault.answer == "refused" for fault in world.faults):
            self._deaf = socket.socket()
            self._deaf.bind((_HOST, 0))
            self.url = f"http://{_HOST}:{self._deaf.getsockname()[1]}"
            return
        self._server = _Server(self.api, closing)
        self.url = f"http://{_HOST}:{self._server.server_port}"
        if world.users:  # clients send a token only where the connection is safe
            self.authority, self._server.tls = self_signed(_HOST)
            self.url = self.url.replace("http:", "https:")
        threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name=f"room-{world.name}", daemon=True
        ).start()

    def close(self) -> None:
        if self._deaf:
            self._deaf.close()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server.hang_up()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, api: ClusterApi, closing: threading.Event) -> None:
        self.api = api
        self.closing = closing
        self.tls: ssl.SSLContext | None = None
        self._open: set[socket.socket] = set()
        super().__init__((_HOST, 0), _Handler)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """In the connection's own thread, so that a slow handshake holds up nobody else."""
        try:
            talks = self.tls.wrap_socket(request, server_side=True) if self.tls else request
        except OSError:
            request.close()
            return
        self._open.add(talks)
        try:
            super().process_request_thread(talks, client_address)
        finally:
            self._open.discard(talks)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news."""

    def hang_up(self) -> None:
        for talks in list(self._open):
            with contextlib.suppress(OSError):
                talks.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def _serve(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        reply = self.server.api.answer(Request(self.command, url.path, query, _titled(self.headers.items()), body))
        if reply.hang:
            self.close_connection = True
            self.server.closing.wait(_LONGEST_HANG_S)
        elif isinstance(reply.body, bytes):
            self._send_whole(reply, reply.body)
        else:
            self._send_lines(reply)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

    def _send_whole(self, reply: Reply, body: bytes) -> None:
        self._send_head(reply)
        if reply.code != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if reply.cut else body)
        self.wfile.flush()
        self.close_connection = self.close_connection or reply.cut

    def _send_lines(self, reply: Reply) -> None:
        self._send_head(reply)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        for line in reply.body:
            assert isinstance(line, bytes)
            if reply.cut:
                line = line[: len(line) // 2]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(line), line))
            self.wfile.flush()
            if reply.cut:
                self.close_connection = True
                return
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def _send_head(self, reply: Reply) -> None:
        self.send_response(reply.code)
        self.send_header("Content-Type", reply.kind)
        for name, value in reply.headers.items():
            self.send_header(name, value)

    def log_message(self, format: str, *args: Any) -> None:
        """The room is silent."""


def _titled(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Header names in one spelling, since clients differ; what is said twice is joined by a comma."""
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.title()
        found[key] = f"{found[key]},{value}" if key in found else value
    return found
