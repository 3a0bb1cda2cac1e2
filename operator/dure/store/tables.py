"""The store's tables. Times are UTC and aware; JSON columns hold small plain values and never a secret."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from pydantic import JsonValue
from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, LargeBinary, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from dure.store.packed import PackedJson


class UtcTime(TypeDecorator[datetime]):
    """SQLite forgets the zone: it is UTC, going in and coming out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    type_annotation_map: ClassVar = {
        datetime: UtcTime,
        str: Text,
        dict[str, JsonValue]: JSON,
        list[str]: JSON,
        bytes: LargeBinary,
    }


class Site(Base):
    """A site that a run has registered; what the plan said then."""

    __tablename__ = "sites"
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    customer: Mapped[str]
    customer_name: Mapped[str]
    blueprint: Mapped[str]
    topology: Mapped[str]
    overlay: Mapped[str]
    plan_digest: Mapped[str]
    applied_commit: Mapped[str]
    registered_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Host(Base):
    __tablename__ = "hosts"
    site: Mapped[str] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    role: Mapped[str]
    address: Mapped[str]
    host_key: Mapped[str]
    """The pinned key's fingerprint."""


class Check(Base):
    __tablename__ = "checks"
    site: Mapped[str] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    kind: Mapped[str]
    vantage: Mapped[str]
    interval_seconds: Mapped[int]
    parameters: Mapped[dict[str, JsonValue]]


class Objective(Base):
    __tablename__ = "objectives"
    site: Mapped[str] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    target: Mapped[str]
    checks: Mapped[list[str]]


class Run(Base):
    """One run as people see it; DBOS holds what it needs to resume, in a database of its own."""

    __tablename__ = "runs"
    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    kind: Mapped[str]
    site: Mapped[str] = mapped_column(String(200), index=True)
    engineer: Mapped[str]
    reason: Mapped[str]
    request: Mapped[dict[str, JsonValue]]
    plan_digest: Mapped[str]
    state: Mapped[str]
    """open, done, failed, cancelled or closed (given up for a newer one)."""
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    error: Mapped[str]
    cancel_by: Mapped[str]
    """Who asked for it to stop; empty: nobody."""
    holder: Mapped[dict[str, JsonValue]]
    """The process that works on it: owner, host, pid, start time."""


class Step(Base):
    __tablename__ = "steps"
    run: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    position: Mapped[int]
    host: Mapped[str]
    state: Mapped[str]
    """started, done, skipped or failed."""
    attempts: Mapped[int]
    started_at: Mapped[datetime]
    seconds: Mapped[float | None]
    summary: Mapped[str]
    stops_at: Mapped[str]
    """Where a cancel takes hold within this step."""


class Proof(Base):
    """One row of an acceptance table."""

    __tablename__ = "proofs"
    run: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    position: Mapped[int]
    site: Mapped[str] = mapped_column(String(200), index=True)
    what: Mapped[str]
    expected: Mapped[str]
    seen: Mapped[str]
    ok: Mapped[bool]
    seconds: Mapped[float]
    at: Mapped[datetime]


class Audit(Base):
    """One link of the audit chain: `content` is the canonical JSON that is hashed and signed."""

    __tablename__ = "audit"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[str]
    hash: Mapped[str]
    signature: Mapped[str]


class AppliedStack(Base):
    """What was last applied to a site's stack; gone once it is destroyed."""

    __tablename__ = "stacks"
    site: Mapped[str] = mapped_column(String(200), primary_key=True)
    plan: Mapped[dict[str, JsonValue]]
    """A StackPlan."""
    identity: Mapped[str]
    """Digest of plan, programs and upstream outputs."""
    engineer: Mapped[str]
    run: Mapped[str]
    commit: Mapped[str]
    applied_at: Mapped[datetime]


class StackSubject(Base):
    """A site's stack as it was last applied, with its resources; gone once it is destroyed."""

    __tablename__ = "stack_subjects"
    site: Mapped[str] = mapped_column(String(200), primary_key=True)
    customer: Mapped[str] = mapped_column(String(100), index=True)
    subject: Mapped[dict[str, JsonValue]] = mapped_column(PackedJson)
    """A Subject."""


class StackLease(Base):
    """Who works on a stack; ends by itself."""

    __tablename__ = "stack_leases"
    site: Mapped[str] = mapped_column(String(200), primary_key=True)
    holder: Mapped[dict[str, JsonValue]]
    since: Mapped[datetime]
    expires: Mapped[datetime]


class DriftLook(Base):
    """The last look for drift at a stack."""

    __tablename__ = "drift_looks"
    site: Mapped[str] = mapped_column(String(200), primary_key=True)
    at: Mapped[datetime]
    run: Mapped[str]


class DriftFinding(Base):
    """What the last look found."""

    __tablename__ = "drift"
    site: Mapped[str] = mapped_column(ForeignKey("drift_looks.site", ondelete="CASCADE"), primary_key=True)
    resource: Mapped[str] = mapped_column(String(600), primary_key=True)
    """URN, or ARN of an unmanaged one."""
    kind: Mapped[str]
    """changed, missing or unmanaged."""
    type: Mapped[str]
    properties: Mapped[list[str]]
    """Paths of what was changed."""


class Setting(Base):
    """Facts about this store itself, such as the id of its audit chain."""

    __tablename__ = "settings"
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[str]
