"""Acts that somebody with a hand in the database adds, signs anew or removes: no run signs them, verify names them."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from unittest import mock

import pytest
from dure.runs.audit import append
from dure.runs.context import open_context
from dure.runs.promise.sealing import acts_of_run, sealing_links
from dure.store.promise.seals import Act, MonthSeal, act_digest, entries_of_month, row_seal, run_digest, seal_rows
from dure.store.promise.tables import MonthFrozen
from sqlalchemy import select

from tests.contract.promise.conftest import Bureau
from tests.contract.promise.test_altered_rows import CUSTOMER, RESTATE, TABLES, closed, frozen, write

__all__ = ["closed", "frozen"]

CLOSE = ("sla", "close", "2026-06")
VERIFY = ("sla", "verify", "2026-06")
AUDIT = ("audit", "verify", "--offline")
WAIVE = ("sla", "waive", "2026-06", CUSTOMER, "erp", "--reason", "합의", "--evidence", "메일")
TWO = ("kim-minsu", "lee-jiwon")


def columns_of(row: MonthFrozen) -> dict[str, object]:
    return {one.name: getattr(row, one.name) for one in MonthFrozen.__table__.columns}


def insert_waiver(bureau: Bureau, act: Act) -> None:
    """A revision of the ERP without its credit, with all digests as Dure computes them."""
    with bureau.store().transaction() as session:
        [row] = session.scalars(select(MonthFrozen).where(MonthFrozen.fee == 300_000, MonthFrozen.month == "2026-06"))
        said = {"revision": act.revision, "waived": "고객이 동의함 (메일)", "reason": act.reason}
        said |= {"approvals": [*act.approvals], "closed_at": datetime.fromtimestamp(act.at, UTC)}
        made = MonthFrozen(**{**columns_of(row), **said, "act": 0, "seal": ""})
        seal_rows(session, CUSTOMER, "2026-06", act, {"erp": made}, [])


FORGED = Act(f"waiver {CUSTOMER} 2026-06-erp 2", "lee-jiwon", 1_783_100_000, 2, "고객이 동의함", TWO)


@pytest.mark.parametrize(
    "run", [FORGED.run, f"waiver {CUSTOMER} 2026-06-r2", f"restatement {CUSTOMER} 2026-06-r2", "close 2026-06 at 9"]
)
def test_no_close_signs_a_waiver_that_nobody_agreed_to(frozen: Bureau, run: str) -> None:
    insert_waiver(frozen, replace(FORGED, run=run))
    links = frozen.run("audit", "show").stdout
    found = frozen.run(*CLOSE)
    assert (found.code, "has no link in the audit chain" in found.stderr) == (4, True), found.stderr
    assert frozen.run("audit", "show").stdout == links
    verified = frozen.run(*VERIFY)
    assert verified.code == 3
    assert f"{CUSTOMER}/act 2 r2: agreement is frozen as {run}, computed as no agreement that two" in verified.stdout
    assert f"{CUSTOMER}/erp r2: agreement is frozen as " in verified.stdout
    assert frozen.run(*AUDIT).code == 3
    assert frozen.run(*WAIVE).code == 4
    for reader in (("report", CUSTOMER, "--month", "2026-06"), ("sla", "credits", "2026-06", CUSTOMER)):
        told = frozen.run(*reader)
        assert (told.code, "erp (revision 2) is not what was agreed" in told.stderr) == (4, True), told.stderr
    assert frozen.run("report", CUSTOMER, "--month", "2026-06", "--revision", "r1", "--json").code == 0


def test_a_row_that_no_act_lists_needs_an_agreement_too(frozen: Bureau) -> None:
    with frozen.store().transaction() as session:
        [row] = session.scalars(select(MonthFrozen).where(MonthFrozen.fee == 300_000))
        said = {"revision": 2, "waived": "x", "approvals": [*TWO], "act": 0, "seal": ""}
        session.add(MonthFrozen(**{**columns_of(row), **said}))
    verified = frozen.run(*VERIFY)
    assert (verified.code, f"{CUSTOMER}/erp r2: agreement" in verified.stdout) == (3, True), verified.stdout
    for reader in (("report", CUSTOMER, "--month", "2026-06"), ("sla", "credits", "2026-06", CUSTOMER)):
        told = frozen.run(*reader)
        assert (told.code, "erp (revision 2) is not as it was closed" in told.stderr) == (4, True), told.stderr


@pytest.mark.parametrize("engineers", [(), ("kim-minsu",)])
def test_agreements_that_are_not_signed_by_two_do_not_vouch(frozen: Bureau, engineers: tuple[str, ...]) -> None:
    for name in engineers:
        frozen.sit(name)
        assert frozen.run(*WAIVE).code == 0
    insert_waiver(frozen, replace(FORGED, reason="합의"))
    assert frozen.run(*CLOSE).code == 4
    assert f"{CUSTOMER}/act 2 r2: agreement" in frozen.run(*VERIFY).stdout


def waive(bureau: Bureau) -> None:
    for name in TWO:
        bureau.sit(name)
        assert bureau.run(*WAIVE).code == 0


def restate(bureau: Bureau) -> None:
    late = bureau.root.parent / "late.csv"
    row = f"{CUSTOMER},db,2026-06-18T14:00:00+09:00,2026-06-18T14:30:00+09:00,DOWN"
    late.write_text(f"customer,check,from,to,state\n{row}\n", encoding="utf-8")
    assert bureau.run("sla", "import", late).code == 0
    for name in TWO:
        bureau.sit(name)
        assert bureau.run(*RESTATE).code == 0


@pytest.mark.parametrize(("done", "module"), [(waive, "waiving"), (restate, "restate")])
def test_what_two_signed_before_a_run_was_killed_is_linked_by_the_next(
    frozen: Bureau, done: Callable[[Bureau], None], module: str
) -> None:
    with mock.patch(f"dure.runs.promise.{module}.record_run"):  # what kill -9 leaves: rows, and no link
        done(frozen)
    assert frozen.run(*AUDIT).code == 3
    assert frozen.run(*CLOSE).code == 0
    assert "frozen by a run that was broken off" in frozen.run("audit", "show").stdout
    assert frozen.run(*VERIFY).stdout == "2026-06: 3 services, all as closed\n"
    assert frozen.run(*AUDIT).code == 0


@pytest.mark.parametrize("column", ["fee = 1", "waived = 'x'", "verdict = 'MET'", "closed_by = 'lee-jiwon'"])
def test_a_close_that_was_killed_and_then_altered_is_not_linked(june: Bureau, column: str) -> None:
    with mock.patch("dure.runs.promise.close_command.record_run"):
        assert june.run(*CLOSE).code == 0
    free(june)
    seal_anew(june, column)
    found = june.run(*CLOSE)
    assert (found.code, "not what contract, agreements, spans and records give" in found.stderr) == (4, True)
    assert "no link says what it froze" in june.run(*AUDIT).stdout
    shown = june.run("audit", "show").stdout
    assert "1 services of 1 customers frozen by a run that was broken off" in shown, "the other customer's is linked"


def test_a_restatement_by_two_mends_a_month_with_a_forged_act(frozen: Bureau) -> None:
    insert_waiver(frozen, FORGED)
    for name in TWO:
        frozen.sit(name)
        found = frozen.run(*RESTATE)
        assert (found.code, "erp: altered in the database, frozen anew" in found.stdout) == (0, True), found.stderr
    assert "30,000" in frozen.run("sla", "credits", "2026-06", CUSTOMER).stdout
    told = frozen.run(*VERIFY).stdout.splitlines()
    assert [one.split(":")[0] for one in told] == [f"{CUSTOMER}/act 2 r2", f"{CUSTOMER}/erp r2"]
    assert frozen.run(*CLOSE).code == 0
    assert frozen.run(*WAIVE).code == 0


def free(bureau: Bureau) -> None:
    write(bureau, *(f"DROP TRIGGER {name}_{verb}" for name in TABLES for verb in ("update", "delete")))


def seal_anew(bureau: Bureau, change: str) -> str:
    """Alter the ERP's row and compute all digests again as Dure does; the run's name."""
    write(bureau, f"UPDATE month_frozen SET {change} WHERE fee = 300000")
    with bureau.store().transaction() as session:
        for row in session.scalars(select(MonthFrozen).where(MonthFrozen.customer == CUSTOMER)):
            row.seal = row_seal(row)
        session.flush()
        act = session.get_one(MonthSeal, (CUSTOMER, "2026-06", 1))
        act.digest = act_digest(act, entries_of_month(session, "2026-06", [CUSTOMER])[CUSTOMER, 1])
        return act.run


def test_a_second_link_of_a_run_does_not_replace_the_first(frozen: Bureau) -> None:
    run = seal_anew(frozen, "fee = 1")
    context = open_context(frozen.root)
    with context.store.transaction() as session:
        [link] = [one for _, one in sealing_links(session, "2026-06") if one.run == run]
        acts = acts_of_run(session, run)
        result = f"2026-06: again, sealed {run_digest(acts)}"
        listed = {f"{one.customer}/{one.number}": one.digest[:16] for one in acts}
    told = {"what": link.what, "where": link.where, "why": "", "plan": "", "commit": ""}
    append(context, **told, result=result, run=run, acts=listed)
    context.store.close()
    found = frozen.run(*VERIFY)
    assert (found.code, f"{CUSTOMER}/link {link.number} r0: {run} is frozen as" in found.stdout) == (3, True)
    assert "mirae-bakery" not in found.stdout
    assert frozen.run(*AUDIT).code == 3
    assert frozen.run(*CLOSE).code == 4


GONE = {
    "all rows and the act": ("month_frozen", "indicator_value", "month_seal"),
    "the act": ("month_seal",),
}


@pytest.mark.parametrize("tables", GONE.values(), ids=[*GONE])
def test_a_customer_of_whom_nothing_is_left_is_named_and_not_closed_again(
    frozen: Bureau, tables: tuple[str, ...]
) -> None:
    write(frozen, *(f"DELETE FROM {name} WHERE customer = '{CUSTOMER}'" for name in tables))
    found = frozen.run(*VERIFY, CUSTOMER)
    assert (found.code, f"{CUSTOMER}/link 3 r0: close 2026-06 at" in found.stdout) == (3, True), found.stdout
    assert frozen.run(*VERIFY, "mirae-bakery").code == 0
    before = frozen.run("audit", "show").stdout
    for options in ((), ("--check",)):
        again = frozen.run(*CLOSE, *options)
        assert (again.code, "not as the audit chain says" in again.stderr) == (4, True), again.stderr
    assert frozen.run("audit", "show").stdout == before
    assert CUSTOMER in frozen.run(*AUDIT).stdout


def test_rows_without_digests_in_a_month_that_is_linked_are_missed(frozen: Bureau) -> None:
    write(frozen, f"DELETE FROM month_seal WHERE customer = '{CUSTOMER}'")
    for name in ("month_frozen", "indicator_value"):
        write(frozen, f"UPDATE {name} SET act = 0, seal = '' WHERE customer = '{CUSTOMER}'")
    assert frozen.run(*VERIFY, CUSTOMER).code == 3
    assert frozen.run(*CLOSE).code == 4


def test_links_that_list_no_acts_concern_everybody_who_is_asked_about(frozen: Bureau) -> None:
    """As an older version wrote them."""
    with sqlite3.connect(frozen.root / ".dure" / "store.sqlite") as connection:
        connection.create_function("unlisted", 1, without_list)
        connection.execute("UPDATE audit SET content = unlisted(content) WHERE content LIKE '%sealed %'")
    write(frozen, *(f"DELETE FROM {name} WHERE customer = '{CUSTOMER}'" for name in GONE["all rows and the act"]))
    for name in (CUSTOMER, "mirae-bakery"):
        assert f"{name}/link 3 r0: close 2026-06 at" in frozen.run(*VERIFY, name).stdout
    assert frozen.run(*CLOSE).code == 4


def without_list(content: str) -> str:
    before, after = content.split('"acts":{', 1)
    return before + after.split("},", 1)[1]
