"""The first shape of the store."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TIME = sa.DateTime(timezone=True)


def text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def id_of_site() -> sa.Column[str]:
    return sa.Column("site", sa.String(200), sa.ForeignKey("sites.id", ondelete="CASCADE"), primary_key=True)


def id_of_run() -> sa.Column[str]:
    return sa.Column("run", sa.String(100), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)


def name_key(length: int) -> sa.Column[str]:
    return sa.Column("name", sa.String(length), primary_key=True)


def upgrade() -> None:
    create_registry()
    create_runs()
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        *map(text, ("content", "hash", "signature")),
    )
    op.create_table("settings", name_key(100), text("value"))


def create_registry() -> None:
    op.create_table(
        "sites",
        sa.Column("id", sa.String(200), primary_key=True),
        *map(text, ("customer", "customer_name", "blueprint", "topology", "overlay", "plan_digest", "applied_commit")),
        sa.Column("registered_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
    )
    op.create_table("hosts", id_of_site(), name_key(200), *map(text, ("role", "address", "host_key")))
    op.create_table(
        "checks",
        id_of_site(),
        name_key(200),
        *map(text, ("kind", "vantage")),
        sa.Column("interval_seconds", sa.Integer, nullable=False),
        sa.Column("parameters", sa.JSON, nullable=False),
    )
    op.create_table(
        "objectives", id_of_site(), name_key(200), text("target"), sa.Column("checks", sa.JSON, nullable=False)
    )


def create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.String(100), primary_key=True),
        text("kind"),
        sa.Column("site", sa.String(200), nullable=False, index=True),
        *map(text, ("engineer", "reason", "plan_digest", "state", "error", "cancel_by")),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("holder", sa.JSON, nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
    )
    op.create_table(
        "steps",
        id_of_run(),
        name_key(100),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("seconds", sa.Double),
        *map(text, ("host", "state", "summary", "stops_at")),
    )
    op.create_table(
        "proofs",
        id_of_run(),
        name_key(100),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("site", sa.String(200), nullable=False, index=True),
        *map(text, ("what", "expected", "seen")),
        sa.Column("ok", sa.Boolean, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("at", TIME, nullable=False),
    )
