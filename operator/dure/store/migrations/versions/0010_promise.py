"""Service levels: spans, closed months, corrections, indicators."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0001"

TIME = sa.DateTime(timezone=True)
CLASSES = ("not_monitored", "out_of_hours", "maintenance", "excluded", "ast", "up", "degraded", "down", "unknown")


def text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def seconds(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def compact(name: str, *columns: "sa.Column[int] | sa.Column[str]") -> None:
    """A table whose key begins with the series, kept in the order of its key."""
    series = sa.Column(
        "series", sa.Integer, sa.ForeignKey("series.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    op.create_table(name, series, *columns, sqlite_with_rowid=False)


def state() -> sa.Column[int]:
    return sa.Column("state", sa.SmallInteger, nullable=False)


def second_key(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=False)


def upgrade() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("customer", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.UniqueConstraint("customer", "kind", "name"),
    )
    create_timelines()
    create_months()
    refuse_changes()
    create_corrections()


def create_timelines() -> None:
    compact(
        "span",
        second_key("start"),
        seconds("end"),
        state(),
        seconds("samples"),
        sa.Column("cause", sa.String(20), nullable=False),
        sa.Column("revision", sa.SmallInteger, nullable=False),
    )
    compact("service_span", second_key("start"), seconds("end"), state())
    late = (seconds("end", nullable=True), seconds("recovered", nullable=True))
    compact("outage", second_key("start"), seconds("detected"), *late)
    compact("blip", second_key("at"))
    detected = seconds("detected", nullable=True)
    compact("incident", second_key("start"), seconds("end"), seconds("down"), detected, text("cause"))
    compact("collector_span", second_key("start"), seconds("end"))
    day = sa.Column("day", sa.String(10), primary_key=True)
    compact("day_seconds", day, *(sa.Column(name, sa.Integer, nullable=False) for name in ("period", *CLASSES)))


def create_months() -> None:
    op.create_table(
        "month_frozen",
        sa.Column("series", sa.Integer, sa.ForeignKey("series.id"), primary_key=True, autoincrement=False),
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("revision", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("customer", sa.String(100), nullable=False, index=True),
        *map(seconds, ("period_start", "period_end", *CLASSES)),
        sa.Column("availability", sa.Text),
        *map(text, ("bad", "target", "verdict", "calendar", "policy", "engine", "spans")),
        *map(seconds, ("fee", "credit")),
        *map(text, ("credit_share", "waived", "policy_text", "reason", "closed_by")),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.Column("approvals", sa.JSON, nullable=False),
        sa.Column("closed_at", TIME, nullable=False),
    )


def refuse_changes() -> None:
    """A closed month stays as it is, whoever writes to the database."""
    message = "a closed month never changes; operator sla restate adds a revision"
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER month_frozen_{verb.lower()} BEFORE {verb} ON month_frozen "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION month_frozen_stays() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER month_frozen_stays BEFORE UPDATE OR DELETE ON month_frozen "
        "FOR EACH ROW EXECUTE FUNCTION month_frozen_stays()"
    )


def create_corrections() -> None:
    op.create_table(
        "correction_ledger",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("customer", sa.String(100), nullable=False, index=True),
        sa.Column("series", sa.Integer, sa.ForeignKey("series.id"), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("seconds", sa.JSON, nullable=False),
        *map(text, ("reason", "by")),
        sa.Column("at", TIME, nullable=False),
    )
    op.create_table(
        "indicator_value",
        sa.Column("customer", sa.String(100), primary_key=True),
        sa.Column("indicator", sa.String(40), primary_key=True),
        sa.Column("period", sa.String(10), primary_key=True),
        sa.Column("revision", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("value", sa.Text),
        *map(seconds, ("part", "whole")),
        sa.Column("target", sa.Text),
        text("verdict"),
        sa.Column("coverage", sa.Text),
    )
