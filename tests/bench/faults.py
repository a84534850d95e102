"""Questions that were lost or answered twice: each fault of Slack, of the database and of the process, repeated.

``--times=20``: so often each fault (20 unless told), ``--kills=20``: so often each kill (3 unless told).
"""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from integrations.sandbox.slack.people import BOT_USER
from tests.bot.office import QUESTION, WAYS, Office, office
from tests.bot.programs import STEPS, Step, killed_at, programs

SURFACES = ("mention", "dm", "command")
AT_ONCE = 4
_WORDS = QUESTION.removeprefix("@gurumi ")


@dataclass(frozen=True)
class Fault:
    """``begin`` switches it on for so many questions; ``surfaces``: where it can strike."""

    name: str
    begin: Callable[[Office, int], None]
    surfaces: Sequence[str] = ("mention", "dm")


def _post(answer: int | str) -> Callable[[Office, int], None]:
    return lambda here, times: here.room.faults.answer("chat.postMessage", answer, times)


def _locked(here: Office, _times: int) -> None:
    def hold() -> None:
        with here.store._write():
            time.sleep(2.0)

    ThreadPoolExecutor(1).submit(hold)
    time.sleep(0.1)


def _duplicated(here: Office, times: int) -> None:
    here.room.faults.duplicate = 2 * times


def _reordered(here: Office, times: int) -> None:
    here.room.faults.reorder = times


def _nothing(here: Office, _times: int) -> None:
    del here


FAULTS = (
    Fault("none", _nothing, SURFACES),
    Fault("answer of the post lost", _post("lost")),
    Fault("connection cut", _post("cut")),
    Fault("HTML instead of JSON", _post("html")),
    Fault("500", _post(500)),
    Fault("503", _post(503)),
    Fault("429, Retry-After 1", _post(429)),
    Fault("envelopes come twice", _duplicated),
    Fault("envelopes in disorder", _reordered),
    Fault("database locked for 2 s", _locked, SURFACES),
    Fault("users.info hangs", lambda here, times: here.room.faults.answer("users.info", "hang", times), SURFACES),
)


@dataclass(frozen=True)
class Count:
    name: str
    surface: str
    way: str
    asked: int
    lost: int
    doubled: int


def struck(fault: Fault, surface: str, way: str, times: int) -> Count:
    """So many questions at once, each met by the fault."""
    with office(way) as here:
        fault.begin(here, times)
        for n in range(times):
            _ask(here, surface, n)
        end = time.monotonic() + 90
        while (here.store.waiting() or not all(d.done.is_set() for d in here.room.deliveries)) and (
            time.monotonic() < end
        ):
            time.sleep(0.1)
        time.sleep(0.5)
        told = _told(here, surface)
    return Count(fault.name, surface, way, times, sum(n == 0 for n in told), sum(n > 1 for n in told))


def _ask(here: Office, surface: str, n: int) -> None:
    match surface:
        case "mention":
            here.room.say("minji", "k8s-help", f"{QUESTION} {n}")
        case "dm":
            here.room.say("minji", "dm", f"{_WORDS} {n}")
        case _:
            here.room.command("minji", "random", "/k8s", f"{_WORDS} {n}")


def _told(here: Office, surface: str) -> list[int]:
    """How often each question was answered."""
    if surface == "command":
        commands = [d for d in here.room.deliveries if d.kind == "slash_commands"]
        told = len(here.room.ephemerals("minji", "random"))
        each = [1] * min(told, len(commands)) + [0] * max(0, len(commands) - told)
        return [*each[:-1], each[-1] + max(0, told - len(commands))]
    channel = here.room.place("k8s-help" if surface == "mention" else "dm", "minji").id
    kept = here.room.messages(channel)
    if surface == "mention":
        return [sum(m.thread_ts == asked.ts for m in kept) for asked in kept if asked.user != BOT_USER]
    marks = [m.metadata["event_payload"]["delivery"] for m in kept if m.user == BOT_USER and m.metadata]
    return [marks.count(d.payload["event_id"]) for d in here.room.deliveries if _of_a_person(d.payload)]


def _of_a_person(payload: dict[str, object]) -> bool:
    event = payload.get("event")
    return isinstance(event, dict) and "bot_id" not in event and "subtype" not in event


def killed(step: Step) -> int:
    """How often one question was answered by a process that was killed at that step and the one after it."""
    with programs() as ran:
        first = ran.start()
        ran.room.connected(30)
        killed_at(step, ran, first)
        return len(ran.said())


def main(words: Sequence[str]) -> None:
    given = {name: int(value) for name, _, value in (w.removeprefix("--").partition("=") for w in words) if value}
    times, kills = given.get("times", 20), given.get("kills", 3)
    row = "{:42} {:8} {:7} {:>5} {:>5} {:>8}"
    logging.disable(logging.ERROR)
    print(row.format("fault", "surface", "way in", "asked", "lost", "doubled"))
    counts = []
    for fault in FAULTS:
        for surface in fault.surfaces:
            for way in WAYS:
                counts.append(struck(fault, surface, way, times))
                print(row.format(*vars(counts[-1]).values()))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for step in STEPS:
            told = list(pool.map(killed, [step] * kills))
            lost, doubled = sum(n == 0 for n in told), sum(n > 1 for n in told)
            counts.append(Count(f"kill -9: {step.name}", "mention", "socket", kills, lost, doubled))
            print(row.format(*vars(counts[-1]).values()))
    print(f"together: {sum(c.asked for c in counts)} asked, ", end="")
    print(f"{sum(c.lost for c in counts)} lost, {sum(c.doubled for c in counts)} doubled")
