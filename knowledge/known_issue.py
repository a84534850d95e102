"""A known issue, and the shelf of them: YAML files that people review. An entry that does not fit leaves the others
in force; what is wrong is told with its file and line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec
import yaml

from knowledge.decoders import decoder
from knowledge.said import Said

SHELF = Path(__file__).parent / "known_issues"
_ENTRY = re.compile(r"^(?=- )", re.MULTILINE)
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Affected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Versions of a component that an issue is bound to, in words."""

    component: str
    versions: str


class KnownIssue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What went wrong before. ``symptoms`` are told as people report them; ``detector``: the id of the detection that
    proves it, where one can; ``reviewed``: when somebody last read it, as a date."""

    id: str
    title: str
    symptoms: tuple[str, ...]
    cause: str
    fix: str
    severity: Literal["info", "warning", "error", "critical"] = "warning"
    components: tuple[str, ...] = ()
    affected: tuple[Affected, ...] = ()
    confirm: tuple[str, ...] = ()
    prevention: str = ""
    detector: str | None = None
    references: tuple[str, ...] = ()
    owner: str = ""
    reviewed: str = ""


@dataclass(frozen=True)
class Fault:
    """What is wrong on a shelf, and where."""

    file: str
    line: int
    says: Said


@dataclass(frozen=True)
class Shelf:
    """The entries that are in force, and what is wrong with the others."""

    issues: tuple[KnownIssue, ...]
    faults: tuple[Fault, ...]


@lru_cache(maxsize=4)
def our_shelf() -> Shelf:
    """The shelf that comes with the product."""
    return read_shelf(SHELF)


def read_shelf(where: Path) -> Shelf:
    """The entries of a YAML file, or of every YAML file in a folder. Raises OSError where there is none."""
    files = sorted(f for f in where.rglob("*") if f.suffix in (".yaml", ".yml")) if where.is_dir() else [where]
    issues: dict[str, KnownIssue] = {}
    faults: list[Fault] = []
    for file in files:
        text = file.read_bytes().decode(errors="replace")
        for line, found in _entries(text):
            if isinstance(found, Said):
                faults.append(Fault(str(file), line, found))
            elif found.id in issues:
                faults.append(Fault(str(file), line, Said("There are two entries called {id}.", id=found.id)))
            else:
                issues[found.id] = found
    return Shelf(tuple(issues.values()), tuple(faults))


def _entries(text: str) -> Iterator[tuple[int, KnownIssue | Said]]:
    """Every entry by itself, so that a slip in one does not reach the next; with the line that it begins on."""
    line = 1
    for part in _ENTRY.split(text):
        first = line
        line += part.count("\n")
        try:
            loaded = yaml.load(part, _Loader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            yield first + (mark.line if mark else 0), Said("This is no valid YAML.")
            continue
        except ValueError:
            yield first, Said("This is no valid YAML.")
            continue
        if loaded is None:
            continue
        if not isinstance(loaded, list):
            yield first, Said("A shelf is a list of entries; this is none.")
            continue
        for entry in loaded:
            yield first, _issue(entry)


def _issue(entry: object) -> KnownIssue | Said:
    decoder(KnownIssue)  # works out its fields, one thread at a time
    try:
        issue = msgspec.convert(entry, KnownIssue)
    except msgspec.ValidationError as error:
        return Said("The entry does not fit: {problem}", problem=str(error))
    if not _ID.fullmatch(issue.id):
        return Said("The id {id} is not made of small letters, digits and hyphens.", id=issue.id)
    if not issue.title.strip() or not any(symptom.strip() for symptom in issue.symptoms):
        return Said("{id} tells no title or no symptom, and could never be found.", id=issue.id)
    return issue
