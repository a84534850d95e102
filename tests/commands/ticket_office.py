"""A house with a database, a few clusters and people who ask at times of their own: tickets through the one door."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.plain import render
from bot.settings import Settings
from bot.terminal import spoken
from bot.wiring import House, build
from bot.words import Words
from commands.dialogue import Answer, Notice, Person, Place, Request
from integrations.store import Store
from knowledge.tickets.life import Ticket
from tests.sandbox_fixtures import World, kubernetes_room
from tests.worlds import LIMITED, OOM, deployment, noise

SEOUL = ZoneInfo("Asia/Seoul")
MINJI = Person("U0MINJI", "minji", zone=SEOUL)
JUNHO = Person("U0JUNHO", "junho", zone=SEOUL)
SORA = Person("U0SORA", "sora", zone=SEOUL, groups=frozenset({"S0SRE"}))
HELP = "C0HELP"
DESK = """
channels: [C0HELP]
team: [S0SRE]
call: S0SRE
numbers: C0NUMBERS
hours: {zone: Asia/Seoul, days: [mon, tue, wed, thu, fri], from: "09:00", to: "18:00"}
holidays: [2026-12-25]
"""
ILL = deployment(container=LIMITED, status=OOM) + noise()
TEXT = "checkout in shop-prod keeps restarting since 05:12, exit code 137"


@dataclass
class Office:
    """``ask`` puts words as somebody, in a channel, at a time that only moves when a test moves it."""

    house: House
    store: Store
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    asked: int = 0

    def ask(self, words: str, who: Person = MINJI, *, channel: str = HELP, thread: str = "", face: str = "slack",
            direct: bool = False, at: datetime | None = None) -> Answer:  # fmt: skip
        self.asked += 1
        when = at or self.now + timedelta(microseconds=self.asked)
        place = Place(face, channel, thread, direct)
        return self.house.assistant.answer(Request(words, who, place, when, language=spoken(words)))

    def open(self, text: str = TEXT, who: Person = MINJI, **where: str) -> Ticket:
        self.ask(f"ticket {text}", who, **where)
        return self.store.tickets()[-1]

    def ticket(self, number: int = 1) -> Ticket:
        return self.store.ticket(number)

    def round(self) -> tuple[Notice, ...]:
        """What the clock's round wants to be told."""
        answer = self.ask("reminders", Person("clock"), face="clock", channel="")
        return answer.notices

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def text(self, answer: Answer, language: str = "en") -> str:
        return render(answer, Words(language, SEOUL, self.now), width=10_000)


@contextmanager
def office(
    folder: Path,
    database: str = "",
    worlds: Mapping[str, World] | None = None,
    desk: str = DESK,
    policy: str = "",
    inventory: str = "",
    now: datetime | None = None,
) -> Iterator[Office]:
    with kubernetes_room(worlds or {"shop-prod": ILL, "shop-dev": deployment(ready=True)}, now) as room:
        files = {}
        for name, text in (("tickets", desk), ("policy", policy), ("inventory", inventory)):
            if text:
                (folder / f"{name}.yaml").write_text(text)
                files[f"GURUMI_{name.upper()}"] = str(folder / f"{name}.yaml")
        store = Store(database or f"sqlite:///{folder / 'gurumi.db'}")
        store.migrate()
        settings = Settings(KUBECONFIG=str(room.kubeconfig(folder / "kubeconfig")), **files)
        house = build(settings, store, deadline_s=20)
        try:
            yield Office(house, store, now) if now else Office(house, store)
        finally:
            house.close()
            store.close()
