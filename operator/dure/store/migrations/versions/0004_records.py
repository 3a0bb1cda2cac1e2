"""Tickets, surveys, use, restores and looks for drift; indicators frozen with what they rest on."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TIME = sa.DateTime(timezone=True)
FROZEN = ("source", "why", "basis", "digest")


def text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def key(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), primary_key=True)


def number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=nullable)


def moment(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=True)


def upgrade() -> None:
    create_imports()
    create_looks()
    for name in FROZEN:
        op.add_column("indicator_value", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.add_column("indicator_value", sa.Column("change", sa.JSON, nullable=True))
    refuse_changes()


def create_imports() -> None:
    op.create_table(
        "ticket",
        key("customer", 100),
        key("id", 60),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("opened", sa.BigInteger, nullable=False, index=True),
        *map(moment, ("responded", "closed", "reopened", "due")),
        text("waiting"),
        sa.Column("escalated", sa.Boolean, nullable=False),
        sa.Column("severity", sa.SmallInteger, nullable=True),
        *map(text, ("service", "cause", "about")),
    )
    op.create_table(
        "survey_answer",
        key("customer", 100),
        key("survey", 60),
        key("kind", 20),
        sa.Column("answer", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("held", sa.String(10), nullable=False),
        number("asked"),
        text("marks"),
    )
    op.create_table(
        "usage_month",
        key("customer", 100),
        key("service", 60),
        key("month", 7),
        *map(number, ("entitled", "acted")),
        *(number(name, nullable=True) for name in ("purchased", "habitual", "dormant", "never")),
        *map(text, ("cause", "action")),
    )


def create_looks() -> None:
    op.create_table(
        "restore_done",
        key("run", 100),
        sa.Column("site", sa.String(200), nullable=False, index=True),
        sa.Column("at", TIME, nullable=False),
        sa.Column("ok", sa.Boolean, nullable=False),
        sa.Column("seconds", sa.BigInteger, nullable=False),
        sa.Column("snapshot_at", TIME, nullable=True),
    )
    op.create_table(
        "drift_history",
        key("site", 200),
        sa.Column("at", sa.BigInteger, primary_key=True, autoincrement=False),
        text("run"),
        *map(number, ("managed", "drifted")),
    )


def refuse_changes() -> None:
    """An indicator of a closed month stays as it is, as the month itself does."""
    message = "an indicator of a closed month never changes; operator sla restate adds a revision"
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER indicator_value_{verb.lower()} BEFORE {verb} ON indicator_value "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION indicator_value_stays() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER indicator_value_stays BEFORE UPDATE OR DELETE ON indicator_value "
        "FOR EACH ROW EXECUTE FUNCTION indicator_value_stays()"
    )
