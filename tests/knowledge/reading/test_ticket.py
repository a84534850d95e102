"""Tickets as developers write them are read as they are meant; no secret of theirs is kept."""

from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.reading.ticket import Ticket, read
from knowledge.reading.ticket_asks import Kind
from tests.tickets.scoring import labels, wrong

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 3, 5, 14, 0, tzinfo=SEOUL)
CLUSTERS = ["shop-prod", "shop-dev", "map-01", "map-02", "log-pipeline", "log-pipeline-v2"]


def reading(text: str) -> Ticket:
    return read(text, now=NOW, zone=SEOUL, clusters=CLUSTERS, people=["shop.dev1"])


@pytest.mark.parametrize("name", ["tuned", "aside", "fresh"])
def test_of_the_labelled_tickets_95_in_a_hundred_are_read_wholly_right(name: str) -> None:
    faults = {label["id"]: complaints for label in labels(name) if (complaints := wrong(label))}
    assert 1 - len(faults) / len(labels(name)) >= 0.95, faults


def test_a_template_that_is_renumbered_translated_and_on_one_line_is_still_a_template() -> None:
    told = "① 계정 : shop.dev1\n② 클러스터 : shop-prod\n③ 내용 : checkout-api 파드가 재시작합니다"
    line = "1. Target cluster shop-prod 2. User Account shop.dev1 3. Message pods of checkout-api restart"
    for text in (told, line):
        ticket = reading(text)
        assert (ticket.account, ticket.clusters, ticket.workloads) == ("shop.dev1", ("shop-prod",), ("checkout-api",))


def test_a_cluster_that_is_taken_back_is_not_named() -> None:
    assert reading("shop-dev 아니고 shop-prod 입니다. checkout-api 가 느려요").clusters == ("shop-prod",)


def test_of_several_clusters_that_fit_none_is_chosen() -> None:
    ticket = reading("shop 클러스터에서 배포가 실패합니다")
    assert ticket.clusters == ()
    assert ticket.cluster_candidates == ("shop-prod", "shop-dev")


def test_a_cluster_that_nobody_knows_is_told_as_written() -> None:
    assert reading("대상 클러스터: volcano-base-prod").unknown_clusters == ("volcano-base-prod",)


def test_what_is_asked_for_is_no_problem() -> None:
    assert reading("Please restart our deployment checkout-api in shop-prod").kind is Kind.REQUEST
    assert reading("파드가 재시작되면 IP 가 바뀌나요?").kind is Kind.QUESTION
    assert reading("파드가 왜 재시작했는지 확인 부탁드립니다").kind is Kind.PROBLEM


def test_a_deadline_and_a_plan_are_no_times() -> None:
    assert reading("checkout-api 가 느려요. 오늘 안에 봐주세요").times == ()
    assert reading("we deploy tomorrow at 10:00, is there maintenance?").times == ()


def test_healthy_lines_of_a_log_are_no_errors() -> None:
    log = "```\n2026-03-05 13:00:01 INFO started\n2026-03-05 13:00:02 ERROR disk is full\n```"
    assert reading(f"shop-prod 로그\n{log}").error_lines == ("2026-03-05 13:00:02 ERROR disk is full",)


def test_secrets_are_gone_from_every_field() -> None:
    secret = "Fixture-Pa55word"
    text = f"`psql postgres://app:{secret}@10.0.0.1/db` failed: timeout\nDB_PASSWORD={secret}\nhttps://u:{secret}@x.io/"
    assert secret not in str(asdict(reading(text)))


@given(st.text(max_size=400))
@settings(max_examples=60, deadline=None)
def test_any_text_is_read_without_an_error(text: str) -> None:
    reading(text)


def test_of_a_very_long_ticket_the_beginning_is_read() -> None:
    ticket = reading("shop-prod 의 checkout-api 가 2026-03-05T13:00:01Z ERROR timeout 으로 죽습니다.\n" * 2_000)
    assert (ticket.clusters, ticket.workloads) == (("shop-prod",), ("checkout-api",))
