"""Our own memory: one database, SQLite at home, PostgreSQL for a team. Importing this costs a second, so only a face
that was given a database imports it.
"""

from integrations.store.audit import AuditRow, Audits
from integrations.store.inbox import Delivery, Inbox
from integrations.store.journal import Journals
from integrations.store.memory import Memory, Preference
from integrations.store.outbox import Outbox
from integrations.store.shelf import Shelf
from integrations.store.tickets import Tickets
from integrations.store.topics import Spoken, Topics


class Store(Inbox, Outbox, Audits, Memory, Journals, Tickets, Topics, Shelf):
    """Everything that is remembered. Connects at the first call; safe for threads, and for several processes."""


__all__ = ["AuditRow", "Delivery", "Preference", "Spoken", "Store"]
