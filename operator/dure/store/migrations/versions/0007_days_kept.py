"""A digest of a frozen month's days; views that never change; and no row in the place of a frozen one."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

FROZEN = {
    "month_frozen": ("series", "month", "revision"),
    "indicator_value": ("customer", "indicator", "period", "revision"),
    "month_seal": ("customer", "month", "number"),
    "month_view": ("series", "month", "revision"),
}
"""Table -> its key."""
MESSAGE = "what is kept of a closed month never changes"


def upgrade() -> None:
    op.add_column("month_frozen", sa.Column("days", sa.Text, nullable=False, server_default=""))
    if op.get_bind().dialect.name == "sqlite":
        refuse_replacement()
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER month_view_{verb.lower()} BEFORE {verb} ON month_view "
                f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION month_view_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{MESSAGE}'; "
        "END $$"
    )
    op.execute(
        "CREATE TRIGGER month_view_stays BEFORE UPDATE OR DELETE ON month_view "
        "FOR EACH ROW EXECUTE FUNCTION month_view_stays()"
    )


def refuse_replacement() -> None:
    """INSERT OR REPLACE of SQLite removes the row that stands there without asking the triggers of DELETE."""
    for table, key in FROZEN.items():
        same = " AND ".join(f"{name} = NEW.{name}" for name in key)
        stands = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - the names stand above
        op.execute(
            f"CREATE TRIGGER {table}_insert BEFORE INSERT ON {table} WHEN {stands} "
            f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        )
