"""What can go wrong outside, in our own words: the only exceptions that leave this floor.

Each names the system, says what happened in a sentence (``says``) and what a person can do about it (``hint``).
"""

from knowledge.said import Said


class IntegrationError(Exception):
    """Something outside did not answer as it should. ``code`` is for programs, ``says`` and ``hint`` for people."""

    code = "failed"
    retriable = False

    def __init__(self, system: str, says: Said, hint: Said | None = None) -> None:
        super().__init__(f"{system}: {says}")
        self.system = system
        self.says = says
        self.hint = hint


class Unreachable(IntegrationError):
    """No connection: refused, no route, no such host, TLS that does not fit."""

    code = "unreachable"
    retriable = True


class TimedOut(IntegrationError):
    """Connected or not, no answer within the time allowed."""

    code = "timed-out"


class Unauthenticated(IntegrationError):
    """It does not know who we are (401): a token or certificate is missing, wrong or expired."""

    code = "unauthenticated"


class Denied(IntegrationError):
    """It knows us and refuses (403)."""

    code = "denied"


class NotFound(IntegrationError):
    """No such object, kind or cluster."""

    code = "not-found"


class Conflict(IntegrationError):
    """The world moved since we looked (409)."""

    code = "conflict"


class Overloaded(IntegrationError):
    """It asks us to come back later (429, 503) and did so until our patience ended."""

    code = "overloaded"
    retriable = True


class Malformed(IntegrationError):
    """An answer that is not what the protocol promises: HTML, cut JSON, a wrong kind."""

    code = "malformed"


class Misconfigured(IntegrationError):
    """A file or setting on our side: missing, empty, broken."""

    code = "misconfigured"
