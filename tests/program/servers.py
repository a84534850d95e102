"""What stands in an API server's place, well or badly: kubeconfigs, and sockets that answer with any bytes."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.live import Outcome

FAKE = "fake-token-that-nobody-may-see"
WITHIN_S = 60.0
JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
Behaviour = bytes | Callable[[socket.socket], None]


def kubeconfig(
    folder: Path, server: str, *, name: str = "kubeconfig", context: str = "shop-prod", user: object = None, **more: Any
) -> dict[str, str]:
    """The environment of a program that knows one cluster. ``more``: of the cluster's section, ``_`` for ``-``."""
    cluster = {"server": server, **{key.replace("_", "-"): value for key, value in more.items()}}
    text = {
        "contexts": [{"name": context, "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": user or {"token": FAKE}}],
    }
    (folder / name).write_text(yaml.safe_dump(text))
    return {"KUBECONFIG": str(folder / name), "HOME": str(folder)}


@contextmanager
def speaking(behaviour: Behaviour) -> Iterator[str]:
    """The URL of a socket that reads a request and then says these bytes, or does that."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:

        def serve() -> None:
            while True:
                try:
                    caller, _ = server.accept()
                except OSError:  # closed: the test is over
                    return
                threading.Thread(target=_answered, args=(caller, behaviour), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def _answered(caller: socket.socket, behaviour: Behaviour) -> None:
    with caller:
        try:
            caller.recv(65536)
            if isinstance(behaviour, bytes):
                caller.sendall(behaviour)
            else:
                behaviour(caller)
        except OSError:
            return


def silent(_caller: socket.socket) -> None:
    time.sleep(WITHIN_S)


def endless(caller: socket.socket) -> None:
    """Blanks without an end, as fast as they are taken."""
    caller.sendall(JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        caller.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")


def no_accident(told: Outcome, *secrets: str) -> None:
    """Whatever it is, it ends in time, as a sentence, and gives nothing away."""
    whole = told.text + told.complaint
    assert "Traceback" not in whole
    assert "Something went wrong inside me" not in whole
    assert "inside broke" not in whole
    assert not [secret for secret in (FAKE, *secrets) if secret in whole]
    assert told.seconds < WITHIN_S


def flat(told: Outcome) -> str:
    """Everything it printed, on one line."""
    return " ".join((told.text + told.complaint).split())
