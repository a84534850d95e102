"""GURUMI_INVENTORY: which clusters there are, as a YAML file, a folder of them, or a URL."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from integrations.errors import Misconfigured, TimedOut, Unreachable
from integrations.records import ClusterEntry
from knowledge.said import Said

SYSTEM = "inventory"
_FETCH_S = 5
_TEXTS = tuple(known.name for known in fields(ClusterEntry) if known.name not in ("members", "kubeconfig"))
_FORM = Said("It is a list of mappings, each with a `name` (see the documentation of GURUMI_INVENTORY).")


def is_url(where: str) -> bool:
    return where.startswith(("http://", "https://"))


def read_inventory(where: str) -> tuple[ClusterEntry, ...]:
    """Every cluster in the order written; of two with one name the first. Raises an IntegrationError."""
    found: dict[str, ClusterEntry] = {}
    for source, text, folder in _texts(where):
        for entry in _entries(source, text, folder):
            found.setdefault(entry.name, entry)
    if not found:
        says = Said("The inventory {source} lists no cluster.", source=shown(where))
        raise Misconfigured(SYSTEM, says, _FORM)
    return tuple(found.values())


def shown(where: str) -> str:
    """The place for people: a URL without what may be a secret in it."""
    if not is_url(where):
        return where
    parts = urlsplit(where)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _texts(where: str) -> Iterator[tuple[str, str, Path]]:
    if is_url(where):
        yield shown(where), _fetch(where), Path.cwd()
        return
    place = Path(where).expanduser()
    files = sorted(f for f in place.iterdir() if f.suffix in (".yaml", ".yml")) if place.is_dir() else [place]
    for file in files:
        try:
            yield str(file), file.read_text(), file.absolute().parent
        except (OSError, UnicodeDecodeError) as error:
            says = Said("The inventory {source} cannot be read.", source=str(file))
            hint = Said("Check that GURUMI_INVENTORY names a readable YAML file, a folder of them, or a URL.")
            raise Misconfigured(SYSTEM, says, hint) from error


def _fetch(url: str) -> str:
    # Here and not above: its import costs a quarter of a second, which nobody pays who keeps the inventory in a file.
    import httpx

    hint = Said("Check that this machine may reach it.")
    try:
        answer = httpx.get(url, timeout=_FETCH_S, follow_redirects=True)
    except httpx.TimeoutException as error:
        says = Said("The inventory at {source} did not answer within {seconds} s.", source=shown(url), seconds=_FETCH_S)
        raise TimedOut(SYSTEM, says, hint) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreachable(
            SYSTEM, Said("The inventory at {source} cannot be reached.", source=shown(url)), hint
        ) from error
    if answer.status_code != 200:
        says = Said("The inventory at {source} answers HTTP {status}.", source=shown(url), status=answer.status_code)
        raise Unreachable(SYSTEM, says, hint)
    return answer.text


def _entries(source: str, text: str, folder: Path) -> Iterator[ClusterEntry]:
    try:
        loaded = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Misconfigured(SYSTEM, Said("The inventory {source} is no valid YAML.", source=source), _FORM) from error
    rows = loaded.get("clusters") if isinstance(loaded, dict) else loaded
    if rows is None:
        return
    if not isinstance(rows, list):
        raise Misconfigured(SYSTEM, Said("The inventory {source} is no list of clusters.", source=source), _FORM)
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict) or not row.get("name"):
            says = Said("Entry {number} of the inventory {source} has no name.", number=number, source=source)
            raise Misconfigured(SYSTEM, says, _FORM)
        yield _entry(row, folder)


def _entry(row: dict[str, Any], folder: Path) -> ClusterEntry:
    texts = {key: str(row[key]) for key in _TEXTS if row.get(key) is not None}
    members = row.get("members") or ()
    listed = members if isinstance(members, list) else str(members).split(",") if members else ()
    kubeconfig = str(folder / Path(str(row["kubeconfig"])).expanduser()) if row.get("kubeconfig") else ""
    return ClusterEntry(**texts, members=tuple(str(member).strip() for member in listed), kubeconfig=kubeconfig)
