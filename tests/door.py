"""Asks through the one door, as a terminal would: a written world, the real client, the real detectors."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.plain import render
from bot.settings import Settings
from bot.terminal import spoken
from bot.wiring import House, build
from bot.words import Words
from commands.dialogue import Answer, Person, Place, Request
from tests.sandbox_fixtures import World, rehearse

SEOUL = ZoneInfo("Asia/Seoul")


@dataclass(frozen=True)
class Told:
    """An answer, and the text that a person reads."""

    answer: Answer
    headline: str
    text: str

    @property
    def first(self) -> str:
        """What is read first: the cause must be in it."""
        return self.text[:600]


@dataclass(frozen=True)
class Door:
    """A built house and whoever asks."""

    house: House
    person: Person

    def ask(
        self,
        words: str,
        *,
        cluster: str = "",
        namespace: str = "",
        about: datetime | None = None,
        after: "Told | None" = None,
    ) -> Told:
        """``after``: the answer before in the same thread."""
        now = datetime.now(UTC)
        request = Request(
            words,
            self.person,
            Place("terminal"),
            now,
            about=about,
            cluster=cluster,
            namespace=namespace,
            language=spoken(words),
            context=after.answer.about if after else {},
        )
        answer = self.house.assistant.answer(request)
        reader = Words(request.language, self.person.zone, now)
        return Told(answer, reader.say(answer.headline), render(answer, reader, width=10_000))


@contextmanager
def door(
    world: World | Mapping[str, World] | None = None,
    *,
    kubeconfig: Path | str = "",
    inventory: Path | str = "",
    policy: Path | None = None,
    user: str = "",
    person: Person | None = None,
    deadline_s: float = 45.0,
) -> Iterator[Door]:
    """The door of a house whose clusters are the world's, or those of a kubeconfig that is there already."""
    if world is not None:
        with (
            rehearse(world, user=user) as path,
            door(kubeconfig=path, inventory=inventory, policy=policy, person=person, deadline_s=deadline_s) as opened,
        ):
            yield opened
        return
    settings = Settings(KUBECONFIG=str(kubeconfig), GURUMI_INVENTORY=str(inventory), GURUMI_POLICY=policy)
    house = build(settings, deadline_s=deadline_s)
    yield Door(house, person or Person("U0MINJI", "minji", zone=SEOUL))
    house.close()
