"""Tickets, their moves and what they are found by; the one message of a topic."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TIME = sa.DateTime(timezone=True)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "tickets",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("key", sa.String(), nullable=False, unique=True),
        *_text("digest", "asker", "asker_name", "language", "kind", "topic", "title", "text", "clusters"),
        sa.Column("about", sa.JSON(), nullable=False),
        *_text("channel", "thread"),
        sa.Column("direct", sa.Boolean(), nullable=False),
        *_text("state", "waiting", "priority", "assignee", "watchers"),
        sa.Column("by_person", sa.Boolean(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("reopened", sa.Integer(), nullable=False),
        *_text("solved", "resolution"),
        sa.Column("merged_into", _NUMBER),
        sa.Column("opened", _TIME, nullable=False),
        *(sa.Column(name, _TIME) for name in ("answered", "called", "taken", "ended", "due", "turn")),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_index("ix_tickets_state", "tickets", ["state", "due"])
    for column in ("digest", "asker", "opened"):
        op.create_index(f"ix_tickets_{column}", "tickets", [column])
    op.create_table(
        "ticket_moves",
        sa.Column("seq", _NUMBER, primary_key=True),
        sa.Column("ticket", _NUMBER, nullable=False),
        *_text("key", "move", "by"),
        sa.Column("team", sa.Boolean(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        *_text("note"),
        sa.UniqueConstraint("ticket", "key", name="uq_ticket_moves_key"),
    )
    op.create_index("ix_ticket_moves_ticket", "ticket_moves", ["ticket"])
    op.create_table(
        "ticket_terms",
        sa.Column("term", sa.String(), primary_key=True),
        sa.Column("ticket", _NUMBER, primary_key=True),
    )
    op.create_table("topics", sa.Column("topic", sa.String(), primary_key=True), *_text("channel", "ts", "thread"))
