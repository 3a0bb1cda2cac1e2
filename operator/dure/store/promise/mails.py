"""Which report went to whom: noted before it is sent, so that a command that is killed in between leaves its doubt."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Integer, SmallInteger, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dure.store.tables import Base

SENDING, SENT = "sending", "sent"


class ReportMail(Base):
    """One report to one person. `digest` is that of the report's value, as its appendix prints it."""

    __tablename__ = "report_mail"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    customer: Mapped[str] = mapped_column(String(100), index=True)
    month: Mapped[str] = mapped_column(String(7))
    revision: Mapped[int] = mapped_column(SmallInteger)
    language: Mapped[str] = mapped_column(String(2))
    recipient: Mapped[str] = mapped_column(String(320))
    digest: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))
    """sent; or sending: the command ended before the server had answered, and nobody knows."""
    by: Mapped[str]
    at: Mapped[datetime]


def mails(session: Session, customers: Sequence[str] = (), month: str = "") -> list[ReportMail]:
    """Oldest first; no customers: of all, no month: of all."""
    query = select(ReportMail).order_by(ReportMail.id)
    if customers:
        query = query.where(ReportMail.customer.in_(customers))
    if month:
        query = query.where(ReportMail.month == month)
    return list(session.scalars(query))
