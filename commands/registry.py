"""Finds every module beside this one that declares ``COMMAND``, and fits words to a command's form."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import commands
from commands.command import Command, Registered, UsageError, WordsMissing
from commands.form import Field, Form, Kind
from knowledge.said import Said


@cache
def registry() -> Mapping[str, Registered]:
    """Every command by its first word."""
    found: dict[str, Registered] = {}
    for module in pkgutil.iter_modules(commands.__path__, "commands."):
        loaded = importlib.import_module(module.name)
        command = getattr(loaded, "COMMAND", None)
        if isinstance(command, Command):
            found[command.name] = Registered(command, loaded.handle, getattr(loaded, "home", None))
    return MappingProxyType(found)


def fit(command: Command, words: str) -> dict[str, str]:
    """Fit words to ``command.takes``: one value a name. Raises UsageError when one is missing or one is too many.

    Lines are joined; a command that reads them finds them in the request's own words.
    """
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
            raise WordsMissing(
                Said("{command} needs {what}: {usage}", command=command.name, what=name, usage=usage(command))
            )
    if given:
        raise UsageError(
            Said("{command} does not take {word}: {usage}", command=command.name, word=given[0], usage=usage(command))
        )
    return args


def missing(command: Command, words: str) -> Form | None:
    """The form that asks for what these words lack; ``None`` when nothing does, or when only a clock asks it."""
    if command.form and not words.strip():
        return command.form
    try:
        fit(command, words)
    except WordsMissing:
        return None if command.schedule else _drawn(command, words.split())
    except UsageError:
        return None
    return None


def _drawn(command: Command, given: list[str]) -> Form:
    """A form with one field for each word that the command takes; what was given stands there already."""
    fields = []
    for form in command.takes.split():
        name = form.strip("<>[]").removesuffix("...")
        fields.append(
            Field(
                name,
                _LABELS.get(name, Said("{name}", name=name)),
                Kind.SEARCH if name == "cluster" else Kind.LONG if "..." in form else Kind.TEXT,
                optional=form.startswith("["),
                among="clusters" if name == "cluster" else "",
                value=given.pop(0) if given else "",
            )
        )
    words = "\n".join([command.name, *(f"{{{field.name}}}" for field in fields)])
    return Form(Said("{command}", command=command.name), words, tuple(fields), Said("Ask"), command.says)


_LABELS = {"cluster": Said("Cluster"), "namespace": Said("Namespace"), "question": Said("Your question")}


def usage(command: Command) -> str:
    return f"{command.name} {command.takes}".strip()
