"""Lists of hosts with their protection, and estimates of what the services bring."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def key(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), primary_key=True)


def seconds(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "endpoint_day",
        key("customer", 100),
        key("day", 10),
        key("host", 60),
        sa.Column("protected", sa.Boolean, nullable=False),
        seconds("listed"),
        seconds("updated", nullable=True),
    )
    op.create_table(
        "benefit_month",
        key("customer", 100),
        key("month", 7),
        key("axis", 20),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("low", "likely", "high")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("basis", "basis_en")),
    )
