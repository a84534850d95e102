"""What was solved becomes a draft without secrets, is compared with what is known, and read again after a year."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import yaml

from knowledge.known_issue import KnownIssue, our_shelf, read_shelf
from knowledge.learning import Entry, EntryState, Use, alike, as_yaml, decided, draft, due_for_review
from tests.known.figures import our_index

NOW = datetime(2026, 11, 24, 5, 12, tzinfo=UTC)
TEXT = """[Q&A] order api
1. Target cluster: shop-prod
3. Message
안녕하세요
주문 API가 메인프레임에 접속하지 못합니다.
E4711: bridge closed the session, token=ghp_0000000000000000000000000000000000fa"""


def test_a_draft_holds_the_words_of_the_ticket_and_what_solved_it() -> None:
    issue = draft(
        "Order API cannot reach the mainframe", TEXT, "Restart the bridge.", number=7, on=NOW.date(),
        errors=["E4711: bridge closed the session"],
    )  # fmt: skip
    assert issue.id == "order-api-cannot-reach-the-mainframe-7"
    assert issue.fix == "Restart the bridge."
    assert "E4711: bridge closed the session" in issue.symptoms
    assert "주문 API가 메인프레임에 접속하지 못합니다." in issue.symptoms[0]
    assert "안녕하세요" not in issue.symptoms[0]
    assert issue.references == ("ticket 7",)


def test_a_draft_holds_no_secret() -> None:
    issue = draft("password=hunter2hunter2", TEXT, "Set password: hunter2hunter2", number=7, on=NOW.date())
    assert "ghp_" not in str(issue)
    assert "hunter2" not in str(issue)


def test_a_title_in_korean_alone_still_gives_an_id() -> None:
    assert draft("접속 불가", "접속이 안됩니다", "재시작", number=7, on=NOW.date()).id == "ticket-7"


def test_what_the_shelf_says_already_is_recognised() -> None:
    issue = draft(
        "worker restarts, OOMKilled exit code 137", "Last State: Terminated, Reason: OOMKilled, Exit Code: 137",
        "Raise the memory limit", number=8, on=NOW.date(),
    )  # fmt: skip
    assert "container-oomkilled-limit-too-low" in [match.issue.id for match in alike(issue, our_index())]


def test_something_new_is_alike_to_nothing() -> None:
    issue = draft("Badge printer prints blank badges", "Printer of lobby 2 prints blank badges", "Clean the drum",
                  number=9, on=NOW.date())  # fmt: skip
    assert alike(issue, our_index()) == []


def test_what_is_approved_counts_as_read_that_day() -> None:
    issue = draft("It fails", "it fails", "mend it", number=1, on=date(2020, 1, 1))
    entry = decided(Entry(issue, EntryState.DRAFT, "gurumi", NOW, 1), EntryState.APPROVED, "U1", NOW)
    assert (entry.state, entry.decided_by, entry.issue.reviewed) == (EntryState.APPROVED, "U1", "2026-11-24")


def test_an_entry_is_read_again_when_neither_read_nor_seen_for_a_year() -> None:
    old = KnownIssue("it", "It fails", ("it fails",), "", "", reviewed="2025-11-01")
    fresh = KnownIssue("it", "It fails", ("it fails",), "", "", reviewed="2026-11-01")
    assert due_for_review(old, Use(), NOW)
    assert not due_for_review(fresh, Use(), NOW)
    assert not due_for_review(old, Use(3, 1, NOW - timedelta(days=30)), NOW)
    assert due_for_review(old, Use(3, 1, NOW - timedelta(days=400)), NOW)


def test_entries_written_as_files_are_read_as_they_were(tmp_path: Path) -> None:
    issues = (*our_shelf().issues, draft("접속 불가", TEXT, "재시작", number=7, on=NOW.date()))
    (tmp_path / "shelf.yaml").write_text(as_yaml(issues))
    read = read_shelf(tmp_path)
    assert read.faults == ()
    assert read.issues == issues
    assert "confirm" not in yaml.safe_load(as_yaml(issues[-1:]))[0]
