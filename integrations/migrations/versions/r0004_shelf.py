"""Known issues that people made here, and how often each known issue was seen and helped."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "entries",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("weights", sa.String(), nullable=False),
        sa.Column("reading", sa.Integer(), nullable=False),
        sa.Column("ticket", _NUMBER),
        sa.Column("drafted_by", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("changed", _TIME, nullable=False),
    )
    for column in ("state", "ticket", "changed"):
        op.create_index(f"ix_entries_{column}", "entries", [column])
    op.create_table(
        "issue_uses",
        sa.Column("issue", sa.String(), primary_key=True),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("helped", sa.Integer(), nullable=False),
        sa.Column("last", _TIME, nullable=False),
    )
