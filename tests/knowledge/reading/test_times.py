"""The times that a text tells, in Korean and English, read against a moment and a zone."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.reading.times import find, likeliest, spots

SEOUL = ZoneInfo("Asia/Seoul")
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 1, 15, 14, 0, tzinfo=SEOUL)
"""A Thursday."""


def holds(text: str, instant: str, minutes: int, now: datetime = NOW, zone: tzinfo = SEOUL) -> None:
    found = find(text, now, zone)
    assert len(found) == 1, f"{text}: {found}"
    at = datetime.fromisoformat(instant)
    at = at if at.tzinfo else at.replace(tzinfo=zone)
    assert found[0].start <= at <= found[0].end, f"{text}: {found[0]}"
    assert found[0].end - found[0].start <= timedelta(minutes=minutes), f"{text}: {found[0]}"


@pytest.mark.parametrize(
    ("text", "instant", "minutes"),
    [
        ("at 05:12", "2026-01-15T05:12", 1),
        ("at 5:12 am", "2026-01-15T05:12", 1),
        ("at 05:12 KST", "2026-01-15T05:12", 1),
        ("05:12 UTC yesterday", "2026-01-14T14:12", 1),
        ("at 23:10", "2026-01-14T23:10", 1),
        ("around 3pm", "2026-01-14T15:00", 60),
        ("at 13:58:03", "2026-01-15T13:58:03", 1),
        ("2026-01-15T04:12:31Z", "2026-01-15T13:12:31", 1),
        ("2026-01-14 16:58:33.870 ERROR", "2026-01-14T16:58:33", 1),
        ("2026-01-14T16:58:33+01:00", "2026-01-15T00:58:33", 1),
        ("yesterday 23:10", "2026-01-14T23:10", 1),
        ("on Jan 14 at 05:12 UTC", "2026-01-14T14:12", 1),
        ("14 Jan 2026, 05:12", "2026-01-14T05:12", 1),
        ("1/14 05:12", "2026-01-14T05:12", 1),
        ("12/24 05:12", "2025-12-24T05:12", 1),
        ("last night", "2026-01-14T23:00", 720),
        ("last night at 02:30", "2026-01-15T02:30", 1),
        ("this morning", "2026-01-15T09:00", 420),
        ("an hour ago", "2026-01-15T13:00", 60),
        ("10 minutes ago", "2026-01-15T13:50", 10),
        ("2 days ago", "2026-01-13T12:00", 1440),
        ("last Friday", "2026-01-09T12:00", 1440),
        ("on Saturday night", "2026-01-10T23:00", 600),
        ("last weekend", "2026-01-11T12:00", 2880),
        ("for half an hour now", "2026-01-15T13:30", 40),
        ("in the last 2 hours", "2026-01-15T12:30", 150),
        ("the servers run on UTC. It happened at 02:10", "2026-01-15T11:10", 1),
        ("restarts every ~6 hours, last time 13:47", "2026-01-15T13:47", 1),
        ("오늘 새벽 5시 12분쯤", "2026-01-15T05:12", 60),
        ("오전 9시 10분에", "2026-01-15T09:10", 1),
        ("오후 1시 반에", "2026-01-15T13:30", 1),
        ("어제 저녁에", "2026-01-14T19:00", 300),
        ("어제 밤 11시에", "2026-01-14T23:00", 60),
        ("어제 밤 1시에", "2026-01-15T01:00", 60),
        ("어제 새벽 2시에", "2026-01-14T02:00", 60),
        ("어제 오후 3시", "2026-01-14T15:00", 60),
        ("오늘 점심쯤", "2026-01-15T12:30", 150),
        ("방금", "2026-01-15T13:55", 20),
        ("아까", "2026-01-15T13:00", 240),
        ("30분 전에", "2026-01-15T13:30", 20),
        ("1시간째", "2026-01-15T13:05", 70),
        ("그저께 3시", "2026-01-13T15:00", 60),
        ("지난주 금요일", "2026-01-09T12:00", 1440),
        ("지난 수요일 09:00", "2026-01-14T09:00", 1),
        ("1월 14일 05:12", "2026-01-14T05:12", 1),
        ("2025년 12월 24일 오후 2시 5분", "2025-12-24T14:05", 1),
        ("어제 checkout 파드가 23:10에 재시작했어요", "2026-01-14T23:10", 1),
        ("어제 자정에", "2026-01-15T00:00", 240),
        ("어제(수) 09:00", "2026-01-14T09:00", 1),
    ],
)
def test_a_time_is_read(text: str, instant: str, minutes: int) -> None:
    holds(text, instant, minutes)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("between 2 and 3 am", "02:00", "03:00"),
        ("from 9:30 to 10:15", "09:30", "10:15"),
        ("12:20–12:35 KST", "12:20", "12:35"),
        ("12시~13시 사이", "12:00", "13:00"),
        ("12~13시", "12:00", "13:00"),
        ("오전 9시부터 10시까지", "09:00", "10:00"),
        ("03:00 to 04:00 UTC", "12:00", "13:00"),
    ],
)
def test_a_range_is_one_interval(text: str, start: str, end: str) -> None:
    (found,) = find(text, NOW, SEOUL)
    assert [found.start.strftime("%H:%M"), found.end.strftime("%H:%M")] == [start, end]
    assert found.start.date() == NOW.date()
    assert not found.exact


@pytest.mark.parametrize(
    "text",
    ["since 13:00", "13:00부터", "13시 이후로", "starting at 13:00", "13:00 KST 부터요", "deployed at 13:00 이후"],
)
def test_what_began_lasts_until_now(text: str) -> None:
    (found,) = find(text, NOW, SEOUL)
    assert found.start <= datetime(2026, 1, 15, 13, 0, tzinfo=SEOUL)
    assert found.end == NOW


@pytest.mark.parametrize(
    "text",
    [
        "every 6 hours", "AGE 43m", "a 30s timeout", "version 1.34.2", "10.0.0.1:8080", "nginx:1.25", "web:20260112",
        "1/1     Running", "0/6 nodes are available", "2/3 pods", "took 10 minutes", "ran for 3 hours", "6시간마다",
        "10분 동안", "Good morning", "좋은 아침입니다",
        "낮은 우선순위", "Connection.java:207", "back-off 5m0s", "p99 3초",
        "as yesterday", "13월 45일", "25:99", "2026-02-30 10:00", "내일", "전부 다운", "port 10:100",
    ],
)  # fmt: skip
def test_how_often_how_long_and_how_old_are_no_times(text: str) -> None:
    assert find(text, NOW, SEOUL) == ()


def test_an_instant_to_the_minute_is_exact_and_an_hour_is_not() -> None:
    assert find("05:12", NOW, SEOUL)[0].exact
    assert not find("5시에", NOW, SEOUL)[0].exact
    assert not find("05:12쯤", NOW, SEOUL)[0].exact


def test_the_lines_of_one_log_are_one_time() -> None:
    log = "```\n2026-01-15T02:38:54Z a\n2026-01-15T02:38:59Z b\n2026-01-15T02:40:01Z c\n```"
    (found,) = find(log, NOW, SEOUL)
    assert (found.start, found.end) == (
        datetime(2026, 1, 15, 2, 38, 54, tzinfo=UTC),
        datetime(2026, 1, 15, 2, 40, 1, tzinfo=UTC),
    )


def test_what_somebody_says_goes_before_what_was_pasted() -> None:
    text = "it restarted at 05:12\n```\n2026-01-15T02:38:54Z a\n```"
    told = likeliest(spots(text, NOW, SEOUL))
    assert told
    assert told.start == datetime(2026, 1, 15, 5, 12, tzinfo=SEOUL)


def test_a_day_that_is_only_compared_with_gives_a_clock_no_date() -> None:
    told = likeliest(spots("It was fine yesterday. At 05:12 it broke", NOW, SEOUL))
    assert told
    assert told.start == datetime(2026, 1, 15, 5, 12, tzinfo=SEOUL)


def test_a_zone_in_the_text_goes_before_the_writers() -> None:
    holds("since yesterday 3pm KST it is slow", "2026-01-14T15:00+09:00", 3000, NOW, BERLIN)
    holds("yesterday at 3:15 pm our time", "2026-01-14T15:15+01:00", 1, NOW, BERLIN)


def test_an_hour_that_the_clock_skipped_or_showed_twice_is_read() -> None:
    after_spring = datetime(2026, 3, 29, 12, 0, tzinfo=BERLIN)
    holds("at 02:30", "2026-03-29T03:30+02:00", 1, after_spring, BERLIN)
    after_autumn = datetime(2026, 11, 1, 12, 0, tzinfo=NEW_YORK)
    holds("at 01:30", "2026-11-01T01:30-04:00", 1, after_autumn, NEW_YORK)
    holds("12 hours ago", "2026-11-01T01:00-04:00", 400, after_autumn, NEW_YORK)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 23), st.integers(0, 59), st.sampled_from(["Asia/Seoul", "Europe/Berlin", "America/New_York", "UTC"]),
    st.integers(1_577_836_800, 1_893_456_000),
)  # fmt: skip
def test_a_clock_without_a_date_is_the_latest_one_before_now(hour: int, minute: int, name: str, at: int) -> None:
    zone = ZoneInfo(name)
    now = datetime.fromtimestamp(at, UTC)
    (found,) = find(f"at {hour:02}:{minute:02}", now, zone)
    assert found.exact
    assert found.start <= now
    assert now - found.start <= timedelta(hours=25)


WORDS = (
    "어제", "오늘", "새벽", "오후", "밤", "부터", "쯤", "~", "to", "and", "between", "at", "since", "last",
    "Friday", "3시", "반", "12분", "05:12", "5:12", "am", "pm", "KST", "UTC", "1/14", "월요일", "자정",
    "noon", "전", "30분", ",", "(", ")", "주말", "째", "week", "ago",
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=9))
def test_any_heap_of_time_words_is_read_without_a_fault(words: list[str]) -> None:
    text = " ".join(words)
    found = find(text, NOW, SEOUL)
    assert found == find(text, NOW, SEOUL)
    assert all(interval.start <= interval.end <= NOW for interval in found)
