"""A frozen row that somebody altered in the database: refused by what reads it, found by verify, mended by restate."""

import json
import re
import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from dure.runs.context import open_context
from dure.runs.promise.verify import verify_months
from dure.store.packed import unpack
from dure.store.promise.frozen import Altered
from dure.store.promise.months import customer_month
from dure.store.promise.seals import MonthSeal, Row, act_digest, entries_of_month, row_seal, run_digest
from dure.store.promise.tables import IndicatorValue, MonthFrozen
from sqlalchemy import select

from tests.contract.promise.conftest import Bureau, opened

CUSTOMER = "hansol-plastics"
READERS = {
    "report": ("report", CUSTOMER, "--month", "2026-06", "--json"),
    "fleet": ("report", "--fleet", "--month", "2026-06", "--json"),
    "credits": ("sla", "credits", "2026-06", CUSTOMER, "--csv"),
    "explain": ("sla", "explain", CUSTOMER, "internet", "2026-06"),
    "explain an indicator": ("sla", "explain", CUSTOMER, "indicators", "2026-06"),
    "waive": ("sla", "waive", "2026-06", CUSTOMER, "erp", "--reason", "x", "--evidence", "y"),
}
RESTATE = ("sla", "restate", "2026-06", CUSTOMER, "--reason", "자료가 손상되었습니다")


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory, template: Path, keys: dict[str, tuple[Path, str]]) -> Path:
    """June is closed, and the database no longer refuses to change what is closed."""
    root = tmp_path_factory.mktemp("closed") / "workspace"
    shutil.copytree(template, root)
    found = opened(root, keys).run("sla", "close", "2026-06")
    assert (found.code, found.stderr) == (0, "")
    write(opened(root, keys), *(f"DROP TRIGGER {name}_{verb}" for name in TABLES for verb in ("update", "delete")))
    return root


@pytest.fixture
def frozen(tmp_path: Path, closed: Path, keys: dict[str, tuple[Path, str]]) -> Bureau:
    """A copy of it for each test."""
    shutil.copytree(closed, tmp_path / "workspace")
    return opened(tmp_path / "workspace", keys)


TABLES = ("month_frozen", "indicator_value", "month_seal")


def write(bureau: Bureau, *statements: str, values: Sequence[object] = ()) -> None:
    """What somebody with a hand in the database does; foreign keys do not stop them."""
    with sqlite3.connect(bureau.root / ".dure" / "store.sqlite") as connection:
        for one in statements:
            connection.execute(one, values)


def columns(table: type[Row]) -> list[tuple[type[Row], str]]:
    return [(table, one.name) for one in table.__table__.columns]


def other_value(table: type[Row], column: str, value: object) -> object:
    """Something else that the column could hold."""
    kind = table.__table__.columns[column].type.python_type
    if column == "approvals":
        return '["lee-jiwon"]'
    if column in ("detail", "change"):
        kept = json.loads(str(value or "null")) or {}
        return json.dumps({**(json.loads(unpack(kept)) if isinstance(kept, str) else kept), "blips": 99})
    if column == "closed_at":
        return "2020-01-01 00:00:00.000000"
    if column == "customer":
        return "saehan-accounting"
    if column in ("month", "period"):
        return "2026-04"
    if column == "indicator":
        return "patch-2"
    return int(str(value)) + 1000 if kind is int else f"{value or ''}1"


@pytest.mark.parametrize(("table", "column"), [*columns(MonthFrozen), *columns(IndicatorValue)])
def test_no_column_of_a_frozen_row_can_be_altered_unseen(frozen: Bureau, table: type[Row], column: str) -> None:
    name = table.__tablename__
    mine = "series = (SELECT id FROM series WHERE customer = 'hansol-plastics' AND kind = 'service' AND name = 'erp')"
    which = mine if table is MonthFrozen else "customer = 'hansol-plastics' AND indicator = 'coverage'"
    with sqlite3.connect(frozen.root / ".dure" / "store.sqlite") as connection:
        [before] = connection.execute(f"SELECT {column} FROM {name} WHERE {which}").fetchone()
    write(frozen, f"UPDATE {name} SET {column} = ? WHERE {which}", values=[other_value(table, column, before)])
    context = open_context(frozen.root)
    with pytest.raises(Altered, match="in the database: digest") as refusal:
        customer_month(context.store, CUSTOMER, "2026-06")
    assert refusal.value.exit_code == 4
    assert "operator sla restate 2026-06 hansol-plastics" in refusal.value.mend
    [verified] = verify_months(context, [CUSTOMER], "2026-06")
    assert {one.what for one in verified.differences} & {"row", "rows of that act"}
    context.store.close()


@pytest.mark.parametrize("reader", READERS)
def test_whatever_reads_the_row_refuses_it_by_name(frozen: Bureau, reader: str) -> None:
    assert frozen.run(*READERS[reader], *(("--check",) if reader == "waive" else ())).code in (0, 3)
    write(frozen, "UPDATE month_frozen SET fee = 1 WHERE fee = 300000")
    found = frozen.run(*READERS[reader])
    assert found.code == 4
    assert "operator sla restate 2026-06 hansol-plastics" in found.stderr
    assert "hansol-plastics 2026-06: erp (revision 1) is not as it was closed" in found.stderr


def test_the_month_before_is_looked_at_too(frozen: Bureau) -> None:
    assert frozen.run("sla", "close", "2026-05", "--accept-missing").code == 0
    assert frozen.run(*READERS["report"]).code == 0
    write(frozen, "UPDATE month_frozen SET verdict = 'MET' WHERE month = '2026-05'")
    assert "hansol-plastics 2026-05: " in frozen.run(*READERS["report"]).stderr


MOVED = (
    "UPDATE day_seconds SET down = down + CASE day WHEN '2026-06-11' THEN -60 ELSE 60 END, "
    "up = up - CASE day WHEN '2026-06-11' THEN -60 ELSE 60 END WHERE day IN ('2026-06-11', '2026-06-12')"
)
"""A minute of the strip stands at another day; its sums stay."""


@pytest.mark.parametrize(
    ("done", "told"),
    [
        ("DELETE FROM month_frozen WHERE fee = 300000", "act 1 is not all there"),
        ("DELETE FROM month_frozen", "act 1 is not all there"),
        ("DELETE FROM indicator_value WHERE indicator = 'coverage'", "act 1 is not all there"),
        ("DELETE FROM month_seal", "act 1 is not all there"),
        ("UPDATE month_frozen SET seal = '', act = 0, fee = 7 WHERE fee = 300000", "act 1 is not all there"),
        ("UPDATE series SET name = 'erq' WHERE kind = 'service' AND name = 'erp'", "act 1 is not all there"),
        ("UPDATE month_frozen SET detail = '{' WHERE fee = 300000", "cannot be read"),
        ("UPDATE day_seconds SET down = 0, up = up + down", "days of erp (revision 1) is not as it was closed"),
        (MOVED, "days of erp (revision 1) is not as it was closed"),
        ("UPDATE service_span SET state = 0", "timeline of erp (revision 1) is not as it was closed"),
    ],
)
def test_rows_that_are_gone_and_what_the_report_draws_are_missed(frozen: Bureau, done: str, told: str) -> None:
    write(frozen, done)
    found = frozen.run(*READERS["report"])
    assert (found.code, told in found.stderr) == (4, True), found.stderr
    assert "Traceback" not in found.stderr


def test_a_restatement_freezes_an_altered_row_anew(frozen: Bureau) -> None:
    write(frozen, "UPDATE month_frozen SET waived = 'x' WHERE fee = 300000")
    proposed = frozen.run(*RESTATE)
    assert "erp: altered in the database, frozen anew" in proposed.stdout, proposed.stderr
    frozen.sit("lee-jiwon")
    assert "revision 2, approved by" in frozen.run(*RESTATE).stdout
    assert frozen.run(*READERS["report"]).code == 0
    assert frozen.run(*READERS["credits"]).code == 0
    told = frozen.run("sla", "verify", "2026-06").stdout.splitlines()
    assert {one.split(":")[0] for one in told} == {f"{CUSTOMER}/erp r1"}, "what is there of revision 1 stays altered"
    old = frozen.run("sla", "explain", CUSTOMER, "erp", "2026-06", "--revision", "1")
    assert (old.code, "erp (revision 1) is not as it was closed" in old.stderr) == (4, True)


@pytest.mark.parametrize(
    "done",
    [
        "UPDATE indicator_value SET coverage = '1/2' WHERE indicator = 'coverage'",
        "UPDATE month_seal SET by = 'nobody'",
        "UPDATE service_span SET state = 0",
    ],
)
def test_a_restatement_mends_indicators_acts_and_what_is_drawn(frozen: Bureau, done: str) -> None:
    write(frozen, done + (" WHERE" if "WHERE" not in done else " AND") + " 1 = 1")
    assert frozen.run(*READERS["report"]).code == 4
    assert frozen.run(*RESTATE).code == 0
    frozen.sit("lee-jiwon")
    assert frozen.run(*RESTATE).code == 0
    assert frozen.run(*READERS["report"]).code == 0


def forged(bureau: Bureau) -> None:
    """The fee of one service, with every digest in the database computed again as Dure does it."""
    with bureau.store().transaction() as session:
        [row] = session.scalars(select(MonthFrozen).where(MonthFrozen.fee == 300_000))
        row.fee = 1
        row.seal = row_seal(row)
        session.flush()
        act = session.get_one(MonthSeal, (CUSTOMER, "2026-06", 1))
        act.digest = act_digest(act, entries_of_month(session, "2026-06", [CUSTOMER])[CUSTOMER, 1])


def test_whoever_computes_all_digests_anew_is_found_by_the_signed_link(frozen: Bureau) -> None:
    forged(frozen)
    assert frozen.run(*READERS["report"]).code == 0, "the database alone cannot know"
    found = frozen.run("sla", "verify", "2026-06", CUSTOMER)
    assert found.code == 3
    assert re.search(r"hansol-plastics/link 3 r0: close 2026-06 at \d+ is frozen as \w{64}, computed as", found.stdout)
    audit = frozen.run("audit", "verify", "--offline")
    assert (audit.code, "link 3: close 2026-06 at" in audit.stdout) == (3, True), audit.stdout


def test_a_link_that_is_forged_with_the_rows_lacks_the_signature(frozen: Bureau) -> None:
    with frozen.store().transaction() as session:
        before = run_digest(list(session.scalars(select(MonthSeal))))
    forged(frozen)
    with frozen.store().transaction() as session:
        after = run_digest(list(session.scalars(select(MonthSeal))))
    write(frozen, "UPDATE audit SET content = replace(content, ?, ?)", values=[before, after])
    found = frozen.run("sla", "verify", "2026-06", CUSTOMER)
    assert found.code == 3
    assert "is not signed by kim-minsu with a key of operator.yaml" in found.stdout


def test_the_audit_log_tells_a_customers_closed_month_by_who_when_and_digest(frozen: Bureau) -> None:
    shown = frozen.run("audit", "show", CUSTOMER).stdout
    link = re.search(
        r"kim-minsu  sla close all customers: 2026-06: 3 services of 2 customers frozen, sealed \w{64}", shown
    )
    assert link, shown
    digest = re.search(r"hansol-plastics 2026-06 act 1: 2 services, 30 indicators, digest (\w{64})", shown)
    assert digest, shown
    assert "mirae-bakery 2026" not in shown
    told = json.loads(frozen.run("audit", "show", CUSTOMER, "--json").stdout)
    assert told[-1]["froze"][0]["digest"] == digest[1]
    assert frozen.run("audit", "verify", "--offline").code == 0


def test_a_month_from_before_digests_were_kept_says_so(frozen: Bureau) -> None:
    for name in ("month_frozen", "indicator_value"):
        write(frozen, f"UPDATE {name} SET seal = '', act = 0")
    write(frozen, "DELETE FROM month_seal")
    write(frozen, "UPDATE audit SET content = replace(content, 'sealed', 'frozen')")
    assert "closed before digests of rows were kept" in frozen.run(*READERS["explain"]).stdout
    told = frozen.run("report", CUSTOMER, "--month", "2026-06", "--output", "-")
    assert (told.code, "요약값을 보관하기 전에 마감한 달입니다" in told.stdout) == (0, True)
    found = frozen.run("sla", "verify", "2026-06")
    assert (found.code, "3 services of it closed before digests were kept" in found.stdout) == (0, True), found.stdout
