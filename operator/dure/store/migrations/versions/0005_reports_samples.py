"""Reports that were sent, samples as they came, and sums of the running month."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"


def upgrade() -> None:
    create_mails()
    create_sheets()


def create_mails() -> None:
    op.create_table(
        "report_mail",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("customer", sa.String(100), nullable=False, index=True),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("revision", sa.SmallInteger, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("recipient", sa.String(320), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def create_sheets() -> None:
    op.create_table(
        "month_source",
        sa.Column("customer", sa.String(100), primary_key=True),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("end", sa.BigInteger, nullable=False),
    )
    series = sa.ForeignKey("series.id", ondelete="CASCADE")
    op.create_table(
        "month_so_far",
        sa.Column("series", sa.Integer, series, primary_key=True, autoincrement=False),
        sa.Column("customer", sa.String(100), nullable=False, index=True),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("through", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("terms", "agreed", "as_up", "marks")),
    )
