"""KUBECONFIG as kubectl reads it: files merged, the first that names a thing wins, contexts resolved on demand.

A broken context is listed like the others; resolving it says what is wrong.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from integrations.errors import Misconfigured
from knowledge.said import Said

SYSTEM = "kubeconfig"
_Section = Mapping[str, Any]
# The C twin of the safe loader is ten times as fast, which a file of a thousand contexts needs.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CLUSTER_FILES = ("certificate-authority",)
_USER_FILES = ("client-certificate", "client-key", "tokenFile")


@dataclass(frozen=True)
class Way:
    """One context resolved: the API server and who we are there, every path absolute. ``source`` is for people;
    ``namespace`` is the one that the context names, if any."""

    context: str
    source: str
    cluster: _Section
    user: _Section = field(default_factory=dict, repr=False)
    namespace: str = ""

    @property
    def server(self) -> str:
        return str(self.cluster.get("server") or "")


@dataclass(frozen=True)
class Kubeconfig:
    """Merged files. Each name leads to the file that defined it and its section there."""

    source: str
    contexts: Mapping[str, tuple[Path, _Section]]
    clusters: Mapping[str, tuple[Path, _Section]] = field(repr=False)
    users: Mapping[str, tuple[Path, _Section]] = field(repr=False)
    current: str = ""

    def resolve(self, context: str) -> Way:
        """The way to a context's cluster. Raises Misconfigured that names the file and what is missing in it."""
        if context not in self.contexts:
            says = Said("{source} has no context {context}.", source=self.source, context=context)
            raise Misconfigured(SYSTEM, says, Said("`kubectl config get-contexts` lists the contexts there are."))
        file, wanted = self.contexts[context]
        cluster = self._named(self.clusters, "cluster", wanted, context, file)
        user = self._named(self.users, "user", wanted, context, file) if wanted.get("user") else {}
        if not cluster.get("server"):
            says = Said(
                "The cluster of context {context} in {file} has no server address.", context=context, file=str(file)
            )
            raise Misconfigured(SYSTEM, says, Said("Write its address into {file} as `server:`.", file=str(file)))
        return Way(context, str(file), cluster, user, str(wanted.get("namespace") or ""))

    def _named(
        self, held: Mapping[str, tuple[Path, _Section]], what: str, wanted: _Section, context: str, file: Path
    ) -> _Section:
        name = str(wanted.get(what) or "")
        if name not in held:
            says = Said(
                "Context {context} in {file} names {what} {name}, which is not defined.",
                context=context,
                file=str(file),
                what=what,
                name=name or None,
            )
            raise Misconfigured(SYSTEM, says, Said("Correct the context in {file} or remove it.", file=str(file)))
        source, section = held[name]
        return _with_absolute_paths(section, source.parent)


def read(paths: str) -> Kubeconfig:
    """Files separated by colons. One that does not exist is skipped, as kubectl does, unless none is left."""
    files = [Path(path).expanduser().absolute() for path in paths.split(":") if path]
    there = [file for file in files if file.exists()]
    if not there:
        says = Said("There is no kubeconfig at {paths}.", paths=paths)
        raise Misconfigured(SYSTEM, says, Said("Set KUBECONFIG to a file that exists."))
    texts = [(file, load_yaml(file)) for file in there]
    merged = Kubeconfig(
        ":".join(map(str, there)),
        _gathered(texts, "contexts", "context"),
        _gathered(texts, "clusters", "cluster"),
        _gathered(texts, "users", "user"),
        next((str(text["current-context"]) for _, text in texts if text.get("current-context")), ""),
    )
    if not merged.contexts:
        says = Said("{source} holds no context.", source=merged.source)
        raise Misconfigured(SYSTEM, says, Said("Add one with `kubectl config set-context`, or name another file."))
    return merged


def load_yaml(file: Path) -> _Section:
    """A file's YAML mapping; empty for an empty file. Raises Misconfigured."""
    try:
        loaded = yaml.load(file.read_text(), Loader=_Loader)
    except OSError as error:
        says = Said("{file} cannot be read: {reason}.", file=str(file), reason=error.strerror or "")
        raise Misconfigured(SYSTEM, says, Said("Check that the file exists and that this user may read it.")) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # The parser's own words quote the file, which may hold a token.
        raise _not_a_config(file, _line_of(error)) from None
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise _not_a_config(file, None)
    return loaded


def _not_a_config(file: Path, line: int | None) -> Misconfigured:
    if line is None:
        says = Said("{file} is not the YAML of a kubeconfig.", file=str(file))
    else:
        says = Said("{file} is no valid YAML: see line {line}.", file=str(file), line=line)
    return Misconfigured(SYSTEM, says, Said("Correct the file; `kubectl config view` must be able to read it."))


def _line_of(error: Exception) -> int | None:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else None


def _gathered(texts: Iterable[tuple[Path, _Section]], many: str, one: str) -> Mapping[str, tuple[Path, _Section]]:
    found: dict[str, tuple[Path, _Section]] = {}
    for file, text in texts:
        entries = text.get(many)
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and entry.get("name") is not None:
                section = entry.get(one)
                found.setdefault(str(entry["name"]), (file, section if isinstance(section, dict) else {}))
    return found


def _with_absolute_paths(section: _Section, folder: Path) -> _Section:
    """Paths are relative to the file that holds them; a plugin's command only when it has a slash in it."""
    whole = dict(section)
    for key in (*_CLUSTER_FILES, *_USER_FILES):
        if whole.get(key):
            whole[key] = str(folder / str(whole[key]))
    plugin = whole.get("exec")
    if isinstance(plugin, dict) and "/" in str(plugin.get("command") or ""):
        whole["exec"] = {**plugin, "command": str(folder / str(plugin["command"]))}
    return whole
