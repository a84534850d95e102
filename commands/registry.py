"""Finds every module beside this one that declares ``COMMAND``, and fits words to a command's form."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import commands
from commands.command import Command, Registered, UsageError
from knowledge.said import Said


@cache
def registry() -> Mapping[str, Registered]:
    """Every command by its first word."""
    found: dict[str, Registered] = {}
    for module in pkgutil.iter_modules(commands.__path__, "commands."):
        loaded = importlib.import_module(module.name)
        command = getattr(loaded, "COMMAND", None)
        if isinstance(command, Command):
            found[command.name] = Registered(command, loaded.handle)
    return MappingProxyType(found)


def fit(command: Command, words: str) -> dict[str, str]:
    """Fit words to ``command.takes``: one value a name. Raises UsageError when one is missing or one is too many."""
    wanted = command.takes.split()
    given = words.split()
    args: dict[str, str] = {}
    for form in wanted:
        name = form.strip("<>[]").removesuffix("...")
        if form.rstrip(">]").endswith("..."):
            args[name], given = " ".join(given), []
        elif given:
            args[name] = given.pop(0)
        else:
            args[name] = ""
        if form.startswith("<") and not args[name]:
            raise UsageError(
                Said("{command} needs {what}: {usage}", command=command.name, what=name, usage=usage(command))
            )
    if given:
        raise UsageError(
            Said("{command} does not take {word}: {usage}", command=command.name, word=given[0], usage=usage(command))
        )
    return args


def usage(command: Command) -> str:
    return f"{command.name} {command.takes}".strip()
