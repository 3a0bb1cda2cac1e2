"""Windows and exclusions: files of the workspace, signed by engineers, counted as the contract says."""

import json
import re
import shutil

import yaml
from dure.store.promise.months import customer_month
from dure.store.promise.tables import CorrectionLedger
from sqlalchemy import select

from tests.contract.promise.conftest import Bureau, in_both_stores

WINDOW = ("--from", "2026-06-11T10:00", "--to", "2026-06-11T11:00", "--name", "kernel", "--reason", "커널 보안 패치")
KT = (
    "--from",
    "2026-06-20T00:00",
    "--to",
    "2026-06-20T01:00",
    "--evidence",
    "KT notice 2026-0620",
    "--reason",
    "KT 장애",
)


def erp_of(bureau: Bureau) -> dict[str, int]:
    """Close June for Hansol, and return the ERP's seconds that windows and exclusions decide."""
    bureau.clock("2026-07-03T10:00")
    assert bureau.run("sla", "close", "2026-06", "hansol-plastics").code == 0
    found = customer_month(bureau.store(), "hansol-plastics", "2026-06")
    assert found is not None
    seconds = found.services[0].seconds
    return {"maintenance": seconds.maintenance, "excluded": seconds.excluded, "down": seconds.down}


@in_both_stores
def test_a_window_told_and_approved_in_time_is_taken_out(june: Bureau) -> None:
    june.clock("2026-06-05T09:00")
    added = june.run("window", "add", "hansol-plastics", *WINDOW, "--service", "erp")
    assert added.code == 0, added.stderr
    assert "windows/hansol-plastics/2026-06-11-kernel.yaml" in added.stdout
    assert "승인 대기" in june.run("window", "list", "--language", "ko").stdout
    assert june.run("window", "approve", "hansol-plastics", "2026-06-11-kernel").code == 0
    listed = june.run("window", "list", "hansol-plastics").stdout
    assert "2026-06-11 10:00 - 2026-06-11 11:00  erp: 커널 보안 패치 [approved; signed by kim-minsu]" in listed
    assert june.run("validate").stdout == "valid\n"
    # Of the hour from 10:30 the first half lies in the window; what overran it is downtime.
    assert erp_of(june) == {"maintenance": 3600, "excluded": 0, "down": 3600}
    shown = june.run("sla", "explain", "hansol-plastics", "erp", "2026-06").stdout
    assert "maintenance 2026-06-11 10:00:00 to 2026-06-11 11:00:00" in shown
    assert "is in order" in shown


def test_a_window_told_too_late_does_not_count_and_the_month_says_why(june: Bureau) -> None:
    june.clock("2026-06-10T09:00")
    june.run("window", "add", "hansol-plastics", *WINDOW)
    june.run("window", "approve", "hansol-plastics", "2026-06-11-kernel")
    assert erp_of(june) == {"maintenance": 0, "excluded": 0, "down": 5400}
    found = customer_month(june.store(), "hansol-plastics", "2026-06")
    assert found is not None
    assert [one.objection for one in found.services[0].detail.windows] == ["announced too late"]


def test_a_window_that_will_not_count_says_so_while_it_can_be_moved(june: Bureau) -> None:
    june.clock("2026-06-10T09:00")
    june.chain_at = 0
    added = june.run("window", "add", "hansol-plastics", *WINDOW, "--service", "erp")
    told = "will not count: told 25\u00a0h before its start, the contract wants 72\u00a0h"
    assert (added.code, told in added.stderr) == (0, True), added.stderr
    approved = june.run("window", "approve", "hansol-plastics", "2026-06-11-kernel", "--language", "ko")
    assert "시작 25시간 전에 알려서 인정되지 않습니다. 계약은 72시간 전에 알리도록 정합니다" in approved.stderr
    assert f"; {told}]" in june.run("window", "list", "hansol-plastics").stdout
    [listed] = json.loads(june.run("window", "list", "hansol-plastics", "--json").stdout)
    [doubt] = listed["doubts"]
    assert (doubt["service"], doubt["why"], doubt["counted"]) == ("erp", "announced too late", 0)


def test_a_window_over_the_cap_says_how_much_of_it_will_count(june: Bureau) -> None:
    june.clock("2026-06-05T09:00")
    june.chain_at = 0
    june.run("window", "add", "hansol-plastics", *WINDOW)
    june.run("window", "approve", "hansol-plastics", "2026-06-11-kernel")
    night = ("--from", "2026-06-13T22:00", "--to", "2026-06-14T03:00", "--name", "long", "--reason", "서버 교체")
    first = june.run("window", "add", "hansol-plastics", *night, "--check")
    told = "only 3\u00a0h of 5\u00a0h will count: the month's cap is 4\u00a0h"
    assert (first.code, told in first.stderr) == (3, True), first.stderr
    june.run("window", "add", "hansol-plastics", *night)
    lines = june.run("window", "list", "hansol-plastics").stdout.splitlines()
    assert (told in lines[0], told in lines[1]) == (False, True)


def test_a_late_approval_counts_once_two_engineers_have_signed_it(june: Bureau) -> None:
    june.clock("2026-06-05T09:00")
    june.run("window", "add", "hansol-plastics", *WINDOW)
    june.clock("2026-06-12T09:00")
    first = june.run("window", "approve", "hansol-plastics", "2026-06-11-kernel")
    assert "a second engineer must sign this correction" in first.stderr
    again = june.run("window", "approve", "hansol-plastics", "2026-06-11-kernel")
    assert (again.code, "kim-minsu has approved it already" in again.stderr) == (4, True)
    june.sit("lee-jiwon")
    second = june.run("window", "approve", "hansol-plastics", "2026-06-11-kernel")
    assert "approved late, as a correction" in second.stderr
    assert erp_of(june) == {"maintenance": 3600, "excluded": 0, "down": 3600}


@in_both_stores
def test_a_window_approved_after_its_month_was_closed_changes_it_by_a_restatement_alone(june: Bureau) -> None:
    june.clock("2026-06-05T09:00")
    june.run("window", "add", "hansol-plastics", *WINDOW, "--service", "erp")
    assert erp_of(june)["maintenance"] == 0
    for engineer in ("kim-minsu", "lee-jiwon"):
        june.sit(engineer)
        assert june.run("window", "approve", "hansol-plastics", "2026-06-11-kernel").code == 0
    with june.store().transaction() as session:
        entries = [(one.month, one.kind, one.by) for one in session.scalars(select(CorrectionLedger))]
    assert entries == [("2026-06", "late_approval", "kim-minsu, lee-jiwon")]
    assert june.run("sla", "verify", "2026-06").code == 0
    june.run("sla", "restate", "2026-06", "hansol-plastics", "--reason", "승인이 늦었습니다")
    june.sit("kim-minsu")
    applied = june.run("sla", "restate", "2026-06", "hansol-plastics")
    assert "erp: maintenance +3,600 s, ast -3,600 s" in applied.stdout
    found = customer_month(june.store(), "hansol-plastics", "2026-06")
    assert found is not None
    assert (found.services[0].revision, found.services[0].seconds.maintenance) == (2, 3600)
    assert found.services[0].detail.windows[0].late


def test_one_late_signature_is_not_enough(june: Bureau) -> None:
    june.clock("2026-06-05T09:00")
    june.run("window", "add", "hansol-plastics", *WINDOW)
    june.clock("2026-06-12T09:00")
    june.run("window", "approve", "hansol-plastics", "2026-06-11-kernel")
    assert erp_of(june) == {"maintenance": 0, "excluded": 0, "down": 5400}


@in_both_stores
def test_an_approval_that_is_dated_back_is_late_and_says_so(june: Bureau) -> None:
    june.chain_at = june.at
    june.clock("2026-06-05T09:00")  # one engineer's clock is put back; the chain has the order of things
    june.run("window", "add", "hansol-plastics", *WINDOW)
    june.run("window", "approve", "hansol-plastics", "2026-06-11-kernel")
    listed = june.run("window", "list").stdout
    assert "taken as late: no audit link from before its start" in listed
    found = june.run("validate")
    assert (found.code, found.stdout) == (0, "valid\n"), "a clone that lacks the chain is valid all the same"
    assert "the approval of kim-minsu is not shown to be in time" in found.stderr
    assert "have a second engineer run `operator window approve hansol-plastics 2026-06-11-kernel`" in found.stderr
    assert erp_of(june) == {"maintenance": 0, "excluded": 0, "down": 5400}


@in_both_stores
def test_a_clock_put_back_for_one_link_gains_nothing(june: Bureau) -> None:
    june.run("exclude", "add", "hansol-plastics", *KT, "--name", "kt")  # a link of July
    june.clock("2026-06-05T09:00")
    june.run("window", "add", "hansol-plastics", *WINDOW)
    june.run("window", "approve", "hansol-plastics", "2026-06-11-kernel")
    assert "2026-06-11-kernel.yaml:1:1: the approval of kim-minsu" in june.run("validate").stderr


def test_a_clone_without_the_audit_chain_wants_a_second_signature(june: Bureau) -> None:
    june.clock("2026-06-05T09:00")
    june.run("window", "add", "hansol-plastics", *WINDOW)
    june.run("window", "approve", "hansol-plastics", "2026-06-11-kernel")
    assert june.run("validate").stdout == "valid\n"
    shutil.rmtree(june.root / ".dure")
    june.sit("kim-minsu")
    assert "is not shown to be in time" in june.run("validate").stderr
    june.sit("lee-jiwon")
    june.clock("2026-06-12T09:00")
    assert june.run("window", "approve", "hansol-plastics", "2026-06-11-kernel").code == 0
    assert june.run("validate").stderr == ""
    assert "late, by two" in june.run("window", "list").stdout


@in_both_stores
def test_a_window_approved_in_time_counts_also_after_a_month_was_closed(june: Bureau) -> None:
    june.chain_at = 0
    assert june.run("sla", "close", "2026-06", "hansol-plastics").code == 0
    window = ("--from", "2026-07-10T10:00", "--to", "2026-07-10T11:00", "--name", "kernel", "--reason", "패치")
    june.run("window", "add", "hansol-plastics", *window)
    assert june.run("window", "approve", "hansol-plastics", "2026-07-10-kernel").code == 0
    assert "[approved; signed by kim-minsu]" in june.run("window", "list", "hansol-plastics").stdout


def test_a_notice_that_is_dated_back_counts_from_when_the_chain_saw_it(june: Bureau) -> None:
    june.clock("2026-06-10T09:00")
    june.run("window", "add", "hansol-plastics", *WINDOW, "--announced", "2026-06-01T09:00")
    june.run("window", "approve", "hansol-plastics", "2026-06-11-kernel")
    assert erp_of(june) == {"maintenance": 0, "excluded": 0, "down": 5400}


def test_a_window_is_called_off_before_it_starts_and_not_after(june: Bureau) -> None:
    june.clock("2026-06-05T09:00")
    june.run("window", "add", "hansol-plastics", *WINDOW)
    june.run("window", "approve", "hansol-plastics", "2026-06-11-kernel")
    june.clock("2026-06-11T10:00")
    late = june.run("window", "cancel", "hansol-plastics", "2026-06-11-kernel")
    assert (late.code, "cannot be cancelled" in late.stderr) == (4, True)
    june.clock("2026-06-10T10:00")
    assert june.run("window", "cancel", "hansol-plastics", "2026-06-11-kernel").code == 0
    assert june.run("validate").stdout == "valid\n"
    assert "[취소" in june.run("window", "list", "--language", "ko").stdout
    june.clock("2026-06-10T11:00")
    refused = june.run("window", "approve", "hansol-plastics", "2026-06-11-kernel")
    assert (refused.code, "is cancelled" in refused.stderr) == (4, True)
    assert erp_of(june)["maintenance"] == 0


def test_an_agreement_that_was_changed_after_it_was_signed_is_refused_everywhere(june: Bureau) -> None:
    june.clock("2026-06-05T09:00")
    june.run("window", "add", "hansol-plastics", *WINDOW)
    june.run("window", "approve", "hansol-plastics", "2026-06-11-kernel")
    june.edit("windows/hansol-plastics/2026-06-11-kernel.yaml", "T02:00:00", "T04:00:00")
    found = june.run("validate")
    assert found.code == 2
    assert found.stdout == (
        "windows/hansol-plastics/2026-06-11-kernel.yaml:1:1: the signature of kim-minsu does not hold, because the "
        "file was changed after it was signed, or the key is none of theirs in operator.yaml. To mend: restore the "
        "file from git, or remove the approval and have kim-minsu approve it again\n"
    )
    june.clock("2026-07-03T10:00")
    closing = june.run("sla", "close", "2026-06", "hansol-plastics")
    assert (closing.code, "does not hold" in closing.stderr) == (2, True)


def test_a_signature_of_one_engineer_is_none_of_another(june: Bureau) -> None:
    june.run("exclude", "add", "hansol-plastics", *KT, "--name", "kt")
    june.run("exclude", "approve", "hansol-plastics", "2026-06-20-kt")
    file = june.root / "exclusions/hansol-plastics/2026-06-20-kt.yaml"
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    data["approvals"].append({**data["approvals"][0], "by": "lee-jiwon"})
    file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    found = june.run("validate")
    assert (found.code, "the signature of lee-jiwon does not hold" in found.stdout) == (2, True)


def test_a_key_under_two_engineers_is_refused(june: Bureau) -> None:
    file = june.root / "operator.yaml"
    text = file.read_text(encoding="utf-8")
    first, second = re.findall(r"ssh-ed25519 \S+", text)
    file.write_text(text.replace(second, first), encoding="utf-8")
    found = june.run("validate")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if "ssh-ed25519" in line]
    assert found.code == 2
    assert found.stdout.startswith(f"operator.yaml:{lines[1]}:")
    assert (
        f"a key of lee-jiwon is another engineer's too, because kim-minsu has it at line {lines[0]}, and two approvals "
        "are two people's. To mend: remove it from one of the two"
    ) in found.stdout
    assert june.run("exclude", "list").code == 2, "it counts nowhere"


def test_a_key_under_another_name_is_told_as_such(june: Bureau) -> None:
    june.run("exclude", "add", "hansol-plastics", *KT, "--name", "kt")
    june.keys = {**june.keys, "lee-jiwon": june.keys["kim-minsu"]}
    june.sit("lee-jiwon")
    found = june.run("exclude", "approve", "hansol-plastics", "2026-06-20-kt")
    assert (found.code, "your key is not lee-jiwon's" in found.stderr) == (4, True)


@in_both_stores
def test_one_evidence_of_a_supplier_is_proposed_for_every_customer_who_was_down(june: Bureau) -> None:
    proposed = june.run("exclude", "add", "--supplier", "KT", *KT, "--name", "kt", "--json")
    # Hansol hangs on KT too, but was not down in that hour.
    assert [(one["customer"], one["services"]) for one in json.loads(proposed.stdout)] == [
        ("mirae-bakery", ["internet"])
    ]
    assert june.run("exclude", "add", "--supplier", "KT", *KT, "--name", "kt").code == 0
    for engineer in ("kim-minsu", "lee-jiwon"):
        june.sit(engineer)
        assert june.run("exclude", "approve", "mirae-bakery", "2026-06-20-kt").code == 0
    assert "합의 완료; 서명 kim-minsu, lee-jiwon" in june.run("exclude", "list", "--language", "ko").stdout
    june.run("sla", "close", "2026-06", "mirae-bakery")
    found = customer_month(june.store(), "mirae-bakery", "2026-06")
    assert found is not None
    [internet] = found.services
    assert (internet.seconds.excluded, internet.seconds.down) == (3600, 0)
    assert internet.detail.exclusions[0].evidence == "KT notice 2026-0620"
    assert internet.detail.incidents[0].cause == "KT"


def test_an_exclusion_with_one_signature_does_not_count(june: Bureau) -> None:
    hour = ("--from", "2026-06-11T10:30", "--to", "2026-06-11T11:30", "--evidence", "e-mail", "--reason", "전원 작업")
    june.run("exclude", "add", "hansol-plastics", *hour, "--cause", "customer_power")
    june.run("exclude", "approve", "hansol-plastics", "2026-06-11-exclusion")
    assert erp_of(june) == {"maintenance": 0, "excluded": 0, "down": 5400}


def test_mistakes_on_the_command_line_are_told_with_their_mending(june: Bureau) -> None:
    back = ("--from", "2026-06-11T11:00", "--to", "2026-06-11T10:00")
    cases = (
        (("window", "add", "hansol-plastics", *back, "--reason", "x"), "the window holds no second"),
        (("window", "add", "hansol-plastics", *WINDOW, "--service", "erpp"), 'write "erp"'),
        (("window", "add", "hansol-plastics", *WINDOW[:-1], "\u0007"), "holds a control character"),
        (("window", "add", "saehan-accounting", *WINDOW), "saehan-accounting has no contract"),
        (("window", "approve", "hansol-plastics", "2026-06-11-kern"), "does not exist"),
        (("exclude", "add", *KT), "neither a customer nor --supplier is given"),
        (("exclude", "add", "--supplier", "SKB", *KT), 'unknown supplier "SKB"'),
        (("exclude", "add", "hansol-plastics", *KT, "--cause", "bad_luck"), "the contract names its causes"),
    )
    for arguments, words in cases:
        found = june.run(*arguments)
        assert (found.code, words in found.stderr) == (2, True), (arguments, found.stderr)


def test_agreements_of_nobody_and_of_unknown_services_are_found(june: Bureau) -> None:
    june.clock("2026-06-05T09:00")
    june.run("window", "add", "hansol-plastics", *WINDOW, "--service", "erp")
    file = june.root / "windows/hansol-plastics/2026-06-11-kernel.yaml"
    (june.root / "windows/hansol-plastic").mkdir()
    file.write_text(file.read_text(encoding="utf-8").replace("- erp", "- erpp"), encoding="utf-8")
    found = june.run("validate").stdout
    assert 'kernel.yaml:6:3: unknown service "erpp"' in found
    assert "windows/hansol-plastic:1:1: these agreements are of nobody" in found


def files(bureau: Bureau) -> dict[str, str]:
    """All agreements as they stand, and the audit log."""
    found = {
        str(file.relative_to(bureau.root)): file.read_text(encoding="utf-8")
        for name in ("windows", "exclusions")
        for file in (bureau.root / name).rglob("*.yaml")
    }
    return {**found, "audit": bureau.run("audit", "show").stdout}


def test_check_says_what_would_change_and_writes_nothing(june: Bureau) -> None:
    june.clock("2026-06-05T09:00")
    steps = (
        (("window", "add", "hansol-plastics", *WINDOW), "windows/hansol-plastics/2026-06-11-kernel.yaml would be"),
        (("window", "approve", "hansol-plastics", "2026-06-11-kernel"), "would be signed by kim-minsu"),
        (("window", "cancel", "hansol-plastics", "2026-06-11-kernel"), "would be cancelled"),
        (("exclude", "add", "hansol-plastics", *KT, "--name", "kt"), "that would be written"),
        (("exclude", "approve", "hansol-plastics", "2026-06-20-kt"), "would be signed by kim-minsu"),
    )
    for arguments, words in steps:
        before = files(june)
        checked = june.run(*arguments, "--check")
        assert (checked.code, words in checked.stdout) == (3, True), (arguments, checked.stdout, checked.stderr)
        assert files(june) == before
        done = june.run(*arguments)
        assert done.code == 0, done.stderr
        assert files(june) != before
    refused = june.run("exclude", "approve", "hansol-plastics", "2026-06-20-kt", "--check")
    assert refused.code == 4, "a check is refused where the command is"
