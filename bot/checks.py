"""What ``gurumi doctor`` checks beside the clusters: our database, and Slack when it is configured."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bot.settings import Settings
from commands.tools import Check
from integrations.errors import IntegrationError
from knowledge.said import Said

if TYPE_CHECKING:
    from integrations.store import Store

_NAME = "database"
_ROOM = 256 << 20
"""Bytes that a SQLite file should have left to grow into."""


def checks(settings: Settings, store: "Store | None") -> Iterator[Callable[[], Check]]:
    """``store``: the one in use; without it the database that settings name is looked at."""
    yield lambda: _database(settings, store)
    if settings.slack_bot_token or settings.slack_app_token or settings.slack_signing_secret:
        from bot.slack.checks import checks as of_slack

        yield from of_slack(settings)


def _database(settings: Settings, store: "Store | None") -> Check:
    if store is None and settings.database_url is None and not settings.own_database.exists():
        return _not_made(settings.own_database)
    try:
        return _examined(store or _opened(settings))
    except IntegrationError as error:
        return Check(_NAME, False, error.says, error.hint)


def _not_made(file: Path) -> Check:
    """Nothing is configured and nothing was made yet: right for questions from a terminal."""
    folder = next(parent for parent in file.parents if parent.exists())
    if os.access(folder, os.W_OK):
        return Check(_NAME, True, Said("none yet, nothing is remembered; `gurumi run` makes {file}", file=str(file)))
    says = Said("none is configured, and {file} cannot be made", file=str(file))
    return Check(_NAME, False, says, Said("Let this user write {folder}, or set GURUMI_DATABASE_URL.",
                                          folder=str(folder)))  # fmt: skip


def _opened(settings: Settings) -> "Store":
    from integrations.store import Store

    return Store(settings.database)


def _examined(store: "Store") -> Check:
    store.check()
    file = store.file
    if file is not None and (free := shutil.disk_usage(file.parent).free) < _ROOM:
        says = Said("{place} is up to date, but {folder} has only {mib} MiB left",
                    place=store.place, folder=str(file.parent), mib=free >> 20)  # fmt: skip
        return Check(_NAME, True, says, Said("Make room there, or point GURUMI_DATABASE_URL elsewhere."))
    return Check(_NAME, True, Said("{place} can be written, its schema is up to date", place=store.place))
