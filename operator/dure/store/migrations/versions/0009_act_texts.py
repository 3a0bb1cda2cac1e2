"""Texts of what an act froze packed as one; indicators kept in the order of their key, which then stands there once."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

MESSAGE = "what is kept of a closed month never changes"
KEY = ("customer", "month", "act", "piece")


def upgrade() -> None:
    op.create_table(
        "act_text",
        sa.Column("customer", sa.String(100), primary_key=True),
        sa.Column("month", sa.String(7), primary_key=True),
        *(sa.Column(name, sa.SmallInteger, primary_key=True, autoincrement=False) for name in ("act", "piece")),
        sa.Column("packed", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        refuse_changes()
        order_indicators()
        return
    op.execute(
        f"CREATE FUNCTION act_text_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{MESSAGE}'; "
        "END $$"
    )
    op.execute(
        "CREATE TRIGGER act_text_stays BEFORE UPDATE OR DELETE ON act_text "
        "FOR EACH ROW EXECUTE FUNCTION act_text_stays()"
    )


def refuse_changes() -> None:
    same = " AND ".join(f"{name} = NEW.{name}" for name in KEY)
    when = {"INSERT": f" WHEN EXISTS (SELECT 1 FROM act_text WHERE {same})", "UPDATE": "", "DELETE": ""}  # noqa: S608 - the names stand above
    for verb, condition in when.items():
        op.execute(
            f"CREATE TRIGGER act_text_{verb.lower()} BEFORE {verb} ON act_text{condition} "
            f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        )


def order_indicators() -> None:
    """SQLite gives a table another order only by making it anew; each row stays as it is, and so do the triggers."""
    connection = op.get_bind()
    kept = "SELECT sql FROM sqlite_master WHERE tbl_name = 'indicator_value' AND type = 'trigger'"
    triggers = list(connection.execute(sa.text(kept)).scalars())
    text = {name: sa.Column(name, sa.Text, nullable=name in ("value", "target", "coverage")) for name in TEXTS}
    added = {name: sa.Column(name, sa.Text, nullable=False, server_default="") for name in ADDED}
    number = {name: sa.Column(name, sa.BigInteger, nullable=False) for name in ("part", "whole")}
    op.create_table(
        "indicator_in_order",
        sa.Column("customer", sa.String(100), primary_key=True),
        sa.Column("indicator", sa.String(40), primary_key=True),
        sa.Column("period", sa.String(10), primary_key=True),
        sa.Column("revision", sa.SmallInteger, primary_key=True, autoincrement=False),
        text["value"],
        *number.values(),
        *(text[name] for name in ("target", "verdict", "coverage")),
        *(added[name] for name in ("source", "why", "basis", "digest")),
        sa.Column("change", sa.JSON, nullable=True),
        sa.Column("act", sa.SmallInteger, nullable=False, server_default="0"),
        added["seal"],
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO indicator_in_order SELECT * FROM indicator_value")
    op.drop_table("indicator_value")
    op.rename_table("indicator_in_order", "indicator_value")
    for trigger in triggers:
        connection.exec_driver_sql(trigger)


TEXTS = ("value", "target", "verdict", "coverage")
ADDED = ("source", "why", "basis", "digest", "seal")
