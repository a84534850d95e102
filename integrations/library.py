"""The known issues that are in force: those that come with the product, the team's own files, and approved entries of
the database. Looked at anew with every question, so that a change counts at once, in every process."""

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from knowledge.known_issue import Fault, KnownIssue, our_shelf, read_shelf
from knowledge.learning import Entry, EntryState
from knowledge.said import Said
from knowledge.search import Index, Weights

_SKEW = timedelta(minutes=10)
"""How far the clocks of two processes may lie apart: what another one wrote meanwhile may bear an earlier time."""


class Entries(Protocol):
    """What is asked of the store."""

    def entries_changed(self, since: datetime | None) -> Mapping[str, tuple[datetime, EntryState]]: ...
    def entries_weighed(self, ids: Collection[str]) -> Iterable[tuple[Entry, Weights | None]]: ...


@dataclass
class _Read:
    """One file as it was last read; ``issues`` are those in force, of before where it is broken now."""

    stamp: tuple[int, int]
    issues: dict[str, KnownIssue]
    faults: tuple[Fault, ...]


class Library:
    """Safe for threads. A file that is broken leaves what it said before in force."""

    def __init__(self, folder: Path | None = None, entries: Entries | None = None) -> None:
        self._folder = folder
        self._entries = entries
        self._files: dict[Path, _Read] = {}
        self._learned: dict[str, tuple[datetime, EntryState]] = {}
        self._index: Index | None = None
        self._lock = threading.Lock()
        self._faults: tuple[Fault, ...] = ()

    def index(self) -> Index:
        """Everything that may be found. Raises IntegrationError when the database does not answer."""
        with self._lock:
            if self._index is None:
                self._index = Index(our_shelf().issues)
            self._faults = (*our_shelf().faults, *self._catch_up_files(self._index))
            if self._entries is not None:
                self._catch_up_entries(self._index, self._entries)
            return self._index

    def faults(self) -> tuple[Fault, ...]:
        """What was wrong in files when they were last read, and where."""
        return self._faults

    def _catch_up_entries(self, index: Index, entries: Entries) -> None:
        last = max((changed for changed, _ in self._learned.values()), default=None)
        marks = entries.entries_changed(last and last - _SKEW)
        new = {id: mark for id, mark in marks.items() if self._learned.get(id) != mark}
        found = {id for id, (_, state) in new.items() if state is EntryState.APPROVED}
        for id in new.keys() - found:
            index.drop(id)
        for entry, weights in entries.entries_weighed(found) if found else ():
            index.add(entry.issue, weights)
        self._learned |= new

    def _catch_up_files(self, index: Index) -> Sequence[Fault]:
        if self._folder is None:
            return ()
        there = _stamps(self._folder)
        if there is None:
            says = Said("This shelf cannot be read; what it said before stays in force.")
            return [Fault(str(self._folder), 1, says)]
        for gone in self._files.keys() - there.keys():
            self._forget(index, self._files.pop(gone).issues)
        for file, stamp in there.items():
            before = self._files.get(file)
            if before is None or before.stamp != stamp:
                self._files[file] = self._take(index, file, stamp, before)
        return [fault for read in self._files.values() for fault in read.faults]

    def _take(self, index: Index, file: Path, stamp: tuple[int, int], before: _Read | None) -> _Read:
        old = before.issues if before else {}
        try:
            shelf = read_shelf(file)
        except OSError:
            says = Said("This file cannot be read; what it said before stays in force.")
            return _Read(stamp, old, (Fault(str(file), 1, says),))
        issues = {issue.id: issue for issue in shelf.issues}
        if shelf.faults:  # an entry that is broken now was perhaps one of those that are missing
            issues = {**old, **issues}
        self._forget(index, {id: issue for id, issue in old.items() if id not in issues})
        for id, issue in issues.items():
            if old.get(id) != issue:
                index.add(issue)
        return _Read(stamp, issues, shelf.faults)

    def _forget(self, index: Index, issues: dict[str, KnownIssue]) -> None:
        """What a file says no more: an issue that the product itself knows is as it was."""
        ours = {issue.id: issue for issue in our_shelf().issues}
        for id in issues:
            index.drop(id)
            if id in ours:
                index.add(ours[id])


def _stamps(folder: Path) -> dict[Path, tuple[int, int]] | None:
    """Every YAML file with when it was changed and how long it is; ``None`` where that cannot be told."""
    try:
        files = [folder] if folder.is_file() else sorted(f for f in folder.rglob("*") if f.suffix in (".yaml", ".yml"))
        if not files and not folder.is_dir():
            return None
        return {file: (stat.st_mtime_ns, stat.st_size) for file in files if (stat := file.stat())}
    except OSError:
        return None
