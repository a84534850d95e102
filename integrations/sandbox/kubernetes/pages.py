"""Lists in pages: which objects a query means, what form they are wanted in, and the tokens that continue a list."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from integrations.sandbox.kubernetes.kinds import Kind
from integrations.sandbox.kubernetes.refusals import (
    bad_request,
    forbidden_change,
    invalid,
    too_large_version,
    too_old_for_list,
    too_old_to_continue,
    unsupported,
)
from integrations.sandbox.kubernetes.selectors import by_fields, by_labels
from integrations.sandbox.kubernetes.store import Kept, Store
from integrations.sandbox.kubernetes.tables import columns, row

Json = dict[str, Any]

META = "meta.k8s.io/v1"
_OPTIONS = "ListOptions.meta.k8s.io"


@dataclass(frozen=True)
class Form:
    """How a client wants objects: as they are, as rows of a Table, or their metadata alone."""

    shape: str = ""
    rows_hold: str = "Metadata"

    def one(self, kept: Kept, now: datetime) -> Any:
        if self.shape == "Table":
            return self._table(kept.kind, [kept], {"resourceVersion": kept.meta.get("resourceVersion", "")}, now)
        return partial(kept) if self.shape == "PartialObjectMetadata" else kept.whole

    def many(self, kind: Kind, found: list[Kept], meta: Json, now: datetime) -> Json:
        if self.shape == "Table":
            return self._table(kind, found, meta, now)
        if self.shape.startswith("PartialObjectMetadata"):
            items: list[Any] = [partial(kept) for kept in found]
            return {"kind": "PartialObjectMetadataList", "apiVersion": META, "metadata": meta, "items": items}
        resource = kind.resource
        items = [kept.item for kept in found]
        return {"kind": f"{resource.kind}List", "apiVersion": resource.api_version, "metadata": meta, "items": items}

    def _table(self, kind: Kind, found: list[Kept], meta: Json, now: datetime) -> Json:
        rows = [{"cells": row(kept.thing, now), **self._beside(kept)} for kept in found]
        shown = columns(kind.resource.kind)
        return {"kind": "Table", "apiVersion": META, "metadata": meta, "columnDefinitions": shown, "rows": rows}

    def _beside(self, kept: Kept) -> Json:
        if self.rows_hold == "None":
            return {}
        return {"object": kept.whole if self.rows_hold == "Object" else partial(kept)}


def form(accept: str, asked: Mapping[str, str]) -> Form:
    """The first form of an Accept header that the room knows; JSON whatever was asked for."""
    for choice in accept.split(","):
        wanted = re.search(r";as=(Table|PartialObjectMetadataList|PartialObjectMetadata)\b", choice)
        if wanted:
            return Form(wanted[1], asked.get("includeObject", "Metadata"))
        if choice.strip().startswith(("application/json", "*/*")):
            break
    return Form()


def partial(kept: Kept) -> Json:
    return {"kind": "PartialObjectMetadata", "apiVersion": META, "metadata": kept.meta}


def fitting(kind: Kind, asked: Mapping[str, str]) -> Callable[[Kept], bool]:
    labels, fields = asked.get("labelSelector", ""), asked.get("fieldSelector", "")
    fits, holds = by_labels(labels), by_fields(fields, kind.resource)
    return lambda kept: fits(kept.meta.get("labels") or {}) and holds(kept.thing)


def check(asked: Mapping[str, str], watch: bool) -> None:
    """Refuses options that do not go together, before anything is looked up."""
    at, match = asked.get("resourceVersion", ""), asked.get("resourceVersionMatch", "")
    initial = "sendInitialEvents" in asked
    number(asked, "timeoutSeconds")
    field, fault = "resourceVersionMatch", ""
    if match not in ("", "Exact", "NotOlderThan"):
        raise invalid(_OPTIONS, "", unsupported(field, match, "Exact", "NotOlderThan", ""))
    if initial and not watch:
        field, fault = "sendInitialEvents", "sendInitialEvents is forbidden for list"
    elif initial and match != "NotOlderThan":
        fault = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
    elif match and watch and not initial:
        fault = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
    elif match and not watch and not at:
        fault = "resourceVersionMatch is forbidden unless resourceVersion is provided"
    elif match == "Exact" and at == "0":
        fault = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
    if fault:
        raise invalid(_OPTIONS, "", forbidden_change(field, fault))


def listed(store: Store, kind: Kind, namespace: str, asked: Mapping[str, str]) -> tuple[list[Kept], Json]:
    """The objects of one page and the list's metadata."""
    limit, token = max(0, number(asked, "limit")), asked.get("continue", "")
    fits = fitting(kind, asked)
    at, start = _read(token, store) if token else (_exact(store, asked), "")
    revision, found = store.all(kind, namespace, at)
    found = [kept for kept in found if fits(kept) and _key(kept, namespace) >= start]
    meta: Json = {"resourceVersion": str(revision)}
    if limit and len(found) > limit:
        after = _key(found[limit - 1], namespace) + "\0"
        meta["continue"] = _token(revision, after)
        if not asked.get("labelSelector") and not asked.get("fieldSelector"):
            meta["remainingItemCount"] = len(found) - limit
        found = found[:limit]
    return found, meta


def version(asked: Mapping[str, str]) -> int | None:
    """The resourceVersion of a query, ``None`` when it names none."""
    text = asked.get("resourceVersion", "")
    if not text:
        return None
    if not text.isdecimal():
        raise bad_request(
            f'invalid resource version: resourceVersion: Invalid value: "{text}": '
            f'strconv.ParseUint: parsing "{text}": invalid syntax'
        )
    return int(text)


def number(asked: Mapping[str, str], key: str) -> int:
    text = asked.get(key, "") or "0"
    if not re.fullmatch(r"[+-]?\d+", text):
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text)


def expired(token: str) -> Exception:
    """The refusal of a token, with one in it that continues in an inconsistent list."""
    return too_old_to_continue(_token(-1, _decoded(token)["start"]))


def consistent(token: str) -> bool:
    return int(_decoded(token)["rv"]) > 0


def _exact(store: Store, asked: Mapping[str, str]) -> int | None:
    at = version(asked)
    if at and at > store.revision:
        raise too_large_version(at, store.revision)
    match = asked.get("resourceVersionMatch", "")
    exact = match == "Exact" or (not match and number(asked, "limit") > 0)  # the first page of a list at that version
    if not at or not exact:
        return None
    if at < store.oldest:
        raise too_old_for_list()
    return at


def _read(token: str, store: Store) -> tuple[int | None, str]:
    said = _decoded(token)
    at = int(said["rv"])
    if 0 < at < store.oldest:
        raise expired(token)
    return (at if at > 0 else None), said["start"].removeprefix("/")


def _token(revision: int, after: str) -> str:
    said = {"v": META, "rv": revision, "start": f"/{after.removeprefix('/')}"}
    return base64.urlsafe_b64encode(json.dumps(said, separators=(",", ":")).encode()).decode().rstrip("=")


def _decoded(token: str) -> Json:
    try:
        said = msgspec.json.decode(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)), type=dict)
    except (ValueError, msgspec.DecodeError) as error:
        fault = "illegal base64 data at input byte 0" if isinstance(error, ValueError) else "invalid character"
        raise bad_request(f"invalid continue token: continue key is not valid: {fault}") from error
    if said.get("v") != META or "rv" not in said or "start" not in said:
        raise bad_request("invalid continue token: continue key is not valid: server does not recognize this encoding")
    return said


def _key(kept: Kept, namespace: str) -> str:
    of, name = kept.place
    return f"{of}/{name}" if of and not namespace else name
