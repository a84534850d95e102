"""Holds a reading against its label: a list of what is wrong with it, empty when nothing is."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from knowledge.reading.ticket import Ticket, read

HERE = Path(__file__).parent
_SLACK = timedelta(minutes=1)
_FIELDS = {"clusters": "clusters", "candidates": "cluster_candidates", "unknown": "unknown_clusters"}
_NAMES = ("namespaces", "workloads", "pods", "nodes", "links")


def inventory() -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = yaml.safe_load((HERE / "inventory.yaml").read_text())
    return listed


def labels(name: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = yaml.safe_load((HERE / f"{name}.yaml").read_text())
    return listed


def reading(label: Mapping[str, Any]) -> Ticket:
    known = inventory()
    return read(
        label["text"],
        now=datetime.fromisoformat(label["now"]),
        zone=ZoneInfo(label.get("tz", "Asia/Seoul")),
        clusters=[cluster["name"] for cluster in known],
        people=[person for cluster in known for person in (cluster["owner"], *cluster["members"])],
    )


def wrong(label: Mapping[str, Any]) -> list[str]:
    ticket = reading(label)
    complaints = [*_choices(label, ticket), *_names(label, ticket), *_times(label, ticket), *_errors(label, ticket)]
    shown = json.dumps(asdict(ticket), default=str, ensure_ascii=False)
    return complaints + [f"secret {secret} told" for secret in label.get("secrets", []) if secret in shown]


def _choices(label: Mapping[str, Any], ticket: Ticket) -> Iterator[str]:
    for field in ("language", "kind", "account"):
        wanted = label.get(field)
        got = getattr(ticket, field)
        if got not in (wanted if isinstance(wanted, list) else [wanted]):
            yield f"{field}: {got!r} is not {wanted!r}"


def _names(label: Mapping[str, Any], ticket: Ticket) -> Iterator[str]:
    may = label.get("may", {})
    if label.get("or_candidates") == list(ticket.cluster_candidates) and not ticket.clusters:
        return
    for key, field in (*_FIELDS.items(), *((name, name) for name in _NAMES)):
        wanted, got = label.get(key, []), list(getattr(ticket, field))
        if may.get(key) == "*":
            continue
        rest = [name for name in got if name in wanted or name not in may.get(key, [])]
        if sorted(rest) != sorted(wanted) or (key == "clusters" and rest != wanted):
            yield f"{key}: {got} is not {wanted}"


def _times(label: Mapping[str, Any], ticket: Ticket) -> Iterator[str]:
    used = set()
    for told in label.get("times", []):
        *instants, widest = told
        ends = [datetime.fromisoformat(instant) for instant in instants]
        room = timedelta(minutes=widest)
        fitting = {
            when
            for when in ticket.times
            if when.end - when.start <= room
            and all(when.start - _SLACK <= instant <= when.end + _SLACK for instant in ends)
        }
        if not fitting:
            yield f"times: nothing holds {instants} in {widest} minutes: {ticket.times}"
        used |= {w for w in ticket.times if w.start >= min(ends) - room and w.end <= max(ends) + room} | fitting
    if label.get("may", {}).get("times") != "*" and set(ticket.times) - used:
        yield f"times: {set(ticket.times) - used} too many"


def _errors(label: Mapping[str, Any], ticket: Ticket) -> Iterator[str]:
    for wanted in label.get("errors", []):
        if not any(wanted in line for line in ticket.error_lines):
            yield f"errors: {wanted!r} is not in {ticket.error_lines}"
    if label.get("no_errors") and ticket.error_lines:
        yield f"errors: {ticket.error_lines}"
