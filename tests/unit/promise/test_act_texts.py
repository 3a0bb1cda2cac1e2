"""Texts that an act keeps for its rows: read as if they stood in them, in both databases, and never altered unseen."""

import json
import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from dure.store import database
from dure.store.database import Store, StoreFailed
from dure.store.promise.act_texts import ActText, pack_texts, unpack_texts
from dure.store.promise.frozen import Altered, newest_indicators, newest_rows
from dure.store.promise.months import customer_month
from dure.store.promise.seals import Act, row_seal, seal_rows
from dure.store.promise.tables import IndicatorValue, MonthFrozen, Series, SpanRow
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from tests.unit.promise.frozen_row import DETAIL, frozen_row
from tests.unit.promise.test_seals import ACT, CUSTOMER, MONTH, indicator, seal
from tests.unit.promise.test_store import server, store

__all__ = ["server", "store"]

LINES = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]))
FREE = {
    "sqlite": "DROP TRIGGER act_text_{verb}",
    "postgresql": "ALTER TABLE act_text DISABLE TRIGGER ALL",
}


@pytest.fixture
def sealed(store: Store) -> Store:
    with store.transaction() as session:
        seal(session)
    return store


@given(st.dictionaries(LINES, LINES, min_size=1))
def test_texts_come_out_as_they_went_in(texts: dict[str, str]) -> None:
    assert unpack_texts(pack_texts(texts)) == texts


@pytest.mark.parametrize("spoil", [slice(0, -3), slice(1, None), slice(0, 1)])
def test_damaged_texts_are_none(spoil: slice) -> None:
    with pytest.raises(ValueError, match="the texts of an act"):
        unpack_texts(pack_texts({"coverage basis": "".join(map(chr, range(200, 700)))})[spoil])


def test_a_row_has_its_texts_whether_they_stand_in_it_or_with_its_act(sealed: Store) -> None:
    with sealed.transaction() as session:
        raw = session.execute(text("SELECT detail, policy_text FROM month_frozen")).one()
        assert (raw[0] if isinstance(raw[0], dict) else json.loads(raw[0]), raw[1]) == ({}, "")
        assert session.execute(text("SELECT basis FROM indicator_value")).scalar_one() == ""
        [row], [value] = newest_rows(session, MONTH, None), newest_indicators(session, MONTH, None)
        assert (row.detail["blips"], row.policy_text, value.basis) == (DETAIL.blips, "{}", '{"figures":[]}')
        session.refresh(value)
        assert value.basis == '{"figures":[]}', "also when it is read again"


def test_many_bases_that_repeat_each_other_are_kept_in_pieces_and_small(store: Store) -> None:
    incidents = [{"end": 1_783_319_566 + at * 7919, "start": 1_783_319_421 + at * 7907} for at in range(200)]
    bases = {f"indicator-{number}": json.dumps({"incidents": incidents, "limit": number}) for number in range(9)}
    with store.transaction() as session:
        seal_rows(session, CUSTOMER, MONTH, ACT, {}, [named(key, basis) for key, basis in bases.items()])
    with store.transaction() as session:
        pieces = session.scalars(select(ActText.packed)).all()
        assert len(pieces) > 1
        assert sum(map(len, pieces)) < len(bases["indicator-0"]) < sum(map(len, bases.values())) / 8
        assert {one.indicator: one.basis for one in newest_indicators(session, MONTH, None)} == bases


def named(key: str, basis: str) -> IndicatorValue:
    row = indicator()
    row.indicator, row.basis = key, basis
    return row


def test_a_later_act_keeps_its_own_texts(sealed: Store) -> None:
    with sealed.transaction() as session:
        series = session.scalars(select(MonthFrozen.series)).one()
        later = frozen_row(series, MONTH, 2)
        later.policy_text = '{"fee":1}'
        seal_rows(session, CUSTOMER, MONTH, Act("restatement r", "lee-jiwon", 1, 2), {"files": later}, [])
    with sealed.transaction() as session:
        rows = session.scalars(select(MonthFrozen).order_by(MonthFrozen.revision)).all()
        assert [one.policy_text for one in rows] == ["{}", '{"fee":1}']
        assert [row_seal(one) == one.seal for one in rows] == [True, True]


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_texts_can_neither_be_changed_nor_removed_and_who_does_it_yet_is_found(sealed: Store, verb: str) -> None:
    done = delete(ActText) if verb == "delete" else update(ActText).values(packed=pack_texts({"1 r1 detail": "{}"}))
    refused = pytest.raises(StoreFailed, match="what is kept of a closed month never changes")
    with refused, sealed.transaction() as session:
        session.execute(done)
    with sealed.transaction() as session:
        session.execute(text(FREE[sealed.engine.dialect.name].format(verb=verb)))
        session.execute(done)
    with pytest.raises(Altered, match=r"is not as it was closed") as refusal:
        customer_month(sealed, CUSTOMER, MONTH)
    assert "operator sla restate" in refusal.value.mend


def frozen_before(session: Session) -> None:
    """A sealed month as the version before wrote it: its texts in its own columns."""
    series = Series(customer=CUSTOMER, kind="service", name="files")
    session.add(series)
    session.flush()
    row, value = frozen_row(series.id, MONTH), indicator()
    for one in (row, value):
        one.act = 1
        one.seal = row_seal(one)
        session.add(one)
    session.add(SpanRow(series=series.id, start=1, end=2, state=0, samples=1, cause="sample", revision=1))


def test_a_store_of_the_version_before_is_read_as_it_is_and_stays_protected(store: Store) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0008")
    with Session(store.engine) as session, session.begin():
        frozen_before(session)
    digest = "ab" * 32
    with store.engine.begin() as connection:
        insert = "INSERT INTO indicator_value SELECT customer, 'patch', period, revision, value, part, whole, target, "
        rest = "verdict, coverage, source, why, basis, :digest, change, act, seal FROM indicator_value"
        connection.execute(text(insert + rest), {"digest": digest})
        connection.execute(text("UPDATE span SET cause = 'sample'"))
    with store.transaction() as session:
        [row] = newest_rows(session, MONTH, None)
        values = {one.indicator: one for one in newest_indicators(session, MONTH, None)}
        assert (row_seal(row), row_seal(values["coverage"])) == (row.seal, values["coverage"].seal)
        assert (values["patch"].digest, session.scalars(select(SpanRow.cause)).one()) == (digest, "sample")
    refused = pytest.raises(StoreFailed, match="an indicator of a closed month never changes")
    with refused, store.transaction() as session:
        session.execute(update(IndicatorValue).values(value="1"))


def test_sqlite_keeps_digests_and_words_in_few_bytes(tmp_path: Path) -> None:
    opened = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with opened.transaction() as session:
        seal(session)
        session.add(SpanRow(series=1, start=1, end=2, state=0, samples=1, cause="given", revision=1))
    opened.close()
    with sqlite3.connect(tmp_path / "store.sqlite") as connection:
        assert connection.execute("SELECT length(seal), typeof(seal) FROM month_frozen").fetchone() == (32, "blob")
        assert connection.execute("SELECT cause FROM span").fetchone() == ("g",)
