"""Reports that were sent, samples as they came, and sums of the running month."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    create_mails()
    create_sheets()
    create_samples()


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


def create_samples() -> None:
    """SQLite has a file a day beside the store, made when the day's first sample comes."""
    op.create_table(
        "sample_cold",
        sa.Column("customer", sa.String(100), primary_key=True),
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("prober", sa.String(100), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("samples", sa.Integer, nullable=False),
        sa.Column("packed", sa.LargeBinary, nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        return
    op.create_table(
        "sample_source",
        sa.Column("id", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.String(200), nullable=False) for name in ("customer", "name", "prober")),
        sa.UniqueConstraint("customer", "name", "prober"),
    )
    op.create_table(
        "sample_hot",
        sa.Column("source", sa.Integer, sa.ForeignKey("sample_source.id"), primary_key=True, autoincrement=False),
        sa.Column("ts", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("latency_ms", sa.Integer),
        sa.Column("seq", sa.BigInteger),
        sa.Column("received", sa.BigInteger, nullable=False),
        postgresql_partition_by="RANGE (ts)",
    )
    op.create_index("sample_hot_ts", "sample_hot", ["ts"], postgresql_using="brin")
