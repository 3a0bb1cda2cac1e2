"""Tables of service levels. Times are whole UTC seconds; states are numbers, 0 UP, 1 DEGRADED, 2 UNKNOWN, 3 DOWN.

A series is one timeline that has spans: a check, a service or a collector of one customer.
"""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dure.store.packed import Digest, PackedJson, PackedText, Word
from dure.store.tables import Base

# Without a row id SQLite keeps the rows in the order of the key, and the key once.
COMPACT = {"sqlite_with_rowid": False}


def act_number() -> Mapped[int]:
    """Which act on the month froze the row, see dure.store.promise.seals; 0: before digests were kept."""
    return mapped_column(SmallInteger, server_default="0", default=0)


def own_digest() -> Mapped[str]:
    """sha256 over all other columns of the row; empty: closed before digests were kept."""
    return mapped_column(Digest, server_default="", default="")


class Series(Base):
    """`kind` is check, service or collector; `name` is the check as the contract writes it, or the service's id."""

    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("customer", "kind", "name"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    customer: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))


def series_key() -> Mapped[int]:
    return mapped_column(ForeignKey("series.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)


def second_key() -> Mapped[int]:
    return mapped_column(BigInteger, primary_key=True, autoincrement=False)


def seconds() -> Mapped[int]:
    return mapped_column(BigInteger)


class SpanRow(Base):
    """[start, end) of a check in one state: the truth, kept for ever."""

    __tablename__ = "span"
    __table_args__ = COMPACT
    series: Mapped[int] = series_key()
    start: Mapped[int] = second_key()
    end: Mapped[int] = seconds()
    state: Mapped[int] = mapped_column(SmallInteger)
    samples: Mapped[int] = seconds()
    cause: Mapped[str] = mapped_column(Word(20, given="g", sample="s", outage="o", silence="q"))
    """What it begins with: sample, outage, silence, or given for a span that was imported as such."""
    revision: Mapped[int] = mapped_column(SmallInteger)
    """1; one more each time that late data changed the second where it starts."""


class ServiceSpanRow(Base):
    """A service's timeline as it was composed when its month was closed, cut at the month's ends."""

    __tablename__ = "service_span"
    __table_args__ = COMPACT
    series: Mapped[int] = series_key()
    start: Mapped[int] = second_key()
    end: Mapped[int] = seconds()
    state: Mapped[int] = mapped_column(SmallInteger)


class OutageRow(Base):
    """A confirmed outage of a check; `end` and `recovered` are None while it is open."""

    __tablename__ = "outage"
    __table_args__ = COMPACT
    series: Mapped[int] = series_key()
    start: Mapped[int] = second_key()
    detected: Mapped[int] = seconds()
    end: Mapped[int | None] = mapped_column(BigInteger)
    recovered: Mapped[int | None] = mapped_column(BigInteger)


class BlipRow(Base):
    """A DOWN sample that nothing confirmed."""

    __tablename__ = "blip"
    __table_args__ = COMPACT
    series: Mapped[int] = series_key()
    at: Mapped[int] = second_key()


class IncidentRow(Base):
    """Downtime of a service that is one piece of work; `cause` is the root object, empty when it is its own."""

    __tablename__ = "incident"
    __table_args__ = COMPACT
    series: Mapped[int] = series_key()
    start: Mapped[int] = second_key()
    end: Mapped[int] = seconds()
    down: Mapped[int] = seconds()
    detected: Mapped[int | None] = mapped_column(BigInteger)
    cause: Mapped[str]


class CollectorSpanRow(Base):
    """[start, end) in which a collector was dead, so that silence proves nothing."""

    __tablename__ = "collector_span"
    __table_args__ = COMPACT
    series: Mapped[int] = series_key()
    start: Mapped[int] = second_key()
    end: Mapped[int] = seconds()


class DaySeconds(Base):
    """A service's local day by class; for screens alone, made anew from spans at every close."""

    __tablename__ = "day_seconds"
    __table_args__ = COMPACT
    series: Mapped[int] = series_key()
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    period: Mapped[int]
    not_monitored: Mapped[int]
    out_of_hours: Mapped[int]
    maintenance: Mapped[int]
    excluded: Mapped[int]
    ast: Mapped[int]
    up: Mapped[int]
    degraded: Mapped[int]
    down: Mapped[int]
    unknown: Mapped[int]


class MonthFrozen(Base):
    """One service's closed month. The database refuses to change or remove a row; a correction is a new revision."""

    __tablename__ = "month_frozen"
    series: Mapped[int] = mapped_column(ForeignKey("series.id"), primary_key=True, autoincrement=False)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    revision: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    customer: Mapped[str] = mapped_column(String(100), index=True)
    period_start: Mapped[int] = seconds()
    period_end: Mapped[int] = seconds()
    not_monitored: Mapped[int] = seconds()
    out_of_hours: Mapped[int] = seconds()
    maintenance: Mapped[int] = seconds()
    excluded: Mapped[int] = seconds()
    ast: Mapped[int] = seconds()
    up: Mapped[int] = seconds()
    degraded: Mapped[int] = seconds()
    down: Mapped[int] = seconds()
    unknown: Mapped[int] = seconds()
    bad: Mapped[str]
    """Exact, as a fraction in text; so are availability and target (a share, not percent)."""
    availability: Mapped[str | None]
    target: Mapped[str]
    verdict: Mapped[str]
    calendar: Mapped[str]
    policy: Mapped[str] = mapped_column(Digest)
    engine: Mapped[str]
    spans: Mapped[str] = mapped_column(Digest)
    """sha256 of the service's timeline, cut to the month."""
    fee: Mapped[int] = seconds()
    credit_share: Mapped[str]
    credit: Mapped[int] = seconds()
    waived: Mapped[str]
    detail: Mapped[dict[str, JsonValue]] = mapped_column(PackedJson)
    """What the report tells besides: names, incidents, windows, exclusions, blips; see dure.store.promise.detail.

    In the database empty where the act keeps it, and so are `policy_text` and an indicator's `basis`; see
    dure.store.promise.act_texts.
    """
    policy_text: Mapped[str] = mapped_column(PackedText)
    """The canonical JSON that `policy` is the digest of, so that the month can be computed again from its row."""
    reason: Mapped[str]
    approvals: Mapped[list[str]]
    closed_by: Mapped[str]
    closed_at: Mapped[datetime]
    days: Mapped[str] = mapped_column(Digest, server_default="", default="")
    """sha256 of its days by class; empty: frozen before it was kept, so that only their sums can be compared."""
    act: Mapped[int] = act_number()
    seal: Mapped[str] = own_digest()


class CorrectionLedger(Base):
    """What came too late for a closed month, and what it would change."""

    __tablename__ = "correction_ledger"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    customer: Mapped[str] = mapped_column(String(100), index=True)
    series: Mapped[int] = mapped_column(ForeignKey("series.id"))
    month: Mapped[str] = mapped_column(String(7))
    kind: Mapped[str] = mapped_column(String(30))
    """late_data, late_approval or restated."""
    seconds: Mapped[dict[str, JsonValue]]
    """Class or state -> seconds more or fewer."""
    reason: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]


class IndicatorValue(Base):
    """One indicator of a customer in one period; `value` and `target` exact in the indicator's unit, as text.

    The database refuses to change or remove a row, as it does for the month.
    """

    __tablename__ = "indicator_value"
    __table_args__ = COMPACT
    customer: Mapped[str] = mapped_column(String(100), primary_key=True)
    indicator: Mapped[str] = mapped_column(String(40), primary_key=True)
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    revision: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    value: Mapped[str | None]
    part: Mapped[int] = seconds()
    whole: Mapped[int] = seconds()
    target: Mapped[str | None]
    """None: observed, not scored."""
    verdict: Mapped[str]
    """met, missed, or why there is nothing to judge."""
    coverage: Mapped[str | None]
    source: Mapped[str] = mapped_column(server_default="", default="")
    """Which records it rests on, in a word; empty where it has none."""
    why: Mapped[str] = mapped_column(server_default="", default="")
    """Why there is no value, as a code of dure.text.indicator; empty where there is one."""
    basis: Mapped[str] = mapped_column(PackedText, server_default="", default="")
    """Canonical JSON of all that the value follows from; empty where nothing was recorded."""
    digest: Mapped[str] = mapped_column(Digest, server_default="", default="")
    """sha256 over basis, value, target, verdict and the reason of none."""
    change: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    """The agreed change of this indicator that takes effect in this period."""
    act: Mapped[int] = act_number()
    seal: Mapped[str] = own_digest()
