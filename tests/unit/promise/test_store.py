"""The tables of service levels: the same in SQLite and PostgreSQL, closed months that nothing changes, one query."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from dure.sla.spans import Span
from dure.sla.states import State
from dure.store.database import Store, StoreFailed
from dure.store.promise.mails import ReportMail
from dure.store.promise.months import closed_months, customer_month, fleet_month
from dure.store.promise.record_tables import TicketRow
from dure.store.promise.running import MonthSource
from dure.store.promise.sample_cold import SampleCold
from dure.store.promise.tables import IndicatorValue, MonthFrozen
from dure.store.tables import Base
from sqlalchemy import delete, text, update

from tests.unit.promise.frozen_row import DETAIL, DOWN, PERIOD, close_by_hand, frozen_row
from tests.unit.runs.test_postgresql import server

__all__ = ["server"]


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind, at the newest migration."""
    if request.param == "sqlite":
        opened = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    else:
        opened = Store(request.getfixturevalue("server"))
        with opened.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    yield opened
    opened.close()


APART = ("sample_hot", "sample_source")


def test_the_migrations_make_just_the_tables_that_the_code_describes(store: Store) -> None:
    described = {one.__tablename__ for one in (MonthFrozen, ReportMail, MonthSource, SampleCold, TicketRow)}
    assert described < set(Base.metadata.tables)
    with store.transaction() as session:
        # Samples lie apart: PostgreSQL has their partitions, of which the mapped tables say nothing.
        options = {
            "compare_type": True,
            "include_name": lambda name, *_: not str(name).startswith(APART),
        }
        context = MigrationContext.configure(session.connection(), opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_a_closed_month_can_neither_be_changed_nor_removed(store: Store) -> None:
    with store.transaction() as session:
        close_by_hand(session)
    for forbidden in (update(MonthFrozen).values(down=0), delete(MonthFrozen)):
        with pytest.raises(StoreFailed, match="a closed month never changes"), store.transaction() as session:
            session.execute(forbidden)
    with store.transaction() as session:
        assert session.query(MonthFrozen).one().down == 3600


def test_an_indicator_of_a_closed_month_can_neither_be_changed_nor_removed(store: Store) -> None:
    with store.transaction() as session:
        close_by_hand(session)
    for forbidden in (update(IndicatorValue).values(value="100"), delete(IndicatorValue)):
        told = pytest.raises(StoreFailed, match="an indicator of a closed month never changes")
        with told, store.transaction() as session:
            session.execute(forbidden)


def test_a_ticket_is_kept_without_anybodys_name() -> None:
    kept = {one.name for one in TicketRow.__table__.columns}
    known = {"customer", "id", "kind", "opened", "responded", "closed", "reopened", "due", "waiting", "escalated"}
    assert kept == known | {"severity", "service", "cause", "about"}


def test_a_month_is_read_with_its_figures_days_spans_indicators_and_bill(store: Store) -> None:
    with store.transaction() as session:
        close_by_hand(session)
    found = customer_month(store, "hansol-plastics", "2026-05")
    assert found is not None
    [service] = found.services
    assert (found.name, found.zone, found.tier, found.made_up) == ("한솔플라스틱", "Asia/Seoul", "standard", False)
    assert service.figures.availability == 1 - Fraction(3600, PERIOD - 1800)
    assert service.figures.lower == 1 - Fraction(5400, PERIOD)
    assert service.budget == Fraction(PERIOD, 200)
    assert service.observed == Fraction(1487, 1488)
    assert service.detail == DETAIL
    assert service.spans == (Span(*DOWN, State.DOWN),)
    assert service.days[0].seconds.down == 3600
    assert found.indicators[0].indicator.en == "measurement coverage"
    assert (found.invoice.credits, found.invoice.supply_value, found.invoice.vat) == (30_000, 270_000, 27_000)


def test_the_newest_revision_is_read_beside_the_month_before(store: Store) -> None:
    with store.transaction() as session:
        series = close_by_hand(session)
        session.add(frozen_row(series, "2026-06"))
        restated = frozen_row(series, "2026-06", 2)
        restated.down, restated.reason, restated.approvals = 7200, "late samples", ["kim-minsu", "lee-jiwon"]
        session.add(restated)
    [found] = fleet_month(store, "2026-06")
    assert [(one.revision, one.seconds.down) for one in found.services] == [(2, 7200)]
    assert found.previous is not None
    assert found.previous.month == "2026-05"
    assert closed_months(store, "hansol-plastics") == ("2026-05", "2026-06")
    assert customer_month(store, "hansol-plastics", "2026-07") is None
