"""Tickets through the one door: opened and half answered, moved by people, reminded of, and read by who may."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.plain import as_json
from bot.words import Words
from commands.dialogue import Answer, Bullets, Person, Place, Request, Tone
from knowledge.tickets.life import Solved, State, Waiting
from tests.commands.ticket_office import HELP, JUNHO, MINJI, SEOUL, SORA, TEXT, Office, office
from tests.worlds import deployment

TEMPLATE = """ticket [Q&A] 장애 문의

1. Target cluster
shop-prod

2. User Account
minji.kim

3. Message
- When: 오늘 새벽 5시 12분부터
- What: checkout 파드가 계속 재시작됩니다 (exit code 137)
- How:
- Expectation: 재시작이 멈추길 바랍니다"""
TUESDAY = datetime(2026, 11, 24, 10, tzinfo=SEOUL)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


@pytest.fixture
def stored(tmp_path: Path, database_url: str) -> Iterator[Office]:
    with office(tmp_path, database_url) as opened:
        yield opened


def bullets(answer: Answer, title: str) -> list[str]:
    return [str(i) for p in answer.parts if isinstance(p, Bullets) and p.title and p.title.template == title
            for i in p.items]  # fmt: skip


def test_a_filled_template_is_half_answered_with_proof_known_issues_and_buttons(stored: Office) -> None:
    answer = stored.ask(TEMPLATE)
    said = stored.text(answer, "ko")
    assert answer.tone is Tone.FOUND
    assert said.splitlines()[0].startswith("✗ #1 checkout")
    assert "OOMKilled" in said[:200]
    for told in ("shop-prod", "minji.kim", "05:12", "exitCode = 137", "container-oomkilled-limit-too-low"):
        assert told in said
    assert [o.says for o in answer.offers][:4] == [
        "tickets helped 1",
        "tickets notyet 1",
        "tickets call 1",
        "correct 1",
    ]
    assert stored.ticket().waiting is Waiting.ASKER


def test_what_is_answered_is_found_in_json_too(desk: Office) -> None:
    data = json.loads(as_json(desk.ask(f"ticket {TEXT}"), Words("en", SEOUL, desk.now)))
    assert data["number"] == 1
    assert data["findings"][0]["id"] == "pod-oomkilled"
    assert data["findings"][0]["says"].startswith("checkout was OOMKilled")
    assert "container-oomkilled-limit-too-low" in [known["id"] for known in data["known"]]


def test_the_same_question_brought_again_after_a_crash_is_the_same_ticket(stored: Office) -> None:
    first = stored.ask(f"ticket {TEXT}", at=TUESDAY)
    again = stored.ask(f"ticket {TEXT}", at=TUESDAY)
    assert (first.headline, first.topic) == (again.headline, again.topic)
    assert len(stored.store.tickets()) == 1
    assert len(stored.store.ticket_steps(1)) == 2


def test_the_same_text_posted_twice_is_recognised(desk: Office) -> None:
    desk.open()
    again = desk.ask(f"ticket   {TEXT.upper()}")
    assert "ticket 1" in desk.text(again)
    assert again.topic == ""
    assert len(desk.store.tickets()) == 1
    assert desk.open(who=JUNHO).number == 2


def test_a_question_of_policy_is_answered_from_the_knowledge_base_and_asks_no_cluster(desk: Office) -> None:
    answer = desk.ask(
        "ticket shop-prod 에서 liveness probe 를 느린 기동에 맞게 어떻게 설정해야 하나요? 가이드가 있나요?"
    )
    assert desk.ticket().topic == "policy"
    assert "Known" in str(answer.headline.values["claim"])
    assert "looked_at" not in answer.data


def test_a_request_is_passed_to_a_person_and_that_is_said(desk: Office) -> None:
    answer = desk.ask("ticket shop-prod 네임스페이스 쿼터를 두 배로 늘려 주세요")
    assert "담당자" in desk.text(answer, "ko").splitlines()[0]
    ticket = desk.ticket()
    assert (ticket.topic, ticket.waiting) == ("request", Waiting.PERSON)
    assert ticket.due
    assert answer.notices == ()


def test_of_several_named_clusters_each_is_told_and_the_one_in_trouble_in_full(tmp_path: Path) -> None:
    with office(tmp_path) as desk:
        answer = desk.ask("ticket cluster: shop-dev, shop-prod\ncheckout restarts, exit code 137")
        assert len(bullets(answer, "Cluster by cluster")) == 2
        assert "OOMKilled" in desk.text(answer).splitlines()[0]


def test_of_very_many_clusters_the_first_are_asked_and_the_others_told(tmp_path: Path) -> None:
    worlds = {f"farm-{letter}-prod": deployment(ready=True) for letter in "abcdefghijklmn"}
    with office(tmp_path, worlds=worlds) as desk:
        answer = desk.ask(f"ticket cluster: {', '.join(worlds)}\ncheckout restarts, exit code 137")
        assert len(bullets(answer, "Cluster by cluster")) == 12
        left = bullets(answer, "Not looked at")
        assert "farm-m-prod" in left[0]
        assert "farm-n-prod" in left[0]
        assert len(desk.ticket().clusters) == 14


def test_a_cluster_that_the_asker_may_not_see_is_told_like_one_that_does_not_exist(tmp_path: Path) -> None:
    policy = "rules:\n- {may: [ask], who: everybody, clusters: [shop-dev]}\n"
    with office(tmp_path, policy=policy) as desk:
        hidden = desk.ask("ticket cluster: shop-prod\ncheckout restarts, exit code 137")
        absent = desk.ask("ticket cluster: moon-base\ncheckout restarts, exit code 137")
        said, other = (desk.text(a).replace(f"#{n} ", "") for n, a in ((1, hidden), (2, absent)))
        assert "shop-prod" in said
        assert "OOMKilled" not in said.splitlines()[0]
        about = [line for line in said.splitlines() if "shop-prod" in line]
        assert [line.replace("shop-prod", "moon-base") for line in about] == [
            line for line in other.splitlines() if "moon-base" in line
        ]


def test_a_cluster_that_is_down_is_told_and_a_person_takes_over(tmp_path: Path) -> None:
    inventory = "clusters:\n- {name: dark-prod, server: 'https://127.0.0.1:9', token: not-a-real-token}\n"
    with office(tmp_path, inventory=inventory) as desk:
        answer = desk.ask("ticket cluster: dark-prod\n앱이 응답하지 않아요")
        assert "dark-prod" in desk.text(answer, "ko").splitlines()[0]
        assert desk.ticket().waiting is Waiting.PERSON
        assert desk.ticket().due


def test_forty_thousand_characters_are_one_ticket(desk: Office) -> None:
    log = "\n".join(f"INFO served /cart/{n} to customer {n} of the shop in {n} ms" for n in range(900))
    answer = desk.ask(f"ticket checkout in shop-prod restarts, exit code 137\n```\n{log}\n```"[:40_000])
    assert answer.tone is Tone.FOUND
    assert len(desk.ticket().text) > 30_000


@pytest.mark.parametrize("text", ["1. Target cluster\n\n2. User Account\n\n3. Message\n", "🔥🔥🔥", "```\n```", "."])
def test_a_ticket_that_says_nothing_is_taken_and_left_to_a_person_or_asked_back(desk: Office, text: str) -> None:
    answer = desk.ask(f"ticket {text}")
    assert answer.tone is not Tone.FAILED
    assert "number" in answer.data or answer.tone is Tone.ASK


def test_no_secret_of_a_ticket_reaches_the_card_or_the_database(desk: Office) -> None:
    answer = desk.ask("ticket checkout in shop-prod fails: postgres://shop:hunter2@db/shop password=hunter2")
    assert "hunter2" not in desk.text(answer)
    assert "hunter2" not in str(desk.ticket())


def test_a_correction_is_looked_at_again_and_stands_in_place_of_what_was_read(stored: Office) -> None:
    stored.open("checkout in shop-dev keeps restarting, exit code 137")
    assert stored.ticket().clusters == ("shop-dev",)
    answer = stored.ask("correct 1 cluster shop-prod")
    assert "OOMKilled" in stored.text(answer).splitlines()[0]
    assert (stored.ticket().clusters, stored.ticket().rounds) == (("shop-prod",), 1)
    assert answer.topic == "ticket/1"


def test_that_helped_ends_it_and_is_counted_as_the_bots(desk: Office) -> None:
    desk.open()
    answer = desk.ask("tickets helped 1")
    assert answer.tone is Tone.CLEAN
    assert desk.ticket().solved is Solved.BOT
    total = desk.ask("report").data["total"]
    assert (total["asked"], total["bot_alone"], total["person"]) == (1, 1, 0)


def test_another_person_cannot_say_that_it_helped(desk: Office) -> None:
    desk.open()
    assert desk.ask("tickets helped 1", JUNHO).tone is Tone.FAILED
    assert desk.ticket().state is State.REQUEST


def test_not_yet_asks_back_and_offers_a_person(desk: Office) -> None:
    desk.open()
    answer = desk.ask("tickets notyet 1")
    assert answer.tone is Tone.ASK
    assert [o.says for o in answer.offers] == ["correct 1", "tickets call 1"]
    assert [n.to for n in answer.notices] == ["topic:ticket/1"]
    assert answer.notices[0].again == "tickets card 1"
    desk.ask("tickets helped 1")
    assert desk.ask("report").data["total"]["after_question"] == 1


def test_a_person_is_called_only_when_asked_for_once(desk: Office) -> None:
    assert desk.ask(f"ticket {TEXT}").notices == ()
    answer = desk.ask("tickets call 1", at=TUESDAY)
    again = desk.ask("tickets call 1", at=TUESDAY)
    assert [(n.to, n.calls) for n in answer.notices] == [("topic:ticket/1", ("S0SRE",))]
    assert [n.receipt for n in again.notices] == [n.receipt for n in answer.notices]
    assert desk.ticket().called == TUESDAY


def test_a_reopened_ticket_may_call_a_person_again(desk: Office) -> None:
    desk.open()
    (first,) = desk.ask("tickets call 1").notices
    desk.ask("tickets helped 1")
    desk.ask("tickets reopen 1")
    (second,) = desk.ask("tickets call 1").notices
    assert first.receipt != second.receipt


def test_a_webhook_is_called_instead_where_the_desk_names_one(tmp_path: Path) -> None:
    with office(tmp_path, desk="call: https://pager.example.com/hook") as desk:
        desk.open()
        (notice,) = desk.ask("tickets call 1").notices
        assert (notice.to, notice.calls) == ("https://pager.example.com/hook", ())


def test_a_whole_life(stored: Office) -> None:
    stored.open()
    assert stored.ask("tickets take 1", SORA).tone is Tone.FOUND
    assert (stored.ticket().state, stored.ticket().assignee) == (State.IN_PROGRESS, SORA.id)
    done = stored.ask("tickets done 1 raised the memory limit to 512Mi", SORA)
    assert [n.calls for n in done.notices] == [(MINJI.id,)]
    assert stored.ticket().resolution == "raised the memory limit to 512Mi"
    assert stored.ask("tickets reopen 1").notices[0].calls == (SORA.id,)
    stored.ask("tickets transfer 1 to @U0JUNHO", SORA)
    assert stored.ticket().assignee == "U0JUNHO"
    stored.ask("tickets priority 1 urgent", SORA)
    stored.ask("tickets watch 1", JUNHO)
    stored.ask("tickets done 1", SORA)
    moves = [str(s.move) for s in stored.store.ticket_steps(1)]
    assert moves == ["open", "answer", "take", "done", "reopen", "transfer", "priority", "watch", "done"]
    assert "raised the memory limit" in stored.text(stored.ask("tickets show 1"))


def test_a_duplicate_is_merged_and_its_asker_watches_the_other(desk: Office) -> None:
    desk.open()
    desk.open(who=JUNHO)
    answer = desk.ask("tickets merge 2 into 1", SORA)
    assert desk.ticket(2).merged_into == 1
    assert desk.ticket(1).watchers == (JUNHO.id,)
    assert [n.to for n in answer.notices] == ["topic:ticket/1"]
    assert desk.ask("tickets merge 1 into 1", SORA).tone is Tone.ASK
    assert desk.ask("tickets merge 1 into 2", SORA).tone is Tone.ASK
    assert desk.ask("report").data["merged"] == 1


def test_who_does_not_work_on_tickets_takes_none(desk: Office) -> None:
    desk.open()
    assert desk.ask("tickets take 1", JUNHO).tone is Tone.FAILED
    assert desk.ticket().assignee == ""


@pytest.mark.parametrize(
    "words",
    [
        "tickets take",
        "tickets take one",
        "tickets take 99",
        "tickets take 1 2",
        "tickets priority 1 soon",
        "tickets transfer 1",
        "tickets merge 1",
        "tickets nonsense",
        "tickets export xml",
        "tickets cluster",
        "correct 1",
        "correct 99 cluster shop-dev",
        "report 2026-W99",
        "report sometime",
        "ticket",
    ],
)
def test_words_that_do_not_fit_are_answered_with_what_would(desk: Office, words: str) -> None:
    desk.open()
    assert desk.ask(words, SORA).tone in (Tone.ASK, Tone.FAILED)
    assert len(desk.store.ticket_steps(1)) == 2


def test_what_was_asked_before_is_told_to_those_who_may_read_it(tmp_path: Path) -> None:
    policy = "rules:\n- {may: [ask], who: [U0MINJI, S0SRE]}\n- {may: [ask], who: everybody, clusters: [shop-dev]}\n"
    with office(tmp_path, policy=policy) as desk:
        desk.open()
        desk.ask("tickets done 1 memory limit raised to 512Mi", SORA)
        text = "ticket checkout restarts again and again, exit code 137 (cluster shop-dev)"
        assert "512Mi" in desk.text(desk.ask(text, replace(MINJI, id="S0X", groups=frozenset({"S0SRE"}))))
        assert "512Mi" not in desk.text(desk.ask(text, JUNHO))


def test_a_ticket_from_a_direct_message_is_read_by_its_people_and_the_team_alone(desk: Office) -> None:
    desk.ask(f"ticket {TEXT}", direct=True, channel="D1")
    assert desk.ask("tickets show 1", JUNHO).tone is Tone.FAILED
    assert desk.ask("tickets show 1", MINJI).data["number"] == 1
    assert desk.ask("tickets show 1", SORA).data["number"] == 1
    assert desk.ask("tickets", JUNHO).data["tickets"] == []
    assert desk.ask("tickets show 1", JUNHO).headline.template == desk.ask("tickets show 7", JUNHO).headline.template


def test_the_board_is_filtered(desk: Office) -> None:
    desk.open()
    desk.open("payment in shop-dev is slow", JUNHO)
    desk.ask("tickets done 2 found it", SORA)

    def listed(words: str, who: Person = SORA) -> list[object]:
        return [t["number"] for t in desk.ask(words, who).data["tickets"]]

    assert listed("tickets") == [1]
    assert listed("tickets all") == [1, 2]
    assert listed("tickets done") == [2]
    assert listed("tickets mine", JUNHO) == []
    assert listed("tickets mine", MINJI) == [1]
    assert listed("tickets all cluster shop-dev") == [2]
    assert listed("tickets queue") == []
    desk.ask("tickets call 1")
    assert listed("tickets queue") == [1]
    desk.later(days=9)
    assert listed("tickets late") == [1]


def test_an_export_holds_every_ticket_and_no_formula(desk: Office) -> None:
    desk.open("=HYPERLINK(1) in shop-dev is slow", JUNHO)
    desk.open()
    rows = list(csv.DictReader(io.StringIO(str(desk.ask("tickets export csv", SORA).data["csv"]))))
    assert [row["number"] for row in rows] == ["1", "2"]
    assert rows[0]["title"].startswith("'=")
    assert rows[1]["clusters"] == "shop-prod"
    assert len(desk.ask("tickets export json", SORA).data["tickets"]) == 2


def test_a_queue_of_two_hundred_after_a_night_is_listed_by_priority_and_due(desk: Office) -> None:
    for n in range(200):
        desk.open(f"쿼터를 {n}개로 늘려 주세요", replace(MINJI, id=f"U{n}"))
    desk.ask("tickets priority 150 urgent", SORA)
    answer = desk.ask("tickets queue", SORA)
    assert len(answer.data["tickets"]) == 200
    assert answer.data["tickets"][0]["number"] == 150
    assert "170 more" in desk.text(answer)


def test_home_shows_my_tickets_and_the_queue_to_the_team(desk: Office) -> None:
    desk.open()
    desk.ask("tickets call 1")
    mine, team, other = (desk.text(desk.ask("home", who)) for who in (MINJI, SORA, JUNHO))
    assert "Your tickets" in mine
    assert "The queue" not in mine
    assert "The queue: 1 ticket waits" in team
    assert "checkout" not in other


def test_without_a_database_a_ticket_says_what_is_missing(tmp_path: Path) -> None:
    with office(tmp_path) as desk:
        from bot.settings import Settings
        from bot.wiring import build

        bare = replace(desk, house=build(Settings(KUBECONFIG=str(tmp_path / "kubeconfig"))))
        answer = bare.ask(f"ticket {TEXT}")
        assert answer.tone is Tone.FAILED
        assert "GURUMI_DATABASE_URL" in bare.text(answer)
        bare.house.close()


def test_a_ticket_of_a_korean_speaker_is_told_in_both_languages_from_what_was_kept(desk: Office) -> None:
    desk.ask(TEMPLATE)
    desk.later(days=2)
    shown = desk.ask("tickets show 1", SORA)
    assert "memory limit of 128Mi" in desk.text(shown, "en")
    assert "메모리 limit 128Mi" in desk.text(shown, "ko")


def test_an_answer_is_shown_with_the_times_it_was_found_with(desk: Office) -> None:
    before = desk.text(desk.ask(f"ticket {TEXT}"))
    proof = [line for line in before.splitlines() if "lastState" in line]
    after = desk.text(desk.ask("tickets show 1"))
    assert proof
    assert all(line in after for line in proof)


def test_what_a_ticket_is_about_leads_the_talk_of_its_thread(desk: Office) -> None:
    about = desk.ask(f"ticket {TEXT}").about
    assert (about["cluster"], about["name"], about["ticket"]) == ("shop-prod", "checkout", "1")


def test_the_time_to_an_answer_counts_what_it_waited_and_what_it_took(desk: Office) -> None:
    asked = Request(f"ticket {TEXT}", MINJI, Place("slack", HELP), TUESDAY, begun=TUESDAY + timedelta(minutes=7))
    desk.house.assistant.answer(asked)
    answered = desk.ticket().answered
    assert answered
    assert timedelta(minutes=7) < answered - TUESDAY < timedelta(minutes=8)
