"""The thirty indicators of a closed month: measured from records, or with the reason of none; frozen and verified."""

import json
from datetime import datetime
from fractions import Fraction
from typing import Any

import pytest
from dure.runs.audit import append
from dure.runs.context import open_context
from dure.sla.indicators.catalogue import CATALOGUE
from dure.store.promise.months import IndicatorFact, customer_month
from dure.store.promise.record_tables import DriftHistory, RestoreRow
from dure.store.promise.tables import IndicatorValue
from dure.store.tables import Proof, Run, Step
from sqlalchemy import select, text

from tests.contract.promise.conftest import Bureau, in_both_stores
from tests.contract.promise.test_records import example

CUSTOMER = "hansol-plastics"
SITE = f"{CUSTOMER}/ansan"


def at(moment: str) -> datetime:
    return datetime.fromisoformat(f"{moment}+09:00")


def close(bureau: Bureau) -> None:
    found = bureau.run("sla", "close", "2026-06", CUSTOMER)
    assert found.code == 0, found.stderr


def facts(bureau: Bureau) -> dict[str, IndicatorFact]:
    month = customer_month(bureau.store(), CUSTOMER, "2026-06")
    assert month is not None
    return {one.indicator.key: one for one in month.indicators}


def run_row(name: str, kind: str, ended: str, state: str, request: dict[str, Any], reason: str = "upgrade") -> Run:
    return Run(
        id=name,
        kind=kind,
        site=SITE,
        engineer="kim-minsu",
        reason=reason,
        request=request,
        plan_digest="",
        state=state,
        started_at=at(ended),
        ended_at=at(ended),
        error="",
        cancel_by="",
        holder={},
    )


def step(run: str, name: str, state: str) -> Step:
    return Step(
        run=run,
        name=name,
        position=0,
        host=SITE,
        state=state,
        attempts=1,
        started_at=at("2026-06-01T10:00"),
        seconds=1.0,
        summary="",
        stops_at="",
    )


def left_by_work(bureau: Bureau) -> None:
    """Five runs: two well, one failed, one an hour before the outage of the 11th, one that changed nothing."""
    stacks = {"verb": "up", "sites": [SITE, "mirae-bakery/shop"], "approved_by": "kim-minsu"}
    with bureau.store().transaction() as session:
        session.add_all(
            [
                run_row("r1", "provision", "2026-06-02T10:00", "done", {}),
                run_row("r2", "stacks up", "2026-06-03T10:00", "done", stacks),
                run_row("r3", "provision", "2026-06-04T10:00", "failed", {}, reason=""),
                run_row("r4", "provision", "2026-06-11T09:30", "done", {}),
                run_row("r5", "stacks up", "2026-06-12T10:00", "done", stacks),
            ]
        )
        session.flush()
        session.add_all([step(one, "approve", "done") for one in ("r1", "r3", "r4")])
        session.add_all([step("r2", SITE, "done"), step("r5", SITE, "skipped")])
        session.add(
            Proof(
                run="r1",
                name="backup-restore",
                position=0,
                site=SITE,
                what="",
                expected="",
                seen="",
                ok=True,
                seconds=12.5,
                at=at("2026-06-02T10:10"),
            )
        )
        saved = at("2026-06-19T02:00")
        for run, took in (("restore-1", 600), ("restore-2", 90_000)):
            moment = at("2026-06-19T11:00")
            session.add(RestoreRow(run=run, site=SITE, at=moment, ok=True, seconds=took, snapshot_at=saved))
        for moment, drifted in (("2026-06-05T09:00", 3), ("2026-06-05T18:00", 0), ("2026-06-06T09:00", 2)):
            session.add(DriftHistory(site=SITE, at=int(at(moment).timestamp()), run="d", managed=50, drifted=drifted))


def test_a_month_has_all_thirty_each_with_a_value_or_a_reason(june: Bureau) -> None:
    close(june)
    found = facts(june)
    assert list(found) == [one.key for one in CATALOGUE]
    assert all((one.value is None) == bool(one.why) for one in found.values())
    assert all(one.digest for one in found.values())
    listed = june.run("sla", "explain", CUSTOMER, "indicators", "2026-06", "--language", "ko")
    assert listed.code == 0
    assert len(listed.stdout.splitlines()) == 30
    assert "17 first_response" in listed.stdout
    assert "값 없음, 가져온 문의 기록이 없습니다" in listed.stdout


def test_tickets_are_judged_on_the_business_clock(june: Bureau) -> None:
    june.run("import", "tickets", example(june, "tickets.csv"))
    close(june)
    found = facts(june)
    # HD-1045 waited 265 minutes and HD-1043 from 17:30 over a holiday to 9:30, which are 60 minutes.
    response = found["first_response"]
    assert (response.part, response.whole, response.verdict) == (4, 5, "observed")
    # HD-1045 took 26 hours of the clock; HD-1048 was still open when the closing day began, 17 hours later.
    request = found["request"]
    assert (request.part, request.whole, request.verdict) == (2, 4, "missed")
    assert (found["first_contact"].part, found["first_contact"].whole) == (3, 4)
    assert (found["reopen"].part, found["reopen"].whole) == (1, 4)
    assert (found["advice"].part, found["advice"].whole) == (1, 2)


def test_a_ticket_gives_its_incident_severity_cause_and_the_moment_it_was_noticed(june: Bureau) -> None:
    june.run("import", "tickets", example(june, "tickets.csv"))
    close(june)
    found = facts(june)
    incidents = json.loads(found["incidents"].basis)["incidents"]
    erp = next(one for one in incidents if one["service"] == "erp")
    assert (erp["severity"], erp["cause"]) == (1, "disk")
    assert found["mttd"].value == 4  # the outage began at 10:30, the ticket came at 10:34
    # Two hours within the four of severity 1, and the line's half hour within the eight of severity 2.
    assert (found["restored"].part, found["restored"].whole) == (2, 2)


def test_surveys_count_when_enough_people_answered(june: Bureau) -> None:
    june.run("import", "survey", example(june, "survey.csv"))
    close(june)
    found = facts(june)
    assert (found["information"].value, found["information"].part) == (Fraction(81, 20), 4)
    assert (found["satisfaction"].value, found["satisfaction"].verdict) == (4, "met")
    assert (found["intention"].verdict, found["intention"].why) == ("too few to judge", "too-few")
    assert (found["servqual"].part, found["servqual"].whole) == (0, 12)


def test_use_is_counted_without_services_of_fewer_than_three(june: Bureau) -> None:
    june.run("import", "usage", example(june, "usage.csv"))
    close(june)
    found = facts(june)["utilisation"]
    assert (found.value, found.part, found.whole) == (Fraction(3600, 44), 36, 44)


def test_work_of_dure_itself_is_measured_from_its_own_records(june: Bureau) -> None:
    left_by_work(june)
    context = open_context(june.root)
    for name, why in (("r1", "upgrade"), ("r2", "upgrade"), ("r3", ""), ("r4", "upgrade")):
        append(context, what="provision", where=SITE, why=why, result="done", run=name, plan="", commit="")
    rename_links(june)
    close(june)
    found = facts(june)
    # r3 failed, r4 was followed by the outage of the same morning; r5 changed nothing.
    assert (found["change"].part, found["change"].whole) == (2, 4)
    # r3 has no reason.
    assert (found["governance"].part, found["governance"].whole) == (3, 4)
    # The acceptance's proof and the quick restore; the other one took 25 hours.
    assert (found["restore_test"].value, found["restore_test"].verdict) == (2, "observed")
    # The last look of a day counts: 0 and 2 of 50 each.
    assert found["conformity"].value == 98
    assert june.run("sla", "verify", "2026-06", CUSTOMER).code == 0


def rename_links(bureau: Bureau) -> None:
    """Links are made now; the runs are of June: write them as made then."""
    with bureau.store().transaction() as session:
        for number, content in session.execute(text("SELECT number, content FROM audit")).all():
            entry = {**json.loads(content), "at": "2026-06-11T01:00:00+00:00"}
            plain = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            session.execute(text("UPDATE audit SET content = :c WHERE number = :n"), {"c": plain, "n": number})


def test_a_line_and_a_backup_are_measured_from_the_checks_that_look_at_them(june: Bureau) -> None:
    june.edit(
        f"customers/{CUSTOMER}.yaml",
        "- { id: line, interval_seconds: 60 }",
        "- { id: line, interval_seconds: 60, looks_at: link }",
    )
    file = june.root.parent / "backup.csv"
    file.write_text(
        "customer,check,from,to,state\n"
        f"{CUSTOMER},ansan/backup,2026-06-01T00:00:00+09:00,2026-06-10T00:00:00+09:00,UP\n"
        f"{CUSTOMER},ansan/backup,2026-06-10T00:00:00+09:00,2026-06-10T05:00:00+09:00,DOWN\n"
        f"{CUSTOMER},ansan/backup,2026-06-10T05:00:00+09:00,2026-06-30T00:00:00+09:00,UP\n"
    )
    assert june.run("sla", "import", file).code == 0
    close(june)
    found = facts(june)
    assert found["link"].value == Fraction(100 * (2_592_000 - 600), 2_592_000)
    # One day is not known and left out, one was bad.
    assert (found["backup"].part, found["backup"].whole, found["backup"].coverage) == (28, 29, Fraction(29, 30))
    assert june.run("sla", "verify", "2026-06", CUSTOMER).code == 0
    # What the contract says later is no reason to doubt the closed month.
    june.edit(f"customers/{CUSTOMER}.yaml", ", looks_at: link", "")
    assert june.run("sla", "verify", "2026-06", CUSTOMER).code == 0


def test_a_ticket_that_goes_on_after_the_close_leaves_the_closed_month_as_it_was(june: Bureau) -> None:
    file = example(june, "tickets.csv")
    june.run("import", "tickets", file)
    close(june)
    june.clock("2026-07-20T10:00")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("T17:20:00+09:00,,", "T17:20:00+09:00,2026-07-10T10:00:00+09:00,"), encoding="utf-8")
    assert "1 is changed" in june.run("import", "tickets", file).stdout
    found = june.run("sla", "verify", "2026-06", CUSTOMER)
    assert found.code == 0, found.stdout


def test_notes_of_patches_and_expiries_count_as_they_stand_at_the_close(june: Bureau) -> None:
    notes = june.root / "reports" / CUSTOMER / "2026-06.yaml"
    notes.parent.mkdir(parents=True)
    lines = (
        "patch: { hosts: 8, in_time: 7 }",
        "expiries:",
        "  - { kind: domain, name: hansol.example, day: 2026-06-30, renewed: 2026-06-10 }",
        "  - { kind: certificate, name: web, day: 2026-07-10, renewed: 2026-06-27 }",
        "  - { kind: licence, name: cad, day: 2026-12-31 }",
    )
    notes.write_text("\n".join(lines) + "\n", encoding="utf-8")
    close(june)
    found = facts(june)
    assert (found["patch"].value, found["patch"].verdict, found["patch"].source) == (
        Fraction(175, 2),
        "missed",
        "notes",
    )
    # The domain 20 days before its end, the certificate 13; the licence is not due yet.
    assert (found["renewal"].part, found["renewal"].whole) == (1, 2)
    notes.write_text("patch: { hosts: 8, in_time: 8 }\n", encoding="utf-8")
    assert june.run("sla", "verify", "2026-06", CUSTOMER).code == 0


def test_notes_that_cannot_be_read_hold_up_no_close(june: Bureau) -> None:
    notes = june.root / "reports" / CUSTOMER / "2026-06.yaml"
    notes.parent.mkdir(parents=True)
    notes.write_text("patch: [\n", encoding="utf-8")
    close(june)
    assert facts(june)["patch"].why == "notes-invalid"


def test_a_value_can_be_led_back_to_every_record(june: Bureau) -> None:
    june.run("import", "tickets", example(june, "tickets.csv"))
    close(june)
    found = june.run("sla", "explain", CUSTOMER, "indicator:first_response", "2026-06")
    assert found.code == 0, found.stderr
    assert "first response in time: 80.000 % (observed only); imported tickets" in found.stdout
    assert "= 80 % (4 of 5)" in found.stdout
    assert "id HD-1045, opened 2026-06-15 13:05:00" in found.stdout
    none = june.run("sla", "explain", CUSTOMER, "indicator:endpoint", "2026-06")
    assert "no value, no list of hosts of the month was imported (operator import endpoints)" in none.stdout
    wrong = june.run("sla", "explain", CUSTOMER, "indicator:respons", "2026-06")
    assert (wrong.code, 'write "indicator:response"' in wrong.stderr) == (2, True)
    assert june.run("sla", "explain", CUSTOMER, "indicators", "2026-05").code == 2


def test_indicators_are_explained_where_a_signed_window_has_to_be_looked_up(june: Bureau) -> None:
    june.clock("2026-06-25T10:00")
    part = ("--from", "2026-06-29T10:00", "--to", "2026-06-29T11:00", "--reason", "점검")
    june.run("window", "add", CUSTOMER, *part)
    assert june.run("window", "approve", CUSTOMER, "2026-06-29-maintenance").code == 0
    june.clock("2026-07-03T10:00")
    close(june)
    found = june.run("sla", "explain", CUSTOMER, "indicators", "2026-06")
    assert (found.code, len(found.stdout.splitlines())) == (0, 30), found.stderr


def test_verify_recomputes_values_and_tells_records_that_came_late(june: Bureau) -> None:
    close(june)
    assert june.run("sla", "verify", "2026-06", CUSTOMER).code == 0
    taken = june.run("import", "tickets", example(june, "tickets.csv"))
    assert "closed months concern them and stay as they are: hansol-plastics 2026-06" in taken.stderr
    found = june.run("sla", "verify", "2026-06", CUSTOMER)
    assert found.code == 3
    assert "hansol-plastics/indicator:request r1: records is frozen as none, computed as" in found.stdout
    assert facts(june)["request"].value is None
    assert june.run("sla", "explain", CUSTOMER, "indicators", "2026-06").code == 3


@pytest.mark.parametrize("column", ["value", "basis", "why", "verdict"])
def test_a_row_that_somebody_altered_below_the_trigger_is_found(june: Bureau, column: str) -> None:
    june.run("import", "tickets", example(june, "tickets.csv"))
    close(june)
    with june.store().transaction() as session:
        session.execute(text("DROP TRIGGER indicator_value_update"))
        [row] = session.scalars(select(IndicatorValue).where(IndicatorValue.indicator == "first_response"))
        changed = {"value": "100", "basis": row.basis.replace("HD-1045", "HD-1099"), "why": "x", "verdict": "met"}
        setattr(row, column, changed[column])
    found = june.run("sla", "verify", "2026-06", CUSTOMER)
    assert found.code == 3
    assert "hansol-plastics/indicator:first_response r1: digest is frozen as" in found.stdout


@in_both_stores
def test_the_report_lists_what_has_no_value_and_shows_open_cases_of_low_use(june: Bureau) -> None:
    usage = example(june, "usage.csv")
    kept = [line for line in usage.read_text(encoding="utf-8").splitlines() if ",2026-03," not in line]
    usage.write_text(
        "\n".join(kept)
        .replace("2026-01,20,16", "2026-05,20,16")
        .replace("2026-02,20,9", "2026-06,20,9")
        .replace("groupware,2026-05,20,14", "x1,2026-05,20,14")
        .replace("groupware,2026-06,20,15", "x1,2026-06,20,15")
        + "\n",
        encoding="utf-8",
    )
    taken = june.run("import", "usage", usage)
    assert "groupware: case of low utilisation opened with 2026-06" in taken.stdout, taken.stderr
    status = june.run("sla", "status", CUSTOMER)
    assert "use of groupware: Looked into since June 2026: it fell by 20 points or more in a month" in status.stdout
    assert "5 spare licences" in status.stdout
    [case] = json.loads(june.run("sla", "status", CUSTOMER, "--json").stdout)["use_cases"]
    assert (case["service"], case["opening"], case["cause_by"], case["late"]) == (
        "groupware",
        "fell",
        "2026-07-14",
        False,
    )
    close(june)
    data = json.loads(june.run("report", CUSTOMER, "--month", "2026-06", "--format", "json", "--output", "-").stdout)
    lacking = {one["number"]: one["why"]["en"] for one in data["lacking"]}
    assert lacking[12] == "no list of hosts of the month was imported"
    assert 28 not in lacking
    used = {one["service"]["ko"]: one for one in data["usage"]}
    assert used["groupware"]["low"] is True
    assert "2026년 6월부터 살펴보고 있습니다" in used["groupware"]["remark"]["ko"]
    assert used["cad"]["share"] is None


@in_both_stores
def test_records_that_came_late_change_a_closed_indicator_by_restatement_alone(june: Bureau) -> None:
    close(june)
    june.run("import", "tickets", example(june, "tickets.csv"))
    command = ("sla", "restate", "2026-06", CUSTOMER)
    proposed = june.run(*command, "--reason", "문의 기록이 늦게 왔습니다")
    assert "indicator request: none -> 50, not measured -> missed" in proposed.stdout, proposed.stderr
    june.sit("lee-jiwon")
    applied = june.run(*command)
    assert "revision 2, approved by kim-minsu, lee-jiwon" in applied.stdout
    assert facts(june)["request"].value == 50
    with june.store().transaction() as session:
        query = select(IndicatorValue).where(IndicatorValue.indicator == "request")
        assert [(one.revision, one.value) for one in session.scalars(query)] == [(1, None), (2, "50")]
    assert june.run("sla", "verify", "2026-06", CUSTOMER).code == 0
    assert june.run(*command, "--reason", "again").code == 4


@in_both_stores
def test_records_of_all_kinds_lead_to_a_closed_month_and_a_review(june: Bureau) -> None:
    for kind in ("tickets", "survey", "usage", "endpoints", "benefit"):
        file = example(june, f"{kind}.csv")
        assert june.run("import", kind, file).code == 0
        assert json.loads(june.run("import", kind, file, "--json").stdout)["changed"] == 0
    context = open_context(june.root)
    append(context, what="provision", where=SITE, why="upgrade", result="done", run="r0", plan="", commit="")
    close(june)
    month = customer_month(context.store, CUSTOMER, "2026-06")
    assert month is not None
    found = {one.indicator.key: one for one in month.indicators}
    assert (found["request"].part, found["request"].whole) == (2, 4)
    assert found["utilisation"].value == Fraction(3600, 44)
    assert (found["endpoint"].part, found["endpoint"].whole) == (113, 120)
    assert (found["net_benefit"].value, found["net_benefit"].verdict) == (535_000, "observed")
    assert june.run("sla", "verify", "2026-06", CUSTOMER).code == 0
    assert june.run("sla", "review", CUSTOMER, "--quarter", "2026-Q2").code == 0
    context.store.close()
