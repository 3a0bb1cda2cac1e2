"""Stacks as they were last applied, who works on them, and their drift."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TIME = sa.DateTime(timezone=True)


def text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def time(name: str) -> sa.Column[datetime]:
    return sa.Column(name, TIME, nullable=False)


def site() -> sa.Column[str]:
    return sa.Column("site", sa.String(200), primary_key=True)


def upgrade() -> None:
    op.create_table(
        "stacks",
        site(),
        sa.Column("plan", sa.JSON, nullable=False),
        *map(text, ("identity", "engineer", "run", "commit")),
        time("applied_at"),
    )
    op.create_table(
        "stack_leases", site(), sa.Column("holder", sa.JSON, nullable=False), time("since"), time("expires")
    )
    op.create_table("drift_looks", site(), time("at"), text("run"))
    op.create_table(
        "drift",
        sa.Column("site", sa.String(200), sa.ForeignKey("drift_looks.site", ondelete="CASCADE"), primary_key=True),
        sa.Column("resource", sa.String(600), primary_key=True),
        *map(text, ("kind", "type")),
        sa.Column("properties", sa.JSON, nullable=False),
    )
