"""The one door: every face comes through here. Access, audit, and every error turned into an Answer."""

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from commands.choices import choices
from commands.command import Registered, Role, UsageError, WordsMissing
from commands.dialogue import Answer, Bullets, Notice, Offer, Request, Text, Tone
from commands.form import Form
from commands.registry import fit, missing, registry
from commands.tools import Progress, Tools, no_progress
from integrations.errors import IntegrationError
from knowledge.reading.ticket_form import is_template
from knowledge.said import Said

_log = logging.getLogger(__name__)

_SENTENCE = 4
"""More words than this after a command's name that do not fit its form are a question that begins with that word."""


@dataclass(frozen=True)
class Audit:
    """What happened to one request, for the log and the audit table. Never the text of a ticket."""

    request: Request
    command: str
    tone: Tone
    seconds: float
    incident: str = ""


class Assistant:
    """Finds the command, fits the words, asks the policy, writes the audit line and answers. Never raises."""

    def __init__(
        self,
        tools: Callable[[Request], Tools],
        roles: Callable[[Request], frozenset[str]],
        audit: Callable[[Audit], None] | None = None,
        notify: Callable[[Notice, datetime], None] | None = None,
    ) -> None:
        self._tools = tools
        self._roles = roles
        self._audit = audit
        self._notify = notify

    def answer(self, request: Request, progress: Progress = no_progress) -> Answer:
        began = time.monotonic()
        registered, rest = find(request.words)
        incident = ""
        try:
            answer = self._handle(registered, rest, request, progress)
        except UsageError as error:
            form = Offer(Said("Fill in a form"), registered.command.name, primary=True)
            offers = (form,) if isinstance(error, WordsMissing) and request.place.face == "slack" else ()
            answer = Answer(error.says, Tone.ASK, offers=offers)
        except IntegrationError as error:
            answer = failure(error)
        except Exception:  # noqa: BLE001 - the door: whatever happens, the asker gets an answer
            incident = secrets.token_hex(4)
            _log.exception("incident %s in command %s", incident, registered.command.name)
            answer = Answer(
                Said(
                    "Something went wrong inside me. Please tell my operators this number: {incident}",
                    incident=incident,
                ),
                Tone.FAILED,
            )
        seconds = time.monotonic() - began
        self._record(Audit(request, registered.command.name, answer.tone, seconds, incident))
        return answer

    def form(self, request: Request) -> Form | None:
        """The form that asks for what these words lack, if this person may use them. Raises IntegrationError."""
        registered, rest = find(request.words)
        if request.asker.stranger or registered.command.role not in self._roles(request):
            return None
        return missing(registered.command, rest)

    def choices(self, among: str, request: Request) -> tuple[str, ...]:
        """What of many fits the words, as far as this person may see it. Raises IntegrationError."""
        roles = self._roles(request)
        if request.asker.stranger or Role.ASK not in roles:
            return ()
        return choices(among, request, replace(self._tools(request), roles=roles))

    def _handle(self, registered: Registered, rest: str, request: Request, progress: Progress) -> Answer:
        if request.asker.stranger:
            return Answer(
                Said("I only answer people of this workspace. Please ask a colleague here to put the question."),
                Tone.REFUSED,
                private=True,
            )
        roles = self._roles(request)
        if registered.command.role not in roles:
            return Answer(
                Said(
                    "You may not use {command}: it needs the right to {role}.",
                    command=registered.command.name,
                    role=registered.command.role,
                ),
                Tone.REFUSED,
                (Text(Said("Whoever keeps the policy file can grant it.")),),
            )
        try:
            args = fit(registered.command, rest)
        except UsageError:
            if len(rest.split()) <= _SENTENCE:
                raise
            registered = registry()["ask"]
            args = fit(registered.command, request.words)
        tools = replace(self._tools(request), progress=progress, roles=roles)
        answer = registered.handle(request.fitted(args), tools)
        if self._notify:  # before anybody is told: what was answered is not asked again after a crash
            for notice in answer.notices:
                self._notify(notice, request.at)
        return answer

    def _record(self, audit: Audit) -> None:
        _log.info(
            "asked: command=%s by=%s face=%s seconds=%.2f tone=%s",
            audit.command,
            audit.request.asker.id,
            audit.request.place.face,
            audit.seconds,
            audit.tone,
        )
        if self._audit is None:
            return
        try:
            self._audit(audit)
        except IntegrationError as error:
            _log.error("the audit row could not be written: %s", error.says)


def failure(error: IntegrationError) -> Answer:
    """What could not be done, and what to do about it."""
    return Answer(error.says, Tone.FAILED, (Bullets((error.hint,)),) if error.hint else ())


def names_command(words: str) -> bool:
    """Whether the first word is a command's name."""
    first = words.split(None, 1)[:1]
    return bool(first) and first[0].lower() in registry()


def find(words: str) -> tuple[Registered, str]:
    """The command that the first word names and the words after it. Words that name none are a question; signs that
    are no words are a call for help."""
    known = registry()
    first, *after = words.split(None, 1) or [""]
    command, rest = known.get(first.lower()), after[0].strip() if after else ""
    if command is None:
        command, rest = known["ticket" if is_template(words) else "ask"], words.strip()
    elif command is not known["ask"] or not rest:
        return command, rest
    return (command, rest) if any(sign.isalnum() for sign in rest) else (known["help"], "")


ASK_ROLE = frozenset({Role.ASK.value})
