"""Digests over frozen rows: the same in SQLite and PostgreSQL, over each column, and kept by later columns."""

import json
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from dure.store import database
from dure.store.database import Store
from dure.store.promise.frozen import Altered
from dure.store.promise.months import customer_month
from dure.store.promise.seals import FIRST, Act, MonthSeal, row_seal, seal_rows
from dure.store.promise.tables import IndicatorValue, MonthFrozen, Series
from dure.store.promise.views import MonthView
from sqlalchemy import Engine, delete, select, text, update
from sqlalchemy.orm import Session

from tests.unit.promise.frozen_row import close_by_hand, frozen_row
from tests.unit.promise.test_store import server, store

__all__ = ["server", "store"]

CUSTOMER, MONTH = "hansol-plastics", "2026-06"
ACT = Act("close 2026-06 at 1783044000", "kim-minsu", 1_783_044_000)


def indicator() -> IndicatorValue:
    return IndicatorValue(
        customer=CUSTOMER,
        indicator="coverage",
        period=MONTH,
        revision=1,
        value="100",
        part=1,
        whole=1,
        target=None,
        verdict="observed",
        coverage="1",
        source="spans",
        why="",
        basis='{"figures":[]}',
        digest="d",
        change={"step": "tighten", "after": 99.9},
    )


def seal(session: Session) -> None:
    """June as closed by a version that keeps digests."""
    series = Series(customer=CUSTOMER, kind="service", name="files")
    session.add(series)
    session.flush()
    row = frozen_row(series.id, MONTH)
    row.detail = {**row.detail, "customer": ["한솔플라스틱", "Hansol Plastics"]}
    seal_rows(session, CUSTOMER, MONTH, ACT, {"files": row}, [indicator()])


def free(engine: Engine) -> None:
    """The database no longer refuses changes."""
    with engine.begin() as connection:
        for name in ("month_frozen", "indicator_value", "month_seal"):
            if engine.dialect.name == "sqlite":
                connection.execute(text(f"DROP TRIGGER {name}_update"))
            else:
                connection.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER ALL"))


@pytest.fixture
def sealed(store: Store) -> Store:
    with store.transaction() as session:
        seal(session)
    return store


def test_what_is_read_back_has_the_digests_that_it_was_frozen_with(sealed: Store) -> None:
    with sealed.transaction() as session:
        for table in (MonthFrozen, IndicatorValue):
            [row] = session.scalars(select(table))
            assert row_seal(row) == row.seal != ""
        [act] = session.scalars(select(MonthSeal))
    assert (act.number, act.previous, act.services, act.indicators) == (1, FIRST, 1, 1)


def test_an_altered_row_is_refused(sealed: Store) -> None:
    free(sealed.engine)
    with sealed.transaction() as session:
        session.execute(update(IndicatorValue).values(change={"step": "tighten", "after": 99.5}))
    with pytest.raises(Altered, match="indicator:coverage"):
        customer_month(sealed, CUSTOMER, MONTH)


def test_digests_themselves_can_neither_be_changed_nor_removed(sealed: Store) -> None:
    for forbidden in (update(MonthSeal).values(digest="x"), delete(MonthSeal)):
        with (
            pytest.raises(database.StoreFailed, match="the digest of a closed month never changes"),
            sealed.transaction() as session,
        ):
            session.execute(forbidden)


@pytest.mark.parametrize("table", ["month_frozen", "indicator_value", "month_seal", "month_view", "act_text"])
def test_no_row_takes_the_place_of_a_frozen_one(sealed: Store, table: str) -> None:
    with sealed.transaction() as session:
        row = session.scalars(select(MonthFrozen)).one()
        session.add(MonthView(series=row.series, month=MONTH, revision=1, spans=[], days=[]))
    verb, refused = "INSERT OR REPLACE", "what is kept of a closed month never changes"
    if sealed.engine.dialect.name != "sqlite":
        verb, refused = "INSERT", "duplicate key"  # PostgreSQL has no such verb, and a row of the same key is none
    with pytest.raises(database.StoreFailed, match=refused), sealed.transaction() as session:
        session.execute(text(f"{verb} INTO {table} SELECT * FROM {table}"))


def test_what_is_drawn_of_an_older_revision_can_neither_be_changed_nor_removed(sealed: Store) -> None:
    with sealed.transaction() as session:
        row = session.scalars(select(MonthFrozen)).one()
        session.add(MonthView(series=row.series, month=MONTH, revision=1, spans=[], days=[]))
    for forbidden in (update(MonthView).values(days=[1]), delete(MonthView)):
        with (
            pytest.raises(database.StoreFailed, match="what is kept of a closed month never changes"),
            sealed.transaction() as session,
        ):
            session.execute(forbidden)


def test_an_act_follows_the_one_before(sealed: Store) -> None:
    with sealed.transaction() as session:
        series = session.scalars(select(MonthFrozen.series)).one()
        seal_rows(
            session, CUSTOMER, MONTH, Act("restatement r", "lee-jiwon", 1), {"files": frozen_row(series, MONTH, 2)}, []
        )
    with sealed.transaction() as session:
        first, second = session.scalars(select(MonthSeal).order_by(MonthSeal.number))
    assert (second.number, second.previous) == (2, first.digest)


def test_a_row_at_the_defaults_of_later_columns_keeps_its_digest() -> None:
    row = indicator()
    before = row_seal(row)
    row.act = 0  # as a column would stand that was added after the row
    assert row_seal(row) == before
    row.act = 1
    assert row_seal(row) != before


def test_a_month_that_was_closed_before_the_migration_is_read_as_it_is(tmp_path: Path) -> None:
    """A store of the version before, brought to this one."""
    opened = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    with opened.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        connection.execute(text("INSERT INTO series VALUES (1, 'hansol-plastics', 'service', 'files')"))
        row = frozen_row(1)
        before = {one.name: getattr(row, one.name) for one in MonthFrozen.__table__.columns if one.name not in NEW}
        before |= {"detail": json.dumps(row.detail), "approvals": "[]", "closed_at": "2026-06-04 00:00:00.000000"}
        names = ", ".join(before), ", ".join(f":{name}" for name in before)
        connection.execute(text(f"INSERT INTO month_frozen ({names[0]}) VALUES ({names[1]})"), before)
    found = customer_month(opened, CUSTOMER, "2026-05")
    assert found is not None
    assert [one.seal for one in found.services] == [""]
    opened.close()


NEW = ("act", "seal", "days")


def test_months_without_digests_stand_beside_those_that_have_them(sealed: Store) -> None:
    with sealed.transaction() as session:
        session.execute(update(Series).values(name="shop"))
        close_by_hand(session)
    may = customer_month(sealed, CUSTOMER, "2026-05")
    assert may is not None
    assert [one.seal for one in may.services] == [""]
    with pytest.raises(Altered, match="act 1"):  # a service that got another name is not the one that was frozen
        customer_month(sealed, CUSTOMER, MONTH)
