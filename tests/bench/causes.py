"""How often the right cause stands in the first 600 characters of an answer, over the recorded clusters."""

import re
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

from commands.dialogue import Tone
from integrations.sandbox.world import moment
from tests.door import SEOUL, Told, door

RECORDED = Path(__file__).parent.parent / "recorded"
LANGUAGES = ("en", "ko")
_TIME = re.compile(r"\{((?:\d+[dhm])+ ago)\}")


@dataclass(frozen=True)
class Case:
    """A recorded cluster, what is asked of it, and what its answer must hold."""

    name: str
    group: str
    world: str
    asked: dict[str, str]
    difficulty: str
    aside: bool
    tones: tuple[Tone, ...]
    must: tuple[str, ...]
    must_not: tuple[str, ...]
    namespace: str = ""
    about: str = ""


class Verdict(StrEnum):
    """``LATE``: the cause is told, but not in the first 600 characters. ``OPEN``: no cause is claimed where one was
    to be found. ``WRONG``: a cause is claimed that is not the right one, or a clean bill given that is not true."""

    RIGHT = "right"
    LATE = "late"
    OPEN = "open"
    WRONG = "wrong"


@dataclass(frozen=True)
class Outcome:
    case: Case
    language: str
    question: str
    told: Told
    verdict: Verdict
    took_ms: float


def cases(folder: Path = RECORDED) -> list[Case]:
    files = sorted(f for f in folder.glob("*/*.yaml") if f.parent.name != "around")
    return [_case(file) for file in files]


def ask(case: Case, languages: Sequence[str] = LANGUAGES) -> Iterator[Outcome]:
    with door(case.world) as here:
        for language in languages:
            now = datetime.now(UTC)
            question = _TIME.sub(lambda found, now=now: _clock(found[1], now), case.asked[language])
            about = datetime.fromisoformat(moment(case.about, now)) if case.about else None
            began = time.perf_counter()
            told = here.ask(question, namespace=case.namespace, about=about)
            took = (time.perf_counter() - began) * 1000
            yield Outcome(case, language, question, told, judge(case, told), took)


def judge(case: Case, told: Told) -> Verdict:
    """The verdict on one answer."""
    if told.answer.tone not in case.tones:
        claims = told.answer.tone in (Tone.FOUND, Tone.CLEAN)
        return Verdict.WRONG if claims else Verdict.OPEN
    if any(re.search(form, told.headline, re.ASCII) for form in case.must_not):
        return Verdict.WRONG
    if all(re.search(form, told.first, re.ASCII) for form in case.must):
        return Verdict.RIGHT
    if all(re.search(form, told.text, re.ASCII) for form in case.must):
        return Verdict.LATE
    return Verdict.WRONG if told.answer.tone in (Tone.FOUND, Tone.CLEAN) else Verdict.OPEN


def main(flags: Sequence[str] = ()) -> None:
    outcomes = [outcome for case in cases() for outcome in ask(case)]
    print(f"{len({o.case.name for o in outcomes})} clusters, {len(outcomes)} questions")
    _print("all", outcomes)
    views: tuple[tuple[str, Callable[[Outcome], str]], ...] = (
        ("language", lambda o: o.language),
        ("group", lambda o: o.case.group),
        ("difficulty", lambda o: o.case.difficulty),
        ("tuned or aside", lambda o: "aside" if o.case.aside else "tuned"),
    )
    for title, key in views:
        print(f"by {title}:")
        for value in sorted({key(o) for o in outcomes}):
            _print(f"  {value}", [o for o in outcomes if key(o) == value])
    wrong = [o for o in outcomes if o.verdict is Verdict.WRONG]
    named = sum(o.told.answer.tone is Tone.FOUND for o in wrong)
    print(f"wrong: {named} named a cause that is not it, {len(wrong) - named} called well what is not")
    took = sorted(o.took_ms for o in outcomes)
    print(f"an answer: median {statistics.median(took):.0f} ms, 95th {took[int(len(took) * 0.95)]:.0f} ms")
    if "--failures" in flags:
        _failures(o for o in outcomes if o.verdict is not Verdict.RIGHT and not o.case.aside)


def _case(file: Path) -> Case:
    head, _, world = file.read_text().partition("\n---\n")
    expect = yaml.safe_load(head)
    around = expect.get("around")
    return Case(
        name=file.stem,
        group=file.parent.name,
        world=f"{_around(around)}\n---\n{world}" if around else world,
        asked={language: expect[language] for language in LANGUAGES},
        difficulty=expect["difficulty"],
        aside=expect["aside"],
        tones=tuple(Tone(tone) for tone in expect["tone"]),
        must=tuple(expect["must"]),
        must_not=tuple(expect["must_not"]),
        namespace=expect.get("namespace", ""),
        about=expect.get("at", ""),
    )


@cache
def _around(name: str) -> str:
    return (RECORDED / "around" / f"{name}.yaml").read_text()


def _clock(span: str, now: datetime) -> str:
    return datetime.fromisoformat(moment(span, now)).astimezone(SEOUL).strftime("%H:%M")


def _print(label: str, outcomes: Sequence[Outcome]) -> None:
    count = {verdict: sum(o.verdict is verdict for o in outcomes) for verdict in Verdict}
    share = count[Verdict.RIGHT] / len(outcomes)
    rest = ", ".join(f"{count[v]} {v}" for v in Verdict if v is not Verdict.RIGHT)
    print(f"{label:<16} {share:6.1%} right ({count[Verdict.RIGHT]} of {len(outcomes)}; {rest})")


def _failures(outcomes: Iterable[Outcome]) -> None:
    for o in outcomes:
        print(f"-- {o.case.group}/{o.case.name} [{o.language}] {o.verdict}, {o.told.answer.tone}: {o.question}")
        print("\n".join(f"   {line}" for line in o.told.first.splitlines()))
        missing = [form for form in o.case.must if not re.search(form, o.told.first, re.ASCII)]
        print(f"   missing: {missing}")
