"""Requests to one API server: bytes back, within a budget. What the answer means is decided in ``kube_api``.

The official client does transport, TLS, proxies and credentials. Retries are ours, since urllib3's three would turn a
read timeout of 8 s into 35 s.
"""

import socket
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import urllib3
from urllib3 import exceptions as wire

from integrations.errors import IntegrationError, Malformed, Misconfigured, TimedOut, Unreachable
from integrations.kube_config import Way
from integrations.kube_login import SYSTEM, Login, log_in
from knowledge.said import Said

CONNECTIONS = 16
"""Kept open to one server: as many as a survey asks at once."""
_PAUSES_S = (0.2, 0.8)
_LONGEST_PAUSE_S = 4.0
_AGAIN = frozenset({429, 500, 502, 503, 504})
_CHUNK = 1 << 18
_LARGEST = 1 << 28
"""No list is larger, in pages or whole. What never ends would fill the memory within its time."""


@dataclass(frozen=True)
class Patience:
    """``call_s`` bounds one request with its repetitions, however slowly the bytes trickle."""

    connect_s: float = 3.0
    read_s: float = 8.0
    call_s: float = 12.0
    brief_s: float = 1.0
    plugin_s: float = 10.0


@dataclass(frozen=True)
class Usage:
    """What a client has asked for and got so far; ``bytes`` before compression."""

    requests: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Reply:
    """An HTTP answer, whatever its status. ``cut``: there was more than was wanted."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False

    @property
    def retry_after_s(self) -> float | None:
        given = self.headers.get("retry-after", "")
        return float(given) if given.isdecimal() else None


class _Dropped(Exception):
    """Nothing was answered and nothing was done: asking again may help."""

    def __init__(self, error: IntegrationError) -> None:
        super().__init__()
        self.error = error


class Wire:
    """Thread-safe; connects at the first request. Only reads go through here, so repeating one is always safe."""

    def __init__(self, cluster: str, way: Way, patience: Patience) -> None:
        self.cluster = cluster
        self._way = way
        self._patience = patience
        self._lock = threading.Lock()
        self._session: _Session | None = None
        self._refused: tuple[float, IntegrationError] | None = None
        self._usage = Usage()

    @property
    def usage(self) -> Usage:
        return self._usage

    @property
    def address(self) -> str:
        """Host and port; never what else an address may carry."""
        return urlsplit(self._way.server).netloc.rpartition("@")[2] or "?"

    def ask(
        self,
        path: str,
        query: Sequence[tuple[str, str]] = (),
        *,
        body: Mapping[str, Any] | None = None,
        at_most: int | None = None,
        accept: str = "application/json",
        brief: bool = False,
    ) -> Reply:
        """One read. ``body``: for the reviews that are posted; ``brief``: not worth waiting for, nor asking again.
        Raises when no HTTP answer was to be had."""
        ends = time.monotonic() + (self._patience.brief_s if brief else self._patience.call_s)
        renewed = False
        pauses = iter(() if brief else _PAUSES_S)
        while True:
            session = self._open()
            pause = next(pauses, None)
            try:
                reply = self._once(session, path, query, body, at_most, ends, accept)
            except _Dropped as dropped:
                if pause is None or time.monotonic() + pause >= ends:
                    raise dropped.error from dropped.__cause__
            else:
                if reply.status == 401 and self._way.user.get("exec") and not renewed:
                    renewed = True
                    self._forget(session)
                    continue
                if reply.status not in _AGAIN or pause is None:
                    return reply
                pause = pause if reply.retry_after_s is None else reply.retry_after_s
                if pause > _LONGEST_PAUSE_S or time.monotonic() + pause >= ends:
                    return reply
            time.sleep(pause)

    def _open(self) -> "_Session":
        with self._lock:
            if self._session is None or self._session.login.over:
                if self._refused and time.monotonic() - self._refused[0] < self._patience.plugin_s:
                    raise self._refused[1]  # the other threads of this moment need not wait for the same failure
                try:
                    self._session = _Session(self._way, self._patience)
                except IntegrationError as error:
                    self._refused = (time.monotonic(), error)
                    raise
            return self._session

    def _forget(self, session: "_Session") -> None:
        with self._lock:
            if self._session is session:
                self._session = None

    def _once(
        self,
        session: "_Session",
        path: str,
        query: Sequence[tuple[str, str]],
        body: Mapping[str, Any] | None,
        at_most: int | None,
        ends: float,
        accept: str,
    ) -> Reply:
        left = max(ends - time.monotonic(), 0.05)
        timeout = (min(self._patience.connect_s, left), min(self._patience.read_s, left))
        try:
            raw = session.send("POST" if body is not None else "GET", path, query, body, timeout, accept)
        except session.refusals as error:
            raise self._no_tls(str(error)) from error
        except wire.HTTPError as error:
            raise self._no_answer(error) from error
        except (ValueError, ImportError):
            # Without its cause: http.client quotes the header it dislikes, and that may be the token.
            says = Said("No request can be made with context {context}.", context=self._way.context)
            hint = Said("Look at the server address, the proxy and the credential in {file}.", file=self._way.source)
            raise Misconfigured(SYSTEM, says, hint) from None
        content, cut = self._content(raw, at_most, ends)
        with self._lock:
            self._usage = Usage(self._usage.requests + 1, self._usage.bytes + len(content))
        return Reply(raw.status, content, {key.lower(): value for key, value in raw.headers.items()}, cut)

    def _content(self, raw: urllib3.BaseHTTPResponse, at_most: int | None, ends: float) -> tuple[bytes, bool]:
        chunks, size = [], 0
        try:
            while chunk := raw.read1(_CHUNK):
                chunks.append(chunk)
                size += len(chunk)
                if at_most is not None and size > at_most:
                    raw.close()
                    return b"".join(chunks)[:at_most], True
                if size > _LARGEST:
                    raw.close()
                    says = Said("The answer of the API server of {cluster} does not end.", cluster=self.cluster)
                    raise Malformed(SYSTEM, says, Said("Look at what answers at {address}.", address=self.address))
                if time.monotonic() > ends:
                    raw.close()
                    raise self._too_late(self._patience.call_s)
        except wire.ReadTimeoutError as error:
            raise self._too_late(self._patience.read_s) from error
        except wire.HTTPError as error:
            says = Said("The answer of the API server of {cluster} broke off.", cluster=self.cluster)
            raise Malformed(SYSTEM, says, Said("Ask again; if it stays so, look at what lies in between.")) from error
        return b"".join(chunks), False

    def _no_answer(self, error: wire.HTTPError) -> Exception:
        cause = error.original_error if isinstance(error, wire.ProxyError) else error
        at = {"cluster": self.cluster, "address": self.address}
        reach = Said("Check that {cluster} is up and that this machine may reach {address} (VPN, firewall).", **at)
        match cause:
            case wire.NameResolutionError():
                says = Said("The API server of {cluster} has an unknown host name: {address}.", **at)
                return Unreachable(SYSTEM, says, Said("Correct it in {file}, or check DNS.", file=self._way.source))
            case wire.ReadTimeoutError():
                return self._too_late(self._patience.read_s)
            case wire.LocationValueError():
                says = Said("The server address of context {context} is none.", context=self._way.context)
                return Misconfigured(SYSTEM, says, Said("Correct it in {file}.", file=self._way.source))
            case wire.ProtocolError():
                says = Said("The API server of {cluster} at {address} closed the connection without an answer.", **at)
                return _Dropped(Unreachable(SYSTEM, says, reach))
            case _ if isinstance(error, wire.ProxyError):
                says = Said("The proxy on the way to the API server of {cluster} cannot be reached.", **at)
                return Unreachable(SYSTEM, says, Said("Check HTTPS_PROXY, NO_PROXY and `proxy-url` in the kubeconfig."))
            case wire.NewConnectionError():
                says = Said("The API server of {cluster} at {address} cannot be connected to.", **at)
                return _Dropped(Unreachable(SYSTEM, says, reach))
            case wire.ConnectTimeoutError():
                return self._too_late(self._patience.connect_s)
            case _:
                says = Said("No connection to the API server of {cluster} at {address}.", **at)
                return Unreachable(SYSTEM, says, reach)

    def _no_tls(self, error: str) -> Unreachable:
        if "CERTIFICATE_VERIFY_FAILED" in error:
            says = Said("The certificate of the API server of {cluster} is not trusted.", cluster=self.cluster)
            hint = Said("Compare `certificate-authority` in {file} with the server's.", file=self._way.source)
        else:
            says = Said("No TLS connection to the API server of {cluster} at {address} comes about.",
                        cluster=self.cluster, address=self.address)  # fmt: skip
            hint = Said("Check that {address} speaks TLS, and the client certificate.", address=self.address)
        return Unreachable(SYSTEM, says, hint)

    def _too_late(self, seconds: float) -> TimedOut:
        says = Said(
            "The API server of {cluster} at {address} did not answer within {seconds} s.",
            cluster=self.cluster,
            address=self.address,
            seconds=f"{seconds:g}",
        )
        return TimedOut(SYSTEM, says, Said("Ask again in a minute; if it stays so, the control plane is in trouble."))


class _Session:
    """One login: the official client made from it, and the folder that its keys lie in as long as it lives."""

    def __init__(self, way: Way, patience: Patience) -> None:
        self._room = tempfile.TemporaryDirectory(prefix="gurumi-")
        self.login: Login = log_in(way, Path(self._room.name), patience.plugin_s)
        from kubernetes.client import ApiClient
        from kubernetes.client.exceptions import ApiException

        self.refusals: type[Exception] = ApiException
        configuration = self.login.configuration
        configuration.retries = False
        configuration.connection_pool_maxsize = CONNECTIONS
        configuration.socket_options = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
        if not configuration.verify_ssl:
            urllib3.disable_warnings(wire.InsecureRequestWarning)  # the kubeconfig asks for it by name
        try:
            self._client = ApiClient(configuration)
        except (wire.HTTPError, ValueError, ImportError) as error:
            says = Said("The proxy of context {context} cannot be used.", context=way.context)
            raise Misconfigured(SYSTEM, says, Said("Correct `proxy-url` in {file}.", file=way.source)) from error
        self._headers = {"Accept-Encoding": "gzip", "User-Agent": "gurumi"}
        self._impersonated = _impersonation(way)

    def send(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]],
        body: Mapping[str, Any] | None,
        timeout: tuple[float, float],
        accept: str,
    ) -> urllib3.BaseHTTPResponse:
        self._client.user_agent = "gurumi"
        method, url, headers, sent, form = self._client.param_serialize(
            method,
            path,
            query_params=list(query),
            header_params={"Accept": accept, **self._headers},
            body=body,
            auth_settings=["BearerToken"],
        )
        headers = urllib3.HTTPHeaderDict(headers)
        for key, value in self._impersonated:
            headers.add(key, value)
        answer = self._client.call_api(method, url, headers, sent, form, _request_timeout=timeout)
        raw: urllib3.BaseHTTPResponse = answer.response
        return raw


def _impersonation(way: Way) -> list[tuple[str, str]]:
    """``as`` and ``as-groups`` of a kubeconfig: without them the bot would act with more rights than it was given."""
    groups = msgspec.convert(way.user.get("as-groups") or [], list[Any], strict=False)
    user = [("Impersonate-User", str(way.user["as"]))] if way.user.get("as") else []
    return user + [("Impersonate-Group", str(group)) for group in groups]
