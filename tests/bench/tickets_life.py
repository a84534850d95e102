"""Seconds from a post to its half answer in Slack's thread: one ticket alone, and twenty in a minute, of six kinds."""

import random
import time
from statistics import median

from integrations.sandbox.slack.people import BOT_USER
from tests.bot.office import Office, office

DESK = "channels: [C0HELP]\n"
TEXTS = (
    "checkout in shop-prod keeps restarting, exit code 137",
    "[Q&A] 장애 문의\n1. Target cluster\nshop-prod\n2. User Account\nminji.kim\n3. Message\ncheckout 이 재시작됩니다",
    "shop-prod 에서 liveness probe 를 느린 기동에 맞게 어떻게 설정해야 하나요? 가이드가 있나요?",
    "shop-prod 네임스페이스 쿼터를 두 배로 늘려 주세요",
    "shop 네임스페이스에 뭐가 문제인가요? `Back-off restarting failed container` 가 계속 보입니다",
    "checkout in shop-prod fails\n```\n" + "INFO served /cart in 12 ms\n" * 400 + "ERROR out of memory\n```",
)
ALONE, A_MINUTE = 6, 20


def main(_words: list[str]) -> None:
    for way in ("socket", "http"):
        with office(way, tickets=DESK) as here:
            _told(here, _post(here, 0))  # the first of a process loads what all need
            alone = [_told(here, _post(here, n)) for n in range(ALONE)]
            print(f"{way}, alone: {_figures(alone)}")
            rushed = _rush(here)
            print(f"{way}, {A_MINUTE} in a minute: {_figures(rushed)}; {len(here.store.tickets())} tickets in all")


def _post(here: Office, number: int) -> tuple[str, float]:
    """A post, and when it was made."""
    user = random.choice(("minji", "alex", "haneul"))
    text = f"{TEXTS[number % len(TEXTS)]} ({number}, {time.monotonic_ns()})"
    return here.room.say(user, "k8s-help", text).ts, time.monotonic()


def _told(here: Office, posted: tuple[str, float]) -> float:
    ts, began = posted

    def answered() -> bool:
        said = [m for m in here.room.messages("k8s-help") if m.user == BOT_USER and m.thread_ts == ts]
        return bool(said) and "#" in said[-1].text

    here.room.wait_for(answered, 60)
    return time.monotonic() - began


def _rush(here: Office) -> list[float]:
    """Posts at random instants of one minute; each is timed by itself."""
    instants = sorted(random.uniform(0, 60) for _ in range(A_MINUTE))
    began, waiting, took = time.monotonic(), [], []
    for number, at in enumerate(instants):
        while time.monotonic() - began < at:
            took += _done(here, waiting)
            time.sleep(0.02)
        waiting.append(_post(here, number))
    while waiting:
        took += _done(here, waiting)
        time.sleep(0.02)
    return took


def _done(here: Office, waiting: list[tuple[str, float]]) -> list[float]:
    """Those that are told by now, taken off the list."""
    said = {m.thread_ts: m.text for m in here.room.messages("k8s-help") if m.user == BOT_USER}
    told = [posted for posted in waiting if "#" in said.get(posted[0], "")]
    for posted in told:
        waiting.remove(posted)
    return [time.monotonic() - began for _, began in told]


def _figures(seconds: list[float]) -> str:
    ranked = sorted(seconds)
    return f"median {median(ranked):.2f} s, slowest {ranked[-1]:.2f} s of {len(ranked)}"
