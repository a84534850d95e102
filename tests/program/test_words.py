"""What is typed: wrong words, wrong flags, no words at all. One sentence, status 2 for what is wrong usage."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.e2e.live import gurumi
from tests.program.servers import flat, no_accident
from tests.sandbox_fixtures import rehearse
from tests.worlds import LIMITED, OOM, deployment

QUESTION = "why does checkout keep restarting?"


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    with rehearse({"shop-prod": deployment(container=LIMITED, status=OOM)}) as path:
        yield {"KUBECONFIG": str(path)}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("dignose",), "Did you mean 'diagnose'?"),
        ((QUESTION,), 'gurumi ask "…"'),
        (("ask", QUESTION, "--at", "0001-01-01T00:00:00+14:00"), "--at wants a time of our days"),
        (("ask", QUESTION, "--at", "9999-12-31T23:59:59-12:00"), "--at wants a time of our days"),
        (("ask", QUESTION, "--at", "2026-01-15T05:12:00+99:00"), "--at wants a time like"),
        (("ask", QUESTION, "--at", "2099-01-15T05:12:00+09:00"), "is its zone right?"),
        (("diagnose", ""), "diagnose wants the name of one cluster"),
        (("diagnose", "shop prod"), "diagnose wants the name of one cluster"),
        (("clusters", "chekc"), "clusters takes the word check"),
        (("known", ""), "the text is empty"),
        (("manifest", "--name", " "), "--name wants the app's name"),
        (("run", "--http", "localhost:99999"), "--http wants HOST:PORT"),
        (("ticket", "--read", "docs/ticket.example.txt", "--tz", "/etc/passwd"), "--tz wants a zone"),
        (("ticket", "--read", "docs/ticket.example.txt", "--tz", "Mars/Base"), "--tz wants a zone"),
        (("ticket", "--read", "docs/ticket.example.txt", "--at", "0001-01-01T00:00:00+14:00"), "--at wants a time"),
    ],
)
def test_wrong_usage_is_told_with_what_would_be_right(
    environment: dict[str, str], words: tuple[str, ...], says: str
) -> None:
    told = gurumi(*words, environment=environment)
    no_accident(told)
    assert told.status == 2
    assert not told.text
    assert says in flat(told)


@pytest.mark.parametrize(
    ("raw", "status"),
    [(b"", 2), (b" \n\t ", 2), (b"\0\0\0", 2), (b"\xff\xfe\x00 why does checkout restart? \xed\xa0\x80", 0)],
    ids=["nothing", "blanks", "NUL", "not UTF-8"],
)
def test_a_question_from_standard_input_may_be_anything(environment: dict[str, str], raw: bytes, status: int) -> None:
    told = gurumi("ask", "-", environment={**environment, "LC_ALL": "C.UTF-8"}, stdin=raw)
    no_accident(told)
    assert told.status == status
    assert ("OOMKilled" in told.text) == (status == 0)


@pytest.mark.parametrize("words", ["🔥🔥🔥", "?!", "…", "\u202e\u200f"])
def test_signs_that_are_no_words_are_answered_with_help(environment: dict[str, str], words: str) -> None:
    told = gurumi("ask", words, environment=environment)
    no_accident(told)
    assert told.status == 0
    assert "Just ask" in told.text
    assert "OOMKilled" not in told.text


@pytest.mark.parametrize(
    "words",
    ["\u202e" + QUESTION, QUESTION + "\u200f\u202c", "\x1b[31m" + QUESTION, "لماذا checkout restart", "x" * 40_000]
    + [f"why did checkout restart at {odd}?" for odd in ("99:99", "9999-12-31", "0000-00-00", "10^9 years ago")]
    + [f"why did checkout restart {10**n} days ago?" for n in (3, 6, 9, 20)],
    ids=lambda words: str(ascii(words))[:40],
)
def test_odd_questions_are_answered(environment: dict[str, str], words: str) -> None:
    told = gurumi("ask", words, environment=environment)
    no_accident(told)
    assert told.status == 0
    assert not set(told.text) & {"\u202e", "\u202c", "\u200f", "\x1b"}


def test_a_cluster_that_a_flag_names_wrongly_is_told_with_the_near_names(environment: dict[str, str]) -> None:
    told = gurumi("ask", QUESTION, "--cluster", "shop-prd", environment=environment)
    no_accident(told)
    assert told.status == 1
    assert "Do you mean shop-prod?" in flat(told)
    assert f"gurumi ask '{QUESTION} (cluster shop-prod)'" in flat(told)


def test_a_cluster_that_a_question_names_wrongly_is_asked_back_in_its_language(environment: dict[str, str]) -> None:
    told = gurumi(
        "ask", "shop-production 클러스터의 checkout이 왜 재시작해요?", "--format", "json", environment=environment
    )
    no_accident(told)
    assert told.status == 0
    assert told.data["tone"] == "ask"
    assert [offer["label"] for offer in told.data["offers"]] == ["shop-prod"]
    again = gurumi("ask", told.data["offers"][0]["says"].removeprefix("ask "), environment=environment)
    assert "OOMKilled" in again.first


def test_candidates_are_offers_that_lead_to_the_answer(environment: dict[str, str]) -> None:
    told = gurumi("ask", "why does checkot-app restart?", "--format", "json", environment=environment)
    no_accident(told)
    for offer in told.data["offers"]:
        again = gurumi("ask", offer["says"].removeprefix("ask "), environment=environment)
        assert "OOMKilled" in again.first


def test_a_failure_as_json_is_json_on_the_output_and_a_sentence_beside_it() -> None:
    told = gurumi("ask", QUESTION, "--format", "json", "--lang", "ko", environment={"KUBECONFIG": "/nonexistent"})
    assert told.status == 1
    assert json.loads(told.text)["tone"] == "failed"
    assert told.complaint.startswith("gurumi: /nonexistent에")
    assert "KUBECONFIG를" in told.complaint, "what happened and what to do, in the language that was asked for"


def test_help_names_examples_and_exit_statuses_for_every_command() -> None:
    listed = gurumi("--help").text.partition("Commands:")[2]
    commands = re.findall(r"^  (\w+)  ", listed, re.MULTILINE)
    assert {"ask", "diagnose", "clusters", "doctor", "run", "demo", "migrate", "manifest"} <= {*commands}
    assert "..." not in listed, "each is described by a sentence that fits"
    for command in [*commands, "journal visit"]:
        told = gurumi(*command.split(), "--help")
        assert told.status == 0
        if command != "journal":
            assert f"gurumi {command}" in told.text.partition("Examples:")[2]
            assert "Exit status: 0 answered, 1 could not be done, 2 wrong usage." in flat(told)
