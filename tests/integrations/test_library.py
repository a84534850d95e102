"""What is known counts from the moment it is written down or approved, and a slip in a file takes nothing away."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrations.library import Library
from integrations.store import Store
from knowledge.known_issue import our_shelf
from knowledge.learning import Entry, EntryState, decided, draft
from knowledge.search import known

NOW = datetime(2026, 11, 24, 5, 12, tzinfo=UTC)
BADGES = """
- id: badge-printer
  title: The badge printer prints blank badges after a toner change
  symptoms: [badge printer prints blank badges, 출입증 프린터가 백지만 출력합니다]
  cause: The drum is not seated.
  fix: Seat the drum.
"""
COFFEE = """
- id: espresso-descaling
  title: The espresso machine of the third floor blinks orange until it is descaled
  symptoms: [espresso machine blinks orange]
  cause: Scale.
  fix: Descale it.
"""


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    store.migrate()
    yield store
    store.close()


def first(library: Library, text: str) -> str:
    found = known(text, library.index())
    return found[0].issue.id if found else ""


def learned(number: int = 7) -> Entry:
    issue = draft("Badge printer prints blank badges", "badge printer prints blank badges since the toner change",
                  "Seat the drum.", number=number, on=NOW.date())  # fmt: skip
    return Entry(issue, EntryState.DRAFT, "gurumi", NOW, number)


def test_without_files_or_database_the_products_own_shelf_is_in_force() -> None:
    assert {issue.id for issue in Library().index().issues} == {issue.id for issue in our_shelf().issues}


def test_a_teams_file_is_found_at_once_and_forgotten_when_it_goes(tmp_path: Path) -> None:
    library = Library(tmp_path)
    assert first(library, "badge printer prints blank badges") == ""
    file = tmp_path / "office.yaml"
    file.write_text(BADGES)
    assert first(library, "badge printer prints blank badges") == "badge-printer"
    file.unlink()
    assert first(library, "badge printer prints blank badges") == ""


def test_a_file_that_is_broken_leaves_what_it_said_in_force_and_says_where(tmp_path: Path) -> None:
    file = tmp_path / "office.yaml"
    file.write_text(BADGES)
    library = Library(tmp_path)
    library.index()
    file.write_text(COFFEE + BADGES.replace("title:", "  title"))
    assert first(library, "badge printer prints blank badges") == "badge-printer"
    assert first(library, "espresso machine blinks orange") == "espresso-descaling"
    [fault] = library.faults()
    assert fault.file == str(file)
    assert fault.line > 5
    file.write_text(COFFEE)
    assert first(library, "badge printer prints blank badges") == ""
    assert library.faults() == ()


def test_a_shelf_that_is_gone_leaves_what_it_said_in_force(tmp_path: Path) -> None:
    folder = tmp_path / "shelf"
    folder.mkdir()
    (folder / "office.yaml").write_text(BADGES)
    library = Library(folder)
    library.index()
    folder.rename(tmp_path / "elsewhere")
    assert first(library, "badge printer prints blank badges") == "badge-printer"
    assert [fault.file for fault in library.faults()] == [str(folder)]


def test_a_team_may_say_an_issue_of_the_product_in_its_own_words(tmp_path: Path) -> None:
    ours = our_shelf().issues[0]
    file = tmp_path / "own.yaml"
    file.write_text(BADGES.replace("badge-printer", ours.id))
    library = Library(tmp_path)
    assert first(library, "badge printer prints blank badges") == ours.id
    file.unlink()
    assert ours in library.index().issues
    assert len(library.index().issues) == len(our_shelf().issues)


def test_what_is_approved_is_found_at_once_in_every_process(store: Store) -> None:
    here, there = Library(entries=store), Library(entries=store)
    entry = learned()
    store.entry_draft(entry)
    assert first(here, "badge printer prints blank badges") == ""
    assert first(there, "badge printer prints blank badges") == ""
    approved = decided(entry, EntryState.APPROVED, "U1", NOW + timedelta(minutes=1))
    store.entry_decide(entry, approved)
    assert first(here, "badge printer prints blank badges") == entry.issue.id
    assert first(there, "badge printer prints blank badges") == entry.issue.id
    store.entry_decide(approved, decided(approved, EntryState.RETIRED, "U1", NOW + timedelta(minutes=2)))
    assert first(here, "badge printer prints blank badges") == ""
    assert first(there, "badge printer prints blank badges") == ""


def test_two_decisions_of_one_moment_are_both_seen(store: Store) -> None:
    library = Library(entries=store)
    for number in (7, 8):
        entry = learned(number)
        store.entry_draft(entry)
        library.index()
        store.entry_decide(entry, decided(entry, EntryState.APPROVED, "U1", NOW))
        assert entry.issue.id in {issue.id for issue in library.index().issues}
