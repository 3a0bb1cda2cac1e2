"""An engineer leaves: what they signed keeps counting where it is shown to be from before, and they sign no more."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.contract.command import operator
from tests.contract.promise.conftest import Bureau, in_both_stores

KT = ("--from", "2026-06-20T00:00", "--to", "2026-06-20T01:00", "--evidence", "KT notice", "--reason", "KT 장애")
FILE = "exclusions/hansol-plastics/2026-06-20-kt.yaml"
UNSHOWN = f"{FILE}:1:1: nothing shows that lee-jiwon signed it by 2026-06-30, their last day"
EXAMPLE = Path(__file__).parents[3] / "examples" / "hanbit-it"


def days(bureau: Bureau, name: str, **given: str) -> None:
    """Write `from` and `until` of an engineer into operator.yaml."""
    file = bureau.root / "operator.yaml"
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    for one in data["engineers"]:
        if one["id"] == name:
            one |= given
    file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")


def agree(bureau: Bureau, moment: str = "2026-06-22T09:00") -> None:
    """Both engineers sign that KT's disturbance does not count."""
    bureau.clock(moment)
    bureau.chain_at = 0
    assert bureau.run("exclude", "add", "hansol-plastics", *KT, "--name", "kt").code == 0
    for name in ("lee-jiwon", "kim-minsu"):
        bureau.sit(name)
        assert bureau.run("exclude", "approve", "hansol-plastics", "2026-06-20-kt").code == 0


def commit(bureau: Bureau, moment: str) -> None:
    """All files of the workspace, as a commit that says that moment of Seoul."""
    at = f"{moment}:00+09:00"
    who = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at, "GIT_CONFIG_GLOBAL": os.devnull}
    name = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    for command in (("init", "-q"), ("add", "-A", ":!.dure"), (*name, "commit", "-qm", "x", "--allow-empty")):
        subprocess.run(["git", "-C", bureau.root, *command], check=True, env={**os.environ, **who})


def forget_chain(bureau: Bureau) -> None:
    """A clone on another workstation, whose store never saw the approvals."""
    shutil.rmtree(bureau.root / ".dure")
    bureau.sit("kim-minsu")


@in_both_stores
def test_what_somebody_signed_before_they_left_keeps_counting(june: Bureau) -> None:
    agree(june)
    days(june, "lee-jiwon", until="2026-06-30")
    june.clock("2026-07-03T10:00")
    assert june.run("validate").stdout == "valid\n"
    assert june.run("sla", "close", "2026-06", "hansol-plastics").code == 0
    assert june.run("sla", "verify", "2026-06").code == 0
    assert june.run("audit", "verify", "--offline").code == 0
    listed = june.run("exclude", "list", "hansol-plastics").stdout
    assert "[agreed; signed by lee-jiwon, kim-minsu]" in listed


def test_a_signature_from_after_the_last_day_counts_nowhere(june: Bureau) -> None:
    agree(june, "2026-07-01T00:00")
    days(june, "lee-jiwon", until="2026-06-30")
    told = june.run("validate")
    expected = f"{FILE}:1:1: lee-jiwon did not work here when they signed it at 2026-06-30T15:00:00+00:00, because"
    assert (told.code, told.stdout.startswith(expected)) == (2, True), told.stdout
    assert "operator.yaml has them until 2026-06-30" in told.stdout
    assert june.run("sla", "close", "2026-06", "hansol-plastics").code == 2
    days(june, "lee-jiwon", until="2026-07-01")
    assert june.run("validate").stdout == "valid\n", "the last day counts to its end in Seoul"


def test_a_signature_from_before_the_first_day_counts_nowhere(june: Bureau) -> None:
    agree(june)
    days(june, "lee-jiwon", **{"from": "2026-06-23"})
    assert "lee-jiwon did not work here when they signed it" in june.run("validate").stdout
    days(june, "lee-jiwon", **{"from": "2026-06-22"})
    assert june.run("validate").stdout == "valid\n"


def test_who_has_left_signs_nothing_and_enrols_nothing(june: Bureau) -> None:
    june.clock("2026-06-22T09:00")
    june.run("exclude", "add", "hansol-plastics", *KT, "--name", "kt")
    kernel = ("--from", "2026-07-10T10:00", "--to", "2026-07-10T11:00", "--name", "kernel", "--reason", "패치")
    june.run("window", "add", "hansol-plastics", *kernel)
    days(june, "lee-jiwon", until="2026-06-30")
    june.sit("lee-jiwon")
    june.clock("2026-06-30T23:59")
    assert june.run("exclude", "approve", "hansol-plastics", "2026-06-20-kt", "--check").code in (0, 3)
    june.clock("2026-07-01T00:00")
    before = (june.root / FILE).read_bytes()
    enrol = ("enrol", "hansol-plastics/ansan", "--address", "203.0.113.7", "--fingerprint", "SHA256:x")
    for command in (
        ("exclude", "approve", "hansol-plastics", "2026-06-20-kt"),
        ("window", "add", "hansol-plastics", *KT[:4], "--name", "w", "--reason", "패치"),
        ("window", "cancel", "hansol-plastics", "2026-07-10-kernel"),
        enrol,
    ):
        told = june.run(*command)
        assert (told.code, "lee-jiwon does not work here any more" in told.stderr) == (4, True), (command, told.stderr)
        assert "operator.yaml" in told.stderr
    assert (june.root / FILE).read_bytes() == before
    june.clock("2026-07-03T10:00")
    assert june.run("sla", "close", "2026-06", "hansol-plastics").code == 4
    assert [one.name for one in (june.root / "windows/hansol-plastics").iterdir()] == ["2026-07-10-kernel.yaml"]


def test_who_has_not_begun_signs_nothing_either(june: Bureau) -> None:
    days(june, "lee-jiwon", **{"from": "2026-08-01"})
    june.sit("lee-jiwon")
    told = june.run("sla", "close", "2026-06", "hansol-plastics")
    assert (told.code, "lee-jiwon does not work here yet" in told.stderr) == (4, True)


@in_both_stores
def test_a_clock_that_is_put_back_after_leaving_gains_nothing(june: Bureau) -> None:
    days(june, "lee-jiwon", until="2026-06-30")
    agree(june)
    forged = june.root / FILE
    data = yaml.safe_load(forged.read_text(encoding="utf-8"))
    data["approvals"] = []
    forged.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    june.clock("2026-07-03T10:00")  # a link of July is in the chain
    june.sit("kim-minsu")
    assert june.run("exclude", "approve", "hansol-plastics", "2026-06-20-kt").code == 0
    june.sit("lee-jiwon")
    june.clock("2026-06-29T10:00")
    assert june.run("exclude", "approve", "hansol-plastics", "2026-06-20-kt").code == 0, "their own clock believes them"
    june.clock("2026-07-03T11:00")
    june.sit("kim-minsu")
    told = june.run("validate")
    assert (told.code, UNSHOWN in told.stdout) == (2, True), told.stdout
    audited = june.run("audit", "verify", "--offline")
    assert (audited.code, "follows a link of after 2026-06-30" in audited.stdout) == (3, True), audited.stdout


def test_a_clone_believes_what_git_had_on_the_last_day(june: Bureau) -> None:
    agree(june)
    commit(june, "2026-06-29T18:00")
    days(june, "lee-jiwon", until="2026-06-30")
    commit(june, "2026-07-02T09:00")
    forget_chain(june)
    june.clock("2026-07-03T10:00")
    told = june.run("validate")
    assert (told.code, told.stdout) == (0, "valid\n")


@pytest.mark.parametrize("moments", [(), ("2026-07-01T00:00",), ("2026-07-02T09:00", "2026-06-29T18:00")])
def test_a_clone_that_git_shows_nothing_in_time_believes_nothing(june: Bureau, moments: tuple[str, ...]) -> None:
    """No repository; committed too late; a commit that is dated back and follows a later one."""
    days(june, "lee-jiwon", until="2026-06-30")
    for moment in moments[:-1]:
        commit(june, moment)
    agree(june)
    for moment in moments[-1:]:
        commit(june, moment)
    forget_chain(june)
    june.clock("2026-07-03T10:00")
    told = june.run("validate")
    assert (told.code, UNSHOWN in told.stdout) == (2, True), told.stdout
    assert "neither this store's audit chain nor the git history has it" in told.stdout
    assert "have another engineer approve it" in told.stdout


def test_all_kinds_of_agreements_are_seen_by_the_chain(june: Bureau) -> None:
    june.chain_at = 0
    waive = ("sla", "waive", "2026-06", "hansol-plastics", "erp", "--reason", "합의", "--evidence", "메일")
    assert june.run("sla", "close", "2026-06", "hansol-plastics").code == 0
    window = ("--from", "2026-07-10T10:00", "--to", "2026-07-10T11:00", "--name", "kernel", "--reason", "패치")
    assert june.run("window", "add", "hansol-plastics", *window).code == 0
    assert june.run("window", "approve", "hansol-plastics", "2026-07-10-kernel").code == 0
    assert june.run("window", "cancel", "hansol-plastics", "2026-07-10-kernel").code == 0
    assert june.run(*waive).code == 0
    june.sit("lee-jiwon")
    assert june.run(*waive).code == 0
    days(june, "kim-minsu", until="2026-07-03")
    june.clock("2026-08-04T10:00")
    assert june.run("validate").stdout == "valid\n"
    assert june.run("sla", "verify", "2026-06").code == 0
    assert june.run("report", "hansol-plastics", "--month", "2026-06", "--json").code == 0


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"until": "2026-02-30"}, '"2026-02-30" is not a day'),
        ({"until": "bald"}, '"bald" is not a day'),
        ({"from": "2026-07-01", "until": "2026-06-30"}, "lee-jiwon is never here, because from 2026-07-01 lies after"),
        ({"until": "9999-12-31"}, "until of lee-jiwon is 9999-12-31, because it lies outside"),
    ],
)
def test_days_that_cannot_be_are_refused_with_their_line(june: Bureau, given: dict[str, str], told: str) -> None:
    days(june, "lee-jiwon", **given)
    found = june.run("validate")
    assert (found.code, told in found.stdout) == (2, True), found.stdout
    text = (june.root / "operator.yaml").read_text(encoding="utf-8").splitlines()
    entry = max(number for number, line in enumerate(text, 1) if line.startswith("- "))
    line = int(found.stdout.split(":")[1])
    assert found.stdout.startswith("operator.yaml:")
    assert entry <= line <= len(text)


def test_fewer_engineers_than_must_sign_are_told(june: Bureau) -> None:
    assert june.run("validate").stderr == ""
    days(june, "lee-jiwon", until="2020-12-31")
    told = june.run("validate")
    assert (told.code, told.stdout) == (0, "valid\n")
    assert "note: operator.yaml:2:1: " in told.stderr
    assert "only kim-minsu works here now, because two different engineers sign exclusions" in told.stderr
    days(june, "kim-minsu", **{"from": "2999-01-01"})
    assert "nobody of `engineers` works here now" in june.run("validate").stderr


def test_who_has_left_loses_account_and_keys_with_the_next_provision(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".dure"))
    file = root / "operator.yaml"
    text = file.read_text(encoding="utf-8")

    def engineers() -> str:
        return json.dumps(json.loads(operator("plan", "hansol-plastics/ansan", "--json", "-w", root).stdout))

    assert "lee-jiwon@example" in engineers()
    file.write_text(text.replace("    name: 이지원\n", "    name: 이지원\n    until: 2020-12-31\n"), encoding="utf-8")
    told = engineers()
    assert "kim-minsu@example" in told
    assert "lee-jiwon" not in told
