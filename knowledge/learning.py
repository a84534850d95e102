"""A new entry for the shelf out of what was solved: its first draft, and the entries that may say the same already."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

import msgspec
import yaml

from knowledge.known_issue import KnownIssue
from knowledge.search import Index, Match, known
from knowledge.secrets.redaction import redact

REVIEW_AFTER = timedelta(days=365)
"""How long an entry counts as read."""

_LONGEST_SYMPTOM = 400
_ERRORS = 3
_WORD = re.compile(r"[a-z0-9]+")
_GREETING = re.compile(
    r"^(?:hi|hello|hey|dear|thanks|thank you|안녕하세요|안녕하십니까|수고하십니다|감사합니다)\b[^\n]{0,40}$",
    re.IGNORECASE | re.MULTILINE,
)
_FORM = re.compile(r"^\W*(?:\d+[.)]\s*)?(?:\[Q&A\]|target cluster|user account|message|대상 클러스터|계정|내용)\b\s*:?",
                   re.IGNORECASE | re.MULTILINE)  # fmt: skip


class EntryState(StrEnum):
    """``DRAFT`` waits for a person; ``APPROVED`` is found; ``REJECTED`` and ``RETIRED`` are found no more."""

    DRAFT = "draft"
    APPROVED = "approved"
    REJECTED = "rejected"
    RETIRED = "retired"


@dataclass(frozen=True)
class Entry:
    """An entry that people made here, with where it comes from. ``ticket``: the one it was learned from."""

    issue: KnownIssue
    state: EntryState
    drafted_by: str
    changed: datetime
    ticket: int | None = None
    decided_by: str = ""


@dataclass(frozen=True)
class Use:
    """How often an issue was shown as what it may be, and how often its reader said that it helped."""

    seen: int = 0
    helped: int = 0
    last: datetime | None = None


def draft(
    title: str,
    text: str,
    resolution: str,
    *,
    number: int,
    on: date,
    detector: str | None = None,
    errors: Iterable[str] = (),
    owner: str = "",
) -> KnownIssue:
    """What a solved ticket would say as an entry. No secret of it is left. A person reads it before it counts."""
    clean = _told(redact(text))
    symptoms = dict.fromkeys(filter(None, (clean[:_LONGEST_SYMPTOM].strip(), *map(redact, list(errors)[:_ERRORS]))))
    return KnownIssue(
        id=_id(title, number),
        title=redact(" ".join(title.split())) or f"Ticket {number}",
        symptoms=tuple(symptoms) or (redact(title),),
        cause="",
        fix=redact(resolution).strip(),
        detector=detector,
        references=(f"ticket {number}",),
        owner=owner,
        reviewed=on.isoformat(),
    )


def alike(issue: KnownIssue, index: Index, most: int = 3) -> list[Match]:
    """Entries that may say the same already: those that somebody who wrote its words would be told."""
    words = " ".join((issue.title, *issue.symptoms))
    return [match for match in known(words, index, most + 1) if match.issue.id != issue.id][:most]


def due_for_review(issue: KnownIssue, use: Use, now: datetime) -> bool:
    """Whether its owner should read it again: neither read nor seen for a year."""
    read = _day(issue.reviewed)
    seen = use.last is not None and now - use.last < REVIEW_AFTER
    return not seen and read is not None and now.date() - read > REVIEW_AFTER


def as_yaml(issues: Sequence[KnownIssue]) -> str:
    """Entries as the files of the shelf have them: a field that says nothing is left out."""
    told = []
    for issue in issues:
        fields = {name: getattr(issue, name) for name in KnownIssue.__struct_fields__}
        fields["affected"] = [{"component": a.component, "versions": a.versions} for a in issue.affected]
        told.append({k: list(v) if isinstance(v, tuple) else v for k, v in fields.items() if v or k in _ALWAYS})
    return str(yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=110))


_ALWAYS = ("cause", "fix")


def _id(title: str, number: int) -> str:
    words = _WORD.findall(redact(title).lower())[:6]
    return "-".join([*words, str(number)]) if words else f"ticket-{number}"


def _told(text: str) -> str:
    """A ticket's own words: without greetings and the names of the form's fields."""
    bare = _FORM.sub("", _GREETING.sub("", text))
    return "\n".join(line.strip() for line in bare.splitlines() if line.strip())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def decided(entry: Entry, state: EntryState, by: str, at: datetime) -> Entry:
    """An entry after somebody's decision; what is approved counts as read that day."""
    fresh = at.date().isoformat() if state is EntryState.APPROVED else entry.issue.reviewed
    return replace(
        entry, issue=msgspec.structs.replace(entry.issue, reviewed=fresh), state=state, decided_by=by, changed=at
    )
