"""A revision that nobody agreed to, with digests that fit: every view refuses it, and says so in the same words."""

import json
from pathlib import Path
from unittest import mock

import pytest
from dure.runs.promise import vouched
from dure.store.promise.seals import seal_rows
from dure.store.promise.tables import IndicatorValue
from sqlalchemy import select

from tests.contract.promise.conftest import Bureau
from tests.contract.promise.test_altered_rows import CUSTOMER, RESTATE, closed, frozen
from tests.contract.promise.test_forged_acts import FORGED, TWO, insert_waiver, waive

__all__ = ["closed", "frozen"]

OTHER = "mirae-bakery"
VIEWS = (
    ("report", CUSTOMER, "--month", "2026-06", "--json"),
    ("report", "--fleet", "--month", "2026-06", "--json"),
    ("sla", "explain", CUSTOMER, "erp", "2026-06"),
    ("sla", "explain", CUSTOMER, "indicators", "2026-06"),
    ("sla", "credits", "2026-06", CUSTOMER),
    ("sla", "credits", "2026-06"),
)


def write_all(bureau: Bureau, month: str = "2026-06") -> tuple[int, str, set[str]]:
    """`report --all`: exit code, what it complained of, and the customers whose files are there."""
    place = bureau.root.parent / "reports"
    done = bureau.run("report", "--all", "--month", month, "--format", "json", "--output", place)
    kept = {json.loads(one.read_text(encoding="utf-8"))["customer"] for one in place.glob("*.json")}
    return done.code, done.stderr, kept


def insert_indicator(bureau: Bureau) -> None:
    """An act that revises an indicator alone."""
    with bureau.store().transaction() as session:
        query = select(IndicatorValue).where(
            IndicatorValue.customer == CUSTOMER, IndicatorValue.indicator == "coverage"
        )
        [row] = session.scalars(query)
        said = {one.name: getattr(row, one.name) for one in IndicatorValue.__table__.columns}
        made = IndicatorValue(**{**said, "revision": 2, "act": 0, "seal": ""})
        seal_rows(session, CUSTOMER, "2026-06", FORGED, {}, [made])


@pytest.mark.parametrize("view", VIEWS, ids=" ".join)
def test_no_view_shows_a_revision_that_nobody_agreed_to(frozen: Bureau, view: tuple[str, ...]) -> None:
    assert frozen.run(*view).code == 0
    insert_waiver(frozen, FORGED)
    told = frozen.run(*view)
    assert (told.code, "verdict" in told.stdout) == (4, False), told.stderr
    assert f"{CUSTOMER} 2026-06: erp (revision 2) is not what was agreed" in told.stderr


def test_the_reports_of_the_others_are_written_all_the_same(frozen: Bureau) -> None:
    insert_waiver(frozen, FORGED)
    code, complaints, kept = write_all(frozen)
    assert (code, kept) == (1, {OTHER}), complaints
    assert f"error: {CUSTOMER}: " in complaints
    assert "erp (revision 2) is not what was agreed" in complaints


def test_an_indicator_needs_an_agreement_too(frozen: Bureau) -> None:
    insert_indicator(frozen)
    for view in VIEWS:
        told = frozen.run(*view)
        assert (told.code, "indicator:coverage (revision 2) is not what was agreed" in told.stderr) == (4, True), view


def test_a_month_that_is_shown_beside_another_one_is_looked_at_too(frozen: Bureau) -> None:
    frozen.clock("2026-08-05T10:00")
    assert frozen.run("sla", "close", "2026-07", "--accept-missing").code == 0
    assert write_all(frozen, "2026-07")[0] == 0
    insert_waiver(frozen, FORGED)
    for view in (("report", CUSTOMER, "--month", "2026-07", "--json"), ("report", "--fleet", "--month", "2026-07")):
        told = frozen.run(*view)
        assert (told.code, f"{CUSTOMER} 2026-06: erp (revision 2)" in told.stderr) == (4, True), told.stderr
    assert write_all(frozen, "2026-07")[0] == 1


def test_a_forged_revision_that_was_mended_is_named_and_not_told(frozen: Bureau) -> None:
    insert_waiver(frozen, FORGED)
    for name in TWO:
        frozen.sit(name)
        assert frozen.run(*RESTATE).code == 0
    told = frozen.run("report", CUSTOMER, "--month", "2026-06", "--json")
    assert told.code == 0
    note = f"note: {CUSTOMER} 2026-06: nobody agreed to revision 2, and a later one mended it"
    assert note in told.stderr
    forged, mended = json.loads(told.stdout)["corrections"]
    assert (forged["revision"], forged["agreed"], forged["reason"], forged["approvals"]) == (2, False, "", [])
    assert (mended["revision"], mended["agreed"], mended["reason"]) == (3, True, RESTATE[-1])
    assert mended["changes"] == [], "it is compared with the first, and gives what that gave"
    for language, words in (("ko", "두 사람이 승인한 기록이 없는 판입니다"), ("en", "It counts as tampering")):
        page = frozen.run("report", CUSTOMER, "--month", "2026-06", "--language", language, "--output", "-").stdout
        assert words in page.split('id="corrections"')[1].split("</section>")[0]
        assert FORGED.reason not in page
    code, complaints, kept = write_all(frozen)
    assert (code, kept) == (0, {CUSTOMER, OTHER})
    assert note in complaints
    written = next(Path(frozen.root.parent, "reports").glob(f"{CUSTOMER}*.json")).read_text(encoding="utf-8")
    assert written == told.stdout


def test_agreements_are_read_once_for_whom_something_was_agreed_and_for_nobody_else(frozen: Bureau) -> None:
    with mock.patch.object(vouched, "load_book", wraps=vouched.load_book) as read:
        assert write_all(frozen)[0] == 0
        assert read.call_count == 0
        waive(frozen)
        read.reset_mock()
        assert write_all(frozen)[0] == 0
        assert [one.args[1] for one in read.call_args_list] == [CUSTOMER]
