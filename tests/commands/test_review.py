"""Once a year somebody reads a known issue again; what no cluster's version fits is retired."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from commands.dialogue import Answer
from knowledge.known_issue import Affected
from knowledge.learning import Entry, EntryState, draft
from tests.commands.ticket_office import SORA, Office, office

POLICY = "rules:\n- {may: [ask, approve], who: [S0SRE]}\n"
SHELF = """
- id: old-bridge
  title: The badge bridge closes sessions
  symptoms: [bridge closes sessions]
  cause: c
  fix: f
  owner: U0SORA
  reviewed: "2020-01-01"
- id: fresh-bridge
  title: The badge bridge is slow
  symptoms: [bridge is slow]
  cause: c
  fix: f
  owner: U0SORA
"""


@pytest.fixture
def at(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    (tmp_path / "issues.yaml").write_text(SHELF)
    monkeypatch.setenv("GURUMI_KNOWN_ISSUES", str(tmp_path / "issues.yaml"))
    with office(tmp_path, database_url, policy=POLICY) as opened:
        yield opened


def review(at: Office) -> Answer:
    return at.ask("review", SORA)


def keep(at: Office, id: str, versions: str) -> None:
    issue = draft(id, "it fails", "mend it", number=len(at.store.entries()) + 1, on=at.now.date())
    bound = msgspec.structs.replace(issue, id=id, affected=(Affected("kubernetes", versions),))
    at.store.entry_draft(Entry(bound, EntryState.APPROVED, "gurumi", at.now))


def test_who_looks_after_an_old_entry_is_asked_once_a_year(at: Office) -> None:
    [notice] = review(at).notices
    assert notice.to == "U0SORA"
    assert notice.receipt == f"review/old-bridge/{at.now.year}"
    assert "Nobody has read it or come across it for a year." in at.text(notice.answer)


def test_one_that_was_come_across_is_left_in_peace(at: Office) -> None:
    at.store.issues_seen(["old-bridge"], at.now)
    assert review(at).notices == ()


def test_an_entry_learned_here_is_confirmed_by_a_press(at: Office) -> None:
    keep(at, "learned-here", "all versions")
    old = at.store.entry("learned-here")
    aged = msgspec.structs.replace(old.issue, owner="U0SORA", reviewed="2020-01-01")
    at.store.entry_decide(old, Entry(aged, EntryState.APPROVED, "gurumi", at.now))
    notice = next(n for n in review(at).notices if "learned-here" in n.receipt)
    at.ask(notice.answer.offers[0].says, SORA)
    assert not [n for n in review(at).notices if "learned-here" in n.receipt]


def test_what_no_cluster_runs_any_more_is_retired(at: Office) -> None:
    keep(at, "ancient", "before 1.2")
    keep(at, "current", "1.2 and later")
    assert review(at).data["retired"] == ["ancient"]
    assert at.store.entry("ancient").state is EntryState.RETIRED
    assert at.store.entry("current").state is EntryState.APPROVED
