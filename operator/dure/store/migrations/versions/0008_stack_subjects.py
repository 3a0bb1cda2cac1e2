"""Stacks as they were last applied, with all their resources: what rules read that sum over a customer's stacks."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "stack_subjects",
        sa.Column("site", sa.String(200), primary_key=True),
        sa.Column("customer", sa.String(100), nullable=False, index=True),
        sa.Column("subject", sa.JSON, nullable=False),
    )
