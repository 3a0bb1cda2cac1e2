"""Samples in SQLite's files and PostgreSQL's partitions: the worse holds, days go whole, no evidence is lost."""

import json
import zlib
from datetime import date

import pytest
from dure.store.database import Store
from dure.store.promise.sample_cold import forget_old, pack, put_away, read_cold, unpacked
from dure.store.promise.samples import Source, Stored, bounds, sample_store
from dure.store.promise.tables import Series
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from tests.unit.promise.frozen_row import frozen_row
from tests.unit.promise.test_store import server, store

__all__ = ["server", "store"]
WEB, DB = Source("hansol-plastics", "web"), Source("hansol-plastics", "db", "hub")
DAY = date(2026, 6, 11)
START = bounds(DAY)[0]
UP, DOWN = 0, 3


def row(ts: int, state: int, received: int = START) -> Stored:
    return Stored(ts, state, None, None, received)


def test_samples_are_read_back_and_of_two_at_one_moment_the_worse_holds(store: Store) -> None:
    samples = sample_store(store)
    rows = [row(START - 60, UP), row(START, DOWN), row(START + 60, UP)]
    samples.add([(WEB, rows), (DB, [Stored(START, UP, 12, 7, START)])])
    samples.add([(WEB, [row(START, UP), row(START + 60, DOWN)])])
    part = (START - 60, START + 61)
    expected = [(START - 60, UP), (START, DOWN), (START + 60, DOWN)]
    assert [(one.ts, one.state) for _, one in samples.read("hansol-plastics", "web", part)] == expected
    assert samples.read("hansol-plastics", "db", part) == [(DB, Stored(START, UP, 12, 7, START))]
    assert samples.read("hansol-plastics", "web", (START, START + 60)) == [(WEB, row(START, DOWN))]
    assert samples.days() == [date(2026, 6, 10), DAY]


def test_a_day_goes_whole_and_its_neighbours_stay(store: Store) -> None:
    samples = sample_store(store)
    samples.add([(WEB, [row(START - 1, UP), row(START, UP)])])
    assert samples.of_day(DAY) == {WEB: [row(START, UP)]}
    samples.drop(DAY)
    assert samples.days() == [date(2026, 6, 10)]
    assert [one.ts for _, one in samples.read("hansol-plastics", "web", (0, START + 9))] == [START - 1]
    samples.add([(WEB, [row(START, DOWN)])])
    assert samples.of_day(DAY) == {WEB: [row(START, DOWN)]}


def test_samples_lie_apart_from_the_business_data(store: Store) -> None:
    sample_store(store).add([(WEB, [row(START, UP)])])
    if store.engine.dialect.name == "sqlite":
        place = store.engine.url.database
        assert place is not None
        with store.transaction() as session:
            tables = session.execute(text("SELECT name FROM sqlite_master WHERE name LIKE 'sample%'")).scalars()
            assert list(tables) == ["sample_cold"]
        return
    with store.transaction() as session:
        kinds = "SELECT am.amname FROM pg_class c JOIN pg_am am ON am.oid = c.relam WHERE c.relname = 'sample_hot_ts'"
        assert session.execute(text(kinds)).scalar() == "brin"
        assert session.execute(text("SELECT count(*) FROM sample_hot_20260611")).scalar() == 1


STORED = st.builds(
    Stored,
    st.integers(0, 2**40),
    st.integers(0, 3),
    st.none() | st.integers(0, 60_000),
    st.none() | st.integers(0, 2**62),
    st.integers(0, 2**40),
)


@given(st.lists(STORED, max_size=50, unique_by=lambda one: one.ts).map(sorted))
def test_what_is_packed_is_unpacked_as_it_was(rows: list[Stored]) -> None:
    assert unpacked(pack(rows)) == rows


def test_what_an_earlier_version_packed_is_read_too() -> None:
    rows = [row(START, DOWN, START + 2), Stored(START + 60, UP, 2**70, None, START + 1)]
    columns = [[START, 60], [DOWN, UP], [None, 2**70], [None, None], [START + 2, -1]]
    assert unpacked(zlib.compress(json.dumps(columns).encode())) == rows
    assert unpacked(pack(rows)) == rows, "a number that 64 bits do not hold is packed in that way still"


def test_a_regular_day_takes_few_bytes_packed() -> None:
    rows = [row(START + 60 * at, UP, START + 60 * at + 1) for at in range(1440)]
    assert len(pack(rows)) < 200


def test_a_packed_day_takes_late_samples_in(store: Store) -> None:
    with store.transaction() as session:
        put_away(session, DAY, {WEB: [row(START, UP), row(START + 60, DOWN)]})
        put_away(session, DAY, {WEB: [row(START, DOWN), row(START + 60, UP), row(START + 120, UP)]})
    with store.transaction() as session:
        found = read_cold(session, "hansol-plastics", "web", (START, START + 120))
    assert [(one.ts - START, one.state) for _, one in found] == [(0, DOWN), (60, DOWN)]


@pytest.mark.parametrize(
    ("today", "closed", "left"), [("2027-06-30", True, 1), ("2027-08-01", True, 0), ("2027-08-01", False, 1)]
)
def test_a_packed_day_goes_after_13_months_if_its_month_is_closed(
    store: Store, today: str, closed: bool, left: int
) -> None:
    day = date(2026, 5, 11)
    with store.transaction() as session:
        put_away(session, day, {WEB: [row(bounds(day)[0], UP)]})
        if closed:
            session.add(Series(id=1, customer="hansol-plastics", kind="service", name="erp"))
            session.flush()
            session.add(frozen_row(1))
    with store.transaction() as session:
        forget_old(session, date.fromisoformat(today))
        assert len(read_cold(session, "hansol-plastics", "web", (0, 2**40))) == left
