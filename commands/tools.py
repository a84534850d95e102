"""What a command may use, as narrow Protocols. ``bot/wiring.py`` puts the real ones behind them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

from integrations.records import ClusterEntry as ClusterEntry
from integrations.records import Listing as Listing
from integrations.records import Preference as Preference
from knowledge.catalogue import Plugin
from knowledge.facts.watching import Watch
from knowledge.journal import KEPT_DAYS, Changes, Known, Record
from knowledge.known_issue import Fault
from knowledge.learning import Entry, EntryState, Use
from knowledge.objects import Object
from knowledge.said import Said
from knowledge.search import Index
from knowledge.snapshot import Log
from knowledge.tickets.desk import Desk
from knowledge.tickets.life import Step, Ticket

if TYPE_CHECKING:
    from commands.dialogue import Part, Request

K = TypeVar("K", bound=Object)


class Kube(Protocol):
    """One cluster's API. Every method raises an ``integrations.errors.IntegrationError`` and nothing else."""

    @property
    def namespace(self) -> str:
        """The namespace that the kubeconfig's context names; empty when it names none."""

    def list(
        self,
        kind: type[Object],
        namespace: str | None = None,
        *,
        labels: str = "",
        fields: str = "",
        limit: int | None = None,
    ) -> Listing:
        """All objects of a kind (``namespace=None``: of all namespaces), page by page, at most ``limit``."""

    def get(self, kind: type[K], namespace: str, name: str) -> K:
        """One object. Raises NotFound."""

    def metadata(self, kind: type[Object], namespace: str | None = None) -> Listing:
        """All objects of a kind with nothing but their metadata: a fraction of the bytes, and no Secret's value."""

    def log(self, namespace: str, pod: str, container: str, *, previous: bool = False, tail: int = 200) -> Log:
        """The last lines of a container's log, at most 256 KiB of them; not UTF-8 is replaced, never an error."""

    def version(self) -> tuple[int, int]:
        """The server's (major, minor)."""

    def failing(self) -> tuple[str, ...]:
        """The names of the server's own readiness checks (``/readyz``) that fail; empty when it is ready."""

    def may(self, verb: str, kind: type[Object], namespace: str | None = None, subresource: str = "") -> bool:
        """Whether this bot may do it (SelfSubjectAccessReview)."""


class Fleet(Protocol):
    """Which clusters exist, and the way to each."""

    def clusters(self) -> Sequence[ClusterEntry]:
        """Every cluster, in the order of the inventory. Raises IntegrationError when the inventory cannot be read."""

    def open(self, cluster: str) -> Kube:
        """A client for one cluster. Raises NotFound for an unknown name; connects to nothing yet."""


class Ledger(Protocol):
    """Our own memory as far as commands use it; ``None`` in Tools when no database is configured."""

    def audits(self, limit: int) -> Sequence[Mapping[str, object]]:
        """The newest audit rows."""

    def asked(self, asker: str, limit: int) -> Sequence[tuple[str, datetime]]:
        """What somebody asked in their own words, newest first, with its time."""

    def waiting_of(self, asker: str) -> Sequence[tuple[str, datetime]]:
        """What somebody asked that nobody has answered yet, oldest first, with its time."""


class Preferences(Protocol):
    """What people chose for themselves; ``None`` in Tools when no database is configured."""

    def preference(self, user: str) -> Preference: ...

    def prefer(self, user: str, chosen: Preference) -> None: ...


class Journal(Protocol):
    """What Kubernetes forgets, as ``integrations.store`` keeps it; ``None`` in Tools when no database is configured."""

    def journal_known(self, cluster: str) -> tuple[int, Mapping[tuple[str, str], Known]]:
        """How many visits were written, and what is remembered as being there."""

    def journal_records(self, ids: Sequence[int]) -> Mapping[int, Record]:
        """Versions by their rows."""

    def journal_keep(
        self, cluster: str, visits: int, changes: Changes, now: datetime, bytes_read: int, keep_days: int
    ) -> bool:
        """Write a visit. False when another process wrote one meanwhile."""

    def journal_missed(self, cluster: str, visits: int, now: datetime, code: str) -> None:
        """Write that a visit failed."""

    def journal_watch(self, cluster: str) -> Watch | None:
        """How a cluster has been watched; ``None`` when no visit was ever tried."""

    def journal_recall(
        self,
        cluster: str,
        *,
        namespace: str = "",
        workloads: Collection[str] = (),
        pods: Collection[str] = (),
        nodes: Collection[str] = (),
        settings: Collection[str] = (),
        on_nodes: Collection[str] = (),
    ) -> Sequence[Record]:
        """Versions of what belongs to workloads (``Deployment/cart``), or bears these names; oldest first."""


class TicketShelf(Protocol):
    """The tickets, as ``integrations.store`` keeps them; ``None`` in Tools when no database is configured."""

    def ticket_open(self, draft: Ticket, step: Step) -> tuple[Ticket, bool]:
        """Store a new ticket, or find the one that its key names; whether it is new."""

    def ticket_move(self, after: Ticket, step: Step) -> Ticket:
        """Store a ticket after one move, once. Raises Conflict when it moved meanwhile."""

    def ticket(self, number: int) -> Ticket:
        """One ticket. Raises NotFound."""

    def ticket_in(self, channel: str, thread: str) -> Ticket | None:
        """The newest ticket that a thread is about."""

    def ticket_twin(self, text: str, asker: str, since: datetime) -> Ticket | None:
        """The open ticket that the same person posted in the same words before."""

    def tickets(
        self,
        *,
        states: Sequence[str] = (),
        person: str = "",
        cluster: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 1000,
    ) -> Sequence[Ticket]:
        """Tickets that fit, the oldest first."""

    def ticket_steps(self, number: int) -> Sequence[Step]:
        """Every move of a ticket, the oldest first."""

    def tickets_alike(self, text: str, besides: int) -> Sequence[tuple[Ticket, float]]:
        """Answered tickets that are alike, the likest first."""


class Library(Protocol):
    """The known issues that are in force."""

    def index(self) -> Index:
        """Everything that may be found, as it is now."""

    def faults(self) -> Sequence[Fault]:
        """What is wrong in its files."""


class Shelf(Protocol):
    """Entries that people made, and how often each known issue was seen; ``None`` in Tools without a database."""

    def entry_draft(self, entry: Entry) -> bool:
        """Keep a draft. False when its id, or its ticket, has an entry already."""

    def entry_decide(self, before: Entry, after: Entry) -> None:
        """Put a decision in force. Raises Conflict when somebody else decided meanwhile."""

    def entry(self, id: str) -> Entry:
        """One entry. Raises NotFound."""

    def entries(self, *states: EntryState) -> Sequence[Entry]:
        """Entries in these states; of all, where none is named."""

    def issues_seen(self, ids: Collection[str], now: datetime) -> None:
        """Each was shown to somebody as what it may be."""

    def issue_helped(self, id: str, now: datetime) -> None:
        """Somebody said that it helped."""

    def issue_uses(self, ids: Collection[str]) -> Mapping[str, Use]:
        """How often each was seen and helped; those that never were are left out."""


class CommandLike(Protocol):
    """A command's form as ``help`` shows it (``commands.command`` imports this module, not the other way)."""

    @property
    def name(self) -> str: ...
    @property
    def takes(self) -> str: ...
    @property
    def says(self) -> Said: ...
    @property
    def role(self) -> str: ...
    @property
    def example(self) -> str: ...


@dataclass(frozen=True)
class Check:
    """One thing that must be there for the bot to work. ``command``: what to run or apply when it is missing."""

    name: str
    ok: bool
    says: Said
    hint: Said | None = None
    command: str = ""


Progress = Callable[[int, int, str], None]
"""Called with (done, total, what) while something longer than a second is under way."""


def no_progress(_done: int, _total: int, _what: str) -> None:
    """For faces that show none."""


@dataclass(frozen=True)
class Tools:
    """``may_see``: whether this asker's policy lets them ask about a cluster. ``may_do``: roles that the asker holds
    somewhere. ``deadline_s``: seconds that the whole answer may take. ``pool``: one thread a cluster; ``readers``: for
    single reads, so many that those of a dead cluster leave enough for the others."""

    fleet: Fleet
    detectors: Mapping[str, Plugin]
    pool: Executor
    readers: Executor
    may_see: Callable[[ClusterEntry, str], bool]
    roles: frozenset[str] = frozenset()
    commands: Sequence["CommandLike"] = ()
    checks: Sequence[Callable[[], Check]] = ()
    """Checks of what no command reaches: the database, Slack."""
    library: Library = field(kw_only=True)
    shelf: Shelf | None = None
    ledger: Ledger | None = None
    preferences: Preferences | None = None
    sections: Mapping[str, "Section"] = field(default_factory=dict)
    """What commands tell on somebody's own page, by the command's name."""
    journal: Journal | None = None
    journal_days: int = KEPT_DAYS
    tickets: TicketShelf | None = None
    desk: Desk = field(default_factory=Desk)
    is_here: Callable[[str], bool] = lambda _person: True
    """Whether somebody still has an account; who cannot be looked up has."""
    progress: Progress = no_progress
    deadline_s: float = 45.0
    clock: Callable[[], float] = field(default=lambda: 0.0)
    """Monotonic seconds, for deadlines only; the time of day comes in with the request."""


Section = Callable[["Request", Tools], Sequence["Part"]]
"""A function ``home`` of a command: its part of somebody's own page, told without asking any cluster."""
