"""How one person reads: what Slack says of them, and what they chose for themselves."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from bot.assistant import find
from bot.slack.people import WAIT_S, Known, People, zone
from bot.terminal import spoken
from bot.words import Words
from commands.dialogue import Person

if TYPE_CHECKING:
    from integrations.store import Store


@dataclass(frozen=True)
class Reader:
    """One person, in one conversation. ``foreign``: not of this workspace, or a guest in it."""

    user: str
    known: Known
    language: str
    zone: tzinfo
    foreign: bool = False

    def words(self, now: datetime) -> Words:
        return Words(self.language, self.zone, now)

    def person(self) -> Person:
        known = self.known
        return Person(self.user, known.name, known.email, known.groups, self.zone, self.foreign or known.guest)


class Readers:
    """Finds out how somebody reads. Raises IntegrationError when the database does not answer; Slack may be silent."""

    def __init__(self, people: People, store: "Store") -> None:
        self._people = people
        self._store = store

    def of(self, user: str, words: str, beside: str = "", foreign: bool = False, wait_s: float = WAIT_S) -> Reader:
        """``beside``: the language of what the words stand under, a button's message for instance."""
        chosen = self._store.preference(user)
        known = self._people.known(user, wait_s)
        language = chosen.language or beside or _language(words, known.language)
        return Reader(user, known, language, zone(chosen.zone) if chosen.zone else known.zone, foreign)

    def close(self) -> None:
        self._people.close()


def _language(words: str, own: str) -> str:
    """What is told in somebody's own words is in their language; a command's bare words are in nobody's, so that of
    the person's Slack counts."""
    registered, rest = find(words)
    free = "..." in registered.command.takes and any(map(str.isalpha, rest))
    return spoken(words) if free or spoken(words) != "en" else own or "en"
