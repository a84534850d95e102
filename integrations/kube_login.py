"""Who we are to an API server: a resolved context becomes a configuration of the official client.

Exec plugins and token files are ours: the official loader waits for a plugin without end, swallows its failure, and
reads a token file once.
"""

import base64
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from integrations.errors import Misconfigured, Unauthenticated
from integrations.kube_config import Way
from knowledge.decoders import decoder
from knowledge.said import Said

SYSTEM = "Kubernetes"
_EARLY_S = 10.0
"""A credential is renewed so long before it expires."""


@dataclass(frozen=True)
class Login:
    """What the official client is made from. ``expires``: seconds since the epoch, ``None`` for never."""

    configuration: Any
    expires: float | None = None

    @property
    def over(self) -> bool:
        # The wall clock of this moment, not the time of a request: the plugin's answer is about it.
        return self.expires is not None and time.time() > self.expires - _EARLY_S


class _Credential(msgspec.Struct, rename="camel"):
    token: str | None = None
    client_certificate_data: str | None = None
    client_key_data: str | None = None
    expiration_timestamp: datetime | None = None


class _ExecCredential(msgspec.Struct):
    status: _Credential


def log_in(way: Way, room: Path, plugin_s: float) -> Login:
    """Runs the plugin if there is one. ``room``: a private folder for keys, which TLS takes from files only."""
    # Here and not above: the client and what it imports cost half a second, which nobody pays who asks no cluster.
    from kubernetes.client import Configuration
    from kubernetes.config.config_exception import ConfigException
    from kubernetes.config.kube_config import KubeConfigLoader

    user, expires = dict(way.user), None
    token_file = user.pop("tokenFile", None)
    plugin = user.pop("exec", None)
    if isinstance(plugin, dict) and not (token_file or user.get("token")):
        given = _run(way, plugin, plugin_s)
        expires = given.expiration_timestamp.timestamp() if given.expiration_timestamp else None
        user.update(_as_user(given, room))
    if token_file:
        user["token"] = _token_in(way, str(token_file))
    for key in ("token", "username", "password"):
        if user.get(key) is not None:
            user[key] = _printable(way, key, str(user[key]))
    cluster = _with_files(way, way.cluster, room, "certificate-authority")
    user = _with_files(way, user, room, "client-certificate", "client-key")
    configuration = Configuration()
    try:
        KubeConfigLoader(_alone(cluster, user), active_context="it", config_base_path="/").load_and_set(configuration)
    except (ConfigException, OSError, ValueError, TypeError, KeyError, AttributeError):
        # Without its cause: the loader's words may quote a credential.
        says = Said("Context {context} in {source} cannot be used as it is.", context=way.context, source=way.source)
        hint = Said("Compare its cluster and user with what `kubectl config view` shows.")
        raise Misconfigured(SYSTEM, says, hint) from None
    if token_file:
        configuration.refresh_api_key_hook = _reread(way, str(token_file))
    return Login(configuration, expires)


def _alone(cluster: Mapping[str, Any], user: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        "clusters": [{"name": "it", "cluster": cluster}],
        "users": [{"name": "it", "user": user}],
    }


def _run(way: Way, plugin: Mapping[str, Any], plugin_s: float) -> _Credential:
    command = str(plugin.get("command") or "")
    if not command:
        says = Said("The login plugin of context {context} has no command.", context=way.context)
        raise Misconfigured(SYSTEM, says, Said("Correct it in {file}.", file=way.source))
    name = Path(command).name
    spec: dict[str, Any] = {"interactive": False}
    if plugin.get("provideClusterInfo"):
        spec["cluster"] = way.cluster
    asked = {"apiVersion": plugin.get("apiVersion"), "kind": "ExecCredential", "spec": spec}
    given = {
        str(pair.get("name")): str(pair.get("value")) for pair in plugin.get("env") or () if isinstance(pair, dict)
    }
    try:
        process = subprocess.Popen(
            [command, *map(str, plugin.get("args") or ())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **given, "KUBERNETES_EXEC_INFO": msgspec.json.encode(asked).decode()},
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        says = Said(
            "The login plugin {plugin} of context {context} cannot be started.", plugin=name, context=way.context
        )
        raise Misconfigured(SYSTEM, says, Said("Install {plugin} where this bot runs.", plugin=name)) from error
    hint = Said("Run `{plugin}` by hand and log in again; kubectl fails in the same way.", plugin=name)
    try:
        out, _ = process.communicate(timeout=plugin_s)
    except subprocess.TimeoutExpired as error:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its children hold the pipe open
        process.wait()
        says = Said("The login plugin {plugin} did not end within {seconds} s.", plugin=name, seconds=f"{plugin_s:g}")
        raise Unauthenticated(SYSTEM, says, hint) from error
    if process.returncode:
        says = Said("The login plugin {plugin} failed with exit code {code}.", plugin=name, code=process.returncode)
        raise Unauthenticated(SYSTEM, says, hint)
    try:
        found = decoder(_ExecCredential).decode(out).status
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = _Credential()
    if not (found.token or (found.client_certificate_data and found.client_key_data)):
        raise Unauthenticated(SYSTEM, Said("The login plugin {plugin} gave no credential.", plugin=name), hint)
    return found


def _as_user(given: _Credential, room: Path) -> dict[str, str]:
    user = {}
    if given.token:
        user["token"] = given.token
    if given.client_certificate_data and given.client_key_data:
        user["client-certificate"] = _kept(room, "plugin-certificate", given.client_certificate_data.encode())
        user["client-key"] = _kept(room, "plugin-key", given.client_key_data.encode())
    return user


def _with_files(way: Way, section: Mapping[str, Any], room: Path, *keys: str) -> dict[str, Any]:
    """Keys and certificates as files, whether they were given as files or as base64 inside."""
    whole = dict(section)
    for key in keys:
        inside = whole.pop(f"{key}-data", None)
        if inside:
            try:
                whole[key] = _kept(room, key, base64.b64decode(str(inside), validate=True))
            except ValueError:
                says = Said("{key} of context {context} is not base64.", key=f"{key}-data", context=way.context)
                raise Misconfigured(SYSTEM, says, Said("Correct it in {file}.", file=way.source)) from None
        elif whole.get(key) and not Path(str(whole[key])).is_file():
            raise _no_file(way, key, str(whole[key]))
    return whole


def _kept(room: Path, name: str, content: bytes) -> str:
    file = room / name
    file.write_bytes(content)
    return str(file)


def _token_in(way: Way, path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise _no_file(way, "tokenFile", path) from None


def _reread(way: Way, path: str) -> Any:
    """The official client's hook before each request: a kubelet or a person may have put a new token there."""

    def hook(configuration: Any) -> None:
        configuration.api_key["BearerToken"] = f"Bearer {_printable(way, 'tokenFile', _token_in(way, path))}"

    return hook


def _printable(way: Way, key: str, value: str) -> str:
    if value and value.isascii() and value.isprintable():
        return value
    says = Said("{key} of context {context} is empty or no plain text.", key=key, context=way.context)
    raise Misconfigured(SYSTEM, says, Said("Correct it in {file}.", file=way.source))


def _no_file(way: Way, key: str, path: str) -> Misconfigured:
    says = Said("{key} of context {context} is {path}, which cannot be read.", key=key, context=way.context, path=path)
    return Misconfigured(SYSTEM, says, Said("Put the file there, or correct {file}.", file=way.source))
