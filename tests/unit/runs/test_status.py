"""`operator status`: what needs somebody comes first, and each verdict says why."""

from datetime import UTC, datetime, timedelta

import pytest
from dure.runs.context import Context
from dure.runs.status import status_of
from dure.store.tables import Proof, Run, Site

from tests.unit.runs.conftest import Office

PROOFS = {"good": [True, True], "bad": [True, False], "none": []}
# Site -> how its last run stands, and its last proof; the names say nothing of the order that is expected.
SITES = {
    "a-bakery/busan": ("done", "good"),
    "b-clinic/seoul": ("cancelled", "good"),
    "c-works/ansan": ("open", "good"),
    "d-office/seocho": ("done", "none"),
    "e-school/suwon": ("failed", "good"),
    "f-hotel/jeju": ("done", "bad"),
    "g-studio/mapo": ("open", "none"),
    "h-press/paju": ("closed", "good"),
}


def register(context: Context, site: str, state: str, proof: str) -> None:
    """A site with an older run that went well, and its last one."""
    customer, now = site.partition("/")[0], datetime.now(UTC)
    with context.store.transaction() as session:
        session.add(
            Site(
                id=site, customer=customer, customer_name=customer, blueprint="hybrid-server", topology="beside",
                overlay="", plan_digest="", applied_commit="", registered_at=now, updated_at=now,
            )
        )  # fmt: skip
        for number, (outcome, hours) in enumerate([("done", 48), (state, 1)]):
            session.add(
                Run(
                    id=f"{site}-{number}", kind="provision", site=site, engineer="kim-minsu", reason="", request={},
                    plan_digest="", state=outcome, started_at=now - timedelta(hours=hours), error="", cancel_by="",
                    holder={},
                )
            )  # fmt: skip
        session.flush()
        for position, ok in enumerate(PROOFS[proof]):
            session.add(
                Proof(
                    run=f"{site}-1", name=f"row-{position}", position=position, site=site, what=f"row {position}",
                    expected="", seen="", ok=ok, seconds=0.1, at=now - timedelta(minutes=30),
                )
            )  # fmt: skip


@pytest.fixture
def fleet(office: Office) -> Context:
    for site, (state, proof) in SITES.items():
        register(office.minsu, site, state, proof)
    return office.minsu


def test_the_worst_comes_first_and_equals_by_their_names(fleet: Context) -> None:
    assert [(row.verdict, row.site) for row in status_of(fleet, "")] == [
        ("failed", "e-school/suwon"),
        ("failed", "f-hotel/jeju"),
        ("unproven", "d-office/seocho"),
        ("unproven", "g-studio/mapo"),
        ("running", "c-works/ansan"),
        ("cancelled", "b-clinic/seoul"),
        ("ok", "a-bakery/busan"),
        ("ok", "h-press/paju"),
    ]


def test_the_words_name_the_last_run_and_the_rows_that_are_not_as_expected(fleet: Context) -> None:
    rows = {row.site: row for row in status_of(fleet, "")}
    assert rows["f-hotel/jeju"].words == "f-hotel; last run f-hotel/jeju-1 done; not proven: row 1"
    assert rows["f-hotel/jeju"].failed_rows == ["row 1"]
    assert rows["a-bakery/busan"].words.endswith("proven 30 min ago")
    assert rows["d-office/seocho"].words.endswith("; not proven")


def test_a_newer_proof_takes_the_place_of_one_that_failed(fleet: Context) -> None:
    with fleet.store.transaction() as session:
        session.add(
            Proof(
                run="f-hotel/jeju-0", name="row-0", position=0, site="f-hotel/jeju", what="row 0", expected="", seen="",
                ok=True, seconds=0.1, at=datetime.now(UTC),
            )
        )  # fmt: skip
    assert {row.site: row.verdict for row in status_of(fleet, "f-hotel")} == {"f-hotel/jeju": "ok"}


def test_a_restore_that_failed_says_nothing_of_how_the_site_stands(fleet: Context) -> None:
    with fleet.store.transaction() as session:
        session.add(
            Run(
                id="restore-1", kind="restore", site="a-bakery/busan", engineer="kim-minsu", reason="", request={},
                plan_digest="", state="failed", started_at=datetime.now(UTC), error="", cancel_by="", holder={},
            )
        )  # fmt: skip
    (row,) = status_of(fleet, "a-bakery/busan")
    assert (row.verdict, row.last_run) == ("ok", "a-bakery/busan-1")
