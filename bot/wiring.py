"""Builds everything once, from settings. The only place that makes an integration."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.assistant import Assistant, Audit
from bot.checks import checks
from bot.notices import as_delivery
from bot.settings import Settings, SettingsError
from commands.dialogue import Notice, Request
from commands.registry import registry
from commands.tools import ClusterEntry, Fleet, Tools
from integrations.fleet import KubeFleet
from integrations.library import Library
from knowledge.access import ROLES, Policy, PolicyError, Who
from knowledge.catalogue import detectors
from knowledge.tickets.desk import Desk, DeskError, parse

if TYPE_CHECKING:
    from integrations.store import Store

CLUSTERS_AT_ONCE = 16
READS_AT_ONCE = 512
"""Threads at most, begun when no other is idle: some dozen for each cluster that is asked, twice over, since a read
that came too late still holds one."""
CLOCK = "clock"
"""The face that asks scheduled commands."""


@dataclass(frozen=True)
class House:
    """What was built: the door for the faces, and the parts that a face or a job needs itself."""

    assistant: Assistant
    fleet: Fleet
    store: "Store | None"
    policy: Policy
    close: Callable[[], None]


def build(settings: Settings, store: "Store | None" = None, deadline_s: float = 45.0) -> House:
    """Wire the house. Nothing is connected yet. Raises SettingsError when a file that settings name is unusable."""
    policy, desk = _policy(settings), ticket_desk(settings)
    fleet = KubeFleet(settings.kubeconfig, settings.inventory)
    pool = ThreadPoolExecutor(CLUSTERS_AT_ONCE, thread_name_prefix="cluster")
    readers = ThreadPoolExecutor(READS_AT_ONCE, thread_name_prefix="read")
    library = Library(settings.known_issues, store)
    forms = tuple(r.command for r in registry().values())

    sections = {name: r.home for name, r in registry().items() if r.home}
    checked = tuple(checks(settings, store))

    is_here = _presence(settings)

    def tools(request: Request) -> Tools:
        def may_see(entry: ClusterEntry, namespace: str) -> bool:
            return _is_job(request) or policy.may(
                "ask",
                _who(request),
                cluster=entry.name,
                zone=entry.zone,
                namespace=namespace,
                members=entry.members,
                owner=entry.owner,
            )

        return Tools(
            fleet,
            detectors(),
            pool,
            readers,
            may_see,
            commands=forms,
            checks=checked,
            library=library,
            shelf=store,
            ledger=store,
            preferences=store,
            sections=sections,
            journal=store,
            journal_days=settings.journal_days,
            tickets=store,
            desk=desk,
            is_here=is_here,
            deadline_s=deadline_s,
            clock=time.monotonic,
        )

    def roles(request: Request) -> frozenset[str]:
        return frozenset(ROLES) if _is_job(request) else policy.roles(_who(request))

    assistant = Assistant(tools, roles, _auditor(store), _notifier(store))

    def close() -> None:
        for threads in (pool, readers):
            threads.shutdown(wait=False, cancel_futures=True)

    return House(assistant, fleet, store, policy, close)


def _is_job(request: Request) -> bool:
    """Whether our own clock asks, which no policy file names: no face lets anybody else come from there."""
    return request.place.face == CLOCK


def _who(request: Request) -> Who:
    asker = request.asker
    return Who(id=asker.id, email=asker.email, groups=asker.groups, stranger=asker.stranger)


def _policy(settings: Settings) -> Policy:
    if settings.policy is None:
        return Policy.open()
    try:
        return Policy.parse(settings.policy.read_text())
    except OSError as error:
        raise SettingsError(f"GURUMI_POLICY: {settings.policy} cannot be read: {error.strerror}") from error
    except PolicyError as error:
        raise SettingsError(f"GURUMI_POLICY: {error}") from error


def ticket_desk(settings: Settings) -> Desk:
    """How tickets are kept. Raises SettingsError when the file that settings name is unusable."""
    if settings.tickets is None:
        return Desk()
    try:
        return parse(settings.tickets.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"GURUMI_TICKETS: {settings.tickets} cannot be read: {error}") from error
    except DeskError as error:
        raise SettingsError(f"GURUMI_TICKETS: {error}") from error


def _presence(settings: Settings) -> Callable[[str], bool]:
    """Whether somebody still has an account, as far as anybody can be asked."""
    if settings.slack_bot_token is None:
        return lambda _person: True
    from bot.slack.presence import Presence

    return Presence(settings).is_here


def _notifier(store: "Store | None") -> Callable[[Notice, datetime], None] | None:
    """Notices go into the inbox under their receipts; whichever process lives tells each once."""
    if store is None:
        return None

    def notify(notice: Notice, now: datetime) -> None:
        store.accept(as_delivery(notice, now))

    return notify


def _auditor(store: "Store | None") -> Callable[[Audit], None] | None:
    if store is None:
        return None
    from integrations.store import AuditRow

    def record(audit: Audit) -> None:
        request = audit.request
        if registry()[audit.command].command.schedule:  # a job leaves its own traces; its audit would bury people's
            return
        store.record(
            AuditRow(
                at=request.at,
                asker=request.asker.id,
                face=request.place.face,
                command=audit.command,
                words=request.words,
                cluster=request.cluster,
                tone=audit.tone.value,
                seconds=audit.seconds,
                incident=audit.incident,
            )
        )

    return record
