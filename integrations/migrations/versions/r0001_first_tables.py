"""Inbox, outbox, audit, people, threads and locks."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("seq", _NUMBER, primary_key=True),
        sa.Column("id", sa.String(), nullable=False, unique=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("finished_at", _TIME),
        sa.Column("holder", sa.String()),
        sa.Column("lease_until", _TIME),
    )
    op.create_index("ix_inbox_lane", "inbox", ["done", "lane", "received_at", "seq"])
    op.create_index("ix_inbox_holder", "inbox", ["holder"])
    op.create_table(
        "inbox_keys",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("delivery", sa.String(), nullable=False, index=True),
    )
    op.create_table(
        "turns",
        sa.Column("user", sa.String(), primary_key=True),
        sa.Column("turn", _NUMBER, nullable=False, index=True),
    )
    op.create_table(
        "posts",
        sa.Column("delivery", sa.String(), primary_key=True),
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("channel", sa.String()),
        sa.Column("ts", sa.String()),
    )
    op.create_table(
        "audit",
        sa.Column("seq", _NUMBER, primary_key=True),
        sa.Column("at", _TIME, nullable=False, index=True),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("asker", "face", "command", "words", "cluster", "tone")
        ),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("incident", sa.String(), nullable=False),
    )
    op.create_table(
        "people",
        sa.Column("user", sa.String(), primary_key=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
    )
    op.create_table(
        "threads",
        sa.Column("channel", sa.String(), primary_key=True),
        sa.Column("thread", sa.String(), primary_key=True),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("at", _TIME, nullable=False, index=True),
    )
    op.create_table(
        "locks",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", _TIME, nullable=False),
    )
