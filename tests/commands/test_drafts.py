"""What a solved ticket teaches: a draft, a person's decision, an entry that is found, and counts that grow."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from commands.dialogue import Place, Request, Tone
from knowledge.known_issue import read_shelf
from tests.commands.ticket_office import JUNHO, MINJI, SORA, Office, office

POLICY = """
rules:
- {may: [ask], who: everybody}
- {may: [approve], who: [S0SRE]}
"""
TEXT = "order-api in shop-prod cannot print badges: E4711 bridge closed the session, password=hunter2hunter2"


@pytest.fixture
def at(tmp_path: Path, database_url: str) -> Iterator[Office]:
    with office(tmp_path, database_url, policy=POLICY) as opened:
        yield opened


def learned(at: Office) -> str:
    ticket = at.open(TEXT)
    at.ask(f"tickets take {ticket.number}", SORA)
    at.ask(f"tickets done {ticket.number} Restart the badge bridge.", SORA)
    [entry] = at.store.entries()
    return entry.issue.id


def test_closing_a_ticket_with_its_solution_makes_a_draft_without_secrets(at: Office) -> None:
    ticket = at.open(TEXT)
    at.ask(f"tickets take {ticket.number}", SORA)
    closed = at.ask(f"tickets done {ticket.number} Restart the badge bridge.", SORA)
    [entry] = at.store.entries()
    assert f"drafts show {entry.issue.id}" in [offer.says for offer in closed.offers]
    assert entry.issue.fix == "Restart the badge bridge."
    assert "E4711 bridge closed the session" in str(entry.issue.symptoms)
    assert "hunter2" not in str(entry)
    assert entry.ticket == ticket.number


def test_a_ticket_closed_without_a_word_teaches_nothing(at: Office) -> None:
    ticket = at.open(TEXT)
    at.ask(f"tickets done {ticket.number}", SORA)
    assert at.store.entries() == []


def test_a_draft_is_not_found_before_somebody_approved_it(at: Office) -> None:
    id = learned(at)
    assert at.ask("known badge bridge closed the session E4711").tone is Tone.INFO
    at.ask(f"drafts approve {id}", SORA)
    found = at.ask("known badge bridge closed the session E4711")
    assert found.tone is Tone.FOUND
    assert id in at.text(found)
    at.ask(f"drafts retire {id}", SORA)
    assert at.ask("known badge bridge closed the session E4711").tone is Tone.INFO


def test_only_who_may_approve_sees_drafts_or_decides(at: Office) -> None:
    id = learned(at)
    for words in ("drafts", f"drafts show {id}", f"drafts approve {id}"):
        assert at.ask(words, JUNHO).tone is Tone.REFUSED
    assert at.store.entry(id).state.value == "draft"


def test_a_draft_is_put_right_word_by_word_before_it_counts(at: Office) -> None:
    id = learned(at)
    at.ask(f"drafts title {id} The badge bridge closes sessions after midnight", SORA)
    at.ask(f"drafts cause {id} Its certificate token=ghp_0000000000000000000000000000000000fa is renewed then.", SORA)
    at.ask(f"drafts symptom {id} 자정 이후 출입증 출력이 안 됩니다", SORA)
    shown = at.ask(f"drafts show {id}", SORA)
    text = at.text(shown)
    assert "The badge bridge closes sessions after midnight" in text
    assert "자정 이후 출입증 출력이 안 됩니다" in text
    assert "ghp_" not in text
    at.ask(f"drafts approve {id}", SORA)
    assert id in at.text(at.ask("known 자정 이후 출입증 출력이 안 됩니다"))


def test_the_list_says_what_waits_and_offers_it(at: Office) -> None:
    assert "Nothing was learned here yet" in at.text(at.ask("drafts", SORA))
    id = learned(at)
    listed = at.ask("drafts", SORA)
    assert "1 draft waits to be read; 0 are in force." in at.text(listed)
    assert [offer.says for offer in listed.offers] == [f"drafts show {id}"]


def test_what_is_alike_on_the_shelf_is_shown_beside_a_draft(at: Office) -> None:
    ticket = at.open("worker in shop-prod: Last State Terminated, Reason: OOMKilled, Exit Code: 137")
    at.ask(f"tickets done {ticket.number} Raised the memory limit.", SORA)
    [entry] = at.store.entries()
    assert "container-oomkilled-limit-too-low" in at.text(at.ask(f"drafts show {entry.issue.id}", SORA))


def test_what_is_in_force_is_exported_as_a_file_that_the_lint_passes(at: Office, tmp_path: Path) -> None:
    id = learned(at)
    at.ask(f"drafts approve {id}", SORA)
    file = tmp_path / "learned.yaml"
    file.write_text(str(at.ask("drafts export", SORA).data["yaml"]))
    assert [entry["id"] for entry in yaml.safe_load(file.read_text())] == [id]
    assert read_shelf(file).faults == ()


@pytest.mark.parametrize(
    "words", ["drafts approve", "drafts praise x", "drafts title", "drafts approve nowhere", "drafts export all"]
)
def test_words_that_make_no_sense_are_told_what_would(at: Office, words: str) -> None:
    assert at.ask(words, SORA).tone in (Tone.ASK, Tone.FAILED)


def test_what_was_seen_and_helped_is_counted_and_told(at: Office) -> None:
    ticket = at.open("cert-manager: etcdserver: mvcc: database space exceeded")
    at.ask(f"tickets helped {ticket.number}", MINJI)
    use = at.store.issue_uses(["etcd-database-space-exceeded"])["etcd-database-space-exceeded"]
    assert (use.seen, use.helped) == (1, 1)
    again = at.ask("known etcdserver: mvcc: database space exceeded")
    assert "It helped 1 time before." in at.text(again)


def test_where_two_fit_nearly_alike_it_is_asked_which_one_is_seen(at: Office) -> None:
    asked = at.ask(
        "known 노드 3대에 레플리카 3개를 하나씩 흩어놨는데 업데이트하려니 새 파드가 자리를 못 잡고 Pending 입니다"
    )
    text = at.text(asked)
    assert "Which of these do you see?" in text
    shown = at.ask(asked.offers[0].says)
    assert at.text(shown).splitlines()[0].endswith("(anti-affinity-or-spread-unsatisfiable)")


def test_one_that_fits_far_better_is_not_asked_about(at: Office) -> None:
    assert at.ask("known etcdserver: mvcc: database space exceeded").offers == ()


def test_in_a_cluster_what_its_check_does_not_find_comes_last_and_says_so(at: Office) -> None:
    words = "known OOMKilled exit code 137, container killed again and again"

    def here(cluster: str) -> str:
        asked = Request(words, MINJI, Place("terminal"), at.now, cluster=cluster)
        return at.text(at.house.assistant.answer(asked))

    assert "Its check finds it in this cluster." in here("shop-prod")
    assert "Its check does not find it in this cluster now." in here("shop-dev")
