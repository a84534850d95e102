"""The journal: versions of objects, when each cluster was watched, and when it was not."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "journal",
        sa.Column("id", _NUMBER, primary_key=True),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("cluster", "kind", "namespace", "name", "uid", "workload", "node")
        ),
        sa.Column("began", _TIME),
        sa.Column("at", _TIME),
        sa.Column("seen", _TIME, nullable=False),
        sa.Column("until", _TIME),
        sa.Column("gone_after", _TIME),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
    )
    op.create_index("ix_journal_live", "journal", ["cluster", "live"])
    op.create_index("ix_journal_workload", "journal", ["cluster", "namespace", "workload"])
    op.create_index("ix_journal_node", "journal", ["cluster", "node"])
    op.create_index("ix_journal_until", "journal", ["cluster", "until"])
    op.create_table(
        "journal_watches",
        sa.Column("cluster", sa.String(), primary_key=True),
        sa.Column("visits", _NUMBER, nullable=False),
        sa.Column("since", _TIME),
        sa.Column("kept_since", _TIME),
        sa.Column("last", _TIME),
        sa.Column("bytes_read", _NUMBER, nullable=False),
    )
    op.create_table(
        "journal_gaps",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("cluster", sa.String(), nullable=False, index=True),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("until", _TIME),
        sa.Column("code", sa.String(), nullable=False),
    )
