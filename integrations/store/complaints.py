"""A database's error in our words. The URL with its password never enters a sentence, only the place."""

import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from integrations.errors import (
    Conflict,
    Denied,
    IntegrationError,
    Malformed,
    Misconfigured,
    Overloaded,
    TimedOut,
    Unauthenticated,
    Unreachable,
)
from knowledge.said import Said

SYSTEM = "database"


def our_error(error: SQLAlchemyError, place: str) -> IntegrationError:
    if isinstance(error, PoolTimeout):
        return Overloaded(SYSTEM, Said("All connections to the database {place} are in use.", place=place))
    if not isinstance(error, DBAPIError):
        return _not_understood(place)
    state = getattr(error.orig, "sqlstate", None)
    words = str(error.orig).lower()
    if state:
        return _by_state(str(state), place)
    return _of_sqlite(words, place) if isinstance(error.orig, sqlite3.Error) else _of_connecting(words, place)


def _of_sqlite(words: str, place: str) -> IntegrationError:
    if "locked" in words:
        return TimedOut(
            SYSTEM,
            Said("The database file {place} is locked by another program.", place=place),
            Said("Close what holds it open, or use PostgreSQL for several processes."),
        )
    if "readonly" in words or "read-only" in words:
        return Denied(
            SYSTEM,
            Said("The database file {place} is read-only.", place=place),
            Said("Let this user write the file and its folder."),
        )
    if "unable to open" in words:
        return Unreachable(
            SYSTEM,
            Said("The database file {place} cannot be opened.", place=place),
            Said("Make its folder, and let this user write there."),
        )
    if "not a database" in words or "malformed" in words:
        return Malformed(
            SYSTEM,
            Said("The file {place} is no intact SQLite database.", place=place),
            Said("Restore it from a backup, or move it away: a new one is made."),
        )
    if "disk is full" in words:
        return Overloaded(SYSTEM, Said("There is no space left for the database {place}.", place=place))
    if "already exists" in words:
        return _foreign(place)
    return no_table(place) if "no such" in words else _not_understood(place)


def _of_connecting(words: str, place: str) -> IntegrationError:
    """PostgreSQL gives no code for a connection that never was, only words."""
    if "password" in words or "authentication failed" in words or "role" in words:
        return _refused(place)
    if "does not exist" in words:
        return _no_database(place)
    if "timeout" in words:
        return TimedOut(SYSTEM, Said("The database at {place} did not answer in time.", place=place), _CHECK_SERVER)
    return Unreachable(SYSTEM, Said("The database at {place} cannot be reached.", place=place), _CHECK_SERVER)


def _by_state(state: str, place: str) -> IntegrationError:
    if state in ("57014", "55P03"):
        return TimedOut(SYSTEM, Said("The database at {place} did not answer in time.", place=place), _CHECK_SERVER)
    if state in ("42P01", "42703"):
        return no_table(place)
    if state in ("42P07", "42710"):
        return _foreign(place)
    if state == "3D000":
        return _no_database(place)
    if state in ("42501", "25006"):
        return Denied(
            SYSTEM,
            Said("The database {place} does not let us write.", place=place),
            Said("Grant this user its tables, and point GURUMI_DATABASE_URL at the primary."),
        )
    match state[:2]:
        case "28":
            return _refused(place)
        case "40" | "23":
            return Conflict(SYSTEM, Said("The database {place} changed meanwhile.", place=place))
        case "53":
            return Overloaded(SYSTEM, Said("The database at {place} has no room for us now.", place=place))
        case "08" | "57":
            return Unreachable(SYSTEM, Said("The database at {place} cannot be reached.", place=place), _CHECK_SERVER)
        case _:
            return _not_understood(place)


_CHECK_SERVER = Said("Check GURUMI_DATABASE_URL, and that the server runs and lets this machine in.")


def _refused(place: str) -> IntegrationError:
    return Unauthenticated(
        SYSTEM,
        Said("The database at {place} refuses the user or password.", place=place),
        Said("Correct the user and password in GURUMI_DATABASE_URL."),
    )


def _no_database(place: str) -> IntegrationError:
    return Misconfigured(
        SYSTEM,
        Said("There is no database {place}.", place=place),
        Said("Make it with `createdb`, or correct GURUMI_DATABASE_URL."),
    )


def no_table(place: str) -> IntegrationError:
    return Misconfigured(
        SYSTEM, Said("The database {place} lacks tables of this Gurumi.", place=place), Said("Run `gurumi migrate`.")
    )


def _foreign(place: str) -> IntegrationError:
    return Misconfigured(
        SYSTEM,
        Said("The database {place} has tables that no Gurumi made, under the names of ours.", place=place),
        Said("Name an empty database in GURUMI_DATABASE_URL, or restore this one from a backup."),
    )


def _not_understood(place: str) -> IntegrationError:
    return Malformed(
        SYSTEM,
        Said("The database {place} gave an answer that was not understood.", place=place),
        Said("`gurumi doctor` looks at it again."),
    )
