"""Digests over what a close froze; the timeline and days of a revision that a later one replaced."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for table in ("month_frozen", "indicator_value"):
        op.add_column(table, sa.Column("act", sa.SmallInteger, nullable=False, server_default="0"))
        op.add_column(table, sa.Column("seal", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "month_seal",
        sa.Column("customer", sa.String(100), primary_key=True),
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("number", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("run", sa.Text, nullable=False, index=True),
        sa.Column("revision", sa.SmallInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("approvals", sa.JSON, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("services", "indicators")),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.String(64), nullable=False) for name in ("previous", "digest")),
    )
    op.create_table(
        "month_view",
        sa.Column("series", sa.Integer, sa.ForeignKey("series.id"), primary_key=True, autoincrement=False),
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("revision", sa.SmallInteger, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.JSON, nullable=False) for name in ("spans", "days")),
    )
    refuse_changes()


def refuse_changes() -> None:
    """A digest stays as long as what it speaks of."""
    message = "the digest of a closed month never changes"
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER month_seal_{verb.lower()} BEFORE {verb} ON month_seal "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION month_seal_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{message}'; "
        "END $$"
    )
    op.execute(
        "CREATE TRIGGER month_seal_stays BEFORE UPDATE OR DELETE ON month_seal "
        "FOR EACH ROW EXECUTE FUNCTION month_seal_stays()"
    )
