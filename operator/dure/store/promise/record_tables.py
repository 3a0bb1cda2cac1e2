"""Tables of what other systems know and Dure keeps: tickets, answers to surveys, use, hosts and their protection,
estimates of the benefit; restores, and looks for drift.

No name, address or text of a person is kept: a ticket is its number and its times, an answer its marks, use a count, a
host its name in the network.
Times are whole UTC seconds unless a column says otherwise.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from dure.store.tables import Base


def moment() -> Mapped[int | None]:
    """None: it has not happened."""
    return mapped_column(BigInteger)


class TicketRow(Base):
    """One ticket of a service desk, as the newest import told it."""

    __tablename__ = "ticket"
    customer: Mapped[str] = mapped_column(String(100), primary_key=True)
    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    """incident, request or advice (a proposal that the customer agreed to)."""
    opened: Mapped[int] = mapped_column(BigInteger, index=True)
    responded: Mapped[int | None] = moment()
    closed: Mapped[int | None] = moment()
    reopened: Mapped[int | None] = moment()
    due: Mapped[int | None] = moment()
    """Agreed for this ticket alone."""
    waiting: Mapped[str]
    """Times in which the customer was asked: from/to pairs of seconds, joined by semicolons."""
    escalated: Mapped[bool]
    severity: Mapped[int | None] = mapped_column(SmallInteger)
    """1 is the worst; None: not said."""
    service: Mapped[str]
    """A service of the contract, or empty."""
    cause: Mapped[str]
    """Root cause in a word; empty: not known."""
    about: Mapped[str]
    """Key of the indicator that the customer complains of, or empty."""


class SurveyRow(Base):
    """One answer to a survey; `answer` is its number in it. Number 0 says that it was held and how many were asked."""

    __tablename__ = "survey_answer"
    customer: Mapped[str] = mapped_column(String(100), primary_key=True)
    survey: Mapped[str] = mapped_column(String(60), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    """Key of the indicator that it answers: information, servqual, satisfaction or intention."""
    answer: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    held: Mapped[str] = mapped_column(String(10))
    """Local date, 2026-06-11."""
    asked: Mapped[int] = mapped_column(Integer)
    marks: Mapped[str]
    """1 to 5, joined by semicolons; empty for number 0."""


class UsageRow(Base):
    """How many used a service in a month; no person is named."""

    __tablename__ = "usage_month"
    customer: Mapped[str] = mapped_column(String(100), primary_key=True)
    service: Mapped[str] = mapped_column(String(60), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    entitled: Mapped[int] = mapped_column(Integer)
    acted: Mapped[int] = mapped_column(Integer)
    """Of them, those with a real action in the month."""
    purchased: Mapped[int | None] = mapped_column(Integer)
    habitual: Mapped[int | None] = mapped_column(Integer)
    dormant: Mapped[int | None] = mapped_column(Integer)
    never: Mapped[int | None] = mapped_column(Integer)
    cause: Mapped[str]
    """Why it is little used, as found in this month; empty: not found."""
    action: Mapped[str]
    """Local date on which something was done about it, or empty."""


class EndpointRow(Base):
    """A host in the list that an endpoint-security console made on a day; let go after 13 months."""

    __tablename__ = "endpoint_day"
    customer: Mapped[str] = mapped_column(String(100), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    """Local date, 2026-06-11."""
    host: Mapped[str] = mapped_column(String(60), primary_key=True)
    """Its name in the network or its asset number, in small letters."""
    protected: Mapped[bool]
    listed: Mapped[int] = mapped_column(BigInteger)
    """When the console made the list."""
    updated: Mapped[int | None] = moment()
    """When signatures or agent were last renewed."""


class BenefitRow(Base):
    """What a service brought in a month along one axis, in won, as the MSP and the customer reckon it."""

    __tablename__ = "benefit_month"
    customer: Mapped[str] = mapped_column(String(100), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    axis: Mapped[str] = mapped_column(String(20), primary_key=True)
    """cost, productivity, revenue or risk; `spent` is what the services themselves cost, always without a range."""
    low: Mapped[int] = mapped_column(BigInteger)
    likely: Mapped[int] = mapped_column(BigInteger)
    high: Mapped[int] = mapped_column(BigInteger)
    basis: Mapped[str]
    """How one came to it, in Korean."""
    basis_en: Mapped[str]


class RestoreRow(Base):
    """A file or folder that came back from a vault; which one it was is not kept."""

    __tablename__ = "restore_done"
    run: Mapped[str] = mapped_column(String(100), primary_key=True)
    site: Mapped[str] = mapped_column(String(200), index=True)
    at: Mapped[datetime]
    ok: Mapped[bool]
    seconds: Mapped[int] = mapped_column(BigInteger)
    """How long it took, rounded up."""
    snapshot_at: Mapped[datetime | None]
    """When what came back had been saved; None: nothing came back."""


class DriftHistory(Base):
    """One look for drift at a stack; looks are added and never changed."""

    __tablename__ = "drift_history"
    site: Mapped[str] = mapped_column(String(200), primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    run: Mapped[str]
    managed: Mapped[int] = mapped_column(Integer)
    """Resources that the state knows."""
    drifted: Mapped[int] = mapped_column(Integer)
    """Of them, changed or missing."""
