"""The form of a command: a module with one ``COMMAND`` and one ``handle(request, tools)``."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from commands.dialogue import Answer, Request
from commands.form import Form
from commands.tools import Section, Tools
from knowledge.said import Said


class Role(StrEnum):
    """What the policy file can grant: asking, changing a cluster, consenting to a change, administering the bot."""

    ASK = "ask"
    FIX = "fix"
    APPROVE = "approve"
    ADMIN = "admin"


@dataclass(frozen=True)
class Command:
    """``takes`` shows the words it wants: ``<cluster>`` must be there, ``[cluster]`` may, ``<question...>`` takes all
    that follow. ``schedule`` (a crontab line) makes it a job that the clock asks like anybody else, in the words of
    ``example``. ``slow``: it may take longer than a second, so the face shows progress. ``form`` asks for the words
    where nothing follows the name; without one a form is drawn from ``takes``."""

    name: str
    says: Said
    takes: str = ""
    role: Role = Role.ASK
    schedule: str = ""
    slow: bool = False
    example: str = ""
    form: Form | None = None


Handle = Callable[[Request, Tools], Answer]


@dataclass(frozen=True)
class Registered:
    """A command as the registry holds it."""

    command: Command
    handle: Handle
    home: Section | None = None


class UsageError(Exception):
    """The words do not fit the command. ``says`` tells what would."""

    def __init__(self, says: Said) -> None:
        super().__init__(str(says))
        self.says = says


class WordsMissing(UsageError):
    """A word that must be there is not: a form can ask for it."""
